package household

import (
	"context"
	"fmt"
	"time"

	"inglenook/store"
	"inglenook/store/kv"
)

// KeptAudit is how long a record of the audit log is kept.
const KeptAudit = 400 * 24 * time.Hour

// AuditChain is what a walk through the audit log has found. Who can write the
// whole store can write a whole new log as well: Head, noted elsewhere, is what
// finds that.
type AuditChain struct {
	Trimmed  uint64    `json:"trimmed"` // how many were trimmed at the beginning
	Records  uint64    `json:"records"` // how many are whole
	Head     uint64    `json:"head"`    // the newest, as it was noted
	HeadHash AuditHash `json:"headHash"`

	Broken *AuditBreak `json:"broken,omitempty"` // nil when all of it is whole
}

// AuditBreak is where the chain is broken first.
type AuditBreak struct {
	N      uint64 `json:"n"` // of the record that is not what it was, or is not there
	Reason string `json:"reason"`
}

// VerifyAudit walks through the whole log and says where it is broken. The error
// is the engine's.
func (s *Store) VerifyAudit(ctx context.Context) (chain AuditChain, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		head, err := readAuditLink(r, auditHead)
		if err != nil {
			return err
		}
		last, err := readAuditLink(r, auditAnchor)
		if err != nil {
			return err
		}
		chain = AuditChain{Trimmed: last.N, Head: head.N, HeadHash: head.Hash}
		for pair, err := range r.Scan([]byte{prefixAudit}, nil) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			n, _ := cutNum(pair.Key[1:])
			if last, chain.Broken = linkAudit(last, n, pair.Value); chain.Broken != nil {
				return nil
			}
			chain.Records++
		}
		switch {
		case last.N != head.N:
			chain.Broken = &AuditBreak{N: min(last.N, head.N) + 1, Reason: fmt.Sprintf("the log ends with %d, the newest record noted is %d", last.N, head.N)}
		case last.Hash != head.Hash:
			chain.Broken = &AuditBreak{N: head.N, Reason: "the newest record is not the one that was noted"}
		}
		return nil
	})
	if err != nil {
		return chain, fmt.Errorf("verify audit log: %w", err)
	}
	return chain, nil
}

// linkAudit is the link of a record that follows another, or what is wrong with
// it.
func linkAudit(last auditLink, n uint64, value []byte) (auditLink, *AuditBreak) {
	if n != last.N+1 {
		return last, &AuditBreak{N: last.N + 1, Reason: fmt.Sprintf("after %d comes %d", last.N, n)}
	}
	if _, err := decodeAudit(n, value); err != nil {
		return last, &AuditBreak{N: n, Reason: "it cannot be read"}
	}
	next := auditLink{N: n, Hash: AuditHash(value)}
	if hashAudit(last.Hash, n, value[len(next.Hash):]) != next.Hash {
		return last, &AuditBreak{N: n, Reason: "it is not what its hash was made of"}
	}
	return next, nil
}

// trimPart is how many records go in one transaction: others are not to wait for
// long.
const trimPart = 1024

// TrimAudit forgets records older than keep, from the oldest on, up to the first
// that is younger, and notes where the chain begins then, so that what is left
// still verifies. Where the chain is broken it stops: the evidence stays.
func (s *Store) TrimAudit(ctx context.Context, keep time.Duration) error {
	for more := true; more; {
		err := s.db.Update(ctx, func(tx kv.Tx) (err error) {
			more, err = trimAudit(tx, store.TimestampOf(tx.Now().Add(-keep)))
			return err
		})
		if err != nil {
			return fmt.Errorf("trim audit log: %w", err)
		}
	}
	return nil
}

func trimAudit(tx kv.Tx, before store.Timestamp) (more bool, err error) {
	anchor, err := readAuditLink(tx, auditAnchor)
	if err != nil {
		return false, err
	}
	trimmed := 0
	for pair, err := range tx.Scan([]byte{prefixAudit}, auditKey(anchor.N+1)) {
		if err != nil {
			return false, err
		}
		n, _ := cutNum(pair.Key[1:])
		next, broken := linkAudit(anchor, n, pair.Value)
		if broken != nil {
			return false, fmt.Errorf("record %d: %s", broken.N, broken.Reason)
		}
		record, err := decodeAudit(n, pair.Value)
		if err != nil {
			return false, err
		}
		if record.At >= before {
			break
		}
		if more = trimmed == trimPart; more {
			break
		}
		if err := tx.Delete(auditKey(n)); err != nil {
			return false, err
		}
		anchor = next
		trimmed++
	}
	if trimmed == 0 {
		return false, nil
	}
	return more, tx.Set(metaKey(auditAnchor), anchor.encode())
}
