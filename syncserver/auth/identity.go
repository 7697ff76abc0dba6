package auth

import (
	"context"
	"net/url"

	"inglenook/store"
	"inglenook/store/household"
)

// asSomebody finds whose identity it is: a user's, or nobody's yet. Both are a
// sign-in, and recorded as one; but strangers, whom a provider has many of, stay
// counted against their address.
func asSomebody(ctx context.Context, s *household.Store, limit *limiter, i household.Identity, from From) (Somebody, error) {
	user, method, err := s.UserByIdentity(ctx, i)
	switch {
	case store.CodeOf(err) == store.CodeNotFound:
		return Somebody{Identity: i}, s.Audit(ctx, from.signedIn(0, i.Method))
	case err != nil:
		return Somebody{}, err
	}
	if from.another(user) {
		return Somebody{}, failedFor(notTheirs)
	}
	limit.succeeded(addressKey(from.Address))
	asIs := func(*household.Method) error { return nil }
	revision, err := s.UseMethod(ctx, user, method.ID, asIs, from.signedIn(user, i.Method))
	return Somebody{UserID: user, Identity: i, Revision: revision}, err
}

// newMethod is an identity as a way to sign in. The user's own name for it, or
// what they are called there, tells it from others.
func newMethod(i household.Identity, name, title string) household.Method {
	if name == "" {
		if name = title; i.DisplayName != "" {
			name += " · " + i.DisplayName
		}
	}
	return household.Method{Kind: household.MethodIdentity, Name: name, Identity: &i}
}

// titleOf is what an identity's origin is called without knowing its provider's
// title.
func titleOf(i household.Identity) string {
	if i.Method == "telegram" {
		return "Telegram"
	}
	u, err := url.Parse(i.Issuer)
	if err != nil {
		return i.Method
	}
	return u.Hostname()
}
