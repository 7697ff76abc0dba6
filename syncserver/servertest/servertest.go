// Package servertest starts the real server, over HTTP on a free port and a real
// store, for tests of whatever talks to it.
package servertest

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/client"
	"inglenook/syncserver/session"

	"github.com/rs/zerolog"
)

// Server is a running server with the demo household.
type Server struct {
	*syncserver.Server
	URL   string
	Clock *storetest.Clock
	stop  func()
}

// Options change what Start starts.
type Options struct {
	Empty bool   // no demo household: to be set up
	Dir   string // a store in a folder, to be started again; "" is in memory
	Log   zerolog.Logger
	UI    fs.FS // the page; nil serves none

	Methods auth.Config    // sign-in methods besides those that are on by themselves
	Timers  session.Timers // the zero value means the usual ones

	Clock *storetest.Clock // goes on with that of an earlier start; nil begins at Begin
	Now   func() time.Time // instead of Clock, for what waits for time to pass
}

// Begin is when the clocks of tests begin.
var Begin = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	clock := o.Clock
	if clock == nil {
		clock = storetest.NewClock(Begin)
	}
	if o.Now == nil {
		o.Now = clock.Now
	}
	db, err := badgerkv.Open(badgerkv.Options{Dir: storeDir(o.Dir), Now: o.Now, MinFree: -1})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	return serve(t, o, clock, db)
}

// storeDir is where the engine keeps its files in a data folder.
func storeDir(dir string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "store")
}

func serve(t testing.TB, o Options, clock *storetest.Clock, db kv.DB) *Server {
	t.Helper()
	dir := o.Dir
	if dir == "" {
		dir = t.TempDir()
	}
	inner, err := syncserver.New(t.Context(), syncserver.Config{
		Dir: dir, Demo: !o.Empty, Version: "test", Log: o.Log, UI: o.UI, Methods: o.Methods, Timers: o.Timers, Now: o.Now,
	}, db)
	if err != nil {
		t.Fatalf("make server: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the server
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- inner.Serve(ctx, listener) }()
	s := &Server{Server: inner, URL: "http://" + listener.Addr().String(), Clock: clock}
	s.stop = func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
		s.stop = func() {}
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// Stop stops the server before the test ends, as SIGTERM would.
func (s *Server) Stop() { s.stop() }

// Anonymous is a client that has not signed in.
func (s *Server) Anonymous(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: s.URL, Name: "test/1"})
	if err != nil {
		t.Fatalf("make client: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// SignIn signs in as somebody of the demo household.
func (s *Server) SignIn(t testing.TB, name string) (*client.Client, api.SignedIn) {
	t.Helper()
	c, in, err := s.Anonymous(t).Login(t.Context(), "demo", api.Login{Name: name, Kind: "token", Device: "test of " + name})
	if err != nil {
		t.Fatalf("sign in as %s: %v", name, err)
	}
	t.Cleanup(c.Close)
	return c, in
}

// User finds somebody of the household.
func (s *Server) User(t testing.TB, name string) store.Entity {
	t.Helper()
	u, err := s.Store().UserByName(t.Context(), name)
	if err != nil {
		t.Fatalf("find %s: %v", name, err)
	}
	return u
}

// Try makes a server over the store in dir, without serving, and returns why it
// could not.
func Try(t testing.TB, dir string) error {
	t.Helper()
	clock := storetest.NewClock(Begin)
	db, err := badgerkv.Open(badgerkv.Options{Dir: storeDir(dir), Now: clock.Now, MinFree: -1})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	_, err = syncserver.New(t.Context(), syncserver.Config{Dir: dir, Now: clock.Now}, db)
	return errors.Join(err, db.Close())
}
