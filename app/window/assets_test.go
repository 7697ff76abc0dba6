package window

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"inglenook/app"
	"inglenook/store"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var page = fstest.MapFS{"index.html": {Data: []byte("<h1>the page</h1>")}}

// open makes a window that is not shown, on a real device.
func newWindow(t *testing.T, dir string, ui fs.FS) *window {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC) }
	w := &window{cfg: Config{Dir: dir, UI: ui, Now: now}, log: zerolog.Nop(), words: english(), started: now(), memory: remember(dir + "/window.json")}
	w.device = openDevice(app.Config{Dir: dir, Now: now, Emit: w.emit})
	t.Cleanup(func() {
		if err := w.device.close(closeTime); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func answer(w *window, method, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.guard(http.FileServerFS(w.cfg.UI)).ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader("body")))
	return rec
}

func TestAssetsAreGetsOnly(t *testing.T) {
	w := newWindow(t, t.TempDir(), page)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} {
		if got := answer(w, method, "/api/replacements"); got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != "GET" {
			t.Errorf("%s: %d, Allow %q", method, got.Code, got.Header().Get("Allow"))
		}
	}
	got := answer(w, "GET", "/")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "the page") {
		t.Errorf("the page: %d %s", got.Code, got.Body)
	}
	policy := got.Header().Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "script-src 'self';", "form-action 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("policy %q lacks %s", policy, directive)
		}
	}
	if strings.Contains(policy, "connect-src") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q lets the page out", policy)
	}
}

func TestLockedStoreIsShownAndAnswered(t *testing.T) {
	dir := t.TempDir()
	first := newWindow(t, dir, page)
	if _, err := first.device.get(); err != nil {
		t.Fatal(err)
	}
	second := newWindow(t, dir, page)
	got := answer(second, "GET", "/index.html")
	if body := got.Body.String(); !strings.Contains(body, english().locked) || strings.Contains(body, "the page") {
		t.Errorf("shown: %s", body)
	}
	if got := (&Page{second}).Request("GET", "/api/local/status", "", ""); got.Status != 503 || code(t, got) != store.CodeStoreLocked {
		t.Errorf("answered: %+v", got)
	}
	if got := answer(second, "GET", failureCSSPath); !strings.HasPrefix(got.Header().Get("Content-Type"), "text/css") {
		t.Errorf("the style is %q", got.Header().Get("Content-Type"))
	}
}

func TestBuildWithoutAPageIsSaid(t *testing.T) {
	w := newWindow(t, t.TempDir(), fstest.MapFS{".gitkeep": {}})
	if got := answer(w, "GET", "/"); !strings.Contains(got.Body.String(), english().noPage) {
		t.Errorf("shown: %s", got.Body)
	}
}

func code(t *testing.T, a Answer) store.Code {
	t.Helper()
	var p struct {
		Code store.Code `json:"code"`
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		t.Fatalf("%s: %v", a.Body, err)
	}
	return p.Code
}

func TestRequestAnswersFromTheDevice(t *testing.T) {
	w := newWindow(t, t.TempDir(), page)
	p := &Page{w}
	if got := p.Request("GET", "/api/local/status", "", ""); got.Status != 200 || !strings.Contains(got.Body, `"state":"none"`) {
		t.Errorf("status: %+v", got)
	}
	if got := p.Request("POST", "/api/local/join", "{", ""); got.Status != 400 || code(t, got) != store.CodeMalformed {
		t.Errorf("broken JSON: %+v", got)
	}
	if got := p.Request("GET", "no path", "", ""); got.Status != 404 {
		t.Errorf("no path: %+v", got)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	p := &Page{&window{log: zerolog.Nop()}} // without a device
	if got := p.Request("GET", "/api/local/status", "", ""); got.Status != 500 || code(t, got) != store.CodeInternal {
		t.Errorf("%+v", got)
	}
}

func TestPaintedRemembersTheGround(t *testing.T) {
	dir := t.TempDir()
	w := newWindow(t, dir, page)
	p := &Page{w}
	for _, body := range []string{`{"ground":"rgb(25, 21, 19)"}`, `{"ground":"url(x)"}`, `{"ground":5}`, "broken", ""} {
		if got := p.Request("POST", paintedPath, body, ""); got.Status != 204 {
			t.Errorf("%s: %+v", body, got)
		}
	}
	kept := remember(dir + "/window.json").load()
	if kept.Ground != groundDark {
		t.Errorf("ground is %q", kept.Ground)
	}
	if got := w.background(kept); got.R != 0x19 || got.G != 0x15 || got.B != 0x13 || got.A != 255 {
		t.Errorf("background is %+v", got)
	}
}
