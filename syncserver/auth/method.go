// Package auth holds the sign-in methods, one file each.
package auth

import (
	"context"
	"slices"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Now is the clock.
type Now func() time.Time

// From says where a request comes from.
type From struct {
	Address   string   // network address of the client
	Origin    string   // scheme://host[:port] as the client called us
	Encrypted bool     // the client's connection is, as far as we know
	UserID    store.ID // of the session it comes with; 0 for somebody who signs in
}

// Somebody is who has signed in. UserID is 0 for an identity nobody of the
// household has yet.
type Somebody struct {
	UserID   store.ID
	Identity household.Identity
}

// Method is one way to sign in.
type Method interface {
	// Listing says how the method presents itself; on is false while it cannot
	// be used from there.
	Listing(ctx context.Context, from From) (listing api.Method, on bool, err error)

	// SignIn returns who somebody has proved to be. What proves it once only is
	// used up: call it when everything else about the request is right.
	//
	// Errors: store.CodeSignInFailed, never saying what was wrong;
	// store.CodeRateLimited; store.CodeMethodOff; store.CodeSignInPending.
	SignIn(ctx context.Context, login api.Login, from From) (Somebody, error)
}

// Beginner is a method with a step before signing in.
type Beginner interface {
	// Begin returns what the client needs for SignIn.
	Begin(ctx context.Context, in api.Begin, from From) (api.Begun, error)
}

// Methods is the explicit list of a server's methods.
type Methods struct {
	SetUp    *SetUp
	Password *Password
	Demo     *Demo // nil unless switched on

	off []string
}

// Options are what methods are made of.
type Options struct {
	Config
	Demo bool
	Now  Now
}

// NewMethods returns the methods of a store.
func NewMethods(s *household.Store, o Options) (*Methods, error) {
	passwords := NewPassword(s, o.Now)
	m := &Methods{SetUp: NewSetUp(s, passwords), Password: passwords, off: o.Off}
	if o.Demo {
		m.Demo = &Demo{store: s}
	}
	return m, nil
}

// all lists the methods in the order they are offered.
func (m *Methods) all() []Method {
	methods := []Method{m.SetUp, m.Password}
	if m.Demo != nil {
		methods = append(methods, m.Demo)
	}
	return methods
}

// Listings returns the methods that are on.
func (m *Methods) Listings(ctx context.Context, from From) ([]api.Method, error) {
	out := []api.Method{}
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx, from)
		if err != nil {
			return nil, err
		}
		if on && !slices.Contains(m.off, listing.Name) {
			out = append(out, listing)
		}
	}
	return out, nil
}

// find returns the method of a name. Errors: store.CodeMethodOff for one that is
// off or unknown.
func (m *Methods) find(ctx context.Context, name string, from From) (Method, error) {
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx, from)
		if err != nil {
			return nil, err
		}
		if on && listing.Name == name && !slices.Contains(m.off, name) {
			return method, nil
		}
	}
	return nil, methodOff()
}

func methodOff() error {
	return store.Errorf(store.CodeMethodOff, "method", "this sign-in method is not switched on here")
}

// SignIn signs in by the method of a name. Errors: those of Method.SignIn, and
// store.CodeMethodOff for one that is off or unknown.
func (m *Methods) SignIn(ctx context.Context, name string, login api.Login, from From) (Somebody, error) {
	method, err := m.find(ctx, name, from)
	if err != nil {
		return Somebody{}, err
	}
	return method.SignIn(ctx, login, from)
}

// Begin takes the first step of the method of a name. Errors:
// store.CodeMethodOff also for a method that has none.
func (m *Methods) Begin(ctx context.Context, name string, in api.Begin, from From) (api.Begun, error) {
	method, err := m.find(ctx, name, from)
	if err != nil {
		return api.Begun{}, err
	}
	beginner, ok := method.(Beginner)
	if !ok {
		return api.Begun{}, methodOff()
	}
	return beginner.Begin(ctx, in, from)
}

func failed() error {
	return store.Errorf(store.CodeSignInFailed, "", "the name or the secret is wrong")
}
