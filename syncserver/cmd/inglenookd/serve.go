package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"inglenook/frontend"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/syncserver"

	"github.com/rs/zerolog"
)

// dataFlags name the data folder: store/ inside it is the engine's.
type dataFlags struct {
	Data string `help:"The data folder." required:"" env:"INGLENOOK_DATA" type:"path" placeholder:"DIR"`
}

// open opens the store of the data folder, which it makes when there is none.
func (f dataFlags) open(log zerolog.Logger) (*badgerkv.DB, error) {
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	return badgerkv.Open(badgerkv.Options{Dir: filepath.Join(f.Data, "store"), Now: time.Now, Log: log})
}

// household opens the household of the data folder, of a server that is not
// running.
func (f dataFlags) household(s *surroundings) (home *household.Store, closeHome func() error, err error) {
	kinds, err := kind.Load()
	if err != nil {
		return nil, nil, err
	}
	db, err := f.open(s.log)
	if err != nil {
		return nil, nil, err
	}
	if home, err = household.Open(s.ctx, db, kinds); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return home, db.Close, nil
}

type serveCommand struct {
	dataFlags
	Listen         string       `help:"Address and port to listen on." default:"127.0.0.1:7420" env:"INGLENOOK_LISTEN" placeholder:"ADDRESS"`
	Host           []string     `help:"Names this server goes by, besides localhost and addresses." env:"INGLENOOK_HOST" placeholder:"NAME"`
	Proxy          []string     `help:"Addresses of proxies that may say who the client is." env:"INGLENOOK_PROXY" placeholder:"ADDRESS"`
	SessionStreams int          `help:"How many streams one session may have open." default:"6" env:"INGLENOOK_SESSION_STREAMS" placeholder:"N"`
	Session        sessionFlags `embed:"" prefix:"session-"`
	MethodOff      []string     `help:"Sign-in methods that shall not be on, such as password." env:"INGLENOOK_METHOD_OFF" placeholder:"NAME"`
	Methods        methodsFlag  `help:"Providers and bots people may sign in with; only in the file of --config." placeholder:"IN-FILE"`
	AllowDev       bool         `help:"Answer a page that somebody serves elsewhere to work on it (make dev)." env:"INGLENOOK_ALLOW_DEV"`
	Demo           bool         `help:"Fill an empty store with a household to try; everybody may be anybody." env:"INGLENOOK_DEMO"`
}

func (c *serveCommand) Run(s *surroundings) (err error) {
	// Listen first: a port that is taken must not cost a start of the store.
	listener, err := net.Listen("tcp", c.Listen) //nolint:noctx // ends with the server
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	defer listener.Close() //nolint:errcheck // Serve closes it; this is for the errors before
	if c.Demo && !loopback(listener) {
		return errors.New("--demo lets everybody in: it is served on 127.0.0.1 only")
	}
	db, err := c.open(s.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	methods := c.Methods.Config
	methods.Off = append(methods.Off, c.MethodOff...)
	server, err := syncserver.New(s.ctx, syncserver.Config{
		Dir: c.Data, Methods: methods, Demo: c.Demo, Hosts: c.Host, TrustedProxies: c.Proxy, SessionStreams: c.SessionStreams, AllowDev: c.AllowDev,
		Version: version, Commit: commit(), UI: frontend.FS(), Log: s.log, Now: time.Now,
		Timers: c.Session.timers(), Built: built(),
	}, db)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.stdout, "listening on http://%s\n", listener.Addr()); err != nil {
		return err
	}
	if code := server.SetUpCode(); code != "" {
		s.log.Info().Str("code", code).Msg("nobody is set up yet: open the page and enter the set-up code")
	}
	resting, stop := context.WithCancel(s.ctx)
	var rest sync.WaitGroup
	rest.Go(func() { giveBack(resting) })
	err = server.Serve(s.ctx, listener)
	stop()
	rest.Wait()
	s.log.Info().Msg("stopped")
	return err
}

func loopback(l net.Listener) bool {
	addr, ok := l.Addr().(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}
