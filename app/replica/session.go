package replica

import (
	"context"
	"errors"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// Session is what was last heard of this device's session; ok is false when
// nothing was.
func (r *Replica) Session() (s api.Session, ok bool) { return r.status.session() }

// ended says what a connection has ended with, and returns when another one is
// to begin.
func (r *Replica) ended(ctx context.Context, server *client.Client, err error, pause *backoff) {
	switch {
	case errors.Is(err, errOver):
		// The session has moved on, and this device with it: nothing was lost. Or it
		// has ended, and the next request is told why.
	case needsSignIn(err):
		r.status.change(func(v *view) { v.phase, v.busy, v.refusal = signIn, false, refusalOf(err) })
		r.cfg.Log.Info().Str("code", string(store.CodeOf(err))).Msg("session is over")
		r.awaitChange(ctx, server)
	case store.CodeOf(err) == store.CodeAccountMissing:
		// Somebody has to let this person in; nobody tells when that is done.
		r.status.change(func(v *view) { v.phase, v.refusal = connecting, refusalOf(err) })
		r.await(ctx, pause.next(err))
	default:
		r.status.change(func(v *view) { v.phase, v.busy, v.refusal = unreached, false, refusal{} })
		r.cfg.Log.Debug().Err(err).Msg("connection ended")
		r.await(ctx, pause.next(err))
	}
}

// leastPause is between two renewals at least, whatever the server says.
const leastPause = time.Second

// keepAlive renews the session whenever its next value is due: the stream alone
// would not, and a device that is never closed would be signed out for being
// idle. It never returns nil.
func (r *Replica) keepAlive(ctx context.Context, server *client.Client, s api.Session) (err error) {
	for {
		due := time.Duration(s.RotatesInMs) * time.Millisecond
		if err := r.cfg.Sleep(ctx, max(due, leastPause)); err != nil {
			return err
		}
		if err := server.Renew(ctx); err != nil {
			return err
		}
		if s, err = server.Session(ctx); err != nil {
			return err
		}
	}
}

// needsSignIn tells that the session cannot go on by itself.
func needsSignIn(err error) bool {
	switch store.CodeOf(err) { //nolint:exhaustive // all others are not about the session
	case store.CodeSessionMissing, store.CodeSessionInvalid, store.CodeSessionEnded, store.CodeSessionExpired,
		store.CodeSessionTaken, store.CodeSessionDenied, store.CodeSessionReverify, store.CodeSessionProofRequired:
		return true
	}
	return false
}
