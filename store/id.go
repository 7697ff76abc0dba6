package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// ID identifies an entity within its kind: 1 … 2^53−1, so that it is exact as a
// JSON number in every language (RFC 8259 §6, RFC 7493 §2.2).
//
// Random ids lie in 1 … 2^52−1, derived ones in 2^52 … 2^53−1: the two never
// meet.
type ID uint64

// MaxID is the greatest id.
const MaxID ID = 1<<53 - 1

const derivedBit ID = 1 << 52

// NewID returns a random id in 1 … 2^52−1. With a million things of one kind
// the chance that any two devices chose the same is about one in nine thousand,
// and then the server answers id-conflict and the device takes another.
func NewID() ID {
	for {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
		if id := ID(binary.BigEndian.Uint64(b[:]) >> 12); id != 0 {
			return id
		}
	}
}

// DerivedID returns the id of a thing that is named by its content: 2^52 plus
// the first 52 bits of SHA-256(kind, 0x00, part, 0x00, part …). Two people who
// do the same thing offline so make one thing.
func DerivedID(kind Kind, parts ...string) ID {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, part := range parts {
		h.Write([]byte{0})
		h.Write([]byte(part))
	}
	var sum [sha256.Size]byte
	return derivedBit | ID(binary.BigEndian.Uint64(h.Sum(sum[:0]))>>12)
}

// Derived tells whether the id lies in the range of derived ids.
func (id ID) Derived() bool { return id&derivedBit != 0 }

// Valid tells whether the id lies in 1 … 2^53−1.
func (id ID) Valid() bool { return id > 0 && id <= MaxID }

// String is the decimal form, as in paths and in the keys of maps.
func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

// ParseID reads the decimal form. Errors: CodeInvalid.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || !ID(n).Valid() || s != strconv.FormatUint(n, 10) {
		return 0, Errorf(CodeInvalid, "id", "an id is a whole number from 1 to 2^53−1")
	}
	return ID(n), nil
}
