package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"

	"inglenook/app"
	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// device measures the way of a write: from the page through the bridge into the
// device's store, and from one device to another.
func (b *bench) device(ctx context.Context) (rows []row, err error) {
	s, err := b.server(ctx, &ourSpeech{})
	if err != nil {
		return nil, err
	}
	defer s.end()
	synced, err := openPlain(b.dir, badger.DefaultOptions("").WithSyncWrites(true))
	if err != nil {
		return nil, err
	}
	defer synced.close()
	var here, there *device
	for _, d := range []**device{&here, &there} {
		if *d, err = b.newDevice(ctx); err != nil {
			return nil, err
		}
		defer (*d).close() //nolint:contextcheck // it is closed whatever ctx says
	}
	if err := here.join(ctx, s, 0); err != nil {
		return nil, err
	}
	if err := there.join(ctx, s, 1); err != nil {
		return nil, err
	}
	list := s.lists()[0]
	visible, err := b.fromDeviceToDevice(ctx, s, synced, here, there, list)
	if err != nil {
		return nil, err
	}
	// The way into the store is measured without a server: what goes on beside
	// it is another row's.
	here.app.Replica().Use(nil)
	turns, err := compare(b.sizes.exchanges,
		func() (float64, error) {
			took, err := synced.commit(newItem(list, "From the page"))
			return milliseconds(took), err
		},
		func() (float64, error) { return here.fromPage(ctx, newItem(list, "From the page")) })
	if err != nil {
		return visible, err
	}
	page := against("page, bridge, replica, acknowledged; one synced commit", "ms", turns).atMost(1.5)
	return append([]row{page}, visible...), nil
}

func (b *bench) fromDeviceToDevice(ctx context.Context, s *server, synced *plain, here, there *device, list store.ID) ([]row, error) {
	w, err := dial(ctx, s, "")
	if err != nil {
		return nil, err
	}
	defer w.close()
	turns, err := compare(b.sizes.exchanges,
		func() (float64, error) {
			began := time.Now()
			if _, err := w.ask(http.MethodGet, s.ready(), nil); err != nil {
				return 0, err
			}
			trip := time.Since(began)
			commit, err := synced.commit(newItem(list, "From another device"))
			return milliseconds(trip + commit), err
		},
		func() (float64, error) {
			it := newItem(list, "From another device")
			began := time.Now()
			if _, err := here.fromPage(ctx, it); err != nil {
				return 0, err
			}
			err := there.await(ctx, store.Ref{Kind: "item", ID: it.id})
			return milliseconds(time.Since(began)), err
		})
	if err != nil {
		return nil, err
	}
	return []row{against("visible on another device; round trip and one synced commit", "ms", turns).atMost(3)}, nil
}

// device is a device without a window.
type device struct {
	app  *app.App
	dir  string
	stop context.CancelFunc
	ran  chan struct{}
	seq  uint64
	at   store.Cursor // of the line, how far await has looked
}

func (b *bench) newDevice(ctx context.Context) (*device, error) {
	dir, err := os.MkdirTemp(b.dir, "device-")
	if err != nil {
		return nil, err
	}
	d := &device{dir: dir, ran: make(chan struct{})}
	if d.app, err = app.New(ctx, app.Config{Dir: dir, Now: time.Now, Name: "bench"}); err != nil {
		return nil, err
	}
	ctx, d.stop = context.WithCancel(ctx)
	go func() {
		defer close(d.ran)
		_ = d.app.Run(ctx) // a device that does not exchange is told of by join and await
	}()
	return d, nil
}

func (d *device) close() {
	d.stop()
	<-d.ran
	_ = d.app.Close()
	_ = os.RemoveAll(d.dir)
}

// join signs in and returns when the device has everything the server has.
func (d *device) join(ctx context.Context, s *server, person int) error {
	speech, ok := s.speech.(*ourSpeech)
	if !ok {
		return fmt.Errorf("the reference has no devices")
	}
	join := api.Join{URL: s.url, Method: "demo", Login: api.Login{Name: speech.people[person].name}}
	if err := d.app.Join(ctx, join); err != nil {
		return err
	}
	for {
		changed := d.app.Replica().Watch()
		status, err := d.app.Status(ctx)
		if err != nil {
			return err
		}
		if status.State == "synced" && status.Here > 0 {
			d.at = d.app.Replica().Line().Head()
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(startTime):
			return fmt.Errorf("the device is still %s at %d of %d", status.State, status.Here, status.There)
		}
	}
}

func (d *device) count(ctx context.Context) (n int, err error) {
	err = d.app.Replica().Device().Each(ctx, "item", store.Ref{}, func(household.Shown) error {
		n++
		return nil
	})
	return n, err
}

// fromPage writes an item as the page does and returns the milliseconds until
// the page has its answer.
func (d *device) fromPage(ctx context.Context, it item) (float64, error) {
	d.seq++
	path, body := new(ourSpeech).batch(1, d.seq, []item{it})
	began := time.Now()
	answer := d.app.Bridge().Handle(ctx, bridge.Request{Method: http.MethodPost, Path: path, Body: body})
	took := time.Since(began)
	if answer.Status != http.StatusOK {
		return 0, fmt.Errorf("the bridge answers %d: %s", answer.Status, answer.Body)
	}
	_, err := new(ourSpeech).event(answer.Body)
	return milliseconds(took), err
}

// await returns when the device shows an entity.
func (d *device) await(ctx context.Context, ref store.Ref) error {
	line := d.app.Replica().Line()
	for {
		wake := line.Wake()
		entries, head, err := line.After(d.at, 1000)
		if err != nil {
			return err
		}
		d.at = head
		for _, entry := range entries {
			if slices.Contains(entry.Refs, ref) {
				return nil
			}
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(startTime):
			return fmt.Errorf("item %d never came", ref.ID)
		}
	}
}
