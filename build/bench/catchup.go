package main

import (
	"context"
	"fmt"
	"time"
)

// fillers is how many clients fill a store with single writes.
const fillers = 256

// filled is both servers with many entities, each written by an event of its
// own. It is made once.
func (b *bench) filled(ctx context.Context) (*pair, error) {
	if b.full != nil {
		return b.full, nil
	}
	p, err := b.pair(ctx)
	if err != nil {
		return nil, err
	}
	err = p.each(func(s *server) error {
		all, err := s.writers(ctx, min(fillers, b.sizes.behind))
		if err != nil {
			return err
		}
		defer all.close()
		first := all[0].message(newItems(s.lists()[0], 1))
		if s.filledAfter, err = all[0].send(first); err != nil {
			return err
		}
		_, err = all.write(b.sizes.behind / len(all))
		if err == nil {
			_, err = all[:1].write(b.sizes.behind % len(all))
		}
		return err
	})
	if err != nil {
		p.end()
		return nil, err
	}
	b.full = p
	return p, nil
}

// catchUp measures how long the servers take to hand out everything that
// happened, to the same reader, who does nothing with it.
func (b *bench) catchUp(ctx context.Context) ([]row, error) {
	p, err := b.filled(ctx)
	if err != nil {
		return nil, err
	}
	turns, err := compare(b.sizes.rounds,
		func() (float64, error) { return b.readChanges(ctx, p.reference) },
		func() (float64, error) { return b.readChanges(ctx, p.ours) })
	if err != nil {
		return nil, err
	}
	return []row{against(fmt.Sprintf("%d changes behind, catching up", b.sizes.behind), "1/s", turns).atLeast(0.6)}, nil
}

// readChanges reads as a person who does not see everything, so the filters
// have to look.
func (b *bench) readChanges(ctx context.Context, s *server) (perSecond float64, err error) {
	w, err := dial(ctx, s, s.bearer(2))
	if err != nil {
		return 0, err
	}
	defer w.close()
	began, total := time.Now(), 0
	for after, more := s.filledAfter, true; more; more = after != 0 {
		n, last, err := w.lines(s.changes(after))
		if err != nil {
			return 0, err
		}
		total += n
		after = s.more(last)
	}
	took := time.Since(began)
	if total < b.sizes.behind {
		return 0, fmt.Errorf("only %d lines came", total)
	}
	return float64(b.sizes.behind) / took.Seconds(), nil
}
