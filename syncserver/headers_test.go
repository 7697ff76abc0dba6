package syncserver_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"inglenook/syncserver/servertest"
)

// Every answer says that it is neither a page nor for other sites; the page says
// what it may load.
func TestSecureHeaders(t *testing.T) {
	s := servertest.Start(t, servertest.Options{UI: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}})
	_, in := s.SignIn(t, "Anna")
	for _, path := range []string{"/", "/api/health", "/api/last-event-id", "/api/entities", "/api/event?after=1-1", "/nothing", "/api/users/0"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+in.Value)
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // a stream has no end
		h := resp.Header
		policy := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
			!strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, h)
		}
		page := path == "/"
		if page != strings.Contains(policy, "script-src 'self'; ") || page != strings.Contains(policy, "require-trusted-types-for 'script'; trusted-types ") || strings.Contains(policy, "unsafe") ||
			page != (h.Get("Referrer-Policy") == "no-referrer") || page != (h.Get("Cross-Origin-Opener-Policy") == "same-origin") ||
			page != strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: %d %v", path, resp.StatusCode, h)
		}
	}
}
