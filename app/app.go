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
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// App is one device. Close it when it is no longer used, after Run has
// returned.
type App struct {
	cfg     Config
	db      kv.DB
	replica *replica.Replica
	bridge  *bridge.Bridge
	host    *host.Host
	keeper  *account.Keeper

	joining sync.Mutex // one change of the account at a time
	mu      sync.Mutex
	account *account.Account // nil when the device has joined no household
}

// New opens the device's store and account. Nothing is exchanged before Run.
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
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(cfg.Dir, "device"), Now: cfg.Now, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, db: db}
	if err := a.open(ctx, kinds); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, kinds *kind.Registry) (err error) {
	a.replica, err = replica.New(ctx, replica.Config{
		DB: a.db, Kinds: kinds, Now: a.cfg.Now, Sleep: a.cfg.Sleep, Random: a.cfg.Random, Log: a.cfg.Log,
	})
	if err != nil {
		return err
	}
	a.host = host.New(host.Config{
		Dir: filepath.Join(a.cfg.Dir, "household"), UI: a.cfg.UI, Now: a.cfg.Now, Log: a.cfg.Log, Version: a.cfg.Version,
	})
	a.bridge = bridge.New(bridge.Config{
		Replica: a.replica, Device: a, Version: a.cfg.Version, Emit: a.cfg.Emit, Log: a.cfg.Log,
	})
	if a.keeper, err = account.Open(a.cfg.Dir, a.cfg.Keyring); err != nil {
		return err
	}
	active, ok := a.keeper.Active()
	if !ok {
		return nil
	}
	kept, ok, err := a.keeper.Load(active)
	if err != nil || !ok {
		return err
	}
	return a.use(kept)
}

// Bridge is what the page talks to.
func (a *App) Bridge() *bridge.Bridge { return a.bridge }

// Replica is this device's part of the household.
func (a *App) Replica() *replica.Replica { return a.replica }

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
	err := a.replica.Run(ctx)
	a.bridge.Close()
	return errors.Join(err, a.host.Stop())
}

// rehost starts the household of an earlier run. Its port may have changed.
func (a *App) rehost(ctx context.Context) error {
	before := a.host.LastURL()
	if err := a.host.Start(ctx, false); err != nil {
		return fmt.Errorf("start the household of this device: %w", err)
	}
	kept, ok := a.present()
	if !ok || before == "" || kept.URL != before || kept.URL == a.host.URL() {
		return nil
	}
	kept.URL = a.host.URL()
	return a.take(kept)
}

// Close closes the store.
func (a *App) Close() error {
	a.bridge.Close()
	return errors.Join(a.host.Stop(), a.db.Close())
}

// present is the account as it is now.
func (a *App) present() (account.Account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.account == nil {
		return account.Account{}, false
	}
	return *a.account, true
}

// use makes an account the present one, and its server the one to exchange
// with.
func (a *App) use(kept account.Account) error {
	server, err := a.dial(kept.URL, kept.Value)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.account = &kept
	a.mu.Unlock()
	a.replica.Use(server)
	return nil
}

// take keeps an account and uses it, in place of the one before.
func (a *App) take(kept account.Account) error {
	if err := a.keeper.Save(kept); err != nil {
		return err
	}
	if err := a.keeper.Activate(kept.Session.ID); err != nil {
		return err
	}
	if before, ok := a.present(); ok && before.Session.ID != kept.Session.ID {
		if err := a.keeper.Remove(before.Session.ID); err != nil {
			return err
		}
	}
	return a.use(kept)
}

func (a *App) dial(url, value string) (*client.Client, error) {
	return client.New(client.Config{URL: url, Credentials: client.Credentials{Value: value}, Name: "inglenook/" + a.cfg.Version})
}

// Session is this device's session as last heard.
func (a *App) Session() (api.Session, bool) {
	if session, ok := a.replica.Session(); ok {
		return session, true
	}
	kept, ok := a.present()
	return kept.Session, ok
}

// Status says how the device stands with its server.
func (a *App) Status(ctx context.Context) (api.Status, error) {
	status, err := a.replica.Status(ctx)
	if err != nil {
		return status, err
	}
	if session, ok := a.Session(); ok && status.Household == "" {
		status.Household = session.Instance.Household
	}
	status.Hosting = a.host.Running()
	return status, nil
}

var _ bridge.Device = (*App)(nil)

// errUnsent refuses what would lose something.
func errUnsent(waiting, parked int) error {
	return store.Errorf(store.CodeForbidden, "discard",
		"%d own changes have not reached the server and %d it did not take: they would be lost", waiting, parked)
}
