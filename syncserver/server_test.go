package syncserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/api/apitest"
	"inglenook/syncserver/client"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire is a signed-in client that sends bytes as they are.
type wire struct{ url, value string }

func (w wire) Do(t testing.TB, method, path string, body []byte) (int, string, []byte) {
	t.Helper()
	answer := w.Ask(t, apitest.Request{Method: method, Path: path, Body: body})
	return answer.Status, answer.ContentType, answer.Body
}

// Ask makes it a target of the conformance suite.
func (w wire) Ask(t testing.TB, r apitest.Request) apitest.Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.Method, w.url+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "test/1")
	if w.value != "" {
		req.Header.Set("Authorization", "Bearer "+w.value)
	}
	if r.IfMatch != "" {
		req.Header.Set("If-Match", r.IfMatch)
	}
	return sent(t, req)
}

func send(t testing.TB, req *http.Request) (int, string, []byte) {
	t.Helper()
	answer := sent(t, req)
	return answer.Status, answer.ContentType, answer.Body
}

func sent(t testing.TB, req *http.Request) apitest.Answer {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apitest.Answer{
		Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type"), ETag: resp.Header.Get("ETag"), Body: answer,
	}
}

func TestContract(t *testing.T) {
	apitest.Run(t, func(t *testing.T) apitest.Target {
		s := servertest.Start(t, servertest.Options{})
		_, in := s.SignIn(t, "Anna")
		return wire{s.URL, in.Value}
	})
}

// Every operation of the contract is served, and answers a stranger with a
// problem rather than with data.
func TestEveryPathIsServed(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	contract := apitest.Load(t)
	open := map[string]bool{
		"GET /api/health": true, "GET /api/ready": true, "GET /api/version": true, "GET /api/openapi.json": true,
		"GET /metrics": true, "GET /api/auth/methods": true, "POST /api/auth/login/{method}": true,
		"POST /api/auth/begin/{method}": true, "GET /api/auth/callback/{method}": true,
	}
	for operation := range contract.Paths() {
		if strings.Contains(operation, "/api/local/") {
			continue
		}
		method, path, _ := strings.Cut(operation, " ")
		path = strings.NewReplacer("{kind}", "list", "{id}", "1", "{method}", "password").Replace(path)
		status, contentType, body := wire{url: s.URL}.Do(t, method, path, []byte("{}"))
		contract.Check(t, operation, status, contentType, body)
		var p api.Problem
		_ = json.Unmarshal(body, &p)
		if !open[operation] && p.Code != store.CodeSessionMissing {
			t.Errorf("%s without a session: %d %s", operation, status, body)
		}
		if open[operation] && p.Code == store.CodeNotFound {
			t.Errorf("%s is not served", operation)
		}
	}
}

func TestWhatAPageOfAnotherSiteCannotDo(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	_, in := s.SignIn(t, "Anna")
	batch := `{"replica":1,"seq":1,"replacements":[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"x"}}]}`
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		code   store.Code
	}{
		{"a form", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, store.CodeContentType},
		{"no content type", func(r *http.Request) { r.Header.Del("Content-Type") }, store.CodeContentType},
		{"without our header", func(r *http.Request) { r.Header.Del("Inglenook-Client") }, store.CodeOrigin},
		{"from elsewhere", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, store.CodeOrigin},
		{"cross-site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, store.CodeOrigin},
		{"a name of theirs", func(r *http.Request) { r.Host = "evil.example" }, store.CodeHost},
		{"another method", func(r *http.Request) { r.Method = http.MethodPut }, store.CodeMethod},
		{"a wrong secret", func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+in.Value[:len(in.Value)-4]+"AAAA")
		}, store.CodeSessionInvalid},
		{"half a value", func(r *http.Request) { r.Header.Set("Authorization", "Bearer v1.1") }, store.CodeSessionInvalid},
		{"a value in the address", func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "session=" + in.Value
		}, store.CodeSessionMissing},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/replacements", strings.NewReader(batch))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Inglenook-Client", "test/1")
		req.Header.Set("Authorization", "Bearer "+in.Value)
		before := s.Store().Head()
		tt.change(req)
		_, _, body := send(t, req)
		var p api.Problem
		if err := json.Unmarshal(body, &p); err != nil || p.Code != tt.code {
			t.Errorf("%s: %.300s", tt.name, body)
		}
		if s.Store().Head() != before {
			t.Errorf("%s: something was written", tt.name)
		}
	}
}

func TestTooLarge(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	_, in := s.SignIn(t, "Anna")
	// Little more than the limit: the answer must be there before the rest of the
	// body is in the way.
	status, _, body := wire{s.URL, in.Value}.Do(t, http.MethodPost, "/api/replacements", bytes.Repeat([]byte(" "), 4<<20+65<<10))
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("a KiB too much: %d %.200s", status, body)
	}
	big := fmt.Sprintf(`{"replica":1,"seq":1,"replacements":[{"kind":"note","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"x","other":%q}}]}`, strings.Repeat("y", 70<<10))
	_, _, body = wire{s.URL, in.Value}.Do(t, http.MethodPost, "/api/replacements", []byte(big))
	var result store.BatchResult
	if err := json.Unmarshal(body, &result); err != nil || len(result.Results) != 1 || result.Results[0].Code != store.CodeTooLarge {
		t.Errorf("an entity of 70 KiB: %.300s", body)
	}
}

func TestSetUp(t *testing.T) {
	s := servertest.Start(t, servertest.Options{Empty: true})
	c := s.Anonymous(t)
	login := api.Login{Code: "WRNG-CODE", Name: "Anna", Household: "Lindenhof 7", Password: "correct horse", Kind: "token"}
	if _, _, err := c.Login(t.Context(), "setup", login); store.CodeOf(err) != store.CodeSignInFailed {
		t.Fatalf("a wrong code: %v", err)
	}
	login.Code = strings.ToLower(strings.ReplaceAll(s.SetUpCode(), "-", ""))
	weak := login
	weak.Password = "password123"
	if _, _, err := c.Login(t.Context(), "setup", weak); store.CodeOf(err) != store.CodePasswordWeak {
		t.Fatalf("a common password: %v", err)
	}
	_, in, err := c.Login(t.Context(), "setup", login)
	if err != nil || in.Session.User.String("access") != "admin" || in.Session.Instance.Household != "Lindenhof 7" {
		t.Fatalf("set-up: %+v %v", in.Session, err)
	}
	if _, _, err := c.Login(t.Context(), "setup", login); store.CodeOf(err) != store.CodeMethodOff || s.SetUpCode() != "" {
		t.Errorf("the code works twice: %v", err)
	}
	if _, _, err := c.Login(t.Context(), "demo", api.Login{Name: "Anna"}); store.CodeOf(err) != store.CodeMethodOff {
		t.Errorf("demo without demo: %v", err)
	}
	if _, _, err := c.Login(t.Context(), "password", api.Login{Name: " anna ", Password: "correct horse", Kind: "token"}); err != nil {
		t.Errorf("password: %v", err)
	}
	var last error
	for range 7 {
		_, _, last = c.Login(t.Context(), "password", api.Login{Name: "Anna", Password: "wrong horse!", Kind: "token"})
	}
	if store.CodeOf(last) != store.CodeRateLimited {
		t.Errorf("the seventh wrong password: %v", last)
	}
	for _, name := range []string{"Anna", "Nobody"} {
		_, _, err := s.Anonymous(t).Login(t.Context(), "password", api.Login{Name: name + "!", Password: "x", Kind: "token"})
		if store.CodeOf(err) != store.CodeSignInFailed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrowserGetsACookieAndNoValue(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/auth/login/demo", strings.NewReader(`{"name":"Ben"}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "web/1")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	body, _ := io.ReadAll(resp.Body)
	cookies := resp.Cookies()
	if len(cookies) != 2 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || !strings.HasPrefix(cookies[0].Name, "inglenook-") {
		t.Fatalf("cookies %v", cookies)
	}
	if strings.Contains(string(body), cookies[0].Value) || strings.Contains(string(body), `"value"`) {
		t.Error("the body tells the session's value to the page")
	}
	req, _ = http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/auth/session", nil)
	req.AddCookie(&http.Cookie{Name: cookies[0].Name, Value: cookies[0].Value + "x"})
	resp, err = (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || len(resp.Cookies()) != 0 {
		t.Errorf("a failure answers %d with %d cookies: it must clear none", resp.StatusCode, len(resp.Cookies()))
	}
}

// listen collects frames until it has seen enough.
func listen(t *testing.T, c *client.Client, after store.Cursor, enough func([]string) bool) (frames []string, last store.Cursor) {
	t.Helper()
	done := errors.New("enough")
	err := c.Stream(t.Context(), after, func(f client.Frame, _ bool) error {
		frames = append(frames, f.Event+" "+string(f.Data))
		if f.ID.ID != 0 {
			last = f.ID
		}
		if enough(frames) {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Fatalf("stream after %v: %v\n%s", after, err, strings.Join(frames, "\n"))
	}
	return frames, last
}

func has(event, part string) func([]string) bool {
	return func(frames []string) bool {
		return slices.ContainsFunc(frames, func(f string) bool {
			return strings.HasPrefix(f, event+" ") && strings.Contains(f, part)
		})
	}
}

func thing(kind store.Kind, id store.ID, fields map[string]any) store.Replacement {
	e := store.Entity{ID: id, UpdatedAt: store.TimestampOf(servertest.Begin)}
	for name, value := range fields {
		if err := e.Set(name, value); err != nil {
			panic(err)
		}
	}
	return store.Replacement{Kind: kind, Entity: e}
}

type pusher struct {
	*client.Client
	seq uint64
}

func (p *pusher) push(t *testing.T, replacements ...store.Replacement) store.Cursor {
	t.Helper()
	p.seq++
	result, err := p.Push(t.Context(), store.Batch{Replica: 77, Seq: p.seq, Replacements: replacements})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range result.Results {
		if r.Status == store.Rejected {
			t.Fatalf("%s: %+v", replacements[i].Kind, r)
		}
	}
	return result.Event
}

// The stream gives every event once, in order, whenever a client comes.
func TestTheStreamMissesNothing(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	bens, _ := s.SignIn(t, "Ben")
	anna := &pusher{Client: annas}
	cursor := s.Store().Head()
	var all []string
	for round := range 5 {
		written := make(chan store.Cursor, 1)
		go func() {
			for i := range 20 {
				event := anna.push(t, thing("list", store.ID(1000+round*20+i), map[string]any{"title": fmt.Sprintf("list-%03d", round*20+i)}))
				if i == 19 {
					written <- event
				}
			}
		}()
		frames, last := listen(t, bens, cursor, has("replacements", fmt.Sprintf("list-%03d", round*20+10+round)))
		if !strings.HasPrefix(frames[0], "session ") || !strings.Contains(frames[0], `"Ben`) {
			t.Fatalf("the first frame is %.200s", frames[0])
		}
		all = append(all, frames[1:]...)
		cursor = last
		<-written
	}
	frames, _ := listen(t, bens, cursor, has("replacements", "list-099"))
	all = append(all, frames[1:]...)
	if len(all) != 100 {
		t.Fatalf("%d frames for 100 events", len(all))
	}
	for i, f := range all {
		if !strings.Contains(f, fmt.Sprintf("list-%03d", i)) {
			t.Fatalf("frame %d is %s", i, f)
		}
	}
}

// What somebody may not see never crosses the wire; who loses sight forgets, who
// gains it gets all.
func TestSightOnTheWire(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, in := s.SignIn(t, "Anna")
	bens, _ := s.SignIn(t, "Ben")
	anna := &pusher{Client: annas}
	start := s.Store().Head()
	me := in.Session.User.ID.String()
	made := anna.push(t,
		thing("list", 501, map[string]any{"title": "private-canary", "audience": map[string]string{me: "write"}}),
		thing("item", 502, map[string]any{"title": "item-canary", "listId": 501}),
		thing("list", 503, map[string]any{"title": "shared"}))
	anna.push(t, thing("item", 504, map[string]any{"title": "item-canary-2", "listId": 501}))
	anna.push(t, thing("list", 505, map[string]any{"title": "marker-1"}))

	frames, cursor := listen(t, bens, start, has("replacements", "marker-1"))
	for _, f := range frames {
		if strings.Contains(f, "canary") || strings.Contains(f, "501") || strings.Contains(f, "502") {
			t.Errorf("Ben is told of Anna's list: %s", f)
		}
	}
	if !has("replacements", `"shared"`)(frames) {
		t.Errorf("Ben is not told of what he may see: %s", frames)
	}

	open := thing("list", 501, map[string]any{"title": "private-canary"})
	open.Base = made.ID
	opened := anna.push(t, open)
	anna.push(t, thing("list", 506, map[string]any{"title": "marker-2"}))
	frames, cursor = listen(t, bens, cursor, has("replacements", "marker-2"))
	if !has("replacements", "item-canary-2")(frames) || !has("replacements", `"item-canary"`)(frames) {
		t.Errorf("Ben gained sight and is not given all: %s", frames)
	}

	shut := thing("list", 501, map[string]any{"title": "private-canary", "audience": map[string]string{me: "write"}})
	shut.Base = opened.ID
	anna.push(t, shut)
	anna.push(t, thing("list", 507, map[string]any{"title": "marker-3"}))
	frames, _ = listen(t, bens, cursor, has("replacements", "marker-3"))
	if !has("forget", `"list","ids":[501]`)(frames) || !has("forget", "504")(frames) {
		t.Errorf("Ben lost sight and is not told to forget: %s", frames)
	}
	if has("replacements", "canary")(frames) {
		t.Errorf("Ben still sees: %s", frames)
	}
	page, err := bensPage(t, bens, start)
	if err != nil || strings.Contains(page, "item-canary") {
		t.Errorf("who catches up sees what they may not see today: %v %s", err, page)
	}
	if _, err := bens.History(t.Context(), store.Ref{Kind: "list", ID: 501}, 0); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("history: %v", err)
	}
}

func bensPage(t *testing.T, c *client.Client, after store.Cursor) (string, error) {
	t.Helper()
	answer, err := c.Forward(t.Context(), client.Forwarded{
		Method: http.MethodGet, Path: "/api/changes", Query: map[string][]string{"after": {after.String()}, "limit": {"10000"}},
	})
	return string(answer.Body), err
}

func TestStreamsEnd(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	bens, in := s.SignIn(t, "Ben")
	other, _ := s.SignIn(t, "Ben")
	head := s.Store().Head()

	t.Run("of another epoch: reset", func(t *testing.T) {
		listen(t, bens, store.Cursor{Epoch: head.Epoch + 1, ID: 1}, has("reset", `"epoch"`))
	})
	t.Run("beyond the head: reset", func(t *testing.T) {
		listen(t, bens, store.Cursor{Epoch: head.Epoch, ID: head.ID + 5}, has("reset", `"beyond-head"`))
	})
	t.Run("the device is ended from another one", func(t *testing.T) {
		listen(t, bens, head, func(frames []string) bool {
			if len(frames) == 1 {
				if err := other.EndSession(context.Background(), in.Session.ID); err != nil {
					t.Error(err)
				}
			}
			return has("bye", "session-ended")(frames)
		})
		if _, err := bens.LastEventID(t.Context()); store.CodeOf(err) != store.CodeSessionEnded {
			t.Errorf("after that: %v", err)
		}
	})
	t.Run("the server stops", func(t *testing.T) {
		stopped := make(chan struct{})
		listen(t, other, head, func(frames []string) bool {
			if len(frames) == 1 {
				go func() { s.Stop(); close(stopped) }()
			}
			return has("bye", "drain")(frames)
		})
		<-stopped
	})
}

// A store that came back older than what was given out is refused.
func TestAStoreThatIsBehind(t *testing.T) {
	dir := t.TempDir()
	s := servertest.Start(t, servertest.Options{Dir: dir})
	head := s.Store().Head()
	s.Stop()
	noted, err := os.ReadFile(dir + "/newest-event")
	if err != nil || string(noted) != head.String() {
		t.Fatalf("noted %q: %v", noted, err)
	}
	ahead := store.Cursor{Epoch: head.Epoch, ID: head.ID + 1}
	if err := os.WriteFile(dir+"/newest-event", []byte(ahead.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := servertest.Try(t, dir); store.CodeOf(err) != store.CodeStoreBehind {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(dir+"/newest-event", []byte(head.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := servertest.Try(t, dir); err != nil {
		t.Errorf("the store that is not behind: %v", err)
	}
}
