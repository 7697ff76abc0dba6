package e2e

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// page is what stands on the other side of the bridge.
type page struct {
	*device
	mu     sync.Mutex
	frames []bridge.Frame
	came   chan struct{} // one slot
}

func newPage(d *device) *page { return &page{device: d, came: make(chan struct{}, 1)} }

func (p *page) emit(f bridge.Frame) {
	p.mu.Lock()
	p.frames = append(p.frames, f)
	p.mu.Unlock()
	select {
	case p.came <- struct{}{}:
	default:
	}
}

// frame waits for a frame that fits, and checks the numbers on the way.
func (p *page) frame(what string, fits func(bridge.Frame) bool) bridge.Frame {
	p.t.Helper()
	for from := 0; ; {
		p.mu.Lock()
		frames := p.frames
		p.mu.Unlock()
		for i, f := range frames[from:] {
			if f.N != uint64(from+i+1) {
				p.t.Fatalf("frame %d has the number %d", from+i+1, f.N)
			}
			if fits(f) {
				return f
			}
		}
		from = len(frames)
		<-p.came
	}
}

func (p *page) ask(want int, method, path string, body, into any) {
	p.t.Helper()
	var raw []byte
	if text, ok := body.(string); ok {
		raw = []byte(text)
	} else if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	answer := p.Bridge().Handle(p.t.Context(), bridge.Request{Method: method, Path: path, Body: raw})
	if answer.Status != want {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, answer.Status, answer.Body, want)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		p.t.Fatalf("%s %s: read %s: %v", method, path, answer.Body, err)
	}
}

func TestBridge(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	p := newPage(newDevice(t, "A", server.Clock.Now))
	p.online()
	p.ask(http.StatusUnauthorized, "GET", "/api/auth/session", nil, nil)
	var methods api.Methods
	p.ask(http.StatusOK, "POST", "/api/local/methods", api.Address{URL: server.URL}, &methods)
	if len(methods.Methods) == 0 {
		t.Error("the server offers no method")
	}
	p.ask(http.StatusNoContent, "POST", "/api/local/join",
		api.Join{URL: server.URL, Method: "demo", Login: api.Login{Name: "Anna"}}, nil)
	p.synced(0)
	var me store.Entity
	p.ask(http.StatusOK, "GET", "/api/auth/account", nil, &me)
	if me.String("shortName") != "Anna" {
		t.Errorf("the account is %v", me)
	}
	var snapshot api.Snapshot
	p.ask(http.StatusOK, "GET", "/api/entities", nil, &snapshot)
	paged := 0
	for next := "/api/entities?limit=7"; next != ""; {
		var part api.Snapshot
		p.ask(http.StatusOK, "GET", next, nil, &part)
		if paged += len(part.Entities); part.Next != "" {
			next = "/api/entities?limit=7&after=" + part.Next
		} else {
			next = ""
		}
	}
	if len(snapshot.Entities) == 0 || paged != len(snapshot.Entities) {
		t.Errorf("%d entities as a whole, %d in pages", len(snapshot.Entities), paged)
	}

	stop, err := p.Bridge().Listen(t.Context(), store.Cursor{Epoch: snapshot.Epoch, ID: snapshot.ID}.String(), p.emit)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if f := p.frame("session", func(bridge.Frame) bool { return true }); f.Event != "session" {
		t.Errorf("the first frame is %s", f.Event)
	}
	batch := store.Batch{Replica: 1, Seq: 1, Replacements: []store.Replacement{
		{Kind: "note", Entity: entity(t, 77, "title", "from the page")},
		{Kind: "note", Entity: entity(t, 78, "title", 5)},
	}}
	var answer store.BatchResult
	p.ask(http.StatusOK, "POST", "/api/replacements", batch, &answer)
	if answer.Results[0].Status != store.Applied || answer.Results[1].Status != store.Rejected || answer.Results[1].Field != "entity.title" {
		t.Errorf("results are %+v", answer.Results)
	}
	p.frame("the own note", func(f bridge.Frame) bool {
		return f.Event == "replacements" && f.ID != "" && strings.Contains(string(f.Data), "from the page")
	})
	p.synced(0)
	var history struct {
		Versions []household.HistoryVersion `json:"versions"`
		Problem  *api.Problem               `json:"problem"`
	}
	p.ask(http.StatusOK, "GET", "/api/history/note/77", nil, &history)
	if len(history.Versions) != 1 || history.Problem != nil {
		t.Errorf("history is %+v", history)
	}

	server.Stop()
	p.ask(http.StatusOK, "GET", "/api/history/note/77", nil, &history)
	if len(history.Versions) != 1 || history.Problem == nil || history.Problem.Code != store.CodeServerUnreached {
		t.Errorf("without a server the history is %+v", history)
	}
	p.ask(http.StatusBadGateway, "GET", "/api/auth/sessions", nil, nil)
	p.frame("unreached", func(f bridge.Frame) bool {
		return f.Event == "status" && strings.Contains(string(f.Data), `"unreached"`)
	})
	p.ask(http.StatusOK, "POST", "/api/replacements", store.Batch{Replica: 1, Seq: 2, Replacements: []store.Replacement{
		{Kind: "note", Entity: store.Tombstone(77, 1)},
	}}, &answer)
	var trash struct {
		Entries []household.TrashEntry `json:"entries"`
	}
	p.ask(http.StatusOK, "GET", "/api/trash", nil, &trash)
	if len(trash.Entries) == 0 || trash.Entries[0].Last.String("title") != "from the page" {
		t.Errorf("without a server the trash is %+v", trash)
	}
}

// TestBridgeListensAgain: the second listening begins at 1, and what a page of
// another start asks for is answered with a reset.
func TestBridgeListensAgain(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	p := newPage(newDevice(t, "A", server.Clock.Now))
	p.write("", store.Replacement{Kind: "note", Entity: entity(t, 5, "title", "x")})
	var at store.Cursor
	p.ask(http.StatusOK, "GET", "/api/last-event-id", nil, &at)
	for _, row := range []struct{ after, event string }{
		{store.Cursor{Epoch: at.Epoch}.String(), "replacements"},
		{store.Cursor{Epoch: at.Epoch + 1}.String(), "reset"},
		{store.Cursor{Epoch: at.Epoch, ID: at.ID + 1}.String(), "reset"},
	} {
		p.mu.Lock()
		p.frames = nil
		p.mu.Unlock()
		stop, err := p.Bridge().Listen(t.Context(), row.after, p.emit)
		if err != nil {
			t.Fatal(err)
		}
		p.frame(row.event, func(f bridge.Frame) bool { return f.Event == row.event })
		stop()
	}
	p.ask(http.StatusNoContent, "POST", "/api/local/listen", `{"after":""}`, nil)
	p.ask(http.StatusBadRequest, "POST", "/api/local/listen", `{"after":"x"}`, nil)
}

// TestBridgeRefuses: whatever a page sends, it gets a problem, and nothing
// changes.
func TestBridgeRefuses(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	p := newPage(newDevice(t, "A", server.Clock.Now))
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for _, row := range []struct {
		method, path, body string
		status             int
		code               store.Code
	}{
		{"GET", "/api/nothing", "", 404, store.CodeNotFound},
		{"GET", "nothing", "", 404, store.CodeNotFound},
		{"GET", "/api/%zz", "", 404, store.CodeNotFound},
		{"DELETE", "/api/entities", "", 405, store.CodeMethod},
		{"GET", "/api/entities?kind=9", "", 422, store.CodeInvalid},
		{"GET", "/api/entities?after=list", "", 422, store.CodeInvalid},
		{"GET", "/api/entities?limit=0", "", 422, store.CodeInvalid},
		{"GET", "/api/changes", "", 400, store.CodeCursorInvalid},
		{"GET", "/api/changes?after=1-1", "", 409, store.CodeReset},
		{"POST", "/api/replacements", "", 400, store.CodeMalformed},
		{"POST", "/api/replacements", "{", 400, store.CodeMalformed},
		{"POST", "/api/replacements", deep, 400, store.CodeMalformed},
		{"POST", "/api/replacements", `{"replica":1,"seq":1,"replacements":[],"more":1}`, 422, store.CodeInvalid},
		{"POST", "/api/replacements", `{"replica":1,"seq":1,"replacements":[]}`, 422, store.CodeInvalid},
		{"POST", "/api/replacements", `{"replica":-1,"seq":1,"replacements":[]}`, 422, store.CodeInvalid},
		{"POST", "/api/replacements", strings.Repeat(" ", 5<<20), 413, store.CodeTooLarge},
		{"GET", "/api/users/9007199254740992", "", 422, store.CodeInvalid},
		{"GET", "/api/users/5", "", 404, store.CodeNotFound},
		{"GET", "/api/history/note/5", "", 404, store.CodeNotFound},
		{"POST", "/api/local/parked/5", "", 404, store.CodeNotFound},
		{"DELETE", "/api/local/parked/0", "", 422, store.CodeInvalid},
		{"POST", "/api/local/join", `{"url":"ftp://x","method":"demo","login":{}}`, 422, store.CodeInvalid},
		{"POST", "/api/local/methods", `{"url":"http://127.0.0.1:1"}`, 502, store.CodeServerUnreached},
		{"GET", "/api/auth/sessions", "", 401, store.CodeSessionMissing},
	} {
		var problem api.Problem
		p.ask(row.status, row.method, row.path, row.body, &problem)
		if problem.Code != row.code || problem.Status != row.status {
			t.Errorf("%s %s: %+v, want %s", row.method, row.path, problem, row.code)
		}
	}
	if waiting, _, err := p.Replica().Device().Waiting(t.Context()); err != nil || waiting != 0 {
		t.Errorf("%d writes were taken (%v)", waiting, err)
	}
}
