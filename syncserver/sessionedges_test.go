package syncserver_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// Row 1: a stranger is served what is public and told to sign in for the rest;
// nothing is stored of it.
func TestRowOfNoValue(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	for _, browser := range []bool{true, false} {
		d := &device{t: t, server: s, browser: browser}
		before, err := s.Store().AuditPage(t.Context(), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if r := d.send(d.request("GET", "/api/auth/methods", "", 0)); r.StatusCode != http.StatusOK || r.Header.Get(api.HeaderNonce) == "" ||
			r.Header.Get("Cache-Control") != "no-store" || len(r.Cookies()) != 0 {
			t.Errorf("what is public: %d %v", r.StatusCode, r.Header)
		}
		for _, r := range []reply{d.ask(0), d.post("/api/auth/refresh", "{}", 0, nil), d.post("/api/auth/recover", "{}", 0, nil), d.post("/api/auth/logout", "{}", 0, nil)} {
			if r.StatusCode != http.StatusUnauthorized || r.problem.Code != store.CodeSessionMissing || len(r.Cookies()) != 0 || r.Header.Get(api.HeaderNonce) != "" {
				t.Errorf("%s without a session: %d %s", r.Request.URL.Path, r.StatusCode, r.body)
			}
		}
		if after, _ := s.Store().AuditPage(t.Context(), 0, 1); after[0].N != before[0].N {
			t.Errorf("recorded is %+v", after[0])
		}
	}
}

// Row 2: whoever guesses values or access tokens is counted and told the same each
// time: another device of that address has to hear that its session is gone.
func TestRowOfUnknownValues(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	for _, browser := range []bool{true, false} {
		d := signIn(t, s, "Ben", browser, false)
		right := d.values[1]
		d.values[7] = right[:len(right)-4] + "AAAA"
		parts := strings.Split(right, ".")
		d.values[8] = strings.Join([]string{parts[0], parts[1], "2", parts[3]}, ".") // of the next generation
		if !browser {
			d.values[8] = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzaWQiOjF9.AAAA"
			d.values[7] = d.values[8]
		}
		for range 40 {
			r := d.ask(7 + uint64(len(d.values))%2)
			if r.StatusCode != http.StatusUnauthorized || r.problem.Code != store.CodeSessionInvalid || len(r.Cookies()) != 0 {
				t.Fatalf("a forged value: %d %s", r.StatusCode, r.body)
			}
		}
		if r := d.ask(1); r.StatusCode != http.StatusOK {
			t.Errorf("the right value meanwhile: %d %s", r.StatusCode, r.body)
		}
	}
	counted := wire{url: s.URL}
	if _, _, metrics := counted.Do(t, "GET", "/metrics", nil); !strings.Contains(string(metrics), "inglenook_unknown_values_total 80\n") {
		t.Error("nobody has counted 80 forged values")
	}
}

// Row 3: a sign-in gives a value, binds the key that is proven with it and ends
// the browser's session of before; a key that is not proven signs nobody in.
func TestRowOfSigningIn(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	for _, browser := range []bool{true, false} {
		for _, bound := range []bool{true, false} {
			d := signIn(t, s, "Ben", browser, bound)
			want := kept{Head: 1}
			if bound {
				want.Level = 2
			}
			if got := d.kept(); got != want || d.values[1] == "" {
				t.Errorf("stored is %+v, with the values %v", got, d.values)
			}
			if audit, _ := d.audited(0); len(audit) != 1 || audit[0] != "session.started" {
				t.Errorf("recorded %q", audit)
			}
		}
		d := &device{t: t, server: s, browser: browser, signer: newSigner(t), values: map[uint64]string{}}
		body := `{"name":"Ben","kind":"` + d.kind() + `"}`
		for name, prove := range map[string]func(*http.Request){
			"of another path": func(req *http.Request) {
				elsewhere := d.prove(d.request("POST", "/api/auth/refresh", body, 0), d.signer, "", true)
				req.Header.Set(api.HeaderProof, elsewhere.Header.Get(api.HeaderProof))
			},
			"without the key": func(req *http.Request) { d.prove(req, d.signer, "", false) },
			"of an old nonce": func(req *http.Request) {
				nonce := d.nonce()
				s.Clock.Advance(time.Minute)
				d.proveWith(req, d.signer, nonce, "", true)
			},
			"of somebody else's nonce": func(req *http.Request) { d.proveWith(req, d.signer, "a nonce of theirs", "", true) },
			"that is none":             func(req *http.Request) { req.Header.Set(api.HeaderProof, "x.y.z") },
		} {
			req := d.request("POST", "/api/auth/login/demo", body, 0)
			prove(req)
			r := d.send(req)
			if r.problem.Code != store.CodeSessionProofRequired || r.Header.Get(api.HeaderNonce) == "" || len(r.Cookies()) != 0 || r.handed != 0 {
				t.Errorf("a proof %s: %d %s", name, r.StatusCode, r.body)
			}
		}
	}
	// A browser signs in again.
	first := signIn(t, s, "Ben", true, false)
	again := &device{t: t, server: s, browser: true, values: map[uint64]string{}}
	req := again.request("POST", "/api/auth/login/demo", `{"name":"Ben","kind":"browser"}`, 0)
	req.AddCookie(&http.Cookie{Name: first.cookieName(), Value: first.values[1]})
	if r := again.send(req); r.StatusCode != http.StatusOK || first.kept().End != "replaced" {
		t.Errorf("%d, the one before is %+v", r.StatusCode, first.kept())
	}
	if r := first.ask(1); r.problem.Code != store.CodeSessionEnded || r.problem.Reason != "replaced" {
		t.Errorf("the one before: %s", r.body)
	}
}

// Row 17: no session outlives its absolute limit, however it is used.
func TestRowOfTheAbsoluteLimit(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Ben", true, true)
	newest := uint64(1)
	for range 179 {
		s.Clock.Advance(24 * time.Hour)
		r := d.askProven(newest)
		if r.StatusCode != http.StatusOK || r.handed == 0 {
			t.Fatalf("at %s: %d %s", s.Clock.Now(), r.StatusCode, r.body)
		}
		newest = r.handed
	}
	s.Clock.Advance(24 * time.Hour)
	if r := d.askProven(newest); r.problem.Code != store.CodeSessionExpired || r.problem.Reason != "expired" || r.handed != 0 {
		t.Errorf("after 180 days: %d %s", r.StatusCode, r.body)
	}
	if k := d.kept(); k.End != "expired" {
		t.Errorf("stored is %+v", k)
	}
}

// Row 19: what somebody may do has changed: it is counted, recorded, and access
// tokens of before are void.
func TestRowOfAccess(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	d := signIn(t, s, "Ben", false, false)
	var tokens api.Tokens
	refreshed := d.post("/api/auth/refresh", "{}", 1, nil)
	if err := json.Unmarshal(refreshed.body, &tokens); err != nil || tokens.AccessToken == "" {
		t.Fatalf("%d %s", refreshed.StatusCode, refreshed.body)
	}
	d.values[9] = tokens.AccessToken
	if r := d.ask(9); r.StatusCode != http.StatusOK {
		t.Fatalf("with the access token: %d %s", r.StatusCode, r.body)
	}
	ben := s.User(t, "Ben")
	level := thing("user", ben.ID, map[string]any{"name": "Ben", "access": "child"})
	level.Base = s.Store().Head().ID
	(&pusher{Client: annas}).push(t, level)
	// The session itself goes on.
	await(t, "the access of Ben's session", func() bool { return strings.Contains(string(d.ask(1).body), `"accessRev":1`) })
	if r := d.ask(9); r.problem.Code != store.CodeTokenExpired {
		t.Errorf("the access token of before: %d %s", r.StatusCode, r.body)
	}
	if got := d.kept(); got.Rev != 1 || got.End != "" {
		t.Errorf("stored is %+v", got)
	}
	records, err := s.Store().AuditPage(t.Context(), 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	recorded := 0
	for _, r := range records {
		if r.Kind == "access.changed" && r.SessionID == d.id {
			recorded++
		}
	}
	if recorded != 1 {
		t.Errorf("%d records of it", recorded)
	}
}

// await waits until something is so. It is for what the server does by itself.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never", what)
		}
	}
}

// Row 21: a server that was restored from a backup is behind its clients. Who
// proves a key goes on, with data; who cannot has to sign in.
func TestRowsOfARestoredServer(t *testing.T) {
	dir := t.TempDir()
	s := servertest.Start(t, servertest.Options{Dir: dir})
	devices := map[string]*device{}
	for _, name := range []string{"browser", "desktop", "lost"} {
		devices[name] = signIn(t, s, "Ben", name == "browser", true)
	}
	devices["bare browser"] = signIn(t, s, "Ben", true, false)
	devices["script"] = signIn(t, s, "Ben", false, false)
	for _, d := range devices {
		d.ask(1)
	}
	s.Stop()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s2 := servertest.Start(t, servertest.Options{Dir: dir, Clock: s.Clock})
	for _, d := range devices {
		d.server = s2
		for generation := range uint64(3) {
			s2.Clock.Advance(20 * time.Minute)
			if r := d.askProven(generation + 1); r.handed != generation+2 {
				t.Fatalf("rotation %d: %d %s", generation+2, r.StatusCode, r.body)
			}
		}
	}
	s2.Stop()
	// The note of the newest event lies beside the store: it did not change.
	s3 := servertest.Start(t, servertest.Options{Dir: backup, Clock: s.Clock})
	for name, d := range devices {
		d.server = s3
		_, newest := d.audited(0)
		before := d.kept()
		if before.Head != 1 {
			t.Fatalf("%s: the backup is not older: %+v", name, before)
		}
		if d.signer == nil {
			for range 2 {
				if r := d.ask(4); r.problem.Code != store.CodeSessionEnded || r.problem.Reason != "restored" || r.handed != 0 || len(r.Cookies()) != 0 {
					t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
				}
			}
			if audit, _ := d.audited(newest); len(audit) != 1 || audit[0] != "session.ended" || d.kept().End != "restored" {
				t.Errorf("%s: recorded %q, stored %+v", name, audit, d.kept())
			}
			continue
		}
		r := d.ask(4)
		if r.problem.Code != store.CodeSessionProofRequired || r.Header.Get(api.HeaderNonce) == "" || d.kept() != before {
			t.Errorf("%s without a proof: %d %s, stored %+v", name, r.StatusCode, r.body, d.kept())
		}
		if name == "lost" {
			req := d.request("POST", "/api/auth/rebind/demo", `{"name":"Ben","level":2}`, 4)
			if r := d.send(d.prove(req, newSigner(t), "", true)); r.StatusCode != http.StatusOK || r.handed != 5 {
				t.Errorf("%s: a factor gives %d %s", name, r.StatusCode, r.body)
			}
			continue
		}
		if r := d.askProven(4); r.StatusCode != http.StatusOK || r.handed != 0 {
			t.Errorf("%s with a proof: %d %s", name, r.StatusCode, r.body)
		}
		if got := d.kept(); got.Head != 4 || !got.Used {
			t.Errorf("%s: stored is %+v", name, got)
		}
		if audit, _ := d.audited(newest); len(audit) != 1 || audit[0] != "session.adopted" {
			t.Errorf("%s: recorded %q", name, audit)
		}
		if r := d.askProven(1); r.problem.Code != store.CodeSessionSuperseded {
			t.Errorf("%s: the backup's own generation: %d %s", name, r.StatusCode, r.body)
		}
		s3.Clock.Advance(20 * time.Minute)
		if r := d.askProven(4); r.handed != 5 {
			t.Errorf("%s: the next rotation: %d %s", name, r.StatusCode, r.body)
		}
	}
}

// keeper is a keyring that stays when the program ends.
type keeper struct {
	mu          sync.Mutex
	value, next string
}

func (k *keeper) Received(value string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.next = value
	return nil
}

func (k *keeper) Used(value string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.value, k.next = value, ""
	return nil
}

// restart is a client that has nothing but what the keyring holds.
func (k *keeper) restart(t *testing.T, s *servertest.Server, signer *proof.Signer) *client.Client {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	c, err := client.New(client.Config{URL: s.URL, Name: "test/1", Credentials: client.Credentials{
		Value: k.value, Next: k.next, Signer: signer, Instance: s.Store().Instance(), Keep: k,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// The Go client goes on by itself after a server was restored, with what it has
// in its keyring.
func TestTheGoClientAfterARestore(t *testing.T) {
	dir := t.TempDir()
	s := servertest.Start(t, servertest.Options{Dir: dir})
	keep, signer := &keeper{}, newSigner(t)
	_, in, err := s.Anonymous(t).LoginWithKey(t.Context(), "demo", api.Login{Name: "Ben"}, signer, keep)
	if err != nil {
		t.Fatal(err)
	}
	keep.value = in.Value
	s.Stop()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s = servertest.Start(t, servertest.Options{Dir: dir, Clock: s.Clock})
	for range 3 {
		s.Clock.Advance(20 * time.Minute)
		if _, err := keep.restart(t, s, signer).LastEventID(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.Stop()
	s = servertest.Start(t, servertest.Options{Dir: backup, Clock: s.Clock})
	before := keep.value + keep.next
	for range 3 {
		if _, err := keep.restart(t, s, signer).LastEventID(t.Context()); err != nil {
			t.Fatalf("with the values %q: %v", before, err)
		}
		s.Clock.Advance(20 * time.Minute)
	}
	if keep.value+keep.next == before {
		t.Error("nothing was rotated since")
	}
}
