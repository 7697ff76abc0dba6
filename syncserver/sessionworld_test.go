package syncserver_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// device is a client that does by hand what is asked of it: a browser, with a
// cookie, or a program, with a value in a header. It keeps every value it was
// ever given.
type device struct {
	t       testing.TB
	server  *servertest.Server
	browser bool
	signer  *proof.Signer // nil without a key
	id      store.SessionID
	user    store.ID
	values  map[uint64]string // by generation
}

// reply is an answer, read.
type reply struct {
	*http.Response
	body    []byte
	problem api.Problem
	handed  uint64 // the generation whose value was handed out, 0 for none
}

// signIn signs a device in as somebody of the demo household.
func signIn(t testing.TB, s *servertest.Server, name string, browser, bound bool) *device {
	t.Helper()
	d := &device{t: t, server: s, browser: browser, values: map[uint64]string{}}
	if bound {
		d.signer = newSigner(t)
	}
	d.login(name)
	return d
}

func newSigner(t testing.TB) *proof.Signer {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed)
	signer, err := proof.NewEd25519(seed)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func (d *device) kind() string {
	if d.browser {
		return "browser"
	}
	return "desktop"
}

func (d *device) login(name string) reply {
	d.t.Helper()
	body := fmt.Sprintf(`{"name":%q,"kind":%q,"level":2,"device":"test of %s"}`, name, d.kind(), name)
	req := d.request("POST", "/api/auth/login/demo", body, 0)
	if d.signer != nil {
		d.prove(req, d.signer, "", true)
	}
	r := d.send(req)
	var in api.SignedIn
	if err := json.Unmarshal(r.body, &in); err != nil || r.StatusCode != http.StatusOK {
		d.t.Fatalf("sign in: %d %s", r.StatusCode, r.body)
	}
	d.id, d.user = in.Session.ID, in.Session.User.ID
	return r
}

// request is one that shows the value of a generation, 0 for none.
func (d *device) request(method, path, body string, generation uint64) *http.Request {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.server.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(api.HeaderClient, "test/1")
	}
	value := d.values[generation]
	switch {
	case generation == 0:
	case value == "":
		d.t.Fatalf("the device has no value of generation %d", generation)
	case d.browser:
		req.AddCookie(&http.Cookie{Name: d.cookieName(), Value: value})
	default:
		req.Header.Set("Authorization", "Bearer "+value)
	}
	return req
}

func (d *device) cookieName() string {
	return "inglenook-" + d.server.Store().Instance() + "-" + strconv.FormatUint(uint64(d.id), 10)
}

// nonce is a fresh one, as every stranger is given.
func (d *device) nonce() string {
	d.t.Helper()
	r := d.send(d.request("GET", "/api/auth/methods", "", 0))
	nonce := r.Header.Get(api.HeaderNonce)
	if nonce == "" {
		d.t.Fatal("no nonce with the methods")
	}
	return nonce
}

// prove signs a request. value is what it shows, "" for a browser: its page
// cannot read the cookie.
func (d *device) prove(req *http.Request, signer *proof.Signer, value string, register bool) *http.Request {
	d.t.Helper()
	return d.proveWith(req, signer, d.nonce(), value, register)
}

func (d *device) proveWith(req *http.Request, signer *proof.Signer, nonce, value string, register bool) *http.Request {
	d.t.Helper()
	if d.browser {
		value = ""
	}
	signed, err := signer.Sign(proof.Claims{
		Method: req.Method, Path: req.URL.Path, Audience: d.server.Store().Instance(), Nonce: nonce, ValueHash: proof.ValueHash(value),
	}, register)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set(api.HeaderProof, signed)
	return req
}

// send sends a request and keeps what comes with the answer. Whatever the answer
// is, it clears no cookie unless it is told to.
func (d *device) send(req *http.Request) reply {
	d.t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	r := reply{Response: resp}
	if r.body, err = io.ReadAll(resp.Body); err != nil {
		d.t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		if err := json.Unmarshal(r.body, &r.problem); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" {
			d.t.Fatalf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, r.body)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			d.t.Errorf("%s %s: %d may be kept: %q", req.Method, req.URL.Path, resp.StatusCode, resp.Header.Get("Cache-Control"))
		}
	}
	for _, value := range d.handed(req, &r) {
		parts := strings.Split(value, ".") // v1, session, generation, secret
		if r.handed, err = strconv.ParseUint(parts[2], 10, 53); err != nil {
			d.t.Fatalf("the value %q: %v", value, err)
		}
		d.values[r.handed] = value
	}
	return r
}

// handed are the values of an answer: in a cookie for browsers, in a header for
// programs, and nowhere else.
func (d *device) handed(req *http.Request, r *reply) (values []string) {
	d.t.Helper()
	if value := r.Header.Get(api.HeaderValue); value != "" {
		values = append(values, value)
		if d.browser {
			d.t.Error("a page is given a value it can read")
		}
	}
	known := false
	for _, c := range r.Cookies() {
		signedOut := req.Method+req.URL.Path == "POST/api/auth/logout" && r.StatusCode == http.StatusNoContent
		switch {
		case !d.browser:
			d.t.Errorf("a program is given the cookie %s", c)
		case c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "":
			d.t.Errorf("the cookie %s goes too far", c)
		case c.MaxAge <= 0 || c.Value == "":
			if !signedOut && !strings.Contains(req.URL.Path, "/login/") {
				d.t.Errorf("%s %s answers %d and clears %s", req.Method, req.URL.Path, r.StatusCode, c.Name)
			}
		case c.Name == "inglenook-known":
			known = true
			if c.HttpOnly || c.Value != "1" {
				d.t.Errorf("the mark is %s", c)
			}
		default:
			values = append(values, c.Value)
			if !c.HttpOnly || !strings.HasPrefix(c.Name, "inglenook-"+d.server.Store().Instance()+"-") {
				d.t.Errorf("the cookie is %s", c)
			}
		}
	}
	if d.browser && (len(values) > 0) != known {
		d.t.Errorf("%d values, but the mark: %v", len(values), known)
	}
	if d.browser {
		for _, value := range values {
			if strings.Contains(string(r.body), value) {
				d.t.Error("the body tells the page its value")
			}
		}
	}
	if len(values) > 1 {
		d.t.Errorf("%d values at once", len(values))
	}
	return values
}

// ask is an ordinary request with the value of a generation.
func (d *device) ask(generation uint64) reply {
	d.t.Helper()
	return d.send(d.request("GET", "/api/auth/session", "", generation))
}

// askProven is the same with a proof where there is a key.
func (d *device) askProven(generation uint64) reply {
	d.t.Helper()
	req := d.request("GET", "/api/auth/session", "", generation)
	if d.signer != nil {
		d.prove(req, d.signer, d.values[generation], false)
	}
	return d.send(req)
}

// post is an unsafe request, proven by a signer when it is not nil.
func (d *device) post(path, body string, generation uint64, signer *proof.Signer) reply {
	d.t.Helper()
	req := d.request("POST", path, body, generation)
	if signer != nil {
		d.prove(req, signer, d.values[generation], false)
	}
	return d.send(req)
}

// kept is what the store holds of a session's place in the table, as far as the
// rows tell it apart.
type kept struct {
	Head, Late, Claim, Denied, Rev uint64
	Used                           bool // the head
	Level                          int
	End                            string
}

func (d *device) kept() (k kept) {
	d.t.Helper()
	stored, ok, err := d.server.Store().Session(d.t.Context(), d.id)
	if err != nil || !ok {
		d.t.Fatalf("session %d: %v, %v", d.id, ok, err)
	}
	var state struct {
		Generations [][7]int64 `json:"g"`
		Late        uint64     `json:"l"`
		Claim       [3]int64   `json:"c"`
		Denied      uint64     `json:"d"`
		Rev         uint64     `json:"a"`
	}
	if err := json.Unmarshal(stored.State, &state); err != nil {
		d.t.Fatal(err)
	}
	head := state.Generations[0]
	return kept{
		Head: uint64(head[0]), Used: head[6] != 0, Late: state.Late, Claim: uint64(state.Claim[0]), Denied: state.Denied,
		Rev: state.Rev, Level: stored.Level, End: stored.EndReason,
	}
}

// audited are the kinds of the records of what became of a session after a
// number, the oldest first, and the newest number.
func (d *device) audited(after uint64) (kinds []string, newest uint64) {
	d.t.Helper()
	records, err := d.server.Store().AuditPage(d.t.Context(), 0, 200)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range records {
		if r.N > after && r.SessionID == d.id && strings.HasPrefix(r.Kind, "session.") {
			kinds = append([]string{r.Kind}, kinds...)
			if r.Network != "127.0.0.0/24" || r.UserID != d.user {
				d.t.Errorf("recorded is %+v", r)
			}
		}
	}
	return kinds, records[0].N
}
