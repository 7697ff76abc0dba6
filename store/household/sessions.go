package household

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// DeviceSession is one sign-in on one device. It is the server's alone: never
// synced, never in a log or an event. The secret is not in it; it is derived
// (syncserver/session).
type DeviceSession struct {
	ID         store.SessionID `json:"id"`
	Kind       string          `json:"kind"`  // browser, desktop, token
	Level      int             `json:"level"` // 0 bearer only, 1 software key, 2 protected key
	UserID     store.ID        `json:"userId"`
	Salt       []byte          `json:"salt"`
	Generation uint64          `json:"generation"` // of the head
	Head       uint64          `json:"head"`       // id of the current ServerSession

	Name     string `json:"name"` // as the client told
	Platform string `json:"platform"`

	FirstVisitAt      store.Timestamp `json:"firstVisitAt"`
	LatestVisitAt     store.Timestamp `json:"latestVisitAt"`
	LastUsedAt        store.Timestamp `json:"lastUsedAt"` // to about an hour
	AccessRev         uint64          `json:"accessRev"`
	Notices           []string        `json:"notices,omitempty"`
	EndedAt           store.Timestamp `json:"endedAt,omitzero"`
	EndReason         string          `json:"endReason,omitempty"`
	AbsoluteExpiresAt store.Timestamp `json:"absoluteExpiresAt"`
}

// ServerSession is one generation of a device session.
type ServerSession struct {
	ID              uint64          `json:"id"`
	DeviceSessionID store.SessionID `json:"deviceSessionId"`
	Generation      uint64          `json:"generation"`
	IssuedAt        store.Timestamp `json:"issuedAt"`
}

func deviceSessionKey(id store.SessionID) key {
	return newKey(prefixSession).name("d").num(uint64(id))
}
func serverSessionKey(id uint64) key { return newKey(prefixSession).name("s").num(id) }
func userSessionKey(user store.ID, id store.SessionID) key {
	return newKey(prefixSession).name("u").id(user).num(uint64(id))
}

// NewSession stores a first sign-in: d gets its ids, and is returned with its
// only ServerSession.
func (s *Store) NewSession(ctx context.Context, d DeviceSession) (DeviceSession, ServerSession, error) {
	var g ServerSession
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		device, err := next(tx, "device-session")
		if err != nil {
			return err
		}
		server, err := next(tx, "server-session")
		if err != nil {
			return err
		}
		now := store.TimestampOf(tx.Now())
		d.ID, d.Head, d.Generation = store.SessionID(device), server, 1
		d.FirstVisitAt, d.LatestVisitAt = now, now
		g = ServerSession{ID: server, DeviceSessionID: d.ID, Generation: 1, IssuedAt: now}
		if err := setJSON(tx, deviceSessionKey(d.ID), d); err != nil {
			return err
		}
		if err := setJSON(tx, serverSessionKey(g.ID), g); err != nil {
			return err
		}
		return tx.Set(userSessionKey(d.UserID, d.ID), nil)
	})
	if err != nil {
		return d, g, fmt.Errorf("store new session: %w", err)
	}
	return d, g, nil
}

// Session reads a generation and its device session. ok is false when the id is
// unknown.
func (s *Store) Session(ctx context.Context, id uint64) (d DeviceSession, g ServerSession, ok bool, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		if ok, err = getJSON(r, serverSessionKey(id), &g); err != nil || !ok {
			return err
		}
		ok, err = getJSON(r, deviceSessionKey(g.DeviceSessionID), &d)
		return err
	})
	return d, g, ok, err
}

// Sessions reads the device sessions of a user that have not ended, in the
// order of sign-in.
func (s *Store) Sessions(ctx context.Context, user store.ID) (out []DeviceSession, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		prefix := newKey(prefixSession).name("u").id(user)
		for pair, err := range r.Scan(prefix, nil) {
			if err != nil {
				return err
			}
			id, _ := cutNum(pair.Key[len(prefix):])
			var d DeviceSession
			ok, err := getJSON(r, deviceSessionKey(store.SessionID(id)), &d)
			if err != nil {
				return err
			}
			if ok && d.EndedAt == 0 {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// ChangeSession lets change edit a device session and stores it when it says
// so. ok is false when the id is unknown.
func (s *Store) ChangeSession(ctx context.Context, id store.SessionID, change func(d *DeviceSession, now store.Timestamp) (changed bool)) (d DeviceSession, ok bool, err error) {
	err = s.db.Update(ctx, func(tx kv.Tx) error {
		if ok, err = getJSON(tx, deviceSessionKey(id), &d); err != nil || !ok {
			return err
		}
		if !change(&d, store.TimestampOf(tx.Now())) {
			return nil
		}
		return setJSON(tx, deviceSessionKey(id), d)
	})
	return d, ok, err
}

// CleanSessions asks of each device session whether it is to be remembered by
// name only, for the history: nothing that would recognise a request is left of
// it.
func (s *Store) CleanSessions(ctx context.Context, forget func(d DeviceSession, now store.Timestamp) bool) error {
	var ids []store.SessionID
	err := s.db.View(ctx, func(r kv.Reader) error {
		prefix := newKey(prefixSession).name("d")
		for pair, err := range r.Scan(prefix, nil) {
			if err != nil {
				return err
			}
			id, _ := cutNum(pair.Key[len(prefix):])
			ids = append(ids, store.SessionID(id))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("clean sessions: %w", err)
	}
	for some := range slices.Chunk(ids, 256) { // a transaction must not hold up others for long
		err := s.db.Update(ctx, func(tx kv.Tx) error {
			for _, id := range some {
				if err := cleanSession(tx, id, forget); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("clean sessions: %w", err)
		}
	}
	return nil
}

func cleanSession(tx kv.Tx, id store.SessionID, forget func(DeviceSession, store.Timestamp) bool) error {
	var d DeviceSession
	ok, err := getJSON(tx, deviceSessionKey(id), &d)
	if err != nil || !ok || d.Head == 0 || !forget(d, store.TimestampOf(tx.Now())) {
		return err // d.Head is 0 when only the name is left
	}
	kept := DeviceSession{
		ID: d.ID, Kind: d.Kind, UserID: d.UserID, Name: d.Name, Platform: d.Platform,
		FirstVisitAt: d.FirstVisitAt, EndedAt: d.EndedAt, EndReason: d.EndReason,
	}
	return errors.Join(
		tx.Delete(serverSessionKey(d.Head)), tx.Delete(userSessionKey(d.UserID, d.ID)),
		setJSON(tx, deviceSessionKey(id), kept),
	)
}

// deviceName is what the device of a session calls itself, "" when unknown.
func deviceName(r kv.Reader, id store.SessionID) (string, error) {
	var d DeviceSession
	_, err := getJSON(r, deviceSessionKey(id), &d)
	return d.Name, err
}

// next takes the next number of a sequence, from 1, in the transaction that
// uses it.
func next(tx kv.Tx, name string) (uint64, error) {
	k := newKey(prefixSequence).name(name)
	n, err := readNum(tx, k)
	if err != nil {
		return 0, err
	}
	return n + 1, tx.Set(k, num(n+1))
}

func getJSON(r kv.Reader, k key, into any) (bool, error) {
	raw, ok, err := r.Get(k)
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("read record %x: %w", []byte(k), err)
	}
	return true, nil
}

func setJSON(tx kv.Tx, k key, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write record %x: %w", []byte(k), err)
	}
	return tx.Set(k, raw)
}
