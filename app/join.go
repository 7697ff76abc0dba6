package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"runtime"

	"inglenook/app/account"
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/proof"
)

// anonymous is a client of a server that this device has not signed in at.
func (a *App) anonymous(url string) (*client.Client, error) {
	return a.dial(account.Account{URL: url}, nil)
}

// Methods returns the sign-in methods of a server.
//
// Errors: store.CodeInvalid for what is no address, store.CodeServerUnreached.
func (a *App) Methods(ctx context.Context, url string) (api.Methods, error) {
	server, err := a.anonymous(url)
	if err != nil {
		return api.Methods{}, err
	}
	defer server.Close()
	return server.Methods(ctx)
}

// Join signs in at a server with a new device key. Signing in again as somebody
// who is here keeps everything, and a session whose key is lost stays the same
// one; what was written before the device joined any household goes to the first.
// Somebody else takes the active person's place, or with Login.Add comes to be
// here beside them. Another household must be left first.
//
// Errors: store.CodeForbidden when something else was joined, or something of
// who is to be replaced is unsent; and those of signing in.
func (a *App) Join(ctx context.Context, in api.Join) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	server, err := a.anonymous(in.URL)
	if err != nil {
		return err
	}
	defer server.Close()
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	signer, err := proof.NewEd25519(seed)
	if err != nil {
		return err
	}
	in.Login = a.describe(in.Login)
	kept := account.Account{URL: server.URL(), Seed: seed}
	if before, ok := a.unbound(ctx, kept.URL, in.Login.Add); ok {
		return a.rebind(ctx, in, signer, before, kept)
	}
	signedIn, answer, err := server.LoginWithKey(ctx, in.Method, in.Login, signer, nil)
	if err != nil {
		return err
	}
	kept.Value, kept.Session = answer.Value, answer.Session
	from, err := a.place(ctx, &kept, in.Login.Add)
	if err != nil {
		// The new session is of no use: end it, and say why.
		a.tellSignOut(ctx, signedIn)
		return err
	}
	return a.take(ctx, kept, from)
}

// describe says what signs in.
func (a *App) describe(login api.Login) api.Login {
	login.Kind, login.Level, login.Version = "desktop", 1, a.cfg.Version
	if a.keeper.Protected() {
		login.Level = 2
	}
	if login.Device == "" {
		login.Device = a.cfg.Name
	}
	if login.Platform == "" {
		login.Platform = runtime.GOOS
	}
	return login
}

// unbound is the client of the active session when all it needs is a new key.
func (a *App) unbound(ctx context.Context, url string, add bool) (before *client.Client, ok bool) {
	_, kept, ok := a.present()
	if !ok || add || kept.URL != url {
		return nil, false
	}
	err := a.With(ctx, func(ctx context.Context, at *replica.Replica) error {
		status, err := at.Status(ctx)
		reason := store.Code(status.Reason)
		ok = status.State == "sign-in" && (reason == store.CodeSessionReverify || reason == store.CodeSessionDenied)
		before = at.Server()
		return err
	})
	return before, ok && err == nil
}

// rebind binds the active session to a new key.
func (a *App) rebind(ctx context.Context, in api.Join, signer *proof.Signer, before *client.Client, kept account.Account) error {
	answer, err := before.Rebind(ctx, in.Method, in.Login, signer)
	if err != nil {
		return err
	}
	s, present, _ := a.present()
	kept.Folder, kept.Value, kept.Session = present.Folder, answer.Value, answer.Session
	s.values.close()
	if err := a.keeper.Save(kept); err != nil {
		return err
	}
	return a.use(s, kept, nil)
}

// place decides whose store a new session goes on with, and returns the account
// that it takes the place of; its session is 0 when it takes nobody's.
func (a *App) place(ctx context.Context, kept *account.Account, add bool) (from account.Account, err error) {
	all := a.keeper.List()
	if len(all) > 0 && all[0].Session.Instance.ID != kept.Session.Instance.ID {
		return from, store.Errorf(store.CodeForbidden, "url", "this device belongs to another household: leave that first")
	}
	for _, here := range all {
		if here.Session.User.ID == kept.Session.User.ID && kept.Session.Pending == nil {
			kept.Folder, kept.Waiting = here.Folder, here.Waiting
			return here, nil
		}
	}
	_, present, ok := a.present()
	if !ok || add {
		kept.Folder, err = a.newFolder()
		return from, err
	}
	if kept.Session.Pending != nil {
		return from, store.Errorf(store.CodeForbidden, "method", "nobody of this household signs in like this")
	}
	// Another person of the same household sees other things.
	kept.Folder = present.Folder
	if err := a.mayLeave(ctx, false); err != nil {
		return from, err
	}
	return present, a.With(ctx, func(ctx context.Context, at *replica.Replica) error { return at.Clear(ctx) })
}

// take keeps an account and makes it the active one, in the place of another:
// whatever is done when the device crashes, settle knows.
func (a *App) take(ctx context.Context, kept, from account.Account) error {
	s, _, _ := a.present()
	if err := a.keeper.Save(kept); err != nil {
		return err
	}
	if err := a.keeper.Activate(kept.Session.ID); err != nil {
		return err
	}
	if from.Session.ID != 0 && from.Session.ID != kept.Session.ID {
		a.endSession(ctx, s, from)
		if err := a.keeper.Remove(from.Session.ID); err != nil {
			return err
		}
	}
	if s != nil && s.folder == kept.Folder {
		return a.use(s, kept, nil)
	}
	return a.move(ctx)
}
