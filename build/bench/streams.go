package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"inglenook/store"
)

// streams measures many open streams: how long until the last one has an event,
// from the moment it is written, and what a stream costs. The streams belong to
// all the people of the household, and an event has something for all, something
// for two and something for one of them.
func (b *bench) streams(ctx context.Context) (rows []row, err error) {
	for _, n := range b.sizes.streams {
		measured, err := b.openStreams(ctx, n)
		rows = append(rows, measured...)
		if err != nil {
			return rows, fmt.Errorf("%d streams: %w", n, err)
		}
	}
	return rows, nil
}

func (b *bench) openStreams(ctx context.Context, n int) ([]row, error) {
	p, err := b.pair(ctx)
	if err != nil {
		return nil, err
	}
	defer p.end()
	reference, err := listen(ctx, p.reference, n)
	if err != nil {
		return nil, err
	}
	defer reference.close()
	ours, err := listen(ctx, p.ours, n)
	if err != nil {
		return nil, err
	}
	defer ours.close()
	turns, err := compare(b.sizes.announces, reference.announce, ours.announce)
	if err != nil {
		return nil, err
	}
	rows := []row{against(fmt.Sprintf("%d streams, the last has an event", n), "ms", turns).atMost(1.2)}
	if err := wait(ctx, b.sizes.rest/5); err != nil {
		return rows, err
	}
	cost := row{Measure: fmt.Sprintf("resident per stream, of %d", n), Unit: "KiB"}
	if cost.Reference, err = reference.each(); err != nil {
		return rows, err
	}
	if cost.Ours, err = ours.each(); err != nil {
		return rows, err
	}
	cost.Ratio = cost.Ours / cost.Reference
	return append(rows, cost.within(32)), nil
}

// audience is many open streams of one server.
type audience struct {
	server  *server
	writer  *writer
	wires   []*wire
	reading sync.WaitGroup
	before  float64 // resident without streams, in bytes

	round   int
	mark    atomic.Int64 // the round that is waited for
	missing atomic.Int64 // streams that have not seen it
	all     chan time.Time
}

// markText stands in the title of an item that everybody sees.
const markText = "Announcement "

func listen(ctx context.Context, s *server, n int) (a *audience, err error) {
	a = &audience{server: s, all: make(chan time.Time, 1)}
	if a.writer, err = s.writer(ctx); err != nil {
		return nil, err
	}
	// The first writes fill what is filled once.
	if _, err := a.writer.send(a.event()); err != nil {
		return nil, err
	}
	if a.before, err = s.resident(); err != nil {
		return nil, err
	}
	for i := range n {
		w, err := dial(ctx, s, s.bearer(i))
		if err == nil {
			a.wires = append(a.wires, w)
			err = w.send(http.MethodGet, s.stream(), "text/event-stream", nil)
		}
		if err != nil {
			a.close()
			return nil, err
		}
		if _, err := w.in.Peek(len("HTTP/1.1 200")); err != nil {
			a.close()
			return nil, err
		}
		a.reading.Go(func() { a.read(w) })
	}
	return a, nil
}

// event is the next one: five items for all, two for two people, one for one.
func (a *audience) event() message {
	a.round++
	lists := a.server.lists()
	items := []item{newItem(lists[0], markText+strconv.Itoa(1_000_000+a.round))}
	for _, list := range []store.ID{lists[0], lists[1], lists[0], lists[2], lists[0], lists[1], lists[0]} {
		items = append(items, newItem(list, "Something to buy"))
	}
	return a.writer.message(items)
}

// announce writes an event and returns the milliseconds until the last stream
// had it.
func (a *audience) announce() (float64, error) {
	message := a.event()
	a.missing.Store(int64(len(a.wires)))
	a.mark.Store(1_000_000 + int64(a.round))
	began := time.Now()
	if _, err := a.writer.send(message); err != nil {
		return 0, err
	}
	select {
	case last := <-a.all:
		return milliseconds(last.Sub(began)), nil
	case <-time.After(30 * time.Second):
		return 0, fmt.Errorf("%d of %d streams did not get event %d", a.missing.Load(), len(a.wires), a.round)
	}
}

// read looks for marks in what comes. A mark may be cut by the end of a read.
func (a *audience) read(w *wire) {
	const markBytes = len(markText) + 7
	buffer := make([]byte, 8<<10)
	kept := copy(buffer, peeked(w))
	for {
		n, err := w.conn.Read(buffer[kept:])
		if err != nil {
			return
		}
		seen := buffer[:kept+n]
		if i := bytes.LastIndex(seen, []byte(markText)); i >= 0 && i+markBytes <= len(seen) {
			mark, _ := strconv.ParseInt(string(seen[i+len(markText):i+markBytes]), 10, 64)
			if mark == a.mark.Load() && a.missing.Add(-1) == 0 {
				a.all <- time.Now()
			}
			seen = seen[i+markBytes:]
		}
		kept = copy(buffer, seen[max(0, len(seen)-markBytes+1):])
	}
}

// peeked is what came with the head of the answer. Its buffer is given up: there
// are thousands of streams.
func peeked(w *wire) []byte {
	head, _ := w.in.Peek(min(w.in.Buffered(), 4<<10))
	w.in = nil
	return head
}

// each is what one stream occupies in the server, in KiB.
func (a *audience) each() (float64, error) {
	now, err := a.server.resident()
	return (now - a.before) / float64(len(a.wires)) / 1024, err
}

func (a *audience) close() {
	for _, w := range a.wires {
		w.close()
	}
	a.writer.close()
	a.reading.Wait()
}
