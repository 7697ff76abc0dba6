package auth

import (
	"context"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Demo lets everybody be anybody, to try Inglenook. Only in a demo household.
type Demo struct{ store *household.Store }

// Listing names whom one can be.
func (m *Demo) Listing(ctx context.Context, _ From) (api.Method, bool, error) {
	users, err := m.store.Users(ctx, access.Person{Level: access.Admin})
	if err != nil {
		return api.Method{}, false, err
	}
	listing := api.Method{Name: "demo", Kind: "demo"}
	for _, u := range users {
		listing.Users = append(listing.Users, api.DemoUser{
			Name: u.String("name"), Access: u.String("access"), Color: u.String("color"), Avatar: u.String("avatar"),
		})
	}
	return listing, len(users) > 0, nil
}

// SignIn takes the name as it is.
func (m *Demo) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	user, err := m.store.UserByName(ctx, login.Name)
	if store.CodeOf(err) == store.CodeNotFound {
		return Somebody{}, failed()
	}
	if err != nil {
		return Somebody{}, err
	}
	c, err := m.store.Credential(ctx, user.ID)
	if err != nil {
		return Somebody{}, err
	}
	return Somebody{UserID: user.ID, Revision: c.Revision}, m.store.Audit(ctx, from.signedIn(user.ID, "demo"))
}
