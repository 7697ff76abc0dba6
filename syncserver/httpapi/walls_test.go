package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/httpapi"

	"github.com/gin-gonic/gin"
)

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
