package httpapi_test

import (
	"bufio"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver"
	"inglenook/syncserver/httpapi"
)

// A page that somebody works on is refused everywhere, unless it is allowed.
func TestDevPagesAreRefused(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		w := build(t, func(c *syncserver.Config) { c.AllowDev = allowed })
		paths := map[string]string{"/": http.MethodGet}
		for _, route := range httpapi.Routes() {
			paths[pathOf(route)] = route.Method
		}
		before := w.state()
		for path, method := range paths {
			req := w.request(method, path, "")
			set(req, "Content-Type", "application/json")
			set(req, "Inglenook-Client", "test/1")
			set(req, "Inglenook-Dev", "1")
			resp, body := w.send(req)
			refused := codeOf(body) == store.CodeForbidden && strings.Contains(string(body), "--allow-dev")
			if refused == allowed {
				t.Errorf("%s %s, allowed %t: %d %s", method, path, allowed, resp.StatusCode, body)
			}
		}
		if !allowed {
			w.unchanged(before, "a page that is being worked on")
		}
	}
}

// dev runs what make dev runs, over a server with TLS, and returns its address.
func dev(t *testing.T, w *wall) string {
	t.Helper()
	frontend, err := filepath.Abs("../../frontend")
	if err != nil {
		t.Fatal(err)
	}
	vite := filepath.Join(frontend, "node_modules", "vite", "bin", "vite.js")
	if _, err := os.Stat(vite); err != nil {
		t.Skip("the page's packages are not installed: make lint")
	}
	remote := httptest.NewTLSServer(w.handler)
	t.Cleanup(remote.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: remote.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", vite, "--host", "127.0.0.1", "--port", port, "--strictPort", "--clearScreen", "false")
	cmd.Dir = frontend
	cmd.Env = append(os.Environ(), "REMOTE="+remote.URL, "NODE_EXTRA_CA_CERTS="+authority, "NO_COLOR=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		for range said { // to its end
		}
		_ = cmd.Wait() // it was killed
	})
	var all []string
	for line := range said {
		all = append(all, line)
		if strings.Contains(line, "127.0.0.1:"+port) {
			go func() {
				for range said { // what it says later is not waited for
				}
			}()
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatalf("vite ended: %s", strings.Join(all, "\n"))
	return ""
}

// The page with hot reload is served from here, and speaks with a server
// elsewhere, over TLS, as if that were its own: it signs in, writes, and has
// what happens at once.
func TestDevelopingAgainstARemoteServer(t *testing.T) {
	w := build(t, func(c *syncserver.Config) { c.AllowDev = true })
	local := dev(t, w)
	ask := func(method, path, body, cookies string) *http.Request {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, local+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		set(req, "Origin", local)
		set(req, "Referer", local+"/")
		set(req, "Content-Type", "application/json")
		set(req, "Inglenook-Client", "web/1")
		set(req, "Cookie", cookies)
		return req
	}
	if resp, body := w.send(ask(http.MethodGet, "/", "", "")); resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "/@vite/client") {
		t.Fatalf("the page: %d %.300s", resp.StatusCode, body)
	}
	resp, body := w.send(ask(http.MethodPost, "/api/auth/login/demo", `{"name":"Anna","kind":"browser"}`, ""))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("sign in: %d %s", resp.StatusCode, body)
	}
	var cookies []string
	known := false
	for _, c := range resp.Cookies() {
		if c.Secure || strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("localhost does not take %s, or takes it for too much", c.Raw)
		}
		known = known || c.Name == "inglenook-known"
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	if !known || len(cookies) != 2 {
		t.Errorf("cookies: %v", resp.Header["Set-Cookie"])
	}
	mine := strings.Join(cookies, "; ")
	if resp, body := w.send(ask(http.MethodGet, "/api/auth/session", "", "other=1; "+mine)); resp.StatusCode != http.StatusOK {
		t.Errorf("the session: %d %s", resp.StatusCode, body)
	}
	for _, others := range []string{"other=1", strings.ReplaceAll(mine, "dev-", "dev-0"), strings.ReplaceAll(mine, "host-", "")} {
		if _, body := w.send(ask(http.MethodGet, "/api/auth/session", "", others)); codeOf(body) != store.CodeSessionMissing {
			t.Errorf("%s is passed on: %s", others, body)
		}
	}

	stream, err := http.DefaultTransport.RoundTrip(ask(http.MethodGet, "/api/event", "", mine))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	await := func(part string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), part) {
				return
			}
		}
		t.Fatalf("the stream ends before %q: %v", part, lines.Err())
	}
	await("event: session")
	batch := `{"replica":5,"seq":1,"replacements":[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"Made elsewhere"}}]}`
	if resp, body := w.send(ask(http.MethodPost, "/api/replacements", batch, mine)); resp.StatusCode != http.StatusOK {
		t.Errorf("write: %d %s", resp.StatusCode, body)
	}
	await("Made elsewhere")

	if resp, body := w.send(ask(http.MethodPost, "/api/auth/logout", "{}", mine)); resp.StatusCode != http.StatusNoContent {
		t.Errorf("sign out: %d %s", resp.StatusCode, body)
	} else if len(resp.Cookies()) != 2 || resp.Cookies()[0].MaxAge >= 0 || resp.Cookies()[0].Name+"=" != cookies[0][:len(resp.Cookies()[0].Name)+1] {
		t.Errorf("after signing out: %v instead of %v", resp.Header["Set-Cookie"], cookies)
	}
}
