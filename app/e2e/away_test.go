package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// provider stands before a server and adds a method that goes on in the
// browser, as the contract has it: who brings "code of Anna" is Anna.
type provider struct {
	*httptest.Server
	begun atomic.Value // where the last one that began is sent back to
}

const (
	providerState   = "state-1"
	providerBinding = "binding-1"
)

func newProvider(t *testing.T, behind *servertest.Server) *provider {
	t.Helper()
	p := &provider{}
	target, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/auth/begin/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		var in api.Begin
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &in); err != nil {
			t.Errorf("begin: %v", err)
		}
		p.begun.Store(in.Redirect)
		_, _ = io.WriteString(w, `{"url":"https://elsewhere.example/authorize","state":"`+providerState+`","binding":"`+providerBinding+`","expiresInMs":600000}`)
	})
	mux.HandleFunc("POST /api/auth/begin/pairing", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"code":"ABCD-EFGH","secret":"s","expiresInMs":600000,"intervalMs":1000}`)
	})
	mux.HandleFunc("POST /api/auth/login/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		var in api.Login
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &in); err != nil {
			t.Errorf("login: %v", err)
		}
		name, ok := strings.CutPrefix(in.Code, "code of ")
		if !ok || in.State != providerState || in.Binding != providerBinding || r.Header.Get(api.HeaderProof) == "" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write(api.ProblemOf(store.Errorf(store.CodeSignInFailed, "", "not begun here")).JSON())
			return
		}
		_, answer, err := behind.Anonymous(t).Login(t.Context(), "demo", api.Login{Name: name, Kind: "desktop", Device: in.Device})
		if err != nil {
			t.Errorf("login: %v", err)
		}
		raw, err = json.Marshal(answer)
		if err != nil {
			t.Errorf("login: %v", err)
		}
		_, _ = w.Write(raw)
	})
	mux.Handle("/", &httputil.ReverseProxy{
		FlushInterval: -1, // a stream is passed on as it comes
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

func (p *provider) redirect() string { return p.begun.Load().(string) }

// comesBack does what the browser does after the provider, and returns the page.
func comesBack(t *testing.T, address string, query url.Values, want int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "de-DE,de;q=0.9")
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		t.Fatalf("the browser gets %d %s (%v), want %d", resp.StatusCode, page, err, want)
	}
	return string(page)
}

// signin polls until the person is not away any more.
func (p *page) signin() (now api.Signin) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if p.ask(http.StatusOK, "GET", "/api/local/signin", nil, &now); now.State != "away" {
			return now
		}
	}
	p.t.Fatal("nobody came back")
	return now
}

func (p *page) begin(in api.Beginning) (begun api.Begun) {
	p.t.Helper()
	p.ask(http.StatusOK, "POST", "/api/local/begin", in, &begun)
	return begun
}

func TestSignInElsewhere(t *testing.T) {
	behind := servertest.Start(t, servertest.Options{})
	server := newProvider(t, behind)
	p := newPage(newDevice(t, "A", behind.Clock.Now))
	p.online()
	if now := p.signin(); now.State != "none" {
		t.Errorf("at first: %+v", now)
	}
	beginning := api.Beginning{URL: server.URL, Method: "elsewhere", Login: &api.Login{}}
	begun := p.begin(beginning)
	if begun.URL == "" || begun.Binding != "" {
		t.Errorf("begun: %+v", begun)
	}
	// What does not belong to this sign-in does not end it.
	comesBack(t, server.redirect(), url.Values{"code": {"code of Ben"}, "state": {"another"}}, http.StatusNotFound)
	comesBack(t, strings.TrimSuffix(server.redirect(), "/signed-in"), url.Values{"state": {providerState}}, http.StatusNotFound)
	shown := comesBack(t, server.redirect(), url.Values{"code": {"code of Anna"}, "state": {providerState}}, http.StatusOK)
	if !strings.Contains(shown, "geschlossen") || strings.Contains(shown, "<script") {
		t.Errorf("the browser shows %s", shown)
	}
	if now := p.signin(); now.State != "joined" || now.Problem != nil {
		t.Fatalf("afterwards: %+v", now)
	}
	p.synced(0)
	if session, _ := p.Session(); session.User.String("shortName") != "Anna" {
		t.Errorf("signed in as %v", session.User)
	}
	if _, err := http.Get(server.redirect()); err == nil { //nolint:bodyclose,noctx // there is nobody
		t.Error("the device still listens")
	}

	// For the page to use: a step-up.
	beginning = api.Beginning{Method: "elsewhere"}
	p.begin(beginning)
	comesBack(t, server.redirect(), url.Values{"code": {"code of Anna"}, "state": {providerState}}, http.StatusOK)
	now := p.signin()
	if now.State != "back" || now.Login == nil || now.Login.Code != "code of Anna" || now.Login.Binding != providerBinding {
		t.Errorf("handed to the page: %+v", now)
	}
	if again := p.signin(); again.State != "none" {
		t.Errorf("told twice: %+v", again)
	}
}

func TestSignInElsewhereFails(t *testing.T) {
	behind := servertest.Start(t, servertest.Options{})
	server := newProvider(t, behind)
	p := newPage(newDevice(t, "A", behind.Clock.Now))
	for _, code := range []string{"", "forged"} {
		p.begin(api.Beginning{URL: server.URL, Method: "elsewhere", Login: &api.Login{}})
		comesBack(t, server.redirect(), url.Values{"code": {code}, "state": {providerState}}, http.StatusOK)
		if now := p.signin(); now.State != "failed" || now.Problem == nil || now.Problem.Code != store.CodeSignInFailed {
			t.Errorf("with the code %q: %+v", code, now)
		}
	}
	p.begin(api.Beginning{URL: server.URL, Method: "elsewhere", Login: &api.Login{}})
	p.ask(http.StatusNoContent, "DELETE", "/api/local/signin", nil, nil)
	if now := p.signin(); now.State != "none" {
		t.Errorf("given up: %+v", now)
	}
	if begun := p.begin(api.Beginning{URL: server.URL, Method: "pairing"}); begun.Code == "" || p.signin().State != "none" {
		t.Errorf("what needs no browser: %+v, %+v", begun, p.signin())
	}
	p.ask(http.StatusNotFound, "POST", "/api/local/begin", api.Beginning{URL: behind.URL, Method: "nothing"}, nil)
	p.ask(http.StatusUnauthorized, "POST", "/api/local/begin", api.Beginning{Method: "elsewhere"}, nil)
}
