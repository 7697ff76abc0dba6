package session

import (
	"context"

	"inglenook/store"
	"inglenook/store/household"
)

// tx is a transaction over sessions that remembers which it has changed.
type tx struct {
	household.SessionTx
	sessions *Sessions
	changed  []household.DeviceSession
}

// update runs fn in a transaction; what it has changed is known, and told to
// whoever watches, after it is durable.
func (s *Sessions) update(ctx context.Context, fn func(*tx) error) error {
	var changed []household.DeviceSession
	_, forgotten := s.remembered(0)
	err := s.store.UpdateSessions(ctx, func(inner household.SessionTx) error {
		t := &tx{SessionTx: inner, sessions: s}
		err := fn(t)
		changed = t.changed
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range changed {
		if _, err := s.learn(d, forgotten); err != nil {
			return err
		}
	}
	return nil
}

// now is the time of the transaction.
func (t *tx) now() store.Timestamp { return t.sessions.Now() }

// session reads one. Errors: store.CodeSessionInvalid when it is unknown or
// forgotten.
func (t *tx) session(id store.SessionID) (Session, error) {
	d, ok, err := t.Session(id)
	if err != nil {
		return Session{}, err
	}
	if !ok || d.State == nil {
		return Session{}, invalid()
	}
	return load(d)
}

// ofUser reads the sessions of a user that have not ended.
func (t *tx) ofUser(user store.ID) ([]Session, error) {
	records, err := t.OfUser(user)
	if err != nil {
		return nil, err
	}
	return loadAll(records)
}

func (t *tx) add(s *Session) error { return t.keep(s, t.Add) }

func (t *tx) put(s *Session) error { return t.keep(s, t.Put) }

// keep writes a session and remembers that it has changed.
func (t *tx) keep(s *Session, write func(*household.DeviceSession) error) error {
	if err := s.save(); err != nil {
		return err
	}
	if err := write(&s.DeviceSession); err != nil {
		return err
	}
	t.changed = append(t.changed, s.DeviceSession)
	return nil
}
