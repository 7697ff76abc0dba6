package syncserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
)

// handler is a server behind a proxy at 192.0.2.1.
func handler(t *testing.T) http.Handler {
	t.Helper()
	clock := storetest.NewClock(servertest.Begin)
	s, err := syncserver.New(t.Context(), syncserver.Config{
		Dir: t.TempDir(), Demo: true, Log: zerolog.Nop(), Now: clock.Now,
		Hosts: []string{"Home.Example"}, TrustedProxies: []string{"192.0.2.1"},
		Methods: telegram().Methods,
	}, storetest.OpenWith(t, badgerkv.Options{Now: clock.Now}))
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler()
}

func answer(h http.Handler, method, path, body string, change func(*http.Request)) *http.Response {
	req := httptest.NewRequest(method, "http://home.example"+path, strings.NewReader(body))
	req.RemoteAddr = "192.0.2.1:999"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "test/1")
	if change != nil {
		change(req)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Result()
}

// cookieOf is the session's cookie of an answer. The mark beside it comes and
// goes with it, and is all that a page may read.
func cookieOf(t *testing.T, resp *http.Response) *http.Cookie {
	t.Helper()
	cookies := resp.Cookies()
	if len(cookies) != 2 || !cookies[0].HttpOnly || cookies[1].HttpOnly || cookies[1].Name != "inglenook-known" ||
		cookies[0].MaxAge != cookies[1].MaxAge {
		t.Fatalf("cookies %v with status %d", cookies, resp.StatusCode)
	}
	return cookies[0]
}

const login = `{"name":"Anna","kind":"browser"}`

// Behind a proxy that is trusted and says so, the browser's connection is
// encrypted, and its cookie is for such connections only.
func TestCookiesBehindAProxy(t *testing.T) {
	h := handler(t)
	https := func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }
	c := cookieOf(t, answer(h, "POST", "/api/auth/login/demo", login, https))
	if !strings.HasPrefix(c.Name, "__Host-inglenook-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("behind a trusted proxy: %s", c)
	}
	with := func(r *http.Request) { https(r); r.AddCookie(c) }
	if resp := answer(h, "GET", "/api/auth/session", "", with); resp.StatusCode != http.StatusOK {
		t.Errorf("and back: %d", resp.StatusCode)
	}
	stranger := func(r *http.Request) { https(r); r.RemoteAddr = "198.51.100.7:999" }
	if c := cookieOf(t, answer(h, "POST", "/api/auth/login/demo", login, stranger)); c.Secure || strings.HasPrefix(c.Name, "__Host") {
		t.Errorf("anybody can say so: %s", c)
	}
}

// Signing out takes the cookie away; a sign-in that fails leaves the session one
// has.
func TestSigningOut(t *testing.T) {
	h := handler(t)
	c := cookieOf(t, answer(h, "POST", "/api/auth/login/demo", login, nil))
	with := func(r *http.Request) { r.AddCookie(c) }
	if resp := answer(h, "POST", "/api/auth/login/demo", `{"name":"Ben","kind":"toaster"}`, with); resp.StatusCode != http.StatusUnprocessableEntity || len(resp.Cookies()) != 0 {
		t.Errorf("a kind that is none: %d %v", resp.StatusCode, resp.Cookies())
	}
	if resp := answer(h, "GET", "/api/auth/session", "", with); resp.StatusCode != http.StatusOK {
		t.Errorf("after a sign-in that failed: %d", resp.StatusCode)
	}
	if c := cookieOf(t, answer(h, "POST", "/api/auth/logout", "{}", with)); c.MaxAge >= 0 {
		t.Errorf("the cookie stays: %s", c)
	}
}

// Counters are for the machine itself, not for whoever comes through its proxy.
func TestMetricsAreLocal(t *testing.T) {
	h := handler(t)
	local := func(r *http.Request) { r.RemoteAddr = "127.0.0.1:999" }
	through := func(r *http.Request) { local(r); r.Header.Set("X-Forwarded-For", "198.51.100.7") }
	if resp := answer(h, "GET", "/metrics", "", local); resp.StatusCode != http.StatusOK {
		t.Errorf("here: %d", resp.StatusCode)
	}
	if resp := answer(h, "GET", "/metrics", "", through); resp.StatusCode != http.StatusNotFound {
		t.Errorf("through a proxy here: %d", resp.StatusCode)
	}
}

// What cannot be the name of a kind has no history, and is no error of ours.
func TestHistoryOfNoKind(t *testing.T) {
	h := handler(t)
	c := cookieOf(t, answer(h, "POST", "/api/auth/login/demo", login, nil))
	for _, kind := range []string{strings.Repeat("k", 2000), "%ff", "li%00st", "Ä"} {
		resp := answer(h, "GET", "/api/history/"+kind+"/5", "", func(r *http.Request) { r.AddCookie(c) })
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%.20s: %d", kind, resp.StatusCode)
		}
	}
	for _, after := range []string{"zzz/5", "aaa/5"} {
		resp := answer(h, "GET", "/api/entities?kind=list&after="+after, "", func(r *http.Request) { r.AddCookie(c) })
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("lists behind %s: %d", after, resp.StatusCode)
		}
	}
}

// What was begun is bound to the browser by a cookie that over TLS no other host
// can set, and that is read again.
func TestTheBindingBehindAProxy(t *testing.T) {
	for proto, name := range map[string]string{"https": "__Host-inglenook-state", "http": "inglenook-state"} {
		h := handler(t)
		over := func(req *http.Request) { req.Header.Set("X-Forwarded-Proto", proto) }
		begun := answer(h, http.MethodPost, "/api/auth/begin/telegram", `{}`, over)
		cookies := begun.Cookies()
		if len(cookies) != 1 || cookies[0].Name != name || cookies[0].Secure != (proto == "https") || cookies[0].Path != "/" ||
			!cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Domain != "" {
			t.Fatalf("%s: %d %v", proto, begun.StatusCode, cookies)
		}
		var out api.Begun
		if err := json.UnmarshalRead(begun.Body, &out); err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(api.Login{State: out.State, Telegram: widget(botToken, servertest.Begin, "77")})
		if err != nil {
			t.Fatal(err)
		}
		for _, with := range []bool{false, true} {
			in := answer(h, http.MethodPost, "/api/auth/login/telegram", string(body), func(req *http.Request) {
				over(req)
				if with {
					req.AddCookie(cookies[0])
				}
			})
			if (in.StatusCode == http.StatusOK) != with {
				t.Errorf("%s, with the cookie %t: %d", proto, with, in.StatusCode)
			}
		}
	}
}
