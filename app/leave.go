package app

import (
	"context"
	"time"

	"inglenook/app/account"
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/client"
)

// Leave signs the active person out and forgets what is here of theirs; the next
// one, if any, becomes active. The session is ended on the server when it can be
// reached.
//
// Errors: store.CodeForbidden while something is unsent, unless discard.
func (a *App) Leave(ctx context.Context, discard bool) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	s, kept, ok := a.present()
	if !ok {
		return nil
	}
	if err := a.mayLeave(ctx, discard); err != nil {
		return err
	}
	a.endSession(ctx, s, kept)
	// The store goes before the account: a crash between the two leaves nothing
	// that the next person could take for theirs.
	err := a.rise(ctx)
	if err == nil {
		err = a.erase(s.folder)
	}
	if err == nil {
		err = a.keeper.Remove(kept.Session.ID)
	}
	var next store.SessionID
	if err == nil {
		next, err = a.settle()
	}
	if err == nil {
		err = a.sit(ctx, next)
	}
	if err != nil {
		a.fail(err)
	}
	return err
}

// mayLeave refuses what would lose something.
func (a *App) mayLeave(ctx context.Context, discard bool) error {
	return a.With(ctx, func(ctx context.Context, at *replica.Replica) error {
		waiting, parked, err := at.Device().Waiting(ctx)
		if err == nil && waiting+parked > 0 && !discard {
			err = errUnsent(waiting, parked)
		}
		return err
	})
}

// endSession ends a session that is not used here any more, when the server can
// be told.
func (a *App) endSession(ctx context.Context, s *seat, kept account.Account) {
	if s != nil && s.values != nil && s.values.present().Session.ID == kept.Session.ID {
		if server := s.replica.Server(); server != nil {
			a.tellSignOut(ctx, server)
			s.values.close()
			return
		}
		s.values.close()
	}
	loaded, _, err := a.keeper.Load(kept.Session.ID)
	if err != nil {
		return // nobody has its value any more
	}
	server, err := a.dial(loaded, nil)
	if err != nil {
		return
	}
	defer server.Close()
	a.tellSignOut(ctx, server)
}

// signOutTime is how long the server may take to hear of a sign-out.
const signOutTime = 3 * time.Second

func (a *App) tellSignOut(ctx context.Context, server *client.Client) {
	ctx, cancel := context.WithTimeout(ctx, signOutTime)
	defer cancel()
	if err := server.Logout(ctx); err != nil {
		a.cfg.Log.Info().Str("code", string(store.CodeOf(err))).Msg("server was not told of the sign-out")
	}
}

// errUnsent refuses what would lose something.
func errUnsent(waiting, parked int) error {
	return store.Errorf(store.CodeForbidden, "discard",
		"%d own changes have not reached the server and %d it did not take: they would be lost", waiting, parked)
}
