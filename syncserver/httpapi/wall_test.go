package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wall is a server with the demo household whose store can be looked at.
type wall struct {
	*testing.T
	server  *syncserver.Server
	handler http.Handler
	url     string
	dir     string
	db      kv.DB
	clock   *storetest.Clock
	through http.RoundTripper
}

func build(t *testing.T, change func(*syncserver.Config)) *wall {
	t.Helper()
	clock := storetest.NewClock(servertest.Begin)
	db := storetest.OpenWith(t, badgerkv.Options{Now: clock.Now})
	config := syncserver.Config{Dir: t.TempDir(), Demo: true, Version: "test", Now: clock.Now, Log: zerolog.Nop(), Hosts: []string{"home.example"}}
	if change != nil {
		change(&config)
	}
	server, err := syncserver.New(t.Context(), config, db)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &wall{
		T: t, server: server, handler: server.Handler(), url: "http://" + listener.Addr().String(), dir: config.Dir,
		db: db, clock: clock, through: http.DefaultTransport,
	}
}

// state is all there is in the store, entities, sessions, audit log, but for the
// server's clock.
func (w *wall) state() map[string]string {
	w.Helper()
	all := map[string]string{}
	if err := w.db.View(w.Context(), func(r kv.Reader) error {
		for pair, err := range r.Scan(nil, nil) {
			if err != nil {
				return err
			}
			all[string(pair.Key)] = string(pair.Value)
		}
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	delete(all, "mclock")
	return all
}

// unchanged fails when the store is not what it was, and says what differs.
func (w *wall) unchanged(before map[string]string, format string, args ...any) {
	w.Helper()
	after := w.state()
	if maps.Equal(before, after) {
		return
	}
	w.Errorf(format+" has changed something", args...)
	for key, value := range after {
		if before[key] != value {
			w.Logf("%q was %.300q, is %.300q", key, before[key], value)
		}
	}
	for key, value := range before {
		if _, kept := after[key]; !kept {
			w.Logf("%q was %.300q, is gone", key, value)
		}
	}
}

// signIn signs in as Anna, a browser or a program, and returns what is to be
// sent as Cookie and as Authorization.
func (w *wall) signIn(kind string) (cookie, bearer string) {
	w.Helper()
	req := w.request(http.MethodPost, "/api/auth/login/demo", fmt.Sprintf(`{"name":"Anna","kind":%q}`, kind))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "test/1")
	resp, body := w.send(req)
	if resp.StatusCode != http.StatusOK {
		w.Fatalf("sign in: %d %s", resp.StatusCode, body)
	}
	for _, c := range resp.Cookies() {
		cookie += c.Name + "=" + c.Value + "; "
	}
	var in struct {
		Value  string         `json:"value"`
		Access string         `json:"accessToken"`
		Rest   map[string]any `json:",embed"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		w.Fatal(err)
	}
	if in.Access == "" {
		in.Access = in.Value
	}
	// That a session was used at all is noted once.
	req = w.request(http.MethodGet, "/api/auth/session", "")
	if kind == "browser" {
		req.Header.Set("Cookie", cookie)
	} else {
		req.Header.Set("Authorization", "Bearer "+in.Access)
	}
	if resp, body := w.send(req); resp.StatusCode != http.StatusOK {
		w.Fatalf("first use: %d %s", resp.StatusCode, body)
	}
	return strings.TrimSuffix(cookie, "; "), in.Access
}

func (w *wall) request(method, path, body string) *http.Request {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	return req
}

// send reads an answer to its end, or a little of a stream.
func (w *wall) send(req *http.Request) (*http.Response, []byte) {
	w.Helper()
	resp, err := w.through.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	var from io.Reader = resp.Body
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		from = io.LimitReader(from, 1)
	}
	body, err := io.ReadAll(from)
	if err != nil {
		w.Fatal(err)
	}
	return resp, body
}

func codeOf(body []byte) store.Code {
	var p struct {
		Code store.Code     `json:"code"`
		Rest map[string]any `json:",embed"`
	}
	_ = json.Unmarshal(body, &p) // no problem has no code
	return p.Code
}
