package httpapi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver"
	"inglenook/syncserver/httpapi"
)

// connection notes the deadlines it is given.
type connection struct {
	*httptest.ResponseRecorder
	read, write time.Time
	unwatched   int // bytes written without a deadline
}

func (c *connection) SetReadDeadline(at time.Time) error  { c.read = at; return nil }
func (c *connection) SetWriteDeadline(at time.Time) error { c.write = at; return nil }

func (c *connection) Write(b []byte) (int, error) {
	if c.write.IsZero() {
		c.unwatched += len(b)
	}
	return c.ResponseRecorder.Write(b)
}

// Who sends or reads slowly holds no connection for ever, on no path: not where
// a body is read, nor where nobody wants it and net/http reads it to its end.
func TestSlowClientsAreCut(t *testing.T) {
	w := build(t, nil)
	_, bearer := w.signIn("token")
	paths := map[string]string{"/": "GET", "/nothing": "POST", "/api/health": "TRACE"}
	for _, route := range httpapi.Routes() {
		if route.Path != "/api/event" { // has no end; see below
			paths[pathOf(route)] = route.Method
		}
	}
	for path, method := range paths {
		for _, header := range []string{"", "Authorization: Bearer " + bearer, "Origin: https://evil.example", "Host: evil.example"} {
			c := &connection{ResponseRecorder: httptest.NewRecorder()}
			req := httptest.NewRequestWithContext(t.Context(), method, "http://home.example"+path, io.NopCloser(strings.NewReader("{}")))
			set(req, "Content-Type", "application/json")
			set(req, "Inglenook-Client", "test/1")
			set(req, "", header)
			w.handler.ServeHTTP(c, req)
			if c.read.IsZero() {
				t.Errorf("%s %s, %s: %d: the body has no deadline", method, path, header, c.Code)
			}
			if c.unwatched > 0 {
				t.Errorf("%s %s, %s: %d: %d bytes are written without a deadline", method, path, header, c.Code, c.unwatched)
			}
		}
	}
}

// Headers and bodies have an end, and what is in them is not too deep, wherever
// they are sent.
func TestRequestsAreBounded(t *testing.T) {
	s, bounded := build(t, nil), 0
	for _, route := range httpapi.Routes() {
		if !unsafe(route.Method) {
			continue
		}
		_, bearer := s.signIn("token") // the last route may have ended one
		limit := httpapi.MaxBody
		if route.Path == "/api/replacements" {
			limit = httpapi.MaxBatchBody
		}
		ask := func(body string, change func(*http.Request)) (*http.Response, store.Code) {
			req := s.request(route.Method, pathOf(route), body)
			set(req, "Content-Type", "application/json")
			set(req, "Inglenook-Client", "test/1")
			set(req, "Authorization", "Bearer "+bearer)
			if change != nil {
				change(req)
			}
			resp, answer := s.send(req)
			return resp, codeOf(answer)
		}
		if resp, _ := ask("", func(r *http.Request) { r.Header.Set("X-Long", strings.Repeat("x", 32<<10)) }); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s %s: headers of 32 KiB: %d", route.Method, route.Path, resp.StatusCode)
		}
		if resp, _ := ask("", func(r *http.Request) { r.URL.RawQuery = strings.Repeat("x", 32<<10) }); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s %s: an address of 32 KiB: %d", route.Method, route.Path, resp.StatusCode)
		}
		if _, code := ask("{", nil); code != store.CodeMalformed {
			continue // it reads no body
		}
		bounded++
		before := s.state()
		if _, code := ask(strings.Repeat("[", 100)+strings.Repeat("]", 100), nil); code != store.CodeMalformed {
			t.Errorf("%s %s: 100 levels: %s", route.Method, route.Path, code)
		}
		// Little more than the limit, that the answer comes before the rest of the
		// body is in its way.
		if resp, code := ask(strings.Repeat(" ", limit+1), nil); code != store.CodeTooLarge {
			t.Errorf("%s %s: %d bytes: %d %s", route.Method, route.Path, limit+1, resp.StatusCode, code)
		}
		if resp, code := ask(strings.Repeat(" ", limit+1), func(r *http.Request) { r.ContentLength = -1 }); code != store.CodeTooLarge {
			t.Errorf("%s %s: %d bytes in chunks: %d %s", route.Method, route.Path, limit+1, resp.StatusCode, code)
		}
		s.unchanged(before, "%s %s", route.Method, route.Path)
	}
	if bounded < 3 {
		t.Errorf("only %d routes read a body", bounded)
	}
}

// A session may have six streams, and waiting requests among them; the seventh
// is told to wait, and has its place as soon as another is free. Other sessions
// are not touched by it.
func TestStreamsOfASession(t *testing.T) {
	w := build(t, nil)
	_, bearer := w.signIn("token")
	_, other := w.signIn("token")
	open := func(path, bearer string) (*http.Response, store.Code) {
		t.Helper()
		req := w.request(http.MethodGet, path, "")
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusOK {
			return resp, ""
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return resp, codeOf(body)
	}
	var streams []*http.Response
	for i := range httpapi.DefaultSessionStreams {
		resp, code := open("/api/event", bearer)
		if code != "" {
			t.Fatalf("stream %d: %d %s", i+1, resp.StatusCode, code)
		}
		streams = append(streams, resp)
	}
	for range 2 {
		if resp, code := open("/api/event", bearer); resp.StatusCode != http.StatusTooManyRequests || code != store.CodeRateLimited {
			t.Errorf("the seventh: %d %s", resp.StatusCode, code)
		}
	}
	waiting := "/api/changes?wait=25&after=" + w.server.Store().Head().String()
	if resp, code := open(waiting, bearer); code != store.CodeRateLimited {
		t.Errorf("a seventh that waits: %d %s", resp.StatusCode, code)
	}
	if resp, code := open("/api/last-event-id", bearer); code != "" {
		t.Errorf("what does not wait: %d %s", resp.StatusCode, code)
	} else {
		_ = resp.Body.Close()
	}
	resp, code := open("/api/event", other)
	if code != "" {
		t.Fatalf("another session's: %d %s", resp.StatusCode, code)
	}
	_ = resp.Body.Close()
	_ = streams[0].Body.Close()
	deadline := time.Now().Add(20 * time.Second)
	for code = store.CodeRateLimited; code == store.CodeRateLimited && time.Now().Before(deadline); {
		if resp, code = open("/api/event", bearer); code == "" {
			streams[0] = resp
		}
	}
	if code != "" {
		t.Errorf("a place that became free: %s", code)
	}
	for _, resp := range streams {
		_ = resp.Body.Close()
	}
}

// Nobody may say for others who they are or how they have come, unless the
// configuration trusts them.
func TestNoProxyIsTrusted(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		w := build(t, func(c *syncserver.Config) {
			if trusted {
				c.TrustedProxies = []string{"127.0.0.1"}
			}
		})
		forwarded := func(r *http.Request, from string) *http.Request {
			set(r, "X-Forwarded-For", from)
			set(r, "X-Real-Ip", from)
			set(r, "X-Forwarded-Proto", "https")
			set(r, "Content-Type", "application/json")
			set(r, "Inglenook-Client", "test/1")
			return r
		}
		resp, body := w.send(forwarded(w.request(http.MethodGet, "/api/auth/methods", ""), "198.51.100.1"))
		if bytes.Contains(body, []byte(`"encrypted":true`)) != trusted {
			t.Errorf("trusted %t: %s", trusted, body)
		}
		if (resp.Header.Get("Strict-Transport-Security") != "") != trusted {
			t.Errorf("trusted %t: %v", trusted, resp.Header)
		}
		resp, _ = w.send(forwarded(w.request(http.MethodPost, "/api/auth/login/demo", `{"name":"Anna","kind":"browser"}`), "198.51.100.1"))
		for _, c := range resp.Cookies() {
			if c.Secure != trusted || strings.HasPrefix(c.Name, "__Host-") != trusted && c.HttpOnly {
				t.Errorf("trusted %t: cookie %s, secure %t", trusted, c.Name, c.Secure)
			}
		}
		if len(resp.Cookies()) == 0 {
			t.Error("no cookie")
		}
		// Many names from as many addresses are one client, unless a proxy says so.
		limited := false
		for i := range 32 {
			login := fmt.Sprintf(`{"name":"nobody %d","password":"wrong password","kind":"token"}`, i)
			resp, body := w.send(forwarded(w.request(http.MethodPost, "/api/auth/login/password", login), fmt.Sprintf("198.51.%d.1", i)))
			limited = limited || codeOf(body) == store.CodeRateLimited
			if codeOf(body) == store.CodeRateLimited && resp.Header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After is %q: %s", resp.Header.Get("Retry-After"), body)
			}
		}
		if limited == trusted {
			t.Errorf("trusted %t: limited %t", trusted, limited)
		}
	}
}
