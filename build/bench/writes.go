package main

import (
	"context"
	"fmt"
)

// writes measures durable writes of single items by one client and by many.
func (b *bench) writes(ctx context.Context) (rows []row, err error) {
	p, err := b.pair(ctx)
	if err != nil {
		return nil, err
	}
	defer p.end()
	for _, m := range []struct {
		clients, each int
		bar           float64
	}{{1, b.sizes.alone, 0.8}, {b.sizes.clients, b.sizes.together, 0.7}} {
		var all [2]writers
		for i, s := range []*server{p.reference, p.ours} {
			if all[i], err = s.writers(ctx, m.clients); err != nil {
				return rows, err
			}
			defer all[i].close()
		}
		turns, err := compare(b.sizes.rounds,
			func() (float64, error) { return all[0].write(m.each) },
			func() (float64, error) { return all[1].write(m.each) })
		if err != nil {
			return rows, err
		}
		name := fmt.Sprintf("durable writes, %d clients", m.clients)
		if m.clients == 1 {
			name = "durable writes, 1 client"
		}
		rows = append(rows, against(name, "1/s", turns).atLeast(m.bar))
	}
	return rows, nil
}
