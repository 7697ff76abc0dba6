package replica

import (
	"context"
	"errors"
	"sync"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// phase is where the state machine stands.
type phase uint8

const (
	none phase = iota
	connecting
	online
	unreached
	signIn
)

// view is what the status is made of.
type view struct {
	phase   phase
	busy    bool // a batch is in flight
	there   store.EventID
	heard   store.Timestamp
	session api.Session
	known   bool
	refusal refusal
}

// refusal is why the server does not serve this session; zero when nothing is
// known against it.
type refusal struct {
	reason  string
	at      store.Timestamp
	network string
}

// refusalOf reads what a server said of a session.
func refusalOf(err error) refusal {
	out := refusal{reason: string(store.CodeOf(err))}
	var said *client.Problem
	if errors.As(err, &said) {
		out.at, out.network = said.At, said.Network
	}
	return out
}

// status holds the view, and wakes whoever watches.
type status struct {
	mu      sync.Mutex
	view    view
	changed chan struct{}
}

func newStatus() *status { return &status{changed: make(chan struct{})} }

func (s *status) change(fn func(*view)) {
	s.mu.Lock()
	fn(&s.view)
	s.mu.Unlock()
	s.wake()
}

func (s *status) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *status) session() (api.Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view.session, s.view.known
}

// Watch returns a channel that is closed when the status may have changed.
func (r *Replica) Watch() <-chan struct{} {
	r.status.mu.Lock()
	defer r.status.mu.Unlock()
	return r.status.changed
}

// Status says how the device stands with its server.
func (r *Replica) Status(ctx context.Context) (api.Status, error) {
	waiting, parked, err := r.device.Waiting(ctx)
	if err != nil {
		return api.Status{}, err
	}
	cursor, err := r.device.Cursor(ctx)
	if err != nil {
		return api.Status{}, err
	}
	r.status.mu.Lock()
	v := r.status.view
	r.status.mu.Unlock()
	out := api.Status{
		State: v.state(waiting), Waiting: waiting, Parked: parked,
		Here: cursor.ID, There: max(v.there, cursor.ID), Household: v.session.Instance.Household,
		Reason: v.refusal.reason, At: v.refusal.at, Network: v.refusal.network,
	}
	if server := r.Server(); server != nil {
		out.Server = server.URL()
	}
	if v.heard != 0 {
		out.Since = &v.heard
	}
	return out, nil
}

// state is the word for it.
func (v view) state(waiting int) string {
	switch v.phase {
	case none:
		return "none"
	case signIn:
		return "sign-in"
	case unreached:
		return "unreached"
	case connecting:
		return "syncing"
	case online:
	}
	switch {
	case v.busy:
		return "syncing"
	case waiting > 0:
		return "waiting"
	}
	return "synced"
}
