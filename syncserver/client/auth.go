package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"

	"github.com/go-json-experiment/json"
)

// Methods returns the sign-in methods that are on.
func (c *Client) Methods(ctx context.Context) (m api.Methods, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/auth/methods", nil, nil, &m)
	return m, err
}

// Login signs in and returns a client with the new session, which is bound to no
// key: whoever has its value has it. For scripts.
//
// Errors: store.CodeSignInFailed, CodeMethodOff, CodeRateLimited, and those of
// every request.
func (c *Client) Login(ctx context.Context, method string, login api.Login) (*Client, api.SignedIn, error) {
	return c.LoginWithKey(ctx, method, login, nil, nil)
}

// LoginWithKey is Login with a session bound to the key of the device, which
// never travels. keep stores what the session goes on with later; the value of
// the answer is the caller's to store.
func (c *Client) LoginWithKey(ctx context.Context, method string, login api.Login, signer *proof.Signer, keep Keeper) (*Client, api.SignedIn, error) {
	if login.Kind == "" {
		login.Kind = "desktop"
	}
	if signer != nil && login.Level == 0 {
		login.Level = 1
	}
	made := &credentials{Credentials: Credentials{Signer: signer, Keep: keep}}
	in, err := c.bind(ctx, signer, "", "/api/auth/login/"+url.PathEscape(method), login)
	if err != nil {
		return nil, in, err
	}
	made.Instance, made.Value, made.access = in.Session.Instance.ID, in.Value, in.AccessToken
	signedIn := *c
	signedIn.credentials = made
	return &signedIn, in, nil
}

// Rebind signs in once more as the user of this session, whose device key is
// lost, and binds the session to a new key: it stays the same device. What the
// session goes on with is in the answer, and the caller's to store.
//
// Errors: store.CodeSignInFailed, also for another user, and those of a session
// that is over.
func (c *Client) Rebind(ctx context.Context, method string, login api.Login, signer *proof.Signer) (api.SignedIn, error) {
	if c.credentials == nil {
		return api.SignedIn{}, store.Errorf(store.CodeSessionMissing, "", "there is no session to bind")
	}
	c.credentials.mu.Lock()
	shown := c.credentials.shown()
	c.credentials.mu.Unlock()
	in, err := c.bind(ctx, signer, shown, "/api/auth/rebind/"+url.PathEscape(method), login)
	if in.Value == "" {
		in.Value = shown
	}
	return in, err
}

// bind sends a sign-in with the proof of a new key, and the value of the session
// that it is about, "" for a new one.
func (c *Client) bind(ctx context.Context, signer *proof.Signer, value, path string, login api.Login) (in api.SignedIn, err error) {
	anonymous := *c
	anonymous.credentials = nil
	signed := ""
	if signer != nil {
		if signed, err = anonymous.register(ctx, signer, path); err != nil {
			return in, err
		}
	}
	answer, err := anonymous.do(ctx, func() (*http.Request, error) {
		req, err := anonymous.newRequest(ctx, http.MethodPost, path, nil, login, "application/json")
		if err != nil {
			return nil, err
		}
		if signed != "" {
			req.Header.Set(api.HeaderProof, signed)
		}
		if value != "" {
			req.Header.Set("Authorization", "Bearer "+value)
		}
		return req, nil
	})
	if err != nil {
		return in, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode/100 != 2 {
		return in, problem(answer)
	}
	raw, err := readAll(answer.Body)
	if err != nil {
		return in, unreached(ctx, err)
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return in, fmt.Errorf("read the answer to POST %s: %w", path, err)
	}
	return in, nil
}

// register is the proof of a new key, with a nonce that the server gives for it.
func (c *Client) register(ctx context.Context, signer *proof.Signer, path string) (string, error) {
	resp, err := c.send(ctx, http.MethodGet, "/api/auth/methods", nil, nil, "application/json")
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := readAll(resp.Body)
	if err != nil {
		return "", unreached(ctx, err)
	}
	var methods api.Methods
	if err := json.Unmarshal(raw, &methods); err != nil {
		return "", unreached(ctx, err)
	}
	return signer.Sign(proof.Claims{
		Method: http.MethodPost, Path: path, Audience: methods.Instance, Nonce: resp.Header.Get(api.HeaderNonce),
	}, true)
}

// Begin takes the first step of a method that has two. Only what is added to an
// account needs a session.
func (c *Client) Begin(ctx context.Context, method string, in api.Begin) (begun api.Begun, err error) {
	err = c.ask(ctx, http.MethodPost, "/api/auth/begin/"+url.PathEscape(method), nil, in, &begun)
	return begun, err
}

// Logout ends this session.
func (c *Client) Logout(ctx context.Context) error {
	if c.credentials == nil {
		return nil
	}
	s := c.credentials
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 3 { // once for a nonce, once with it, once for a value that was handed out meanwhile
		_, err := c.step(ctx, "/api/auth/logout", api.Recover{})
		if code := store.CodeOf(err); code != store.CodeSessionProofRequired && code != store.CodeSessionSuperseded {
			return err
		}
	}
	return store.Errorf(store.CodeServerUnreached, "", "the session could not be ended")
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
