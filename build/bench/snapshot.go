package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// snapshot measures a new device taking everything over, from joining until it
// has all of it on disk, against a plain Badger that writes the same values.
func (b *bench) snapshot(ctx context.Context) ([]row, error) {
	s, err := b.server(ctx, &ourSpeech{})
	if err != nil {
		return nil, err
	}
	defer s.end()
	if err := s.fill(ctx, b.sizes.entities, b.sizes.batch); err != nil {
		return nil, err
	}
	items := newItems(s.lists()[0], b.sizes.entities)
	turns, err := compare(b.sizes.rounds,
		func() (float64, error) { return b.loadPlain(items) },
		func() (float64, error) { return b.loadDevice(ctx, s) })
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("snapshot of %d entities to a device", b.sizes.entities)
	return []row{against(name, "ms", turns).atMost(3)}, nil
}

func (b *bench) loadPlain(items []item) (float64, error) {
	p, err := openPlain(b.dir, badger.DefaultOptions("").WithSyncWrites(false))
	if err != nil {
		return 0, err
	}
	defer p.close()
	took, err := p.load(items)
	return milliseconds(took), err
}

func (b *bench) loadDevice(ctx context.Context, s *server) (float64, error) {
	d, err := b.newDevice(ctx)
	if err != nil {
		return 0, err
	}
	defer d.close() //nolint:contextcheck // it is closed whatever ctx says
	began := time.Now()
	if err := d.join(ctx, s, 0); err != nil {
		return 0, err
	}
	took := time.Since(began)
	n, err := d.count(ctx)
	if err == nil && n < b.sizes.entities {
		err = fmt.Errorf("the device has %d entities instead of %d", n, b.sizes.entities)
	}
	return milliseconds(took), err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
