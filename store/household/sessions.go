package household

import (
	"context"
	"errors"
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DeviceSession is one sign-in on one device. It is the server's alone: never
// synced, never in a log or an event. The secret is not in it; it is derived
// (syncserver/session).
type DeviceSession struct {
	ID       store.SessionID  `json:"id"`
	Revision uint64           `json:"revision"` // counts the writes
	Kind     string           `json:"kind"`     // browser, desktop, token
	Level    int              `json:"level"`    // 0 bearer only, 1 software key, 2 protected key
	UserID   store.ID         `json:"userId"`   // 0 while it is pending
	Pending  *PendingIdentity `json:"pending,omitempty"`

	Salt       []byte          `json:"salt,omitempty"`
	Key        jsontext.Value  `json:"key,omitempty"` // the device's public key, a JWK
	KeyBoundAt store.Timestamp `json:"keyBoundAt,omitzero"`
	State      jsontext.Value  `json:"state,omitempty"` // its place in the table of transitions (session/machine)

	Name     string `json:"name"` // as the client told, or its user
	Platform string `json:"platform,omitempty"`
	Version  string `json:"version,omitempty"`
	Network  string `json:"network,omitempty"` // from where it was last used, to /24 or /48

	VerifiedAt   store.Timestamp `json:"verifiedAt,omitzero"` // last proof of who one is
	Data         jsontext.Value  `json:"data,omitempty"`      // the client's own
	DataChecksum string          `json:"dataChecksum,omitempty"`
	Notices      []Notice        `json:"notices,omitempty"`
	LastNotice   uint64          `json:"lastNotice,omitzero"`

	SignedInAt store.Timestamp `json:"signedInAt"`
	EndedAt    store.Timestamp `json:"endedAt,omitzero"`
	EndReason  string          `json:"endReason,omitempty"`
}

// PendingIdentity is who has signed in at a method and is nobody here yet.
type PendingIdentity struct {
	Identity    Identity        `json:"identity"`
	Name        string          `json:"name,omitempty"` // as they wish to be called
	RequestedAt store.Timestamp `json:"requestedAt,omitzero"`
	DropAt      store.Timestamp `json:"dropAt"`
}

// Notice tells a user what has happened to one of their sessions, or what waits
// for them.
type Notice struct {
	ID        uint64          `json:"id"`
	Kind      string          `json:"kind"`
	At        store.Timestamp `json:"at"`
	SessionID store.SessionID `json:"sessionId,omitzero"` // what it is about
	Device    string          `json:"device,omitempty"`
	Network   string          `json:"network,omitempty"`
	Count     int             `json:"count"`
}

func deviceSessionKey(id store.SessionID) key {
	return newKey(prefixSession).name("d").num(uint64(id))
}

func userSessionKey(user store.ID, id store.SessionID) key {
	return newKey(prefixSession).name("u").id(user).num(uint64(id))
}

// SessionTx is a transaction over sessions: what belongs together is written
// together.
type SessionTx struct{ tx kv.Tx }

// UpdateSessions runs fn in a transaction.
func (s *Store) UpdateSessions(ctx context.Context, fn func(SessionTx) error) error {
	return s.db.Update(ctx, func(tx kv.Tx) error { return fn(SessionTx{tx}) })
}

// Session reads a device session. ok is false when the id is unknown.
func (t SessionTx) Session(id store.SessionID) (d DeviceSession, ok bool, err error) {
	ok, err = getJSON(t.tx, deviceSessionKey(id), &d)
	return d, ok, err
}

// OfUser reads the device sessions of a user that have not ended, in the order
// of sign-in; those of user 0 are pending.
func (t SessionTx) OfUser(user store.ID) ([]DeviceSession, error) { return sessionsOf(t.tx, user) }

// Add gives a new session its id and stores it.
func (t SessionTx) Add(d *DeviceSession) error {
	id, err := next(t.tx, "device-session")
	if err != nil {
		return err
	}
	d.ID = store.SessionID(id)
	return errors.Join(t.Put(d), t.tx.Set(userSessionKey(d.UserID, d.ID), nil))
}

// Put stores a session again.
func (t SessionTx) Put(d *DeviceSession) error {
	d.Revision++
	return setJSON(t.tx, deviceSessionKey(d.ID), d)
}

// Adopt makes a pending session a user's.
func (t SessionTx) Adopt(d *DeviceSession, user store.ID) error {
	err := errors.Join(t.tx.Delete(userSessionKey(d.UserID, d.ID)), t.tx.Set(userSessionKey(user, d.ID), nil))
	d.UserID, d.Pending = user, nil
	return errors.Join(err, t.Put(d))
}

// Forget leaves nothing of an ended session but what the history needs: its
// name, and when it was.
func (t SessionTx) Forget(d DeviceSession) error {
	kept := DeviceSession{
		ID: d.ID, Revision: d.Revision + 1, Kind: d.Kind, UserID: d.UserID, Name: d.Name, Platform: d.Platform,
		SignedInAt: d.SignedInAt, EndedAt: d.EndedAt, EndReason: d.EndReason,
	}
	return errors.Join(t.tx.Delete(userSessionKey(d.UserID, d.ID)), setJSON(t.tx, deviceSessionKey(d.ID), kept))
}

// Audit appends a record to the audit log.
func (t SessionTx) Audit(r AuditRecord) error { return appendAudit(t.tx, r) }

// Session reads a device session. ok is false when the id is unknown.
func (s *Store) Session(ctx context.Context, id store.SessionID) (d DeviceSession, ok bool, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		ok, err = getJSON(r, deviceSessionKey(id), &d)
		return err
	})
	return d, ok, err
}

// Sessions reads the device sessions of a user that have not ended, in the
// order of sign-in; those of user 0 are pending.
func (s *Store) Sessions(ctx context.Context, user store.ID) (out []DeviceSession, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		out, err = sessionsOf(r, user)
		return err
	})
	return out, err
}

func sessionsOf(r kv.Reader, user store.ID) (out []DeviceSession, err error) {
	prefix := newKey(prefixSession).name("u").id(user)
	for pair, err := range r.Scan(prefix, nil) {
		if err != nil {
			return nil, err
		}
		id, _ := cutNum(pair.Key[len(prefix):])
		var d DeviceSession
		ok, err := getJSON(r, deviceSessionKey(store.SessionID(id)), &d)
		if err != nil {
			return nil, err
		}
		if ok && d.EndedAt == 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

// EachSession calls fn with every device session that is not forgotten, in the
// order of sign-in.
func (s *Store) EachSession(ctx context.Context, fn func(DeviceSession)) error {
	return s.db.View(ctx, func(r kv.Reader) error {
		for pair, err := range r.Scan(newKey(prefixSession).name("d"), nil) {
			if err != nil {
				return err
			}
			var d DeviceSession
			if err := json.Unmarshal(pair.Value, &d); err != nil {
				return fmt.Errorf("read record %x: %w", pair.Key, err)
			}
			if d.State != nil {
				fn(d)
			}
		}
		return nil
	})
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

// NoteClock keeps the server's time for its next start.
func (s *Store) NoteClock(ctx context.Context, now store.Timestamp) error {
	return s.db.Update(ctx, func(tx kv.Tx) error { return tx.Set(metaKey("clock"), num(uint64(now))) })
}

// NotedClock is the time that was kept last, 0 for none.
func (s *Store) NotedClock(ctx context.Context) (at store.Timestamp, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		n, err := readNum(r, metaKey("clock"))
		at = store.Timestamp(n)
		return err
	})
	return at, err
}
