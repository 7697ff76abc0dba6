package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers every request with a handler, over real HTTP.
func serve(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/auth/refresh" { // with the session's value, before anything else
			_, _ = io.WriteString(w, `{"accessToken":"token of `+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+`"}`)
			return
		}
		handler(w, r)
	}))
	c, err := client.New(client.Config{URL: server.URL, Credentials: client.Credentials{Value: "v1.1.secret"}, Name: "test/1", Silence: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.CloseClientConnections()
		server.Close()
	})
	return c
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestAddresses(t *testing.T) {
	for url, ok := range map[string]bool{
		"http://127.0.0.1:7420": true, "https://home.example/": true, " http://x ": true,
		"": false, "home.example": false, "ftp://x": false, "http://x/path": false, "http://user:secret@x": false, "http://": false,
		"javascript:alert(1)": false, "http://x?y": false,
	} {
		_, err := client.New(client.Config{URL: url})
		if (err == nil) != ok || err != nil && store.CodeOf(err) != store.CodeInvalid {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, row := range []struct {
		status int
		body   string
		code   store.Code
	}{
		{409, `{"type":"/problems/cursor-reset","title":"Conflict","status":409,"code":"cursor-reset","field":"epoch"}`, store.CodeReset},
		{401, `{"code":"session-ended"}`, store.CodeSessionEnded},
		{502, `<html>Bad Gateway</html>`, store.CodeServerUnreached}, // a proxy, not the server
		{302, ``, store.CodeServerUnreached},                         // never followed with the session's value
		{404, `not found`, store.CodeServerUnreached},
	} {
		c := serve(t, say(row.status, row.body))
		if _, err := c.LastEventID(t.Context()); store.CodeOf(err) != row.code {
			t.Errorf("%d %s: %v, want %s", row.status, row.body, err, row.code)
		}
	}
	var p *client.Problem
	c := serve(t, say(429, `{"code":"rate-limited","status":429,"retryAfterMs":5000}`))
	if _, err := c.LastEventID(t.Context()); !errors.As(err, &p) || p.RetryAfterMs != 5000 {
		t.Errorf("the problem is not in %v", err)
	}
	nobody, err := client.New(client.Config{URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.LastEventID(t.Context()); store.CodeOf(err) != store.CodeServerUnreached || strings.Contains(err.Error(), "127.0.0.1:1/") {
		t.Errorf("nobody there: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := nobody.LastEventID(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestHeaders: who asks is said, and on what changes something also with what.
func TestHeaders(t *testing.T) {
	var got []http.Header
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Clone())
		_, _ = w.Write([]byte(`{}`))
	})
	if _, err := c.LastEventID(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Push(t.Context(), store.Batch{}); err != nil {
		t.Fatal(err)
	}
	if got[0].Get("Authorization") != "Bearer token of v1.1.secret" || got[0].Get(api.HeaderClient) != "" {
		t.Errorf("a GET says %v", got[0])
	}
	if got[1].Get(api.HeaderClient) != "test/1" || got[1].Get("Content-Type") != "application/json" {
		t.Errorf("a POST says %v", got[1])
	}
}

// TestSnapshotIsWholeOrCut: a snapshot counts only with its last line.
func TestSnapshotIsWholeOrCut(t *testing.T) {
	head := `{"epoch":3,"id":9}` + "\n"
	one := `{"kind":"note","entity":{"id":1,"updatedAt":"2026-11-21T08:00:00.000Z","title":"a,\"event\":7}"},"event":4}` + "\n"
	odd := `{ "event":5, "entity":{"title":"b","id":2,"updatedAt":"2026-11-21T08:00:00Z"}, "kind":"note" }` + "\n"
	for _, row := range []struct {
		body string
		n    int
		cut  bool
	}{
		{head + `{"count":0}` + "\n", 0, false},
		{head + one + odd + `{"count":2}` + "\n", 2, false},
		{head + one + odd + `{"count":3}` + "\n", 2, true},
		{head + one, 1, true},
		{head + one + odd[:20], 1, true},
		{"", 0, true},
	} {
		c := serve(t, say(200, row.body))
		var all []household.Received
		var at store.Cursor
		err := c.Snapshot(t.Context(), store.Cursor{}, store.Ref{}, func(c store.Cursor) error { at = c; return nil },
			func(in []household.Received) error { all = append(all, in...); return nil })
		if len(all) != row.n || errors.Is(err, client.ErrCut) != row.cut || err != nil && !row.cut {
			t.Errorf("%q: %d entities, %v", row.body, len(all), err)
		}
		if row.n > 0 && (at != store.Cursor{Epoch: 3, ID: 9} || all[0].Event != 4 || !strings.Contains(string(all[0].Entity), `event\":7`)) {
			t.Errorf("%q: at %v, first %+v", row.body, at, all[0])
		}
	}
}

// TestStreamFrames: frames as a server writes them, and one that is folded.
func TestStreamFrames(t *testing.T) {
	c := serve(t, say(200, "event: session\ndata: {}\n\n: heartbeat\n\nid: 3-7\nevent: replacements\ndata: {\ndata: }\nretry: 5\n\n"))
	var got []string
	err := c.Stream(t.Context(), store.Cursor{Epoch: 3}, func(f client.Frame, _ bool) error {
		got = append(got, fmt.Sprintf("%s %s %q", f.Event, f.ID, f.Data))
		return nil
	})
	if want := `[session 0-0 "{}" replacements 3-7 "{\n}"]`; fmt.Sprint(got) != want || !errors.Is(err, client.ErrCut) {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

// TestSilentStream: a server that says nothing any more is left.
func TestSilentStream(t *testing.T) {
	over := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-over
	})
	t.Cleanup(func() { close(over) })
	err := c.Stream(t.Context(), store.Cursor{Epoch: 3}, func(client.Frame, bool) error { return nil })
	if !errors.Is(err, client.ErrCut) {
		t.Errorf("the silent stream ends with %v", err)
	}
}
