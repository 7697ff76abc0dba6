// Package session is the shell around the table of transitions
// (session/machine): bearer values, device keys, storage and clock. It knows of
// no HTTP.
package session

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/proof/token"
	"inglenook/syncserver/session/machine"
)

// Session is a device session as stored, with its place in the table. It is not
// changed after it was made: whoever has one may keep it.
type Session struct {
	household.DeviceSession
	Table machine.State
}

// Config is what Sessions need.
type Config struct {
	Store *household.Store
	// Secret, at least 32 bytes, lies beside the store and its backups, never
	// inside: a stolen store holds no usable session.
	Secret []byte
	Timers Timers
	Now    func() time.Time
	// Built is when the program was made, for a clock that is before it; zero
	// when nobody knows.
	Built time.Time
	// Broken is told of what must not happen: see [machine.Output].Broken. nil
	// tells nobody.
	Broken func(id store.SessionID, rule string)
}

// Sessions recognises sessions, moves them through the table and ends them.
type Sessions struct {
	store  *household.Store
	macs   sync.Pool // of hash.Hash: HMAC-SHA-256 with the secret
	timers Timers
	broken func(store.SessionID, string)
	clock  clock
	nonces *proof.Nonces
	tokens *token.Tokens

	mu    sync.Mutex
	known map[store.SessionID]*known

	forgotten uint64 // how often something was taken out of known
}

// New returns the sessions of a store. Errors: store.CodeInvalid for timers
// that break what the table promises.
func New(ctx context.Context, c Config) (*Sessions, error) {
	if len(c.Secret) < 32 {
		return nil, fmt.Errorf("session secret: %d bytes are too few", len(c.Secret))
	}
	if err := c.Timers.check(); err != nil {
		return nil, err
	}
	s := &Sessions{
		store: c.Store, timers: c.Timers, broken: c.Broken,
		nonces: proof.NewNonces(c.Now), known: map[store.SessionID]*known{},
	}
	s.macs.New = func() any { return hmac.New(sha256.New, c.Secret) }
	seed := derive(c.Secret, "access tokens")
	var err error
	if s.tokens, err = token.New(seed[:], c.Store.Instance(), c.Timers.AccessToken, c.Now); err != nil {
		return nil, err
	}
	if s.broken == nil {
		s.broken = func(store.SessionID, string) {}
	}
	s.clock.wall = c.Now
	if !c.Built.IsZero() {
		s.clock.built = store.TimestampOf(c.Built)
	}
	s.clock.high, err = c.Store.NotedClock(ctx)
	return s, err
}

// Nonce returns a nonce to prove a device key with.
func (s *Sessions) Nonce() string { return s.nonces.Issue() }

// Timers are the durations sessions live by.
func (s *Sessions) Timers() Timers { return s.timers }

// Session returns a session of an id; ok is false when it is unknown or was
// forgotten.
func (s *Sessions) Session(ctx context.Context, id store.SessionID) (Session, bool, error) {
	found, err := s.lookUp(ctx, id)
	if err != nil || found == nil {
		return Session{}, false, err
	}
	return *found, true, nil
}

// Active tells whether a session has not ended; one that is unknown has.
func (s *Sessions) Active(ctx context.Context, id store.SessionID) (bool, error) {
	found, err := s.lookUp(ctx, id)
	return found != nil && found.Table.Active(), err
}

// Devices returns the sessions of a user that have not ended, in the order of
// sign-in; those of user 0 are pending.
func (s *Sessions) Devices(ctx context.Context, user store.ID) ([]Session, error) {
	records, err := s.store.Sessions(ctx, user)
	if err != nil {
		return nil, err
	}
	return loadAll(records)
}
