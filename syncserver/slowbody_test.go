package syncserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// slowly sends a request whose body is not whole before meanwhile has returned,
// and which has found its session before that.
func slowly(t *testing.T, s *servertest.Server, bearer, path, body string, meanwhile func()) (status int, answer api.Problem) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// With Expect, the server says when it begins to read the body: the headers are
	// behind it then.
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Inglenook-Client: test/1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", path, bearer, len(body))
	read := bufio.NewReader(conn)
	if line, err := read.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("POST %s does not ask for the body: %q %v", path, line, err)
	}
	if _, err := read.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	meanwhile()
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(read, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatalf("%d %s: %v", resp.StatusCode, raw, err)
		}
	}
	return resp.StatusCode, answer
}

// A session that ends while a body is on its way does nothing any more.
func TestABodyDoesNotOutliveItsSession(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	for path, body := range map[string]func(waiting *browser) string{
		"/api/auth/tokens": func(*browser) string { return `{"name":"after the end"}` },
		"/api/replacements": func(*browser) string {
			return `{"replica":1,"seq":1,"replacements":[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"x"}}]}`
		},
		"/api/auth/pair": func(waiting *browser) string {
			return `{"code":"` + waiting.begin("pairing", api.Begin{Device: "x"}).Code + `"}`
		},
		"/api/auth/invitations":      func(*browser) string { return `{"access":"admin"}` },
		"/api/auth/account/recovery": func(*browser) string { return `{}` },
	} {
		var made api.SignedIn
		anna.must(http.MethodPost, "/api/auth/tokens", api.NewToken{Name: "of a thief"}, &made)
		head, sessions := s.Store().Head(), 0
		_, problem := slowly(t, s, made.Value, path, body(anna.other()), func() {
			anna.must(http.MethodDelete, "/api/auth/sessions", nil, nil)
			sessions = len(annas(t, anna))
		})
		if problem.Code != store.CodeSessionEnded || problem.Reason != "revoked" {
			t.Errorf("POST %s: %q, reason %q, want %q", path, problem.Code, problem.Reason, store.CodeSessionEnded)
		}
		if now := len(annas(t, anna)); now != sessions || s.Store().Head() != head {
			t.Errorf("POST %s: %d sessions, were %d; event %d, was %d", path, now, sessions, s.Store().Head().ID, head.ID)
		}
	}
}

func annas(t *testing.T, anna *browser) (devices []api.Device) {
	t.Helper()
	anna.must(http.MethodGet, "/api/auth/sessions", nil, &devices)
	return devices
}

// Who is no admin any more when the body is there lets nobody in.
func TestABodyDoesNotOutliveTheRights(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	ben := anna.invited("Ben", "admin")
	var made api.SignedIn
	ben.must(http.MethodPost, "/api/auth/tokens", api.NewToken{Name: "b"}, &made)
	demoted := thing("user", s.User(t, "Ben").ID, map[string]any{"name": "Ben", "access": "member"})
	demoted.Base = s.Store().Head().ID
	_, problem := slowly(t, s, made.Value, "/api/auth/invitations", `{"access":"admin"}`, func() {
		anna.must(http.MethodPost, "/api/replacements", store.Batch{Replica: 9, Seq: 1, Replacements: []store.Replacement{demoted}}, nil)
	})
	if problem.Code != store.CodeForbidden {
		t.Fatalf("the invitation of somebody who is no admin any more: %q", problem.Code)
	}
	var open []api.Invitation
	anna.must(http.MethodGet, "/api/auth/invitations", nil, &open)
	if len(open) != 0 {
		t.Fatalf("open invitations: %+v", open)
	}
}

// The successor that an answer brings is not void when the body took longer than
// the overlap.
func TestASlowBodyAtARotation(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Anna", false, false)
	d.ask(1)
	s.Clock.Advance(dueAfter)
	status, problem := slowly(t, s, d.values[1], "/api/replacements",
		`{"replica":1,"seq":1,"replacements":[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"x"}}]}`,
		func() { s.Clock.Advance(time.Minute) })
	if status != http.StatusOK {
		t.Fatalf("%d %q", status, problem.Code)
	}
}
