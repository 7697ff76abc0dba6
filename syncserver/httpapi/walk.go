package httpapi

import (
	"context"
	"fmt"
	"sync"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/feed"

	"github.com/gin-gonic/gin"
)

// walk is one reading of the line, from behind an event up to the head, as one
// person sees it.
type walk struct {
	api    *API
	began  store.EventID
	head   store.EventID
	person access.Person
	sight  *household.Sight
}

func (a *API) walk(c *gin.Context, after store.EventID) walk {
	// The head first: sight is that of the head or newer, and knows of everything
	// the events up to there have shut.
	head := a.Store.Head().ID
	return walk{api: a, began: after, head: head, person: a.person(c), sight: a.Store.Sight()}
}

// until is the last event of a page.
func (w walk) until(limit int) store.EventID {
	return min(w.began+store.EventID(limit), max(w.head, w.began)) //nolint:gosec // a checked limit
}

// each yields the events behind one up to another, until fn returns errPageFull.
// It returns the id behind which it goes on; ended tells that the page ends
// there, because the next event changes what this person sees of all others.
func (w walk) each(ctx context.Context, after, until store.EventID, fn func(*feed.Frame, feed.View) error) (id store.EventID, ended bool, err error) {
	if after >= until {
		return after, false, nil
	}
	err = w.api.Feed.Each(ctx, after, int(until-after), func(frame *feed.Frame) error { //nolint:gosec // as many events as there are
		view, err := w.api.Feed.For(ctx, frame, w.sight, w.person)
		switch {
		case err != nil:
			return err
		case view.Level && after > w.began:
			ended = true
			return errPageFull
		case view.Level:
			return store.Errorf(store.CodeReset, "access-changed", "what this session sees has changed: take a snapshot")
		}
		if err = fn(frame, view); err == nil || err == error(errPageFull) { //nolint:errorlint // the very value, not a kind of error
			after = frame.ID
		}
		return err
	})
	if err == error(errPageFull) { //nolint:errorlint // as above
		err = nil
	}
	return after, ended, err
}

// part is some events in a row, as lines.
type part struct {
	lines []byte
	id    store.EventID // of the last one, also when there was nothing to see of it
	ended bool
	err   error
}

// A part has about a chunk of usual events, or a few large ones.
const (
	partEvents = 256
	partBytes  = 512 << 10
	readers    = 2
)

func (w walk) part(ctx context.Context, after, until store.EventID) (p part) {
	p.lines = make([]byte, 0, chunk)
	p.id, p.ended, p.err = w.each(ctx, after, until, func(frame *feed.Frame, view feed.View) (err error) {
		before := len(p.lines)
		if p.lines, err = frame.AppendPage(p.lines, view); err != nil {
			return err
		}
		if len(p.lines) > before {
			p.lines = append(p.lines, '\n')
		}
		if len(p.lines) > partBytes {
			return errPageFull
		}
		return nil
	})
	if p.err == nil && !p.ended && p.id == after {
		p.err = fmt.Errorf("event %d is missing", after+1)
	}
	return p
}

// parts gives send the events up to one, in order, while the next ones are read:
// unpacking them takes longer than sending.
func (w walk) parts(ctx context.Context, until store.EventID, send func(part) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	type ahead struct {
		until store.EventID
		read  chan part
	}
	var queue []ahead
	for next := w.began; next < until || len(queue) > 0; {
		for next < until && len(queue) < readers {
			after, a := next, ahead{min(next+partEvents, until), make(chan part, 1)}
			reading.Go(func() { a.read <- w.part(ctx, after, a.until) })
			queue, next = append(queue, a), a.until
		}
		first := queue[0]
		queue = queue[1:]
		for p := <-first.read; ; p = w.part(ctx, p.id, first.until) {
			if p.err != nil {
				return p.err
			}
			if err := send(p); err != nil || p.ended {
				return err
			}
			if p.id == first.until {
				break
			}
		}
	}
	return nil
}
