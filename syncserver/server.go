// Package syncserver is the sync server, embedded in the desktop program or run
// headless: it merges everybody's replacements and streams what is new.
package syncserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/demo"
	"inglenook/syncserver/feed"
	"inglenook/syncserver/httpapi"
	"inglenook/syncserver/session"
)

// Server is one household's server.
type Server struct {
	config   Config
	store    *household.Store
	methods  *auth.Methods
	mark     *mark
	sessions *session.Sessions
	feed     *feed.Feed
	handler  http.Handler
	drain    context.CancelFunc
}

// New makes a server over a store that the caller opens, and closes after Serve
// has returned.
//
// Errors: store.CodeInvalid for a wrong configuration, CodeFormatNewer,
// CodeStoreBehind.
func New(ctx context.Context, config Config, db kv.DB) (*Server, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	kinds, err := kind.Load()
	if err != nil {
		return nil, err
	}
	s := &Server{config: config}
	if s.store, err = household.Open(ctx, db, kinds); err != nil {
		return nil, err
	}
	s.mark = newMark(config.Dir, s.store, config.Log)
	if err := s.mark.check(); err != nil {
		return nil, err
	}
	secret, err := readSecret(config.Dir)
	if err != nil {
		return nil, err
	}
	s.sessions, err = session.New(ctx, session.Config{
		Store: s.store, Secret: secret, Timers: config.Timers, Now: config.Now, Built: config.Built,
		Broken: func(id store.SessionID, rule string) {
			config.Log.Error().Uint64("session", uint64(id)).Str("rule", rule).Msg("transition of a session was not made")
		},
	})
	if err != nil {
		return nil, err
	}
	if config.Demo {
		if err := s.prepareDemo(ctx); err != nil {
			return nil, err
		}
	}
	s.methods, err = auth.NewMethods(s.store, auth.Options{
		Config: config.Methods, Hosts: config.Hosts, Demo: config.Demo, Active: s.sessions.Active, Now: config.Now, Log: config.Log,
	})
	if err != nil {
		return nil, err
	}
	s.feed = feed.New(s.store)
	api := &httpapi.API{
		Store: s.store, Feed: s.feed, Sessions: s.sessions, Auth: s.methods, UI: config.UI,
		Log: config.Log, Now: config.Now, Version: config.Version, Commit: config.Commit, Demo: config.Demo,
		Hosts: config.Hosts, TrustedProxies: config.TrustedProxies, SessionStreams: config.SessionStreams, AllowDev: config.AllowDev,
	}
	api.Draining, s.drain = context.WithCancel(context.WithoutCancel(ctx))
	if s.handler, err = api.Handler(); err != nil { //nolint:contextcheck // each request has a context of its own
		return nil, fmt.Errorf("build handler: %w", err)
	}
	return s, nil
}

// demoFile lies beside a store that was filled as a demo.
const demoFile = "demo"

// prepareDemo fills an empty store, and refuses one that began as a real
// household: everybody may be anybody in a demo.
func (s *Server) prepareDemo(ctx context.Context) error {
	name := filepath.Join(s.config.Dir, demoFile)
	if s.store.SetUp() {
		if _, err := os.Stat(name); err != nil {
			return store.Errorf(store.CodeInvalid, "demo", "this data folder holds a real household; name an empty one for the demo")
		}
		return nil
	}
	if err := writeFile(name, nil); err != nil {
		return fmt.Errorf("mark the demo household: %w", err)
	}
	return s.fillDemo(ctx)
}

func (s *Server) fillDemo(ctx context.Context) error {
	things := demo.Household(s.config.Now())
	for _, r := range things {
		if r.Kind == "user" && r.Entity.String("access") == "admin" {
			if err := s.store.Found(ctx, r.Entity.ID, things); err != nil {
				return fmt.Errorf("fill the demo household: %w", err)
			}
			return nil
		}
	}
	return errors.New("fill the demo household: it has no admin")
}

// Store is the household, for the admin commands.
func (s *Server) Store() *household.Store { return s.store }

// Methods are the sign-in methods, for the admin commands.
func (s *Server) Methods() *auth.Methods { return s.methods }

// SetUpCode makes the first account; "" when there is one already.
func (s *Server) SetUpCode() string { return s.methods.SetUp.Code() }

// Handler answers requests; Serve uses it, and so may a test.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on the listener until ctx is done: then streams say bye,
// requests have DrainTime to finish, and Serve returns nil. It closes the
// listener, not the store.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	proxies, err := httpapi.Proxies(s.config.TrustedProxies)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           s.handler,
		ConnState:         newConnections(proxies).state,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	var kept sync.WaitGroup
	kept.Go(func() { s.mark.keep(keeping) })
	kept.Go(func() { s.cleanUp(keeping) })
	before := s.store.Sight()
	kept.Go(func() { s.keepStanding(keeping, before) })
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		s.drain()
		draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), DrainTime)
		defer cancel()
		if server.Shutdown(draining) != nil {
			s.config.Log.Warn().Msg("some requests did not finish in time and were cut")
			err = server.Close()
		}
		err = errors.Join(err, <-served)
	}
	s.drain()
	stopKeeping()
	kept.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// cleanInterval is how often what is over is cleaned up.
const cleanInterval = time.Hour

// cleanUp cleans up sessions, at once and then hourly, until ctx is done.
func (s *Server) cleanUp(ctx context.Context) {
	ticker := time.NewTicker(cleanInterval)
	defer ticker.Stop()
	for {
		if err := s.sessions.CleanUp(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Warn().Err(err).Msg("sessions could not be cleaned up")
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
