// Package feed hands the event line to streams: it wakes them, keeps the newest
// events encoded once for all, and decides who sees what of each.
package feed

import (
	"context"
	"sync"
	"sync/atomic"

	"inglenook/store"
	"inglenook/store/household"
)

// ringBytes bounds what is kept encoded of the newest events. A stream further
// behind reads the log.
const ringBytes = 2 << 20

// Feed is the event line as streams see it. Streams hold nothing here: a stream
// is a cursor of its own and the channel of Wake, so any number of them costs
// the same memory, and none can make another wait.
type Feed struct {
	store *household.Store
	wake  atomic.Pointer[chan struct{}]

	mu   sync.RWMutex
	ring []*Frame // consecutive, oldest first
	size int
}

// New returns the feed of a store. It must be made before the first write.
func New(s *household.Store) *Feed {
	f := &Feed{store: s}
	wake := make(chan struct{})
	f.wake.Store(&wake)
	s.OnCommit(f.append)
	return f
}

// Frame is one event, and what has been encoded of it.
type Frame struct {
	household.EventRecord
	full []byte // the frame on a stream for whoever sees all of it; not from Each

	mu   sync.Mutex
	some map[string][]byte // the same for who sees these entries only
}

// append runs in the committer, after the commit.
func (f *Feed) append(event *household.EventRecord) {
	frame := newFrame(*event, f.store.Epoch())
	f.mu.Lock()
	f.ring = append(f.ring, frame)
	f.size += len(frame.full)
	for f.size > ringBytes && len(f.ring) > 1 {
		f.size -= len(f.ring[0].full)
		f.ring[0] = nil
		f.ring = f.ring[1:]
	}
	f.mu.Unlock()
	next := make(chan struct{})
	close(*f.wake.Swap(&next))
}

func newFrame(event household.EventRecord, epoch store.Epoch) *Frame {
	full := AppendFrame(make([]byte, 0, len(event.Body)+64), store.Cursor{Epoch: epoch, ID: event.ID}, "replacements", event.Body)
	const tail = 2 // the blank line
	begin := len(full) - tail - len(event.Body)
	event.Body = full[begin : len(full)-tail]
	return &Frame{EventRecord: event, full: full}
}

// AppendFrame appends one frame of a stream; a cursor of id 0 is left out.
func AppendFrame(b []byte, at store.Cursor, event string, data []byte) []byte {
	if at.ID != 0 {
		b = append(b, "id: "...)
		b = at.Append(b)
		b = append(b, '\n')
	}
	b = append(b, "event: "...)
	b = append(b, event...)
	b = append(b, "\ndata: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// Wake returns a channel that is closed by the next event. Take it before
// reading, so that no event falls between reading and waiting.
func (f *Feed) Wake() <-chan struct{} { return *f.wake.Load() }

// Read returns the events after one, in order, none when there is none yet: at
// most max of them, and not much more than 256 KiB.
func (f *Feed) Read(ctx context.Context, after store.EventID, max int) ([]*Frame, error) {
	if frames, ok := f.recent(after, max); ok {
		return frames, nil
	}
	var frames []*Frame
	size := 0
	err := f.store.Events(ctx, after, func(event *household.EventRecord) (bool, error) {
		frames = append(frames, newFrame(event.Clone(), f.store.Epoch()))
		size += len(event.Body)
		return len(frames) < max && size < 256<<10, nil
	})
	return frames, err
}

// recent returns the events after one from memory; ok is false when they have to
// be read from the log.
func (f *Feed) recent(after store.EventID, max int) (frames []*Frame, ok bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := len(f.ring)
	if n == 0 || f.ring[0].ID > after+1 {
		return nil, false
	}
	frames = f.ring[min(int(after+1-f.ring[0].ID), n):]
	return frames[:min(len(frames), max)], true
}

// Each yields the events after one, in order, at most max of them. A frame is
// valid during the call only, and is not encoded for streams.
func (f *Feed) Each(ctx context.Context, after store.EventID, max int, yield func(*Frame) error) error {
	if frames, ok := f.recent(after, max); ok {
		for _, frame := range frames {
			if err := yield(frame); err != nil {
				return err
			}
		}
		return nil
	}
	var frame Frame
	return f.store.Events(ctx, after, func(event *household.EventRecord) (bool, error) {
		max--
		frame.EventRecord, frame.some = *event, nil
		return max > 0, yield(&frame)
	})
}

// Frame is an event that was read from the log, as Each yields it.
func (f *Feed) Frame(event *household.EventRecord) *Frame { return &Frame{EventRecord: *event} }
