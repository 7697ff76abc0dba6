package app

import (
	"context"
	"runtime"
	"slices"
	"time"

	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/api"
)

// Methods returns the sign-in methods of a server.
//
// Errors: store.CodeInvalid for what is no address, store.CodeServerUnreached.
func (a *App) Methods(ctx context.Context, url string) (api.Methods, error) {
	server, err := a.dial(url, "")
	if err != nil {
		return api.Methods{}, err
	}
	defer server.Close()
	return server.Methods(ctx)
}

// Join signs in at a server. Signing in again to the household this device has
// joined keeps everything; what was written before the device joined any goes
// there. Another household, or another person, must be left first.
//
// Errors: store.CodeForbidden when something else was joined, and those of
// signing in.
func (a *App) Join(ctx context.Context, in api.Join) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	server, err := a.dial(in.URL, "")
	if err != nil {
		return err
	}
	defer server.Close()
	in.Login.Kind = "desktop"
	if in.Login.Device == "" {
		in.Login.Device = a.cfg.Name
	}
	if in.Login.Platform == "" {
		in.Login.Platform = runtime.GOOS
	}
	signedIn, answer, err := server.Login(ctx, in.Method, in.Login)
	if err != nil {
		return err
	}
	if err := a.fits(ctx, answer.Session); err != nil {
		// The new session is of no use: end it, and say why.
		_ = signedIn.Logout(ctx)
		return err
	}
	return a.take(account.Account{URL: server.URL(), Value: answer.Value, Session: answer.Session})
}

// fits tells whether a session belongs to what this device holds.
func (a *App) fits(ctx context.Context, session api.Session) error {
	kept, ok := a.present()
	if !ok || kept.Session.Instance.ID == session.Instance.ID && kept.Session.User.ID == session.User.ID {
		return nil
	}
	if kept.Session.Instance.ID != session.Instance.ID {
		return store.Errorf(store.CodeForbidden, "url", "this device belongs to another household: leave that first")
	}
	// Another person of the same household sees other things.
	waiting, parked, err := a.replica.Device().Waiting(ctx)
	if err != nil {
		return err
	}
	if waiting+parked > 0 {
		return errUnsent(waiting, parked)
	}
	return a.replica.Clear(ctx)
}

// Start starts a household on this device and joins it as its admin.
//
// Errors: store.CodeForbidden when a household was joined already.
func (a *App) Start(ctx context.Context, in api.Start) error {
	if _, ok := a.present(); ok {
		return store.Errorf(store.CodeForbidden, "", "this device belongs to a household: leave that first")
	}
	if err := a.host.Start(ctx, in.Demo); err != nil {
		return err
	}
	join := api.Join{URL: a.host.URL(), Method: "setup", Login: api.Login{
		Code: a.host.SetUpCode(), Household: in.Household, Name: in.Name, Password: in.Password,
	}}
	if join.Login.Code == "" {
		methods, err := a.Methods(ctx, join.URL)
		if err != nil {
			return err
		}
		join.Method, join.Login = demoLogin(methods, in)
	}
	return a.Join(ctx, join)
}

// demoLogin is how to get into a household that has people already: as the one
// that was named, or an admin, in a demo; else with the password.
func demoLogin(methods api.Methods, in api.Start) (string, api.Login) {
	for _, method := range methods.Methods {
		if method.Name != "demo" {
			continue
		}
		admin := ""
		for _, user := range slices.Backward(method.Users) {
			if user.Name == in.Name {
				return "demo", api.Login{Name: in.Name}
			}
			if user.Access == "admin" {
				admin = user.Name
			}
		}
		return "demo", api.Login{Name: admin}
	}
	return "password", api.Login{Name: in.Name, Password: in.Password}
}

// signOutTime is how long the server may take to hear of a sign-out.
const signOutTime = 3 * time.Second

// Leave signs this device out and forgets the household. The session is ended on
// the server when it can be reached.
//
// Errors: store.CodeForbidden while something is unsent, unless discard.
func (a *App) Leave(ctx context.Context, discard bool) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	kept, ok := a.present()
	if !ok {
		return nil
	}
	waiting, parked, err := a.replica.Device().Waiting(ctx)
	if err != nil {
		return err
	}
	if waiting+parked > 0 && !discard {
		return errUnsent(waiting, parked)
	}
	if server := a.replica.Server(); server != nil {
		limited, cancel := context.WithTimeout(ctx, signOutTime)
		defer cancel()
		if err := server.Logout(limited); err != nil {
			a.cfg.Log.Info().Str("code", string(store.CodeOf(err))).Msg("server was not told of the sign-out")
		}
	}
	if err := a.keeper.Remove(kept.Session.ID); err != nil {
		return err
	}
	a.mu.Lock()
	a.account = nil
	a.mu.Unlock()
	return a.replica.Clear(ctx)
}
