package badgerkv

import (
	"strings"

	"github.com/tidwall/btree"
)

// pending is a write not yet committed.
type pending struct {
	key, value []byte
	deleted    bool
}

// overlay is what a group has written so far. It remembers how to take back what
// the running function has.
type overlay struct {
	writes map[string]pending
	sorted *btree.Map[string, pending] // the same in order; nil until a scan asks
	bytes  int                         // keys and values, those overwritten within the overlay included

	undo      []replaced
	beganWith int // bytes
}

// replaced is what stood in the overlay before a write.
type replaced struct {
	name string
	was  pending
	had  bool
}

func newOverlay() *overlay { return &overlay{writes: map[string]pending{}} }

// begin is called before each function.
func (o *overlay) begin() { o.undo, o.beganWith = o.undo[:0], o.bytes }

// takeBack undoes everything since begin.
func (o *overlay) takeBack() {
	for i := len(o.undo) - 1; i >= 0; i-- {
		u := &o.undo[i]
		if u.had {
			o.put(u.name, u.was)
			continue
		}
		delete(o.writes, u.name)
		if o.sorted != nil {
			o.sorted.Delete(u.name)
		}
	}
	o.bytes = o.beganWith
}

func (o *overlay) set(key, value []byte) {
	kept := make([]byte, len(key)+len(value))
	n := copy(kept, key)
	copy(kept[n:], value)
	// The value is not nil when it is empty: nil is what Get returns for none.
	o.write(pending{key: kept[:n:n], value: kept[n:]})
}

func (o *overlay) delete(key []byte) {
	o.write(pending{key: append([]byte(nil), key...), deleted: true})
}

func (o *overlay) write(p pending) {
	name := string(p.key)
	was, had := o.writes[name]
	o.undo = append(o.undo, replaced{name, was, had})
	o.put(name, p)
	o.bytes += len(p.key) + len(p.value)
}

func (o *overlay) put(name string, p pending) {
	o.writes[name] = p
	if o.sorted != nil {
		o.sorted.Set(name, p)
	}
}

// inOrder returns the writes as they are now; what is written later does not
// show in it.
func (o *overlay) inOrder() *btree.Map[string, pending] {
	if o.sorted == nil {
		o.sorted = &btree.Map[string, pending]{}
		for name, p := range o.writes {
			o.sorted.Set(name, p)
		}
	}
	return o.sorted.Copy()
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
	c := &overlayCursor{at: o.inOrder().Iter(), prefix: string(prefix), back: back}
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
