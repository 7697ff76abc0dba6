// Package replica keeps a device in step with its server: it takes writes at
// any time, and exchanges them when the server can be reached.
//
//	           Use(server)                    401 session-*
//	┌──────┐ ─────────────▶ ┌────────────┐ ──────────────────▶ ┌─────────┐
//	│ none │                │ connecting │                     │ sign-in │
//	└──────┘ ◀───────────── └────────────┘ ◀────────────────── └─────────┘
//	           Use(nil)        │   ▲   ▲          Use(server)
//	           last-event-id,  │   │   │ backoff 0.5 s … 60 s, or at once on
//	           snapshot if the │   │   │ a local write and SyncNow
//	           cursor is of no │   │   │
//	           use, changes up │   │ ┌───────────┐
//	           to the head     │   └─│ unreached │
//	                           ▼     └───────────┘
//	                      ┌────────┐       ▲
//	                      │ online │ ──────┘ the stream broke, bye
//	                      └────────┘
//	               the stream is applied as it comes;
//	               batches are pushed, one in flight
//
// Nothing is pushed before everything the server had when it was reached has
// been applied. Whatever state it is in, writes are taken, kept and shown.
//
// While online the session is renewed whenever that is due. The server then
// closes the stream of the value before; the next one is opened behind the same
// cursor at once, and the state stays online.
package replica

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"

	"github.com/rs/zerolog"
)

// Config is what a replica needs. All of it is required.
type Config struct {
	DB    kv.DB
	Kinds *kind.Registry
	Now   func() time.Time

	// Sleep returns after d, or earlier with the error of ctx.
	Sleep func(ctx context.Context, d time.Duration) error
	// Random returns a number in [0, 1): the jitter of waiting.
	Random func() float64

	Log zerolog.Logger
}

// Replica is one device's part of a household.
type Replica struct {
	cfg    Config
	device *household.Device
	line   *Line

	wake   chan struct{} // one slot: try the server at once
	push   chan struct{} // one slot: something waits
	status *status
	renew  bool // the next connection begins with a snapshot; Run's alone

	exchanging sync.Mutex // held while connected

	mu     sync.Mutex
	server *client.Client
	leave  context.CancelFunc // ends the present connection
}

// New returns a replica on a device's store.
func New(ctx context.Context, cfg Config) (*Replica, error) {
	s, err := household.Open(ctx, cfg.DB, cfg.Kinds)
	if err != nil {
		return nil, err
	}
	r := &Replica{
		cfg:    cfg,
		line:   newLine(),
		wake:   make(chan struct{}, 1),
		push:   make(chan struct{}, 1),
		status: newStatus(),
	}
	r.device = household.NewDevice(s, store.NewClock(cfg.Now), r.touched)
	cursor, err := r.device.Cursor(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the replica: %w", err)
	}
	r.status.change(func(v *view) { v.there = cursor.ID })
	return r, nil
}

// Device is the store under the replica, for reading. Writes go through the
// replica.
func (r *Replica) Device() *household.Device { return r.device }

// Line is the numbered line of what changes on this device.
func (r *Replica) Line() *Line { return r.line }

// touched runs whenever what the device shows has changed.
func (r *Replica) touched(t household.Touched) {
	r.line.append(t)
	r.status.wake()
}

// Use makes a server the one to exchange with, in place of an earlier one; nil
// is none. The present connection ends.
func (r *Replica) Use(server *client.Client) {
	r.mu.Lock()
	r.server = server
	leave := r.leave
	r.mu.Unlock()
	r.status.change(func(v *view) {
		v.phase, v.known, v.refusal = connecting, false, refusal{}
		if server == nil {
			*v = view{phase: none}
		}
	})
	if leave != nil {
		leave()
	}
	r.SyncNow()
}

// Hold says why the server, though there is one, cannot be asked before Use.
func (r *Replica) Hold(reason string) {
	r.status.change(func(v *view) { v.phase, v.refusal = unreached, refusal{reason: reason} })
}

// Clear ends the exchange and forgets everything: what was confirmed, what
// waits and what is parked.
func (r *Replica) Clear(ctx context.Context) error {
	r.Use(nil)
	r.exchanging.Lock()
	defer r.exchanging.Unlock()
	return r.device.Clear(ctx)
}

// Server is the client of the server in use, nil when there is none.
func (r *Replica) Server() *client.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.server
}

// SyncNow ends a wait for the next try.
func (r *Replica) SyncNow() { poke(r.wake) }

func poke(slot chan struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}

// Run exchanges with the server until ctx is done. It returns nil then; no
// server and no answer is an error to it.
func (r *Replica) Run(ctx context.Context) error {
	pause := backoff{random: r.cfg.Random}
	for ctx.Err() == nil {
		server, connection, leave := r.begin(ctx)
		if server == nil {
			leave()
			r.await(ctx, 0)
			continue
		}
		r.exchanging.Lock()
		err := r.exchange(connection, server, &pause)
		r.exchanging.Unlock()
		left := connection.Err() != nil
		leave()
		if left {
			continue // another server is to be used, or none, or ctx is done
		}
		r.ended(ctx, server, err, &pause)
	}
	return nil
}

// begin prepares a connection that Use can end.
func (r *Replica) begin(ctx context.Context) (*client.Client, context.Context, context.CancelFunc) {
	connection, leave := context.WithCancel(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leave = leave
	return r.server, connection, leave
}

// await returns after d, or when somebody wants the server to be tried; d 0 is
// for ever.
func (r *Replica) await(ctx context.Context, d time.Duration) {
	slept := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if d > 0 {
		go func() {
			defer close(slept)
			_ = r.cfg.Sleep(ctx, d) // it ends early only with ctx
		}()
	}
	select {
	case <-ctx.Done():
	case <-slept:
	case <-r.wake:
	}
	if d > 0 {
		cancel()
		<-slept
	}
}

// awaitChange returns when another server or session is to be used.
func (r *Replica) awaitChange(ctx context.Context, was *client.Client) {
	for ctx.Err() == nil && r.Server() == was {
		r.await(ctx, 0)
	}
}

// exchange is one connection: everything up to the head, then the stream, the
// outbox and the session's renewals side by side. It never returns nil.
func (r *Replica) exchange(ctx context.Context, server *client.Client, pause *backoff) error {
	r.status.change(func(v *view) {
		if v.phase != online {
			v.phase = connecting
		}
	})
	cursor, err := r.pull(ctx, server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beside sync.WaitGroup
	beside.Go(func() { cancel(r.pushAll(ctx, server)) })
	var renewing sync.Once
	err = r.follow(ctx, server, cursor, func(s api.Session) {
		pause.reset()
		renewing.Do(func() {
			beside.Go(func() { cancel(r.keepAlive(ctx, server, s)) })
		})
	})
	cancel(err)
	beside.Wait()
	if first := context.Cause(ctx); first != nil && !errors.Is(first, context.Canceled) {
		return first
	}
	return err
}
