package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/go-json-experiment/json"
)

// Who guesses learns nothing about names: one that nobody has, one without a
// password and one with another password get the same answer, for the same work.
// The work is measured in memory: that of a hash is far above all else.
func TestNamesAreNotTold(t *testing.T) {
	w := build(t, nil)
	cookie, _ := w.signIn("browser")
	req := w.request(http.MethodPatch, "/api/auth/account", `{"newPassword":"correct horse battery"}`)
	set(req, "Content-Type", "application/json")
	set(req, "Inglenook-Client", "test/1")
	set(req, "Cookie", cookie)
	if resp, body := w.send(req); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("set a password: %d %s", resp.StatusCode, body)
	}
	guess := func(name string) (answer string, work uint64) {
		t.Helper()
		req := w.request(http.MethodPost, "/api/auth/login/password", fmt.Sprintf(`{"name":%q,"password":"a wrong guess","kind":"token"}`, name))
		set(req, "Content-Type", "application/json")
		set(req, "Inglenook-Client", "test/1")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		resp, body := w.send(req)
		runtime.ReadMemStats(&after)
		var problem map[string]any
		if err := json.Unmarshal(body, &problem); err != nil {
			t.Fatal(err)
		}
		delete(problem, "instance") // of each request another
		body, err := json.Marshal(problem, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		resp.Header.Del("Inglenook-Request")
		resp.Header.Del("Date")
		resp.Header.Del("Content-Length")
		var header bytes.Buffer
		_ = resp.Header.Write(&header) // into memory
		return fmt.Sprintf("%d\n%s\n%s", resp.StatusCode, header.String(), body), after.TotalAlloc - before.TotalAlloc
	}
	guess("somebody") // makes what unknown names are compared with
	answers, works := map[string]string{}, map[string]uint64{}
	names := []string{"Anna", "Ben", "Nobody", "", "Anna ", "ANNA"}
	for _, name := range names {
		answers[name], works[name] = guess(name)
	}
	for _, name := range names {
		if answers[name] != answers["Anna"] {
			t.Errorf("%q is answered\n%s\nand Anna\n%s", name, answers[name], answers["Anna"])
		}
		if few, many := min(works[name], works["Anna"]), max(works[name], works["Anna"]); many-few > many/10 || few < 10<<20 {
			t.Errorf("%q costs %d bytes, Anna %d", name, works[name], works["Anna"])
		}
	}
}
