package syncserver_test

import (
	"net/http"
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
