// Package e2e tries devices against the real server.
package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inglenook/app"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

// patience is how long a condition may take before the test gives up on it.
const patience = 2 * time.Minute

// device is an app that goes online and offline.
type device struct {
	*app.App
	t    testing.TB
	name string
	halt func() // ends Run; nil while offline
}

func newDevice(t testing.TB, name string, now func() time.Time) *device {
	t.Helper()
	return openDevice(t, name, t.TempDir(), now)
}

func openDevice(t testing.TB, name, dir string, now func() time.Time) *device {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{Dir: dir, Name: name, Version: "test", Now: now})
	if err != nil {
		t.Fatalf("open device %s: %v", name, err)
	}
	d := &device{App: a, t: t, name: name}
	t.Cleanup(func() { d.shut() })
	return d
}

// shut ends the device for good; a second time does nothing.
func (d *device) shut() {
	d.t.Helper()
	d.offline()
	if err := d.Close(); err != nil {
		d.t.Errorf("close device %s: %v", d.name, err)
	}
}

func (d *device) online() {
	if d.halt != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	d.halt = func() {
		cancel()
		if err := <-ran; err != nil {
			d.t.Errorf("run device %s: %v", d.name, err)
		}
	}
}

func (d *device) offline() {
	if d.halt != nil {
		d.halt()
		d.halt = nil
	}
}

// join joins the demo household as somebody.
func (d *device) join(s *servertest.Server, as string) {
	d.t.Helper()
	err := d.Join(d.t.Context(), api.Join{URL: s.URL, Method: "demo", Login: api.Login{Name: as}})
	if err != nil {
		d.t.Fatalf("join device %s: %v", d.name, err)
	}
}

// until waits for a condition of the status.
func (d *device) until(what string, holds func(api.Status) bool) api.Status {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		changed := d.Replica().Watch()
		status, err := d.Status(ctx)
		if err != nil {
			d.t.Fatalf("device %s, waiting until %s: %v; last %+v", d.name, what, err, status)
		}
		if holds(status) {
			return status
		}
		select {
		case <-changed:
		case <-ctx.Done():
			d.t.Fatalf("device %s: not %s: %+v", d.name, what, status)
		}
	}
}

// synced waits until the device has everything up to an event and nothing waits.
func (d *device) synced(upTo store.EventID) {
	d.t.Helper()
	d.until(fmt.Sprintf("synced up to %d", upTo), func(s api.Status) bool {
		return s.State == "synced" && s.Waiting == 0 && s.Here >= upTo && s.Here == s.There
	})
}

func (d *device) write(act string, in ...store.Replacement) {
	d.t.Helper()
	if err := d.Replica().WriteAll(d.t.Context(), act, in); err != nil {
		d.t.Fatalf("write on device %s: %v", d.name, err)
	}
}

// shown is everything living the device shows of a kind.
func (d *device) shown(kind store.Kind) []store.Entity {
	d.t.Helper()
	var out []store.Entity
	err := d.Replica().Device().Each(d.t.Context(), kind, store.Ref{}, func(s household.Shown) error {
		e, err := s.Entity()
		if err == nil && !e.Deleted {
			out = append(out, e)
		}
		return err
	})
	if err != nil {
		d.t.Fatalf("read device %s: %v", d.name, err)
	}
	return out
}

func (d *device) digest() string {
	d.t.Helper()
	at, kinds, err := d.Replica().Device().Digests(d.t.Context())
	if err != nil {
		d.t.Fatalf("digest of device %s: %v", d.name, err)
	}
	return fmt.Sprint(at, kinds)
}

func serverDigest(t testing.TB, s *servertest.Server, as string) string {
	t.Helper()
	c, _ := s.SignIn(t, as)
	digest, err := c.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(digest.Cursor, digest.Kinds)
}

func entity(t testing.TB, id store.ID, pairs ...any) store.Entity {
	t.Helper()
	e := store.Entity{ID: id, UpdatedAt: 1}
	for i := 0; i < len(pairs); i += 2 {
		if err := e.Set(pairs[i].(string), pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return e
}
