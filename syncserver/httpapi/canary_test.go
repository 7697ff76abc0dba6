package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/client"
	"inglenook/syncserver/httpapi"
	"inglenook/syncserver/proof"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/rs/zerolog"
)

// panicking is a clock that panics in the middle of a request, with what the
// request holds.
type panicking struct {
	mu    sync.Mutex
	now   func() time.Time
	in    int // how many readings from now; 0: never
	value any
}

func (p *panicking) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.in > 0 {
		if p.in--; p.in == 0 {
			panic(p.value)
		}
	}
	return p.now()
}

func (p *panicking) arm(in int, value any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in, p.value = in, value
}

// No secret, and nothing of what people write, is in a log at its most
// talkative, in the audit log, in a metric or in the words of an error, whatever
// is sent and whatever fails.
func TestNoSecretIsTold(t *testing.T) {
	m := &mine{canaries: map[string]string{}, secrets: map[string]string{}}
	log.SetOutput(m) // net/http's
	gin.DefaultWriter, gin.DefaultErrorWriter = m, m
	defer func() {
		log.SetOutput(os.Stderr)
		gin.DefaultWriter, gin.DefaultErrorWriter = os.Stdout, os.Stderr
	}()
	clock := &panicking{}
	w := build(t, func(c *syncserver.Config) {
		clock.now = c.Now
		c.Now = clock.Now
		c.Log = zerolog.New(m).Level(zerolog.TraceLevel)
		c.Methods = auth.Config{
			Telegram: auth.Telegram{BotName: "bot", BotToken: "1:" + m.canary("bot token")},
			OIDC:     []auth.Provider{{Name: "other", Title: "Other", Issuer: "http://127.0.0.1:9", ClientID: "us", ClientSecret: m.canary("client secret")}},
		}
	})
	w.through = m
	secret, err := os.ReadFile(filepath.Join(w.dir, "session.secret"))
	if err != nil {
		t.Fatal(err)
	}
	m.watch("the server's key", string(secret))
	t.Run("whatever is sent", func(t *testing.T) { w.sweep(m) })
	t.Run("what works", func(t *testing.T) { w.live(m) })
	t.Run("what panics", func(t *testing.T) { w.panics(m, clock) })
	t.Run("the client", func(t *testing.T) { w.clientErrors(m) })

	m.mu.Lock()
	told := bytes.Clone(m.told.Bytes())
	m.mu.Unlock()
	for _, expected := range []string{`"level":"debug"`, `"message":"request"`, `handler panicked`, `"code":"sign-in-failed"`, `"code":"malformed"`} {
		if !bytes.Contains(told, []byte(expected)) {
			t.Errorf("nothing was told of %s: the test looks in the wrong place", expected)
		}
	}
	m.search(t, "a log or an error", told)
	records, err := w.server.Store().AuditPage(t.Context(), 0, 1<<20)
	if err != nil || len(records) < 20 {
		t.Errorf("%d audit records, %v", len(records), err)
	}
	for _, r := range records {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		m.search(t, "an audit record", text)
	}
	_, metrics := w.send(w.request(http.MethodGet, "/metrics", ""))
	if !bytes.Contains(metrics, []byte("inglenook_requests_total")) {
		t.Errorf("metrics: %.200s", metrics)
	}
	m.search(t, "the metrics", metrics)
	if len(m.secrets) < 30 || len(m.canaries) < 1000 {
		t.Errorf("only %d canaries and %d other secrets", len(m.canaries), len(m.secrets))
	}
	t.Logf("%d canaries, %d other secrets, %d KiB of logs and errors, %d audit records", len(m.canaries), len(m.secrets), len(told)>>10, len(records))
}

// sweep sends canaries everywhere a request has room for them, on every route.
func (w *wall) sweep(m *mine) {
	_, bearer := w.signIn("token")
	bodies := []func() string{
		func() string { return `{"` + m.canary("malformed body") },
		func() string { return `"` + m.canary("text as body") + `"` },
		func() string {
			return w.json(api.Login{
				Name: m.canary("name"), Password: m.canary("password"), Code: m.canary("code"), State: m.canary("state"), Binding: m.canary("binding"),
				Credential: jsontext.Value(`{"id":"` + m.canary("credential") + `","response":{"clientDataJSON":"` + m.canary("client data") + `"}}`),
				Telegram:   map[string]string{"id": "1", "hash": m.canary("hash"), "username": m.canary("username")}, Household: m.canary("household"),
				Kind: "token",
			})
		},
		func() string {
			return w.json(api.AccountPatch{OldPassword: m.canary("old password"), NewPassword: m.canary("new password")})
		},
		func() string { return w.json(api.Recover{ClaimID: m.canary("claim")}) },
		func() string { return w.json(api.Approve{Code: m.canary("pairing code")}) },
		func() string {
			return w.json(api.NewAccount{Name: m.canary("account name"), Invitation: m.canary("invitation")})
		},
		func() string {
			return fmt.Sprintf(`{"replica":1,"seq":%d,"replacements":[{"kind":"note","entity":{"id":%d,"updatedAt":"2026-01-01T00:00:00Z","title":%q,"body":%q,"other":%q}}]}`,
				time.Now().UnixNano()&0xffffff, store.NewID(), m.canary("title"), m.canary("body"), m.canary("unknown field"))
		},
		func() string {
			return fmt.Sprintf(`{"replica":1,"seq":1,"replacements":[{"kind":"note","entity":{"id":7,"updatedAt":%q,"title":7}}]}`, m.canary("a time that is none"))
		},
		func() string { return `{"data":{"place":"` + m.canary("session data") + `"}}` },
	}
	for _, route := range httpapi.Routes() {
		ends := route.Method == http.MethodDelete || strings.HasSuffix(route.Path, "/logout")
		for i, body := range bodies {
			if !unsafe(route.Method) && i > 0 {
				break
			}
			for _, session := range []string{"", "Authorization: Bearer " + bearer, "Authorization: Bearer v1.1.1.", "Authorization: Bearer ", "Cookie: "} {
				if ends && strings.Contains(session, bearer) {
					continue // the session is needed on
				}
				path := strings.NewReplacer(":kind", m.canary("kind"), ":id", m.canary("id"), ":method", []string{"password", "passkey", "telegram", "recovery", "pairing", "invitation", "other", m.canary("method")}[i%8]).Replace(route.Path)
				query := url.Values{}
				for _, name := range []string{"after", "at", "before", "code", "state", "session", "token"} {
					query.Set(name, m.canary("query "+name))
				}
				if i%2 == 1 {
					query = url.Values{"code": {m.canary("query code")}, "state": {m.canary("query state")}}
				}
				req := w.request(route.Method, path+"?"+query.Encode(), body())
				set(req, "Content-Type", "application/json")
				set(req, "Inglenook-Client", m.canary("client")+"/1")
				set(req, "Inglenook-Session", m.canary("session header"))
				set(req, "Inglenook-Proof", m.canary("proof")+"."+m.canary("proof payload")+"."+m.canary("proof signature"))
				set(req, "Last-Event-ID", m.canary("cursor"))
				set(req, "If-Match", m.canary("checksum"))
				set(req, "User-Agent", m.canary("user agent"))
				set(req, "X-Forwarded-For", m.canary("forwarded"))
				set(req, "Referer", "http://"+m.canary("referer"))
				switch {
				case strings.HasPrefix(session, "Cookie"):
					req.Header.Set("Cookie", "inglenook-"+w.server.Store().Instance()+"-1=v1.1.1."+m.canary("cookie")+"; other="+m.canary("other cookie"))
				case !strings.Contains(session, bearer) && session != "":
					set(req, "", session+m.canary("bearer"))
				default:
					set(req, "", session)
				}
				w.send(req)
			}
		}
	}
}

func (w *wall) json(v any) string {
	w.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		w.Fatal(err)
	}
	return string(body)
}

// live goes through what people do: what works is logged as well.
func (w *wall) live(m *mine) {
	_, bearer := w.signIn("token")
	password := m.canary("password that is right")
	do := func(method, path string, in any, into any) int {
		w.Helper()
		req := w.request(method, path, w.json(in))
		set(req, "Content-Type", "application/json")
		set(req, "Inglenook-Client", "test/1")
		set(req, "Authorization", "Bearer "+bearer)
		resp, body := w.send(req)
		if into != nil && resp.StatusCode/100 == 2 {
			if err := json.Unmarshal(body, into); err != nil {
				w.Fatal(err)
			}
		}
		if resp.StatusCode/100 != 2 {
			w.Logf("%s %s: %d %.200s", method, path, resp.StatusCode, body)
		}
		return resp.StatusCode
	}
	worked := 0
	must := func(status int) {
		if status/100 == 2 {
			worked++
		}
	}
	must(do(http.MethodPatch, "/api/auth/account", api.AccountPatch{NewPassword: password}, nil))
	must(do(http.MethodPost, "/api/auth/login/password", api.Login{Name: "Anna", Password: password, Kind: "token"}, nil))
	must(do(http.MethodPost, "/api/auth/verify/password", api.Login{Password: password, Name: "Anna"}, nil))
	var codes api.RecoveryCodes
	must(do(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes))
	if len(codes.Codes) > 0 {
		must(do(http.MethodPost, "/api/auth/login/recovery", api.Login{Name: "Anna", Code: codes.Codes[0], Kind: "token"}, nil))
	}
	must(do(http.MethodPost, "/api/auth/tokens", api.NewToken{Name: "script"}, nil))
	var invitation api.Invitation
	must(do(http.MethodPost, "/api/auth/invitations", api.NewInvitation{Access: "member"}, &invitation))
	must(do(http.MethodPost, "/api/auth/login/invitation", api.Login{Code: invitation.Code, Name: m.canary("invited"), Password: m.canary("password of the invited"), Kind: "token"}, nil))
	var begun api.Begun
	must(do(http.MethodPost, "/api/auth/begin/pairing", api.Begin{Device: "phone"}, &begun))
	must(do(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil))
	must(do(http.MethodPost, "/api/auth/login/pairing", api.Login{Code: begun.Secret, Kind: "token"}, nil))
	must(do(http.MethodPost, "/api/auth/begin/passkey", api.Begin{}, nil))
	must(do(http.MethodPost, "/api/auth/begin/other", api.Begin{}, nil))
	if worked < 8 {
		w.Errorf("only %d of these worked", worked)
	}
	w.bound(m)
}

// bound is a program with a device key: it signs in, rotates, and is refused.
func (w *wall) bound(m *mine) {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed)
	m.watch("seed", string(seed))
	signer, err := proof.NewEd25519(seed)
	if err != nil {
		w.Fatal(err)
	}
	c, err := client.New(client.Config{URL: w.url, Name: "test/1", Transport: m})
	if err != nil {
		w.Fatal(err)
	}
	bound, in, err := c.LoginWithKey(w.Context(), "demo", api.Login{Name: "Ben", Kind: "desktop"}, signer, nil)
	if err != nil {
		w.Fatal(err)
	}
	for range 3 {
		w.clock.Advance(12 * time.Minute)
		if _, err := bound.Session(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
	thief, err := client.New(client.Config{URL: w.url, Name: "test/1", Transport: m, Credentials: client.Credentials{Value: in.Value, Instance: in.Session.Instance.ID}})
	if err != nil {
		w.Fatal(err)
	}
	if _, err := thief.Session(w.Context()); err == nil {
		w.Error("a copied value is served")
	} else {
		_, _ = fmt.Fprintf(m, "%v %+v\n", err, err)
	}
	if err := bound.Logout(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// panics lets handlers panic with what was sent to them.
func (w *wall) panics(m *mine, clock *panicking) {
	_, bearer := w.signIn("token")
	for in := 2; in < 8; in++ { // the first reading is before the handler
		for _, value := range []any{m.canary("panic"), fmt.Errorf("on %s", m.canary("panicking error")), []byte(m.canary("panicking bytes"))} {
			body := fmt.Sprintf(`{"replica":2,"seq":%d,"replacements":[{"kind":"note","entity":{"id":%d,"updatedAt":"2026-01-01T00:00:00Z","title":%q}}]}`,
				in, store.NewID(), m.canary("title in a panic"))
			for path, body := range map[string]string{
				"/api/replacements":        body,
				"/api/auth/login/demo":     w.json(api.Login{Name: "Anna", Kind: "token", Password: m.canary("password in a panic")}),
				"/api/auth/login/password": w.json(api.Login{Name: "Anna", Kind: "token", Password: m.canary("password in a panic")}),
			} {
				req := w.request(http.MethodPost, path, body)
				set(req, "Content-Type", "application/json")
				set(req, "Inglenook-Client", "test/1")
				set(req, "Authorization", "Bearer "+bearer)
				clock.arm(in, value)
				if resp, err := m.RoundTrip(req); err == nil { // a panic that is nobody's cuts the connection
					_ = resp.Body.Close()
				}
				clock.arm(0, nil)
			}
		}
	}
}

// clientErrors collects the words of the Go client's errors.
func (w *wall) clientErrors(m *mine) {
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	value := "v1.1.1." + m.canary("value of a client")
	for _, address := range []string{w.url, "http://127.0.0.1:9", w.url[:len(w.url)-1]} {
		c, err := client.New(client.Config{URL: address, Name: "test/1", Transport: m, Credentials: client.Credentials{Value: value, Instance: "x"}})
		if err != nil {
			continue
		}
		_, err1 := c.Session(ctx)
		err2 := c.ChangePassword(ctx, m.canary("old password of a client"), m.canary("new password of a client"))
		_, _, err3 := c.Login(ctx, "password", api.Login{Name: "Anna", Password: m.canary("password of a client"), Code: m.canary("code of a client")})
		note := store.Entity{ID: 9, UpdatedAt: 1_790_000_000_000}
		if err := note.Set("title", m.canary("title of a client")); err != nil {
			w.Fatal(err)
		}
		_, err4 := c.Push(ctx, store.Batch{Replica: 1, Seq: 1, Replacements: []store.Replacement{{Kind: "note", Entity: note}}})
		err5 := c.Stream(ctx, store.Cursor{Epoch: 1, ID: 1}, func(client.Frame, bool) error { return nil })
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if err == nil {
				w.Errorf("%s: call %d succeeds", address, i+1)
			}
			_, _ = fmt.Fprintf(m, "%v\n%+v\n%#v\n", err, err, c)
		}
	}
	if _, err := client.New(client.Config{URL: "http://user:" + m.canary("password in an address") + "@home.example"}); err == nil {
		w.Error("an address with a password is taken")
	} else {
		_, _ = fmt.Fprintln(m, err)
	}
}
