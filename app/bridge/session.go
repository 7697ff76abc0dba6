package bridge

import (
	"net/http"

	"inglenook/store"
)

func signedOut() error {
	return store.Errorf(store.CodeSessionMissing, "", "this device has joined no household")
}

func (b *Bridge) getSession(*http.Request) (any, error) {
	session, ok := b.cfg.Device.Session()
	if !ok {
		return nil, signedOut()
	}
	return session, nil
}

// getAccount answers with the user as it is shown, which may be newer than what
// the session says.
func (b *Bridge) getAccount(r *http.Request) (any, error) {
	session, ok := b.cfg.Device.Session()
	if !ok {
		return nil, signedOut()
	}
	e, _, err := b.cfg.Replica.Device().Get(r.Context(), store.Ref{Kind: "user", ID: session.User.ID})
	if store.CodeOf(err) == store.CodeNotFound {
		return session.User, nil
	}
	return e, err
}

func (b *Bridge) logout(r *http.Request) (any, error) {
	return nil, b.cfg.Device.Leave(r.Context(), false)
}
