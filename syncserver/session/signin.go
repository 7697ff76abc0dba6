package session

import (
	"context"
	"crypto/rand"
	"errors"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json"
)

// Client is what signs in, as it says itself.
type Client struct {
	Kind     machine.Kind
	Name     string
	Platform string
	Version  string
	Network  string // as the server sees it, shortened
}

// SignIn is a sign-in that a method has accepted.
type SignIn struct {
	UserID  store.ID
	Pending household.Identity // when UserID is 0
	Parent  store.SessionID    // the session that makes this one, and is to be active when it does; 0 for none
	// Revision is that of the user's credential when they proved who they are, and
	// is to be the same when it makes this session.
	Revision uint64
	Client   Client
	Key      proof.Key       // proven in this very request; the zero Key makes a bearer-only session
	Level    machine.Level   // as the client says of its key
	Ends     store.SessionID // the client's earlier session, which it replaces; 0 for none
	Method   string
	// Verified says that somebody has proved who they are just now: then the
	// sign-in is a step-up too.
	Verified bool
}

// SignIn makes a session: row 3 of the table. A program gets its tokens with
// Tokens.
//
// Errors: store.CodeInvalid for the client's kind; CodeSessionEnded and
// CodeSessionInvalid of its parent; CodeSignInFailed when what was proved is worth
// nothing any more.
func (s *Sessions) SignIn(ctx context.Context, in SignIn) (Answer, error) {
	input := machine.Input{Request: machine.SignIn, Kind: in.Client.Kind, Jitter: s.jitter()}
	if !in.Client.Kind.Valid() {
		return Answer{}, store.Errorf(store.CodeInvalid, "kind", "is browser, desktop or token")
	}
	made := Session{DeviceSession: household.DeviceSession{
		UserID: in.UserID, Name: in.Client.Name, Platform: in.Client.Platform, Version: in.Client.Version, Network: in.Client.Network,
		Salt: make([]byte, 16),
	}}
	_, _ = rand.Read(made.Salt) // never fails: crypto/rand aborts the process instead
	if !in.Key.IsZero() {
		input.Proof, input.Level = machine.ValidProof, ofKey(in.Level)
	}
	var out machine.Output
	err := s.update(ctx, func(tx *tx) error {
		if err := errors.Join(tx.checkParent(in.Parent), tx.checkRevision(in)); err != nil {
			return err
		}
		if err := tx.replace(in); err != nil {
			return err
		}
		now := tx.now()
		made.Table, out = s.timers.Next(machine.State{}, input, now)
		made.SignedInAt = now
		if in.Verified {
			made.VerifiedAt = now
		}
		if in.UserID == 0 {
			made.Pending = &household.PendingIdentity{Identity: in.Pending, DropAt: after(now, s.timers.Pending)}
		}
		if err := made.bind(in.Key, now); err != nil {
			return err
		}
		if err := tx.add(&made); err != nil {
			return err
		}
		return tx.Audit(household.AuditRecord{
			At: now, Kind: string(out.Audit), UserID: in.UserID, SessionID: made.ID, Network: in.Client.Network,
			Detail: map[string]string{"method": in.Method, "kind": string(in.Client.Kind)},
		})
	})
	if err != nil {
		return Answer{}, err
	}
	input.Generation = 1
	return s.answer(made, input, out), nil
}

// ofKey is a level that a session with a key can have.
func ofKey(l machine.Level) machine.Level {
	return max(min(l, machine.ProtectedKey), machine.SoftwareKey)
}

// checkParent refuses what a session begets that has ended meanwhile: its user
// would be rid of the one and not of the other.
func (t *tx) checkParent(id store.SessionID) error {
	if id == 0 {
		return nil
	}
	parent, err := t.session(id)
	if err != nil {
		return err
	}
	if !parent.Table.Active() {
		return store.Errorf(store.CodeSessionEnded, "", "this session was ended")
	}
	return nil
}

// checkRevision refuses who has proved themselves by what was taken away since, a
// password that was changed: their session would outlive the end of all others.
func (t *tx) checkRevision(in SignIn) error {
	if in.UserID == 0 {
		return nil
	}
	revision, err := t.CredentialRevision(in.UserID)
	if err == nil && revision != in.Revision {
		err = store.Errorf(store.CodeSignInFailed, "", "the name or the secret is wrong")
	}
	return err
}

// replace ends the session the client had before.
func (t *tx) replace(in SignIn) error {
	if in.Ends == 0 {
		return nil
	}
	earlier, err := t.session(in.Ends)
	if store.CodeOf(err) == store.CodeSessionInvalid {
		return nil
	}
	if err != nil {
		return err
	}
	_, _, err = t.move(earlier, machine.Input{Request: machine.End, Reason: machine.Replaced}, in.Client.Network)
	return err
}

// bind notes the key of the device.
func (s *Session) bind(key proof.Key, now store.Timestamp) error {
	if key.IsZero() {
		return nil
	}
	raw, err := json.Marshal(key)
	if err != nil {
		return err
	}
	s.Key, s.KeyBoundAt = raw, now
	return nil
}

// Rebind binds a session whose device key is lost to a new one, after a sign-in
// by its user: row 20. The key is proven in this very request. verified is as in
// SignIn.
func (s *Sessions) Rebind(ctx context.Context, r Request, key proof.Key, level machine.Level, verified bool) (Answer, error) {
	found, generation, err := s.shown(ctx, r.Value)
	if err != nil {
		return Answer{}, err
	}
	if found == nil {
		return s.stranger(machine.Input{Request: machine.Rebind, Value: machine.UnknownValue}), nil
	}
	in := machine.Input{
		Request: machine.Rebind, Value: machine.KnownValue, Generation: generation, Jitter: s.jitter(),
		Level: ofKey(level), ClockSuspect: s.clockSuspect(),
	}
	if !key.IsZero() {
		in.Proof = machine.ValidProof
	}
	var out machine.Output
	var moved Session
	err = s.update(ctx, func(tx *tx) error {
		present, err := tx.session(found.ID)
		if err != nil {
			return err
		}
		if moved, out, err = tx.move(present, in, r.Network); err != nil || out.Status != machine.Served {
			return err
		}
		if err := moved.bind(key, tx.now()); err != nil {
			return err
		}
		if verified {
			moved.VerifiedAt = tx.now()
		}
		return tx.put(&moved)
	})
	if err != nil {
		return Answer{}, err
	}
	return s.answer(moved, in, out), nil
}

// Adopt makes a pending session a user's: its identity has become an account.
func (s *Sessions) Adopt(ctx context.Context, id store.SessionID, user store.ID) error {
	return s.update(ctx, func(tx *tx) error {
		d, err := tx.session(id)
		if err != nil {
			return err
		}
		if d.UserID != 0 || d.EndedAt != 0 {
			return store.Errorf(store.CodeNotFound, "id", "there is no such session without an account")
		}
		return tx.keep(&d, func(d *household.DeviceSession) error { return tx.Adopt(d, user) })
	})
}

// Change lets change edit what a session holds besides its place in the table,
// and stores it when it says so.
func (s *Sessions) Change(ctx context.Context, id store.SessionID, change func(d *household.DeviceSession, now store.Timestamp) (bool, error)) error {
	return s.update(ctx, func(tx *tx) error {
		d, err := tx.session(id)
		if err != nil {
			return err
		}
		changed, err := change(&d.DeviceSession, tx.now())
		if err != nil || !changed {
			return err
		}
		return tx.put(&d)
	})
}
