package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/httpapi"
	"inglenook/syncserver/servertest"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wall is a server with the demo household whose store can be looked at.
type wall struct {
	*testing.T
	server  *syncserver.Server
	handler http.Handler
	url     string
	dir     string
	db      kv.DB
	clock   *storetest.Clock
	through http.RoundTripper
}

func build(t *testing.T, change func(*syncserver.Config)) *wall {
	t.Helper()
	clock := storetest.NewClock(servertest.Begin)
	db := storetest.OpenWith(t, badgerkv.Options{Now: clock.Now})
	config := syncserver.Config{Dir: t.TempDir(), Demo: true, Version: "test", Now: clock.Now, Log: zerolog.Nop(), Hosts: []string{"home.example"}}
	if change != nil {
		change(&config)
	}
	server, err := syncserver.New(t.Context(), config, db)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &wall{
		T: t, server: server, handler: server.Handler(), url: "http://" + listener.Addr().String(), dir: config.Dir,
		db: db, clock: clock, through: http.DefaultTransport,
	}
}

// state is all there is in the store, entities, sessions, audit log, but for the
// server's clock.
func (w *wall) state() map[string]string {
	w.Helper()
	all := map[string]string{}
	if err := w.db.View(w.Context(), func(r kv.Reader) error {
		for pair, err := range r.Scan(nil, nil) {
			if err != nil {
				return err
			}
			all[string(pair.Key)] = string(pair.Value)
		}
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	delete(all, "mclock")
	return all
}

// unchanged fails when the store is not what it was, and says what differs.
func (w *wall) unchanged(before map[string]string, format string, args ...any) {
	w.Helper()
	after := w.state()
	if maps.Equal(before, after) {
		return
	}
	w.Errorf(format+" has changed something", args...)
	for key, value := range after {
		if before[key] != value {
			w.Logf("%q was %.300q, is %.300q", key, before[key], value)
		}
	}
	for key, value := range before {
		if _, kept := after[key]; !kept {
			w.Logf("%q was %.300q, is gone", key, value)
		}
	}
}

// signIn signs in as Anna, a browser or a program, and returns what is to be
// sent as Cookie and as Authorization.
func (w *wall) signIn(kind string) (cookie, bearer string) {
	w.Helper()
	req := w.request(http.MethodPost, "/api/auth/login/demo", fmt.Sprintf(`{"name":"Anna","kind":%q}`, kind))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "test/1")
	resp, body := w.send(req)
	if resp.StatusCode != http.StatusOK {
		w.Fatalf("sign in: %d %s", resp.StatusCode, body)
	}
	for _, c := range resp.Cookies() {
		cookie += c.Name + "=" + c.Value + "; "
	}
	var in struct {
		Value  string         `json:"value"`
		Access string         `json:"accessToken"`
		Rest   map[string]any `json:",embed"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		w.Fatal(err)
	}
	if in.Access == "" {
		in.Access = in.Value
	}
	// That a session was used at all is noted once.
	req = w.request(http.MethodGet, "/api/auth/session", "")
	if kind == "browser" {
		req.Header.Set("Cookie", cookie)
	} else {
		req.Header.Set("Authorization", "Bearer "+in.Access)
	}
	if resp, body := w.send(req); resp.StatusCode != http.StatusOK {
		w.Fatalf("first use: %d %s", resp.StatusCode, body)
	}
	return strings.TrimSuffix(cookie, "; "), in.Access
}

func (w *wall) request(method, path, body string) *http.Request {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	return req
}

// send reads an answer to its end, or a little of a stream.
func (w *wall) send(req *http.Request) (*http.Response, []byte) {
	w.Helper()
	resp, err := w.through.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	var from io.Reader = resp.Body
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		from = io.LimitReader(from, 1)
	}
	body, err := io.ReadAll(from)
	if err != nil {
		w.Fatal(err)
	}
	return resp, body
}

func codeOf(body []byte) store.Code {
	var p struct {
		Code store.Code     `json:"code"`
		Rest map[string]any `json:",embed"`
	}
	_ = json.Unmarshal(body, &p) // no problem has no code
	return p.Code
}

// pathOf is a path of a route, with things that are there.
func pathOf(r gin.RouteInfo) string {
	return strings.NewReplacer(":kind", "list", ":id", "1", ":method", "demo").Replace(r.Path)
}

func unsafe(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// trait is a value of a header, "" for none, and whether the walls let it pass.
type trait struct {
	name, value string
	passes      bool
}

// Every unsafe route × origin × content type × client header × what shows the
// session: whatever a page of another site, a form or a stranger can send is
// refused, and has changed nothing.
func TestRefusedRequestsChangeNothing(t *testing.T) {
	w := build(t, nil)
	cookie, _ := w.signIn("browser")
	_, bearer := w.signIn("token")
	origins := []trait{
		{"no origin", "", true},
		{"our origin", w.url, true},
		{"another site", "https://evil.example", false},
		{"another port", "http://127.0.0.1:1", false},
		{"a file", "null", false},
		{"cross-site", "Sec-Fetch-Site: cross-site", false},
		{"same-site", "Sec-Fetch-Site: same-site", false},
	}
	types := []trait{
		{"JSON", "application/json; charset=utf-8", true},
		{"no type", "", false},
		{"text", "text/plain", false},
		{"a form", "application/x-www-form-urlencoded", false},
		{"a form with files", "multipart/form-data; boundary=x", false},
		{"nearly JSON", "application/json-patch+json", false},
	}
	clients := []trait{{"our header", "test/1", true}, {"no header", "", false}}
	shown := []trait{{"no session", "", false}, {"cookie", "Cookie: " + cookie, true}, {"bearer", "Authorization: Bearer " + bearer, true}}
	hosts := []trait{{"our host", "", true}, {"another host", "evil.example", false}}

	routes, asked := 0, 0
	for _, route := range httpapi.Routes() {
		if !unsafe(route.Method) {
			continue
		}
		routes++
		open := opens(w, route)
		before := w.state()
		for _, traits := range product(origins, types, clients, shown, hosts) {
			origin, media, client, session, host := traits[0], traits[1], traits[2], traits[3], traits[4]
			var walls []store.Code // those it runs into, each of which may answer
			for _, wall := range []struct {
				stands bool
				code   store.Code
			}{
				{!origin.passes || !host.passes && origin.value == w.url, store.CodeOrigin},
				{!host.passes, store.CodeHost},
				{!client.passes, store.CodeOrigin},
				{!media.passes, store.CodeContentType},
				{!session.passes && !open, store.CodeSessionMissing},
			} {
				if wall.stands {
					walls = append(walls, wall.code)
				}
			}
			if walls == nil {
				continue // it may pass: what it does is for other tests
			}
			asked++
			req := w.request(route.Method, pathOf(route), `{}`)
			for i, header := range []string{"Origin", "Content-Type", "Inglenook-Client", "", "Host"} {
				set(req, header, traits[i].value)
			}
			resp, body := w.send(req)
			if got := codeOf(body); !slices.Contains(walls, got) || len(resp.Cookies()) > 0 || resp.StatusCode < 400 {
				t.Errorf("%s %s, %s, %s, %s, %s, %s: %d %s %v instead of %s", route.Method, route.Path,
					origin.name, media.name, client.name, session.name, host.name, resp.StatusCode, body, resp.Cookies(), walls)
			}
		}
		w.unchanged(before, "%s %s: a request that was refused", route.Method, route.Path)
	}
	if routes < 5 {
		t.Errorf("only %d unsafe routes", routes)
	}
	t.Logf("%d unsafe routes, %d requests", routes, asked)
}

// product is every combination of one of each.
func product(of ...[]trait) (all [][]trait) {
	all = [][]trait{nil}
	for _, traits := range of {
		var longer [][]trait
		for _, some := range all {
			for _, one := range traits {
				longer = append(longer, append(slices.Clone(some), one))
			}
		}
		all = longer
	}
	return all
}

// opens tells whether a route is there for who has no session.
func opens(w *wall, route gin.RouteInfo) bool {
	req := w.request(route.Method, pathOf(route), `{}`)
	set(req, "Content-Type", "application/json")
	set(req, "Inglenook-Client", "test/1")
	_, body := w.send(req)
	return codeOf(body) != store.CodeSessionMissing
}

// set sets a header; a value may name another one itself.
func set(req *http.Request, header, value string) {
	if name, other, found := strings.Cut(value, ": "); found {
		header, value = name, other
	}
	switch {
	case value == "":
	case header == "Host":
		req.Host = value
	default:
		req.Header.Set(header, value)
	}
}

// Only these may be asked without a session. A route that is new and open has to
// be named here.
func TestOpenRoutes(t *testing.T) {
	w := build(t, nil)
	known := map[string]bool{
		"GET /api/health": true, "GET /api/ready": true, "GET /api/version": true, "GET /api/openapi.json": true, "GET /metrics": true,
		"GET /api/auth/methods": true, "POST /api/auth/begin/:method": true, "GET /api/auth/callback/:method": true,
		"POST /api/auth/login/:method": true,
	}
	for _, route := range httpapi.Routes() {
		if open := opens(w, route); open != known[route.Method+" "+route.Path] {
			t.Errorf("%s %s: open is %t", route.Method, route.Path, open)
		}
	}
}

// What is safe by its method is safe: asked with a session or without, it
// changes nothing.
func TestSafeMethodsChangeNothing(t *testing.T) {
	w := build(t, nil)
	cookie, _ := w.signIn("browser")
	_, bearer := w.signIn("token")
	for _, route := range httpapi.Routes() {
		before := w.state()
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			if unsafe(route.Method) && method == http.MethodGet {
				continue // another route
			}
			for _, header := range []string{"", "Cookie: " + cookie, "Authorization: Bearer " + bearer} {
				req := w.request(method, pathOf(route), "")
				set(req, "", header)
				w.send(req)
			}
		}
		w.unchanged(before, "asking for %s", route.Path)
	}
}

// A request has to be for a name that is ours: a page of another one that
// resolves to here would be of the same origin as we are (DNS rebinding).
func TestHosts(t *testing.T) {
	w := build(t, nil)
	_, port, _ := strings.Cut(strings.TrimPrefix(w.url, "http://"), ":")
	for host, ours := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:" + port: true, "[::1]:7420": true, "192.168.1.7:7420": true, "localhost": true, "LOCALHOST:1": true,
		"inglenook.localhost": true, "nas.local:7420": true, "home.example": true, "Home.Example:443": true,
		"evil.example": false, "home.example.evil.example": false, "evil-home.example": false, "localhost.evil.example": false,
		"127.0.0.1.evil.example": false, "local": false, "xlocalhost": false, "home.example.": false,
	} {
		for _, path := range []string{"/", "/api/health", "/api/auth/methods", "/nothing"} {
			req := w.request(http.MethodGet, path, "")
			req.Host = host
			resp, body := w.send(req)
			if refused := resp.StatusCode == http.StatusMisdirectedRequest && codeOf(body) == store.CodeHost; refused == ours {
				t.Errorf("%s of %s: %d %s", path, host, resp.StatusCode, body)
			}
		}
	}
}
