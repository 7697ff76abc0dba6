package replica

import (
	"sync"

	"inglenook/store"
	"inglenook/store/household"
)

// Bounds of what the line remembers. Whoever is further behind takes everything
// anew, and so does everybody when one transaction touches very much.
const (
	lineEvents = 4096
	lineRefs   = 1 << 16
	entryRefs  = 5000
)

// Line is what changes on this device, numbered like a server's events: ids are
// consecutive, the epoch is random at every start. An entry names what was
// touched; the content is read when it is wanted, and is then the newest.
type Line struct {
	mu      sync.Mutex
	epoch   store.Epoch
	head    store.EventID
	entries []Entry // consecutive, the last one is head
	refs    int
	wake    chan struct{}
}

// Entry is one transaction of the device.
type Entry struct {
	ID store.EventID
	household.Touched
}

func newLine() *Line { return &Line{epoch: store.NewEpoch(), wake: make(chan struct{})} }

// Head is the newest entry's cursor.
func (l *Line) Head() store.Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return store.Cursor{Epoch: l.epoch, ID: l.head}
}

// Wake returns a channel that is closed with the next entry.
func (l *Line) Wake() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wake
}

// After returns at most limit entries after a cursor, and the head.
//
// Errors: store.CodeReset with Field "epoch", "beyond-head" or "trimmed".
func (l *Line) After(c store.Cursor, limit int) ([]Entry, store.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	head := store.Cursor{Epoch: l.epoch, ID: l.head}
	behind := int64(l.head) - int64(c.ID)
	switch {
	case c.Epoch != l.epoch:
		return nil, head, store.Errorf(store.CodeReset, "epoch", "the cursor is of another epoch")
	case behind < 0:
		return nil, head, store.Errorf(store.CodeReset, "beyond-head", "the cursor lies beyond the newest event")
	case behind > int64(len(l.entries)):
		return nil, head, store.Errorf(store.CodeReset, "trimmed", "the cursor lies too far back")
	}
	from := len(l.entries) - int(behind)
	return append([]Entry(nil), l.entries[from:min(len(l.entries), from+limit)]...), head, nil
}

// append adds what a transaction touched. What touched everything, or nearly,
// begins a new epoch.
func (l *Line) append(t household.Touched) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.Reset || len(t.Refs) > entryRefs {
		l.epoch, l.head, l.entries, l.refs = store.NewEpoch(), 0, nil, 0
	} else {
		l.head++
		l.refs += len(t.Refs)
		l.entries = append(l.entries, Entry{ID: l.head, Touched: t})
		for len(l.entries) > 1 && (len(l.entries) > lineEvents || l.refs > lineRefs) {
			l.refs -= len(l.entries[0].Refs)
			l.entries[0] = Entry{}
			l.entries = l.entries[1:]
		}
	}
	close(l.wake)
	l.wake = make(chan struct{})
}
