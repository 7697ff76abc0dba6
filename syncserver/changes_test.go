package syncserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// Who is taken out of the household, or signed out, while they wait for what is
// new is not given it any more.
func TestWaitingEndsWithTheSession(t *testing.T) {
	for _, end := range []string{"removed", "signed out"} {
		s := servertest.Start(t, servertest.Options{})
		annas, _ := s.SignIn(t, "Anna")
		anna := &pusher{Client: annas}
		bens, in := s.SignIn(t, "Ben")
		head := s.Store().Head()
		path := "/api/changes?wait=25&after=" + head.String()
		answer := make(chan []byte, 1)
		waiting := make(chan struct{})
		go func() {
			close(waiting)
			_, _, body := wire{s.URL, in.Value}.Do(t, http.MethodGet, path, nil)
			answer <- body
		}()
		<-waiting
		secret := thing("list", 7001, map[string]any{"title": "canary"})
		if end == "removed" {
			gone := store.Replacement{Kind: "user", Entity: store.Tombstone(in.Session.User.ID, store.TimestampOf(servertest.Begin)), Base: head.ID}
			anna.push(t, gone, secret)
		} else {
			if err := bens.Logout(t.Context()); err != nil {
				t.Fatal(err)
			}
			anna.push(t, secret)
		}
		body := <-answer
		var p api.Problem
		if err := json.Unmarshal(body, &p); err != nil || p.Code != store.CodeSessionEnded {
			t.Errorf("%s: %s", end, body)
		}
		if strings.Contains(string(body), "canary") {
			t.Errorf("%s, and is told: %s", end, body)
		}
	}
}

// A page ends before the event that changes somebody's level, so that what came
// before it is not asked for again and again.
func TestAPageEndsBeforeALevelChanges(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	anna := &pusher{Client: annas}
	_, in := s.SignIn(t, "Ben")
	head := s.Store().Head()
	before := anna.push(t, thing("list", 7001, map[string]any{"title": "before"}))
	level := thing("user", in.Session.User.ID, map[string]any{"name": in.Session.User.String("name"), "access": "child"})
	level.Base = head.ID
	anna.push(t, level)
	for _, accept := range []string{"application/json", "application/x-ndjson"} {
		get := func(after store.Cursor) []byte {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/changes?after="+after.String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", accept)
			req.Header.Set("Authorization", "Bearer "+in.Value)
			_, _, body := send(t, req)
			return body
		}
		page := get(head)
		end := page
		if accept != "application/json" {
			lines := strings.Split(strings.TrimSpace(string(page)), "\n")
			end = []byte(lines[len(lines)-1])
		}
		var changes api.Changes
		if err := json.Unmarshal(end, &changes); err != nil || changes.ID != before.ID || !strings.Contains(string(page), `"before"`) {
			t.Errorf("%s: %s", accept, page)
		}
		var p api.Problem
		if body := get(before); json.Unmarshal(body, &p) != nil || p.Code != store.CodeReset {
			t.Errorf("%s, then: %s", accept, body)
		}
	}
}

// Lines come whole and in order however the line is read: small events, large
// ones, some nobody but Anna sees, and the end of the page before Ben's level
// changes.
func TestLinesOfManyEvents(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, her := s.SignIn(t, "Anna")
	anna := &pusher{Client: annas}
	_, his := s.SignIn(t, "Ben")
	head := s.Store().Head()
	secret := thing("list", 7000, map[string]any{
		"title": "surprise", "audience": map[string]any{her.Session.User.ID.String(): "write"},
	})
	anna.push(t, secret)
	long := strings.Repeat("x", 30<<10)
	var seen []store.ID
	for i := range 700 {
		id := store.ID(8000 + i)
		item := thing("item", id, map[string]any{"title": "i", "listId": secret.Entity.ID})
		if i%3 != 0 {
			item = thing("plan", id, map[string]any{"title": "p"})
			seen = append(seen, id)
		}
		if i%5 == 0 && i > 500 {
			if err := item.Entity.Set("note", long); err != nil {
				t.Fatal(err)
			}
		}
		anna.push(t, item)
	}
	last := s.Store().Head()
	level := thing("user", his.Session.User.ID, map[string]any{"name": his.Session.User.String("name"), "access": "child"})
	level.Base = last.ID
	anna.push(t, level)
	anna.push(t, thing("plan", 9999, map[string]any{"title": "later"}))

	for _, limit := range []int{10_000, 700, 257, 256, 100} {
		after, events := head, []store.EventID{}
		var found []store.ID
		for after != last {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
				fmt.Sprintf("%s/api/changes?after=%s&limit=%d", s.URL, after, limit), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "application/x-ndjson")
			req.Header.Set("Authorization", "Bearer "+his.Value)
			_, _, body := send(t, req)
			lines := strings.Split(strings.TrimSpace(string(body)), "\n")
			for _, line := range lines[:len(lines)-1] {
				var event struct {
					ID           store.EventID  `json:"id"`
					Replacements []store.Change `json:"replacements"`
				}
				if err := json.Unmarshal([]byte(line), &event); err != nil {
					t.Fatalf("%v: %.200s", err, line)
				}
				events = append(events, event.ID)
				for _, change := range event.Replacements {
					found = append(found, change.Entity.ID)
				}
			}
			var end api.Changes
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.ID <= after.ID || end.ID > last.ID {
				t.Fatalf("limit %d after %s: %s", limit, after, lines[len(lines)-1])
			}
			after.ID = end.ID
		}
		if !slices.IsSorted(events) || !slices.Equal(found, seen) {
			t.Errorf("limit %d: %d events, %d things instead of %d", limit, len(events), len(found), len(seen))
		}
	}
}
