package session

import (
	"context"
	"errors"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"
)

// By is who asks for something that happens to a session.
type By struct {
	store.Author
	Network string
}

// End ends a device session; its streams close at once. Ending one that has
// ended, or never was, changes nothing.
func (s *Sessions) End(ctx context.Context, id store.SessionID, reason machine.EndReason, by By) error {
	return s.update(ctx, func(tx *tx) error {
		d, err := tx.session(id)
		if store.CodeOf(err) == store.CodeSessionInvalid {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.end(d, reason, by)
	})
}

// EndAll ends all sessions of a user but one, 0 for none.
func (s *Sessions) EndAll(ctx context.Context, user store.ID, but store.SessionID, reason machine.EndReason, by By) error {
	if user == 0 {
		return nil
	}
	return s.update(ctx, func(tx *tx) error { return tx.endAll(user, but, reason, by) })
}

// ChangePassword lets change give a user another password and ends all their
// sessions but that of by, all at once: whoever knew the old one is out, also when
// whoever asks for it goes away.
//
// Errors: those of change; store.CodeSessionEnded when the session of by is over.
func (s *Sessions) ChangePassword(ctx context.Context, user store.ID, change func(household.SessionTx) error, by By) error {
	return s.update(ctx, func(tx *tx) error {
		if err := tx.checkParent(by.SessionID); err != nil {
			return err
		}
		if err := change(tx.SessionTx); err != nil {
			return err
		}
		return tx.endAll(user, by.SessionID, machine.PasswordChanged, by)
	})
}

func (t *tx) endAll(user store.ID, but store.SessionID, reason machine.EndReason, by By) error {
	devices, err := t.ofUser(user)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID == but {
			continue
		}
		if err := t.end(d, reason, by); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) end(d Session, reason machine.EndReason, by By) error {
	next, out := t.sessions.timers.Next(d.Table, machine.Input{Request: machine.End, Reason: reason}, t.now())
	if next == d.Table {
		return nil
	}
	d.Table = next
	err := t.Audit(household.AuditRecord{
		At: t.now(), Kind: string(out.Audit), UserID: d.UserID, SessionID: d.ID, By: by.Author, Network: by.Network,
		Detail: map[string]string{"reason": string(reason)},
	})
	if err != nil {
		return err
	}
	return t.put(&d)
}

// ChangeAccess notes that what a user may do has changed: row 19. Their streams
// are told, and access tokens of before are void.
func (s *Sessions) ChangeAccess(ctx context.Context, user store.ID) error {
	return s.update(ctx, func(tx *tx) error {
		devices, err := tx.ofUser(user)
		if err != nil || user == 0 {
			return err
		}
		for _, d := range devices {
			if _, _, err := tx.move(d, machine.Input{Request: machine.ChangeAccess}, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// CleanUp ends the sessions whose time is over, also of devices that never come
// again, drops identities that became nobody, and forgets what ended long ago:
// its name stays, for the history. The audit log is trimmed.
func (s *Sessions) CleanUp(ctx context.Context) error {
	now := s.Now()
	if err := s.noteClock(ctx); err != nil {
		return err
	}
	var due []store.SessionID
	err := s.store.EachSession(ctx, func(d household.DeviceSession) {
		read, err := load(d)
		if err != nil || s.isDue(read, now) { // a damaged one is looked at again in the transaction, which says so
			due = append(due, d.ID)
		}
	})
	if err != nil {
		return err
	}
	var failed error
	for _, id := range due { // one at a time: a transaction must not hold up others for long
		if err := s.cleanUp(ctx, id); err != nil {
			failed = errors.Join(failed, err) // one that is damaged is no reason to keep the others
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if s.clockSuspect() {
		return failed // by a wrong clock all of the audit log might look old
	}
	return errors.Join(failed, s.store.TrimAudit(ctx, household.KeptAudit))
}

func (s *Sessions) cleanUp(ctx context.Context, id store.SessionID) error {
	forgotten := false
	err := s.update(ctx, func(tx *tx) error {
		d, err := tx.session(id)
		if err != nil {
			return err
		}
		now := tx.now()
		if s.forgettable(d, now) {
			forgotten = true
			return tx.Forget(d.DeviceSession)
		}
		if s.dropped(d, now) {
			return tx.end(d, machine.Expired, By{})
		}
		_, _, err = tx.move(d, machine.Input{Request: machine.CleanUp, ClockSuspect: s.clockSuspect()}, "")
		return err
	})
	if forgotten && err == nil {
		s.drop(id)
	}
	if store.CodeOf(err) == store.CodeSessionInvalid {
		return nil // somebody else was quicker
	}
	return err
}

func (s *Sessions) isDue(d Session, now store.Timestamp) bool {
	in := machine.Input{Request: machine.CleanUp, ClockSuspect: s.clockSuspect()}
	next, _ := s.timers.Next(d.Table, in, now)
	return next != d.Table || s.forgettable(d, now) || s.dropped(d, now)
}

func (s *Sessions) forgettable(d Session, now store.Timestamp) bool {
	return d.EndedAt != 0 && now > after(d.EndedAt, s.timers.KeptEnded) && !s.clockSuspect()
}

// dropped tells whether an identity has waited for too long to become somebody.
// Who has asked an admin waits longer: as long as a session may be idle.
func (s *Sessions) dropped(d Session, now store.Timestamp) bool {
	return d.Pending != nil && d.EndedAt == 0 && now > d.Pending.DropAt && !s.clockSuspect()
}
