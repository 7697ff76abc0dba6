package client

import (
	"context"
	"net/http"

	"inglenook/store"
	"inglenook/syncserver/api"
)

// Methods returns the sign-in methods that are on.
func (c *Client) Methods(ctx context.Context) (m api.Methods, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/auth/methods", nil, nil, &m)
	return m, err
}

// Login signs in and returns a client with the new session.
//
// Errors: store.CodeSignInFailed, CodeMethodOff, CodeRateLimited, and those of
// every request.
func (c *Client) Login(ctx context.Context, method string, login api.Login) (*Client, api.SignedIn, error) {
	if login.Kind == "" {
		login.Kind = "desktop"
	}
	var in api.SignedIn
	if err := c.ask(ctx, http.MethodPost, "/api/auth/login/"+method, nil, login, &in); err != nil {
		return nil, in, err
	}
	signedIn := *c
	signedIn.value = in.Value
	return &signedIn, in, nil
}

// Logout ends this session.
func (c *Client) Logout(ctx context.Context) error {
	return c.ask(ctx, http.MethodPost, "/api/auth/logout", nil, struct{}{}, nil)
}

// Session returns this session as its client may know it.
func (c *Client) Session(ctx context.Context) (s api.Session, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/auth/session", nil, nil, &s)
	return s, err
}

// ChangePassword gives the user of this session a password. old is empty when
// there is none yet.
func (c *Client) ChangePassword(ctx context.Context, old, password string) error {
	return c.ask(ctx, http.MethodPatch, "/api/auth/account", nil, api.AccountPatch{OldPassword: old, NewPassword: password}, nil)
}

// Sessions returns all devices of the user of this session.
func (c *Client) Sessions(ctx context.Context) (devices []api.Device, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/auth/sessions", nil, nil, &devices)
	return devices, err
}

// EndSession ends the session of one device of this user.
func (c *Client) EndSession(ctx context.Context, id store.SessionID) error {
	return c.ask(ctx, http.MethodDelete, "/api/auth/sessions/"+store.ID(id).String(), nil, nil, nil)
}
