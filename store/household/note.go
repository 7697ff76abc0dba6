package household

import (
	"encoding/binary"
	"fmt"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// note is what the history knows of one version beside its content: what it
// changed and superseded, and the event of the version before it. So the
// versions of an entity are a chain, from its record back to its first event.
type note struct {
	Before     store.EventID // 0: it is the first
	Stamp      store.Timestamp
	Changed    []string
	Superseded []store.Superseded
	Revived    bool
}

const (
	noteRevived    = 1
	noteSuperseded = 2
)

// encode lays out a note.
//
//	flags(1) before stamp count then per changed unit: name(str)
//	superseded as JSON, when there is any
func (n *note) encode() ([]byte, error) {
	size := 24
	for _, unit := range n.Changed {
		size += len(unit) + 2
	}
	b := append(make(key, 0, size), 0)
	if n.Revived {
		b[0] |= noteRevived
	}
	b = binary.AppendUvarint(b, uint64(n.Before))
	b = binary.AppendUvarint(b, uint64(n.Stamp))
	b = binary.AppendUvarint(b, uint64(len(n.Changed)))
	for _, unit := range n.Changed {
		b = appendString(b, []byte(unit))
	}
	if len(n.Superseded) == 0 {
		return b, nil
	}
	b[0] |= noteSuperseded
	raw, err := json.Marshal(n.Superseded)
	return append(b, raw...), err
}

// decodeNote reads a note back.
func decodeNote(b []byte) (n note, err error) {
	c := cutter{rest: b}
	flags := c.byte()
	n.Revived = flags&noteRevived != 0
	n.Before, n.Stamp = store.EventID(c.varint()), store.Timestamp(c.varint())
	for range min(c.varint(), uint64(len(b))) { // a name has a byte for its length
		n.Changed = append(n.Changed, string(c.text()))
	}
	if flags&noteSuperseded != 0 && !c.failed {
		if err := json.Unmarshal(c.rest, &n.Superseded); err != nil {
			return n, fmt.Errorf("decode superseded values: %w", err)
		}
	}
	if c.failed {
		return n, fmt.Errorf("decode note: %d bytes are too few", len(b))
	}
	return n, nil
}

// note returns what the history knows of the entry at index.
func (r *EventRecord) note(index int) (note, error) {
	c := cutter{rest: r.notes}
	for range index {
		c.text()
	}
	raw := c.text()
	if c.failed {
		return note{}, fmt.Errorf("event %d has no note of entry %d", r.ID, index)
	}
	return decodeNote(raw)
}

// cutter reads a record from the front, and remembers when that ended too soon.
type cutter struct {
	rest   []byte
	failed bool
}

func (c *cutter) byte() byte {
	if len(c.rest) == 0 {
		c.failed = true
		return 0
	}
	first := c.rest[0]
	c.rest = c.rest[1:]
	return first
}

func (c *cutter) varint() uint64 {
	n, size := binary.Uvarint(c.rest)
	if size <= 0 {
		c.failed, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[size:]
	return n
}

func (c *cutter) text() []byte {
	n := c.varint()
	if n > uint64(len(c.rest)) {
		c.failed, c.rest = true, nil
		return nil
	}
	s := c.rest[:n:n]
	c.rest = c.rest[n:]
	return s
}
