package syncserver_test

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/servertest"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
	"github.com/rs/zerolog"
)

// provider is an OpenID Connect provider that asks nobody for a password.
type provider struct {
	*mockoidc.MockOIDC
	t    *testing.T
	name string
}

// newProvider starts a provider, on an address of its own or a given one.
func newProvider(t *testing.T, name, address string) *provider {
	t.Helper()
	m, err := mockoidc.NewServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	m.ClientID, m.ClientSecret = "inglenook", "hush-hush-"+name
	m.FastForward(time.Until(servertest.Begin))
	t.Cleanup(func() { _ = m.Shutdown() })
	return &provider{m, t, name}
}

func (p *provider) config() auth.Provider {
	return auth.Provider{
		Name: p.name, Title: "Provider " + p.name, Issuer: p.Issuer(), ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: []string{"profile"},
	}
}

// person is who sits at the provider, and what it says of them.
type person struct {
	mockoidc.MockUser
	change func(*mockoidc.IDTokenClaims)
}

func (u *person) Claims(scopes []string, claims *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	if u.change != nil {
		u.change(claims)
	}
	return u.MockUser.Claims(scopes, claims)
}

// authorize follows the address of begin, as the browser of a person would, and
// returns where the provider sends it.
func (p *provider) authorize(address string, who *person) *url.URL {
	p.t.Helper()
	p.QueueUser(who)
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		p.t.Fatalf("%d: %v", resp.StatusCode, err)
	}
	return to
}

// back follows the provider's redirect to our callback and returns what the page,
// or whoever waits elsewhere, is handed.
func (b *browser) back(to *url.URL) (where string, login api.Login) {
	b.t.Helper()
	b.must(http.MethodGet, to.RequestURI(), nil, nil)
	if b.last.StatusCode != http.StatusSeeOther || b.last.Header.Get("Cache-Control") != "no-store" {
		b.t.Errorf("callback: %d %v", b.last.StatusCode, b.last.Header)
	}
	where, handed, _ := strings.Cut(b.last.Header.Get("Location"), "?")
	query, err := url.ParseQuery(handed)
	if err != nil {
		b.t.Fatal(err)
	}
	return where, api.Login{Code: query.Get("code"), State: query.Get("state")}
}

// through goes through a provider, up to the body of the login.
func (b *browser) through(p *provider, who *person) api.Login {
	b.t.Helper()
	where, login := b.back(p.authorize(b.begin(p.name, api.Begin{}).URL, who))
	if where != "/#/callback/"+p.name {
		b.t.Errorf("handed to %s", where)
	}
	return login
}

func carla() *person {
	return &person{MockUser: mockoidc.MockUser{Subject: "carla-1", PreferredUsername: "carla@work", Email: "anna@example.com"}}
}

func TestOIDC(t *testing.T) {
	p := newProvider(t, "corner", "127.0.0.1:0")
	s, anna := founded(t, servertest.Options{Methods: auth.Config{OIDC: []auth.Provider{p.config()}}})
	b := anna.other()

	begun := b.begin("corner", api.Begin{})
	asked, err := url.Parse(begun.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := asked.Query()
	if q.Get("redirect_uri") != b.url+"/api/auth/callback/corner" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" ||
		q.Get("nonce") == "" || q.Get("state") != begun.State || q.Get("scope") != "openid profile" || begun.Binding != "" {
		t.Errorf("%+v", begun)
	}
	_, login := b.back(p.authorize(begun.URL, carla()))
	session, code := b.login("corner", login)
	if code != "" || session.Pending == nil || session.Pending.DisplayName != "carla@work" || session.Pending.Method != "oidc" {
		t.Fatalf("%q %+v", code, session)
	}
	if code := b.ask(http.MethodGet, "/api/users", nil, nil); code != store.CodeAccountMissing {
		t.Errorf("what a household is, to somebody who is nobody in it: %q", code)
	}
	if _, code := b.login("corner", login); code != store.CodeSignInFailed {
		t.Errorf("shown again: %q", code)
	}

	// Anna adds it to her account, and signs in with it.
	here := &person{MockUser: mockoidc.MockUser{Subject: "anna-7", PreferredUsername: "anna@work"}}
	var added api.AccountMethod
	anna.must(http.MethodPost, "/api/auth/account/methods/corner", anna.through(p, here), &added)
	if added.Kind != "oidc" || added.Name != "Provider corner · anna@work" {
		t.Errorf("%+v", added)
	}
	if session, code := b.login("corner", b.through(p, here)); code != "" || session.User.String("name") != "Anna" {
		t.Errorf("%q %+v", code, session)
	}
	ben := anna.invited("Ben", "member")
	if code := ben.ask(http.MethodPost, "/api/auth/account/methods/corner", ben.through(p, here), nil); code != store.CodeNameTaken {
		t.Errorf("Anna's identity as Ben's: %q", code)
	}
	for _, one := range []*browser{anna, b, ben} {
		one.noSecrets(s, p.ClientSecret)
	}
}

func TestOIDCRefuses(t *testing.T) {
	p, other := newProvider(t, "corner", "127.0.0.1:0"), newProvider(t, "market", "127.0.0.1:0")
	s, anna := founded(t, servertest.Options{Methods: auth.Config{OIDC: []auth.Provider{p.config(), other.config()}}})
	says := func(change func(*mockoidc.IDTokenClaims)) func(b *browser) api.Login {
		return func(b *browser) api.Login {
			who := carla()
			who.change = change
			return b.through(p, who)
		}
	}
	for _, tt := range []struct {
		name string
		do   func(b *browser) api.Login
	}{
		{"a state nobody was given", func(b *browser) api.Login {
			login := b.through(p, carla())
			login.State = strings.Repeat("A", 26)
			return login
		}},
		{"what another browser began", func(*browser) api.Login { return anna.other().through(p, carla()) }},
		{"a guessed binding", func(*browser) api.Login {
			login := anna.other().through(p, carla())
			login.Binding = strings.Repeat("A", 26)
			return login
		}},
		{"the code of another authorization", func(b *browser) api.Login {
			stolen := anna.other().through(p, carla())
			login := b.through(p, carla())
			login.Code = stolen.Code
			return login
		}},
		{"the code of another provider", func(b *browser) api.Login {
			foreign := anna.other().through(other, carla())
			login := b.through(p, carla())
			login.Code = foreign.Code
			return login
		}},
		{"what was begun at another provider", func(b *browser) api.Login { return b.through(other, carla()) }},
		{"a code that is none", func(b *browser) api.Login {
			login := b.through(p, carla())
			login.Code = "x"
			return login
		}},
		{"no code", func(b *browser) api.Login {
			login := b.through(p, carla())
			login.Code = ""
			return login
		}},
		{"too late", func(b *browser) api.Login {
			login := b.through(p, carla())
			s.Clock.Advance(10*time.Minute + time.Second)
			p.FastForward(10*time.Minute + time.Second)
			return login
		}},
		{"a nonce of its own", says(func(c *mockoidc.IDTokenClaims) { c.Nonce = "chosen" })},
		{"no nonce", says(func(c *mockoidc.IDTokenClaims) { c.Nonce = "" })},
		{"another issuer", says(func(c *mockoidc.IDTokenClaims) { c.Issuer = other.Issuer() })},
		{"for another client", says(func(c *mockoidc.IDTokenClaims) { c.Audience = jwt.ClaimStrings{"somebody-else"} })},
		{"of yesterday", says(func(c *mockoidc.IDTokenClaims) {
			c.ExpiresAt = jwt.NewNumericDate(s.Clock.Now().Add(-time.Minute))
		})},
		{"of nobody", says(func(c *mockoidc.IDTokenClaims) { c.Subject = "" })},
	} {
		b := anna.other()
		login, before := tt.do(b), len(audited(t, s, "signin.failed"))
		if _, code := b.login("corner", login); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", tt.name, code)
		}
		if b.ask(http.MethodGet, "/api/auth/session", nil, nil) == "" {
			t.Errorf("%s: there is a session", tt.name)
		}
		if len(audited(t, s, "signin.failed")) != before+1 {
			t.Errorf("%s: no record", tt.name)
		}
		s.Clock.Advance(time.Second)
	}
	// Whoever has seen a state cannot spoil it for the browser that began.
	b := anna.other()
	login := b.through(p, carla())
	if _, code := anna.other().login("corner", login); code != store.CodeSignInFailed {
		t.Errorf("seen over a shoulder: %q", code)
	}
	if _, code := b.login("corner", login); code != "" {
		t.Errorf("and then the one who began: %q", code)
	}
	b.noSecrets(s, p.ClientSecret)
}

// journal is a log that is read while the server goes on.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// A provider that is down is not there; everything else is.
func TestOIDCProviderIsDown(t *testing.T) {
	p := newProvider(t, "corner", "127.0.0.1:0")
	config, address := p.config(), p.Server.Addr
	if err := p.Shutdown(); err != nil {
		t.Fatal(err)
	}
	var logs journal
	s, anna := founded(t, servertest.Options{Log: zerolog.New(&logs), Methods: auth.Config{OIDC: []auth.Provider{config}}})
	b := anna.other()
	if code := b.ask(http.MethodPost, "/api/auth/begin/corner", api.Begin{}, nil); code != store.CodeServerUnreached {
		t.Errorf("%q", code)
	}
	if told := logs.String(); !strings.Contains(told, config.Issuer) || strings.Contains(told, config.ClientSecret) {
		t.Errorf("whoever runs the server reads:\n%s", told)
	}
	var methods api.Methods
	b.must(http.MethodGet, "/api/auth/methods", nil, &methods)
	if _, code := b.login("password", api.Login{Name: "Anna", Password: password}); code != "" {
		t.Errorf("with a password: %q", code)
	}
	p = newProvider(t, "corner", address)
	if code := b.ask(http.MethodPost, "/api/auth/begin/corner", api.Begin{}, nil); code != store.CodeServerUnreached {
		t.Errorf("it is left alone for a while: %q", code)
	}
	s.Clock.Advance(10 * time.Second)
	if _, code := b.login("corner", b.through(p, carla())); code != "" {
		t.Errorf("up again: %q", code)
	}
}

// A desktop is handed the code on its own machine, and there only.
func TestOIDCOfADesktop(t *testing.T) {
	p := newProvider(t, "corner", "127.0.0.1:0")
	_, anna := founded(t, servertest.Options{Methods: auth.Config{OIDC: []auth.Provider{p.config()}}})
	b := anna.other()
	for _, redirect := range []string{
		"https://127.0.0.1:5000/", "http://127.0.0.1/", "http://evil.example:5000/", "http://127.0.0.1.evil.example:5000/", "http://localhost:5000/",
		"http://a@127.0.0.1:5000/", "http://127.0.0.1:5000/?code=x", "http://127.0.0.1:5000/#x", "//127.0.0.1:5000/", "javascript:alert(1)",
	} {
		if code := b.ask(http.MethodPost, "/api/auth/begin/corner", api.Begin{Redirect: redirect}, nil); code != store.CodeInvalid {
			t.Errorf("%s: %q", redirect, code)
		}
	}
	begun := b.begin("corner", api.Begin{Redirect: "http://127.0.0.1:5000/signed-in"})
	if begun.Binding == "" || b.last.Header.Get("Set-Cookie") != "" {
		t.Errorf("%+v", begun)
	}
	where, login := anna.back(p.authorize(begun.URL, carla())) // the system browser is another one
	if where != "http://127.0.0.1:5000/signed-in" {
		t.Errorf("handed to %s", where)
	}
	if _, code := b.login("corner", login); code != store.CodeSignInFailed {
		t.Errorf("without the binding: %q", code)
	}
	login.Binding = begun.Binding
	if session, code := b.login("corner", login); code != "" || session.Pending == nil {
		t.Errorf("%q %+v", code, session)
	}
	if code := b.ask(http.MethodGet, "/api/auth/callback/nowhere?code=x&state=y", nil, nil); code != store.CodeMethodOff {
		t.Errorf("no such provider: %q", code)
	}
	b.must(http.MethodGet, "/api/auth/callback/corner?error=access_denied&state=unknown&next=https://evil.example", nil, nil)
	if to := b.last.Header.Get("Location"); to != "/#/callback/corner?error=access_denied&state=unknown" {
		t.Errorf("handed to %s", to)
	}
}
