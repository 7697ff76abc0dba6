package badgerkv

import (
	"strings"

	"github.com/tidwall/btree"
)

// pending is a write not yet committed.
type pending struct {
	value   []byte
	deleted bool
}

// overlay is what a group, or one function of it, has written so far.
type overlay struct {
	writes btree.Map[string, pending]
	bytes  int // keys and values, those overwritten within the overlay included
}

// fork returns a copy that shares everything with o until one of them writes.
func (o *overlay) fork() *overlay {
	return &overlay{writes: *o.writes.Copy(), bytes: o.bytes}
}

func (o *overlay) set(key, value []byte) {
	// Not nil for an empty value: nil is what Get returns for none.
	kept := make([]byte, len(value))
	copy(kept, value)
	o.writes.Set(string(key), pending{value: kept})
	o.bytes += len(key) + len(value)
}

func (o *overlay) delete(key []byte) {
	o.writes.Set(string(key), pending{deleted: true})
	o.bytes += len(key)
}

// overlayCursor walks the pending writes of a range, deletions included.
type overlayCursor struct {
	at     btree.MapIter[string, pending]
	prefix string
	back   bool
	valid  bool
}

// cursor begins at bound, or at the first key after (back: before) it. It does
// not see what is written after this call.
func (o *overlay) cursor(prefix, bound []byte, back bool) *overlayCursor {
	c := &overlayCursor{at: o.writes.Copy().Iter(), prefix: string(prefix), back: back}
	found := c.at.Seek(string(bound))
	switch {
	case back && !found:
		found = c.at.Last()
	case back && c.at.Key() > string(bound):
		found = c.at.Prev()
	}
	c.settle(found)
	return c
}

func (c *overlayCursor) next() {
	if c.back {
		c.settle(c.at.Prev())
	} else {
		c.settle(c.at.Next())
	}
}

func (c *overlayCursor) settle(found bool) {
	c.valid = found && strings.HasPrefix(c.at.Key(), c.prefix)
}
