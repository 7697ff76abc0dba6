package household

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"
)

// Limits of a record's detail, in bytes: a record is written with every
// rotation, and what a client says of itself must not fill the disk.
const (
	maxDetails     = 8
	maxNameBytes   = 64
	maxDetailBytes = 256
)

// AuditHash is the SHA-256 of a record: of the hash before it, its number and
// its content.
type AuditHash [sha256.Size]byte

// String is hexadecimal.
func (h AuditHash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hexadecimal digits.
func (h AuditHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads them. Errors: store.CodeInvalid.
func (h *AuditHash) UnmarshalText(b []byte) error {
	if n, err := hex.Decode(h[:], b[:min(len(b), 2*len(h))]); err != nil || n != len(h) || len(b) != 2*len(h) {
		return store.Errorf(store.CodeInvalid, "hash", "is %d hexadecimal digits", 2*len(h))
	}
	return nil
}

func hashAudit(prev AuditHash, n uint64, content []byte) (h AuditHash) {
	sum := sha256.New()
	sum.Write(prev[:])
	sum.Write(num(n))
	sum.Write(content)
	sum.Sum(h[:0])
	return h
}

// auditLink is a number with its hash, noted beside the records: the newest one,
// so that a log cut at its end is noticed, and the last that was trimmed, where
// the chain begins now.
type auditLink struct {
	N    uint64
	Hash AuditHash
}

// Names of the links among the meta keys.
const (
	auditHead   = "audit-head"
	auditAnchor = "audit-anchor"
)

func (l auditLink) encode() []byte { return append(num(l.N), l.Hash[:]...) }

// readAuditLink is the zero link before the first.
func readAuditLink(r kv.Reader, name string) (l auditLink, err error) {
	b, ok, err := r.Get(metaKey(name))
	if err != nil || !ok {
		return l, err
	}
	if len(b) != 8+len(l.Hash) {
		return l, fmt.Errorf("read %s: %d bytes instead of %d", name, len(b), 8+len(l.Hash))
	}
	l.N, b = cutNum(b)
	l.Hash = AuditHash(b)
	return l, nil
}

const auditVersion = 1

// encodeAudit lays out the content of a record, which is what its hash covers;
// one record has one form.
//
//	version(1) at(8) user(8) session(8) byUser(8) bySession(8) kind(str) network(str)
//	count then per detail, in the order of names: name(str) value(str)
func encodeAudit(r AuditRecord) []byte {
	b := make(key, 0, 128)
	b = append(b, auditVersion)
	for _, n := range []uint64{uint64(r.At), uint64(r.UserID), uint64(r.SessionID), uint64(r.By.UserID), uint64(r.By.SessionID)} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendString(b, cut(r.Kind, maxNameBytes))
	b = appendString(b, cut(r.Network, maxNameBytes))
	names := slices.Sorted(maps.Keys(r.Detail))
	names = names[:min(len(names), maxDetails)]
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, name := range names {
		b = appendString(b, cut(name, maxNameBytes))
		b = appendString(b, cut(r.Detail[name], maxDetailBytes))
	}
	return b
}

// cut is s, or as many of its characters as fit into limit bytes.
func cut(s string, limit int) []byte {
	if len(s) <= limit {
		return []byte(s)
	}
	end := 0
	for i := range s {
		if i > limit {
			break
		}
		end = i
	}
	return []byte(s[:end])
}

// decodeAudit reads what the key of a record holds: its hash, and its content.
func decodeAudit(n uint64, b []byte) (AuditRecord, error) {
	r := AuditRecord{N: n}
	if len(b) < len(r.Hash)+1 || b[len(r.Hash)] != auditVersion {
		return r, fmt.Errorf("decode audit record %d: it is damaged, or a newer program wrote it", n)
	}
	copy(r.Hash[:], b)
	b = b[len(r.Hash)+1:]
	whole := true
	number := func() uint64 {
		v, size := binary.Uvarint(b)
		if size <= 0 {
			whole, b = false, nil
			return 0
		}
		b = b[size:]
		return v
	}
	text := func() (s string) {
		size := number()
		if size > uint64(len(b)) {
			whole, b = false, nil
			return ""
		}
		s, b = string(b[:size]), b[size:]
		return s
	}
	r.At, r.UserID, r.SessionID = store.Timestamp(number()), store.ID(number()), store.SessionID(number())
	r.By.UserID, r.By.SessionID = store.ID(number()), store.SessionID(number())
	r.Kind, r.Network = text(), text()
	count := number()
	for range min(count, maxDetails) {
		if r.Detail == nil {
			r.Detail = map[string]string{}
		}
		name := text()
		r.Detail[name] = text()
	}
	if !whole || len(b) > 0 {
		return r, fmt.Errorf("decode audit record %d: it is damaged", n)
	}
	return r, nil
}
