package syncserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// A page holds a few MiB, however many things it may have; the next one goes on.
func TestPagesHaveALimit(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, in := s.SignIn(t, "Anna")
	anna := &pusher{Client: annas}
	w := wire{s.URL, in.Value}
	start := s.Store().Head()
	long := strings.Repeat("x", 40<<10)
	const n = 150
	for i := range n {
		anna.push(t, thing("plan", store.ID(1000+i), map[string]any{"title": long}))
	}
	one := thing("plan", 999, map[string]any{"title": long})
	for range n {
		one.Base = anna.push(t, one).ID
	}
	walk := func(path, query string, next func(page []byte) (found int, query string)) {
		t.Helper()
		total := 0
		for pages := 1; ; pages++ {
			_, _, body := w.Do(t, http.MethodGet, path+query, nil)
			if len(body) > 5<<20 {
				t.Errorf("%s: a page of %d bytes", path, len(body))
			}
			var found int
			found, query = next(body)
			total += found
			if query == "" || found == 0 {
				if total < n {
					t.Errorf("%s: %d things on %d pages", path, total, pages)
				}
				return
			}
		}
	}
	walk("/api/entities?kind=plan&limit=10000", "", func(page []byte) (int, string) {
		var p api.Snapshot
		if err := json.Unmarshal(page, &p); err != nil {
			t.Fatal(err)
		}
		if p.Next == "" {
			return len(p.Entities), ""
		}
		return len(p.Entities), "&after=" + p.Next
	})
	walk("/api/changes?limit=10000&after=", start.String(), func(page []byte) (int, string) {
		var p api.Changes
		if err := json.Unmarshal(page, &p); err != nil {
			t.Fatal(err)
		}
		if p.ID == p.Head {
			return len(p.Events), ""
		}
		return len(p.Events), store.Cursor{Epoch: p.Epoch, ID: p.ID}.String()
	})
	walk("/api/history/plan/999?limit=1000", "", func(page []byte) (int, string) {
		var p struct {
			Versions []household.HistoryVersion `json:"versions"`
			Next     store.EventID              `json:"next"`
		}
		if err := json.Unmarshal(page, &p); err != nil {
			t.Fatal(err)
		}
		if p.Next == 0 {
			return len(p.Versions), ""
		}
		return len(p.Versions), fmt.Sprint("&before=", p.Next)
	})
}
