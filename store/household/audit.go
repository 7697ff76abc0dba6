package household

import (
	"context"
	"fmt"
	"net/netip"

	"inglenook/store"
	"inglenook/store/kv"
)

// AuditRecord is one thing that happened to a session, a sign-in or an access:
// who, when and from where, and nothing secret. The records are a chain: each
// hash covers the one before it, so that none can be changed, taken out or put
// elsewhere unnoticed, see VerifyAudit.
type AuditRecord struct {
	N         uint64          `json:"n"` // from 1, consecutive
	At        store.Timestamp `json:"at"`
	Kind      string          `json:"kind"` // "session.rotated", "signin.failed", …
	UserID    store.ID        `json:"userId,omitzero"`
	SessionID store.SessionID `json:"sessionId,omitzero"`

	// By is who did it, when that was another user or another session.
	By store.Author `json:"by,omitzero"`
	// Network is where it came from, see Network.
	Network string `json:"network,omitempty"`
	// Detail is small: what does not fit is cut, see maxDetailBytes.
	Detail map[string]string `json:"detail,omitempty"`

	Prev AuditHash `json:"prev"`
	Hash AuditHash `json:"hash"`
}

// Network shortens an address to the network it lies in, /24 or for version 6
// /48: enough to recognise where somebody was, too little to follow them. What
// is no address is "".
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		net, err := netip.ParsePrefix(address)
		if err != nil {
			return ""
		}
		ip = net.Addr()
	}
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	net, _ := ip.Prefix(bits) // the length is valid
	return net.String()
}

// Audit appends a record of its own. What a record tells of is better written
// with it, in one transaction: see appendAudit.
func (s *Store) Audit(ctx context.Context, r AuditRecord) error {
	if err := s.db.Update(ctx, func(tx kv.Tx) error { return appendAudit(tx, r) }); err != nil {
		return fmt.Errorf("audit %s: %w", r.Kind, err)
	}
	return nil
}

// appendAudit appends a record in the transaction of what it tells of: they come
// together, or neither does. N, At, Prev and Hash are set here, Network is
// shortened.
func appendAudit(tx kv.Tx, r AuditRecord) error {
	head, err := readAuditLink(tx, auditHead)
	if err != nil {
		return err
	}
	r.At, r.Network = store.TimestampOf(tx.Now()), Network(r.Network)
	next := auditLink{N: head.N + 1}
	content := encodeAudit(r)
	next.Hash = hashAudit(head.Hash, next.N, content)
	if err := tx.Set(auditKey(next.N), append(next.Hash[:], content...)); err != nil {
		return err
	}
	return tx.Set(metaKey(auditHead), next.encode())
}

// AuditDamaged stands in a page for a record that cannot be read: those around
// it still can.
const AuditDamaged = "audit.damaged"

// AuditPage reads at most limit records, the newest first: those before a
// number, or from the newest on when before is 0.
func (s *Store) AuditPage(ctx context.Context, before uint64, limit int) (out []AuditRecord, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		var start []byte
		if before > 0 {
			start = auditKey(before - 1)
		}
		for pair, err := range r.ScanBack([]byte{prefixAudit}, start) {
			if err != nil {
				return err
			}
			n, _ := cutNum(pair.Key[1:])
			record, err := decodeAudit(n, pair.Value)
			if err != nil {
				record = AuditRecord{N: n, Kind: AuditDamaged}
			}
			if len(out) > 0 {
				out[len(out)-1].Prev = record.Hash
			}
			if len(out) == limit {
				return nil
			}
			out = append(out, record)
		}
		if len(out) == 0 {
			return nil
		}
		anchor, err := readAuditLink(r, auditAnchor) // the oldest one there is
		out[len(out)-1].Prev = anchor.Hash
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}
