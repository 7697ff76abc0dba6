package app

import (
	"context"
	"slices"

	"inglenook/store"
	"inglenook/syncserver/api"
)

// Start starts a household on this device and joins it as its admin.
//
// Errors: store.CodeForbidden when a household was joined already.
func (a *App) Start(ctx context.Context, in api.Start) error {
	if _, _, ok := a.present(); ok {
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
