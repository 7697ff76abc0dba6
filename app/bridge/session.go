package bridge

import (
	"net/http"

	"inglenook/app/replica"
	"inglenook/store"
)

func signedOut() error {
	return store.Errorf(store.CodeSessionMissing, "", "this device has joined no household")
}

// getSession answers with what was last heard. One that nobody of the household
// has yet has no stream that would tell when that changes: the server is asked.
func (b *Bridge) getSession(r *http.Request, at *replica.Replica) (any, error) {
	session, ok := b.cfg.Device.Session()
	if !ok {
		return nil, signedOut()
	}
	server := at.Server()
	if session.Pending == nil || server == nil {
		return session, nil
	}
	now, err := server.Session(r.Context())
	switch {
	case store.CodeOf(err) == store.CodeServerUnreached:
		return session, nil
	case err == nil && now.Pending == nil:
		at.SyncNow() // it has been let in
	}
	return now, err
}

// getAccount answers with the user as it is shown, which may be newer than what
// the session says.
func (b *Bridge) getAccount(r *http.Request, at *replica.Replica) (any, error) {
	session, ok := b.cfg.Device.Session()
	if !ok {
		return nil, signedOut()
	}
	e, _, err := at.Device().Get(r.Context(), store.Ref{Kind: "user", ID: session.User.ID})
	if store.CodeOf(err) == store.CodeNotFound {
		return session.User, nil
	}
	return e, err
}

// postAccount gives the session a user, and then there is something to exchange.
func (b *Bridge) postAccount(r *http.Request, at *replica.Replica) (any, error) {
	answer, err := b.forward(r, at)
	at.SyncNow()
	return answer, err
}

func (b *Bridge) logout(r *http.Request) (any, error) {
	return nil, b.cfg.Device.Leave(r.Context(), false)
}
