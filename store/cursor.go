package store

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"strings"
)

// Epoch is a random number of a store, changed by every restore from a backup:
// ids of different epochs are never compared. 1 … 2^53−1.
type Epoch uint64

// NewEpoch returns a random epoch.
func NewEpoch() Epoch {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
	return Epoch(binary.BigEndian.Uint64(b[:])>>12) | 1
}

// Cursor names the last event somebody has seen: "<epoch>-<id>" in texts, as in
// Last-Event-ID, and {epoch, id} in JSON. ID 0 is before the first event.
type Cursor struct {
	Epoch Epoch   `json:"epoch"`
	ID    EventID `json:"id"`
}

// String is the text form.
func (c Cursor) String() string { return string(c.Append(nil)) }

// Append appends the text form.
func (c Cursor) Append(dst []byte) []byte {
	dst = strconv.AppendUint(dst, uint64(c.Epoch), 10)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, uint64(c.ID), 10)
}

// ParseCursor reads the text form. Errors: CodeCursorInvalid.
func ParseCursor(s string) (Cursor, error) {
	epoch, id, found := strings.Cut(s, "-")
	e, err1 := strconv.ParseUint(epoch, 10, 53)
	n, err2 := strconv.ParseUint(id, 10, 53)
	c := Cursor{Epoch(e), EventID(n)}
	if !found || err1 != nil || err2 != nil || c.String() != s {
		return Cursor{}, Errorf(CodeCursorInvalid, "after", "a cursor is <epoch>-<id>")
	}
	return c, nil
}
