package auth

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/rs/zerolog"
	"golang.org/x/oauth2"
)

// OIDC signs in at an OpenID Connect provider: authorization code with PKCE,
// state and nonce, and a redirect address of its own for each provider, so that
// the code of one is never shown to another (RFC 9700 §4.4.2).
type OIDC struct {
	store    *household.Store
	limit    *limiter
	config   Provider
	provider *remote
	states   *waiting[authorization]
}

// authorization is a sign-in that has begun, by its state.
type authorization struct {
	origin   string // as the browser called us; the redirect address lies there
	loopback string // of the desktop that began; "" for the page
	binding  string // what only the browser or the desktop that began knows
	nonce    string
	verifier string // of PKCE
}

const authorizationLife = 10 * time.Minute

func newOIDC(s *household.Store, limit *limiter, config Provider, log zerolog.Logger) *OIDC {
	return &OIDC{
		store: s, limit: limit, config: config, provider: newRemote(config.Issuer, limit.now, log),
		states: newWaiting[authorization](limit.now, authorizationLife),
	}
}

// Listing: on also while the provider is down; only signing in there fails then.
func (m *OIDC) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: m.config.Name, Kind: "oidc", Title: m.config.Title}, true, nil
}

// Begin returns the address where a person signs in.
//
// Errors: besides those of Beginner, store.CodeInvalid for a redirect that is
// not this machine's, store.CodeServerUnreached while the provider is down.
func (m *OIDC) Begin(ctx context.Context, in api.Begin, from From) (api.Begun, error) {
	if in.Redirect != "" && !isLoopback(in.Redirect) {
		return api.Begun{}, store.Errorf(store.CodeInvalid, "redirect", "is http://127.0.0.1 or http://[::1], a port and a path")
	}
	p, err := m.provider.get(ctx)
	if err != nil {
		return api.Begun{}, err
	}
	state := newSecret()
	a := authorization{
		origin: from.Origin, loopback: in.Redirect, binding: newSecret(), nonce: newSecret(), verifier: oauth2.GenerateVerifier(),
	}
	if err := m.states.put(state, from.Address, a); err != nil {
		return api.Begun{}, err
	}
	return api.Begun{
		URL:   m.oauth(p, a).AuthCodeURL(state, oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)),
		State: state, Binding: a.binding, ExpiresInMs: authorizationLife.Milliseconds(),
	}, nil
}

// isLoopback tells whether an address is one of a program on the same machine as
// the browser (RFC 8252 §7.3).
func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Port() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback() && ip.Zone() == ""
}

func (m *OIDC) oauth(p *oidc.Provider, a authorization) *oauth2.Config {
	endpoint := p.Endpoint()
	endpoint.AuthStyle = authStyle(p)
	return &oauth2.Config{
		ClientID: m.config.ClientID, ClientSecret: m.config.ClientSecret, Endpoint: endpoint,
		RedirectURL: a.origin + "/api/auth/callback/" + m.config.Name,
		Scopes:      append([]string{oidc.ScopeOpenID}, slices.DeleteFunc(slices.Clone(m.config.Scopes), func(s string) bool { return s == oidc.ScopeOpenID })...),
	}
}

// authStyle is how the provider wants the client's secret. Trying both, as the
// library would, uses up the code of a strict provider.
func authStyle(p *oidc.Provider) oauth2.AuthStyle {
	var document struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if p.Claims(&document) == nil && slices.Contains(document.Methods, "client_secret_post") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// Loopback is where the desktop waits that has begun a sign-in; "" when it was
// the page, or nobody.
func (m *OIDC) Loopback(state string) string {
	a, _ := m.states.get(state)
	return a.loopback
}

// SignIn exchanges the code that the provider has handed to the browser.
func (m *OIDC) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	i, err := m.identity(ctx, login, from)
	if err != nil {
		return Somebody{}, err
	}
	return asSomebody(ctx, m.store, m.limit, i, from)
}

// Add makes it a way in which a user signs in.
func (m *OIDC) Add(ctx context.Context, _ store.ID, login api.Login, from From) (household.Method, error) {
	i, err := m.identity(ctx, login, from)
	return newMethod(i, login.Name, m.config.Title), err
}

func (m *OIDC) identity(ctx context.Context, login api.Login, from From) (household.Identity, error) {
	if err := m.limit.try(addressKey(from.Address)); err != nil {
		return household.Identity{}, err
	}
	a, ok := m.states.take(login.State, func(a authorization) bool { return same(a.binding, login.Binding) })
	if !ok || login.Code == "" {
		return household.Identity{}, failedFor("this sign-in was not begun here")
	}
	p, err := m.provider.get(ctx)
	if err != nil {
		return household.Identity{}, err
	}
	return m.exchange(ctx, p, a, login.Code)
}

// exchange gets the provider's statement for a code and checks it: signature,
// issuer, audience and time by the library, the nonce and for whom here.
func (m *OIDC) exchange(ctx context.Context, p *oidc.Provider, a authorization, code string) (household.Identity, error) {
	ctx, cancel := m.provider.context(ctx)
	defer cancel()
	token, err := m.oauth(p, a).Exchange(ctx, code, oauth2.VerifierOption(a.verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return household.Identity{}, failedFor("the provider refused the code: " + refused.ErrorCode)
	case err != nil:
		return household.Identity{}, errDown()
	}
	raw, _ := token.Extra("id_token").(string)
	statement, err := p.Verifier(&oidc.Config{ClientID: m.config.ClientID, Now: m.limit.now}).Verify(ctx, raw)
	if err != nil || !same(statement.Nonce, a.nonce) || statement.Subject == "" {
		return household.Identity{}, failedFor("the provider's statement does not hold")
	}
	var claims struct {
		Name      string `json:"name"`
		Preferred string `json:"preferred_username"`
		For       string `json:"azp"`
	}
	if err := statement.Claims(&claims); err != nil || claims.For != "" && claims.For != m.config.ClientID {
		return household.Identity{}, failedFor("the provider's statement is for another client") // §3.1.3.7
	}
	if claims.Name == "" {
		claims.Name = claims.Preferred
	}
	return household.Identity{
		Method: "oidc", Issuer: statement.Issuer, Subject: statement.Subject, DisplayName: Shown(claims.Name),
	}, nil
}
