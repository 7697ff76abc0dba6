// Package auth holds the sign-in methods, one file each.
package auth

import (
	"context"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Method is one way to sign in.
type Method interface {
	// Listing says how the method presents itself; on is false while it cannot
	// be used.
	Listing(ctx context.Context) (listing api.Method, on bool, err error)

	// SignIn returns the user somebody has proved to be.
	//
	// Errors: store.CodeSignInFailed, never saying what was wrong;
	// store.CodeRateLimited; store.CodeMethodOff.
	SignIn(ctx context.Context, login api.Login, address string) (store.ID, error)
}

// Methods is the explicit list of a server's methods.
type Methods struct {
	SetUp    *SetUp
	Password *Password
	Demo     *Demo // nil unless switched on
}

// NewMethods returns the methods of a store.
func NewMethods(s *household.Store, demo bool, now Now) *Methods {
	passwords := NewPassword(s, now)
	m := &Methods{SetUp: NewSetUp(s, passwords), Password: passwords}
	if demo {
		m.Demo = &Demo{store: s}
	}
	return m
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
func (m *Methods) Listings(ctx context.Context) ([]api.Method, error) {
	out := []api.Method{}
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx)
		if err != nil {
			return nil, err
		}
		if on {
			out = append(out, listing)
		}
	}
	return out, nil
}

// SignIn signs in by the method of a name. Errors: those of Method.SignIn, and
// store.CodeMethodOff for one that is off or unknown.
func (m *Methods) SignIn(ctx context.Context, name string, login api.Login, address string) (store.ID, error) {
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx)
		if err != nil {
			return 0, err
		}
		if on && listing.Name == name {
			return method.SignIn(ctx, login, address)
		}
	}
	return 0, store.Errorf(store.CodeMethodOff, "method", "this sign-in method is not switched on here")
}

func failed() error {
	return store.Errorf(store.CodeSignInFailed, "", "the name or the secret is wrong")
}
