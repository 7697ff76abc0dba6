// Package app is the device: store, account, replica, the bridge to the page,
// and the household's server when it runs here.
package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"inglenook/app/account"
	"inglenook/app/bridge"
	"inglenook/app/host"
	"inglenook/app/lock"
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/proof"
)

// App is one device. Close it when it is no longer used, after Run has
// returned.
type App struct {
	cfg    Config
	kinds  *kind.Registry
	bridge *bridge.Bridge
	host   *host.Host
	lock   *lock.Lock
	keeper *account.Keeper
	away   away

	joining sync.Mutex // one change of the accounts at a time
	mu      sync.Mutex
	seat    *seat         // nil while one person gives way to another
	broken  error         // why there is none and there will be none
	moved   chan struct{} // closed when seat or broken is set
}

// New opens the store and the account of the active person. Nothing is exchanged
// before Run.
//
// Errors: store.CodeStoreLocked when another Inglenook uses the folder,
// store.CodeFormatNewer.
func New(ctx context.Context, cfg Config) (*App, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("open the device: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	kinds, err := kind.Load()
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, kinds: kinds, moved: make(chan struct{})}
	a.host = host.New(host.Config{
		Dir: filepath.Join(cfg.Dir, "household"), UI: cfg.UI, Now: cfg.Now, Log: cfg.Log, Version: cfg.Version,
	})
	a.bridge = bridge.New(bridge.Config{Device: a, Version: cfg.Version, Emit: cfg.Emit, Log: cfg.Log})
	if a.lock, err = lock.Take(cfg.Dir); err != nil {
		return nil, err
	}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.lock.Close())
	}
	return a, nil
}

// open opens the accounts and the active person's seat.
func (a *App) open(ctx context.Context) (err error) {
	if a.keeper, err = account.Open(a.cfg.Dir, a.cfg.Keyring); err != nil {
		return err
	}
	active, err := a.settle()
	if err != nil {
		return err
	}
	return a.sit(ctx, active)
}

// Bridge is what the page talks to.
func (a *App) Bridge() *bridge.Bridge { return a.bridge }

// Replica is the active person's part of the household. It is closed when
// another one becomes active: see With.
func (a *App) Replica() *replica.Replica {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat == nil {
		return nil
	}
	return a.seat.replica
}

// Host is the server of this device.
func (a *App) Host() *host.Host { return a.host }

// Run exchanges with the server, and runs it when it is on this device, until
// ctx is done. Streams end first, then the exchange, then the server.
func (a *App) Run(ctx context.Context) error {
	if a.host.Hosts() {
		if err := a.rehost(ctx); err != nil {
			// What is here can still be read and written.
			a.cfg.Log.Error().Err(err).Msg("household of this device is not served")
		}
	}
	err := a.exchange(ctx)
	a.EndSignin()
	a.bridge.Close()
	return errors.Join(err, a.host.Stop())
}

// exchange exchanges as whoever is active.
func (a *App) exchange(ctx context.Context) error {
	for ctx.Err() == nil {
		err := a.With(ctx, func(ctx context.Context, at *replica.Replica) error {
			ctx, cancel := context.WithCancel(ctx)
			var unlocking sync.WaitGroup
			defer unlocking.Wait()
			defer cancel()
			unlocking.Go(func() { a.unlock(ctx) })
			return at.Run(ctx)
		})
		if err != nil && ctx.Err() == nil && store.CodeOf(err) != store.CodeDraining {
			return err
		}
	}
	return nil
}

// rehost starts the household of an earlier run. Its port may have changed.
func (a *App) rehost(ctx context.Context) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	before := a.host.LastURL()
	if err := a.host.Start(ctx, false); err != nil {
		return fmt.Errorf("start the household of this device: %w", err)
	}
	if before == "" || before == a.host.URL() {
		return nil
	}
	for _, kept := range a.keeper.List() {
		if kept.URL != before {
			continue
		}
		kept.URL = a.host.URL()
		if err := a.keeper.Note(kept); err != nil {
			return err
		}
	}
	s, kept, ok := a.present()
	if !ok || kept.URL != before {
		return nil
	}
	kept, _, err := a.keeper.Load(kept.Session.ID)
	return a.use(s, kept, err)
}

// Close closes the store. A second time does nothing.
func (a *App) Close() error {
	a.EndSignin()
	a.bridge.Close()
	a.joining.Lock()
	defer a.joining.Unlock()
	if a.lock == nil {
		return nil
	}
	err := errors.Join(a.host.Stop(), a.rise(context.Background()))
	a.fail(errors.New("the device is closed"))
	err = errors.Join(err, a.lock.Close())
	a.lock = nil
	return err
}

// present is the seat that is open and its account; ok is false without one.
func (a *App) present() (s *seat, kept account.Account, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat == nil || a.seat.values == nil {
		return a.seat, account.Account{}, false
	}
	return a.seat, a.seat.values.present(), true
}

// dial returns a client of the server of an account, which stores what it
// receives with keep.
func (a *App) dial(kept account.Account, keep client.Keeper) (*client.Client, error) {
	credentials := client.Credentials{
		Value: kept.Value, Next: kept.Next, Instance: kept.Session.Instance.ID, Keep: keep,
		KeyLost: kept.Session.Level > 0 && len(kept.Seed) == 0,
	}
	if len(kept.Seed) > 0 {
		var err error
		if credentials.Signer, err = proof.NewEd25519(kept.Seed); err != nil {
			return nil, err
		}
	}
	return client.New(client.Config{URL: kept.URL, Credentials: credentials, Name: "inglenook/" + a.cfg.Version})
}

// Session is this device's session as last heard.
func (a *App) Session() (api.Session, bool) {
	s, kept, ok := a.present()
	if s == nil {
		return api.Session{}, false
	}
	if session, heard := s.replica.Session(); heard {
		return session, true
	}
	return kept.Session, ok
}

// Status says how the device stands with its server.
func (a *App) Status(ctx context.Context) (api.Status, error) {
	var status api.Status
	err := a.With(ctx, func(ctx context.Context, at *replica.Replica) (err error) {
		status, err = at.Status(ctx)
		return err
	})
	if err != nil {
		return status, err
	}
	if session, ok := a.Session(); ok && status.Household == "" {
		status.Household = session.Instance.Household
	}
	if _, kept, ok := a.present(); ok && status.Server == "" {
		status.Server = kept.URL
	}
	status.Hosting = a.host.Running()
	return status, nil
}

var _ bridge.Device = (*App)(nil)
