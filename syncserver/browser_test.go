package syncserver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/api/apitest"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// browser is somebody's browser: it keeps cookies and follows nothing.
type browser struct {
	t    *testing.T
	url  string
	http *http.Client
	last *http.Response

	problem  api.Problem       // the newest
	contract *apitest.Contract // every answer is held against it
	told     bytes.Buffer      // every header and body it was ever answered with
}

func newBrowser(t *testing.T, url string, contract *apitest.Contract) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, url: url, contract: contract, http: &http.Client{
		Jar: jar, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ask sends a request as the page does. It returns the code of a problem, "" for
// a good answer, which is read into into unless that is nil.
func (b *browser) ask(method, path string, body, into any) store.Code {
	b.t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, content)
	if err != nil {
		b.t.Fatal(err)
	}
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(api.HeaderClient, "test/1")
		req.Header.Set("Origin", b.url)
	}
	if b.last, err = b.http.Do(req); err != nil {
		b.t.Fatal(err)
	}
	defer b.last.Body.Close()
	answer, err := io.ReadAll(b.last.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	operation := method + " " + b.template(method, path)
	b.contract.Check(b.t, operation, b.last.StatusCode, b.last.Header.Get("Content-Type"), answer)
	_ = b.last.Header.Write(&b.told)
	b.told.Write(answer)
	if b.last.StatusCode >= http.StatusBadRequest {
		b.problem = api.Problem{}
		p := &b.problem
		if err := json.Unmarshal(answer, p); err != nil || p.Code == "" {
			b.t.Fatalf("%s %s: %d %s", method, path, b.last.StatusCode, answer)
		}
		if strings.Contains(b.last.Header.Get("Set-Cookie"), "Max-Age=0") {
			b.t.Errorf("%s %s: a failure clears a cookie", method, path)
		}
		return p.Code
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	return ""
}

// template finds the path of the contract that a path is of.
func (b *browser) template(method, path string) string {
	b.t.Helper()
	path, _, _ = strings.Cut(path, "?")
	have := strings.Split(path, "/")
	for operation := range b.contract.Paths() {
		of, template, _ := strings.Cut(operation, " ")
		want := strings.Split(template, "/")
		if of == method && slices.EqualFunc(want, have, func(want, have string) bool { return want == have || strings.HasPrefix(want, "{") }) {
			return template
		}
	}
	b.t.Fatalf("%s %s is not in the contract", method, path)
	return ""
}

// must is ask for what must succeed.
func (b *browser) must(method, path string, body, into any) {
	b.t.Helper()
	if code := b.ask(method, path, body, into); code != "" {
		b.t.Fatalf("%s %s: %s", method, path, code)
	}
}

// login signs in by a method.
func (b *browser) login(method string, login api.Login) (api.Session, store.Code) {
	b.t.Helper()
	var in api.SignedIn
	code := b.ask(http.MethodPost, "/api/auth/login/"+method, login, &in)
	return in.Session, code
}

// is tells who the session belongs to, "" when it is nobody's.
func (b *browser) is() string {
	b.t.Helper()
	var s api.Session
	if b.ask(http.MethodGet, "/api/auth/session", nil, &s) != "" {
		return ""
	}
	return s.User.String("name")
}

const password = "correct horse"

// founded is a server with a household whose admin Anna sits at a browser.
func founded(t *testing.T, o servertest.Options) (*servertest.Server, *browser) {
	t.Helper()
	o.Empty = true
	s := servertest.Start(t, o)
	anna := newBrowser(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), apitest.Load(t))
	_, code := anna.login("setup", api.Login{Code: s.SetUpCode(), Name: "Anna", Household: "Lindenhof 7", Password: password})
	if code != "" {
		t.Fatal(code)
	}
	return s, anna
}

// other is another browser with the same server.
func (b *browser) other() *browser {
	b.t.Helper()
	return newBrowser(b.t, b.url, b.contract)
}

// invited is somebody new who has come with an invitation.
func (b *browser) invited(name, access string) *browser {
	b.t.Helper()
	var i api.Invitation
	b.must(http.MethodPost, "/api/auth/invitations", api.NewInvitation{Access: access}, &i)
	somebody := b.other()
	if _, code := somebody.login("invitation", api.Login{Code: i.Code, Name: name, Password: password}); code != "" {
		b.t.Fatal(code)
	}
	return somebody
}

// audited are the newest records of a kind, the newest first.
func audited(t *testing.T, s *servertest.Server, kind string) (out []household.AuditRecord) {
	t.Helper()
	records, err := s.Store().AuditPage(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// noSecrets fails when one of the secrets was ever told, or lies in the store's
// audit log.
func (b *browser) noSecrets(s *servertest.Server, secrets ...string) {
	b.t.Helper()
	records, err := s.Store().AuditPage(b.t.Context(), 0, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	raw, err := json.Marshal(records)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(b.told.String(), secret) {
			b.t.Errorf("%s was told", secret)
		}
		if strings.Contains(string(raw), secret) {
			b.t.Errorf("%s is in the audit log", secret)
		}
	}
}
