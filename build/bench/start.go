package main

import (
	"context"
	"fmt"
	"time"
)

// start measures the start of a server with many entities until it answers, and
// what it costs to have it stand by.
func (b *bench) start(ctx context.Context) (rows []row, err error) {
	p, err := b.filled(ctx)
	if err != nil {
		return nil, err
	}
	again := func(s *server) func() (float64, error) {
		return func() (float64, error) {
			b.stop(s.process)
			began := time.Now()
			err := s.start(ctx)
			return milliseconds(time.Since(began)), err
		}
	}
	turns, err := compare(b.sizes.rounds, again(p.reference), again(p.ours))
	if err != nil {
		return nil, err
	}
	rows = append(rows, against(fmt.Sprintf("server start with %d entities", b.sizes.behind), "ms", turns).atMost(2))
	rest, err := b.atRest(ctx, p)
	return append(rows, rest...), err
}

// atRest looks at both servers after they have stood idle since their start, and
// at what they do while idle.
func (b *bench) atRest(ctx context.Context, p *pair) ([]row, error) {
	if err := wait(ctx, b.sizes.rest); err != nil {
		return nil, err
	}
	var memory, before, after turn
	look := func(into *turn, at func(*process) (float64, error)) (err error) {
		if into.reference, err = at(p.reference.process); err != nil {
			return err
		}
		into.ours, err = at(p.ours.process)
		return err
	}
	if err := look(&memory, (*process).resident); err != nil {
		return nil, err
	}
	if err := look(&before, (*process).busy); err != nil {
		return nil, err
	}
	if err := wait(ctx, b.sizes.rest); err != nil {
		return nil, err
	}
	if err := look(&after, (*process).busy); err != nil {
		return nil, err
	}
	const mib, percent = 1 << 20, 100
	seconds := b.sizes.rest.Seconds()
	return []row{
		row{
			Measure: fmt.Sprintf("resident at rest, %d entities", b.sizes.behind), Unit: "MiB",
			Reference: memory.reference / mib, Ours: memory.ours / mib, Ratio: memory.ours / memory.reference,
		}.within(64),
		row{
			Measure: "processor while idle", Unit: "%",
			Reference: percent * (after.reference - before.reference) / seconds,
			Ours:      percent * (after.ours - before.ours) / seconds,
		}.within(1),
	}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
