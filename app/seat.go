package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"inglenook/app/account"
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/syncserver/api"
)

// firstFolder is the store of the first person, and of a device that has joined
// no household.
const firstFolder = "device"

// seat is one person's place at this device: their store and the replica on it.
// One is open at a time.
type seat struct {
	folder  string
	db      kv.DB
	replica *replica.Replica
	values  *values // nil while nobody has signed in
	locked  bool    // the keyring with their secrets does not answer

	ctx   context.Context //nolint:containedctx // the life of the seat, which every use of it shares
	end   context.CancelFunc
	users sync.WaitGroup
}

// With calls fn with the replica of the active person, and returns its error.
// ctx ends when another person is to become active, who waits for fn to return.
//
// Errors: store.CodeDraining when fn failed as another person became active.
func (a *App) With(ctx context.Context, fn func(ctx context.Context, at *replica.Replica) error) error {
	s, err := a.enter(ctx)
	if err != nil {
		return err
	}
	defer s.users.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // ctx ends with the seat, too
	if err = fn(ctx, s.replica); err != nil && s.ctx.Err() != nil {
		return store.Errorf(store.CodeDraining, "", "another person is becoming active on this device")
	}
	return err
}

// enter waits until somebody's seat is open. The caller leaves it with Done.
func (a *App) enter(ctx context.Context) (*seat, error) {
	for {
		a.mu.Lock()
		s, broken, moved := a.seat, a.broken, a.moved
		if s != nil {
			s.users.Add(1)
		}
		a.mu.Unlock()
		if s != nil || broken != nil {
			return s, broken
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// path is the folder of a person's store.
func (a *App) path(folder string) string {
	if folder == "" {
		folder = firstFolder
	}
	return filepath.Join(a.cfg.Dir, folder)
}

// sit opens the seat of an account, 0 for that of nobody, and lets everybody in.
func (a *App) sit(ctx context.Context, id store.SessionID) error {
	kept, known, loadErr := a.keeper.Load(id)
	db, err := badgerkv.Open(badgerkv.Options{Dir: a.path(kept.Folder), Now: a.cfg.Now, Log: a.cfg.Log})
	if err != nil {
		return err
	}
	s := &seat{folder: kept.Folder, db: db}
	s.ctx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.replica, err = replica.New(ctx, replica.Config{
		DB: db, Kinds: a.kinds, Now: a.cfg.Now, Sleep: a.cfg.Sleep, Random: a.cfg.Random, Log: a.cfg.Log,
	})
	if err == nil && known {
		err = a.use(s, kept, loadErr)
	}
	if err != nil {
		s.end()
		return errors.Join(err, db.Close())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seat, a.broken = s, nil
	close(a.moved)
	return nil
}

// rise closes the seat that is open, once nobody uses it any more, and notes
// what a list of people shows of it.
func (a *App) rise(ctx context.Context) error {
	a.mu.Lock()
	s := a.seat
	if s == nil {
		a.mu.Unlock()
		return nil
	}
	a.seat, a.moved = nil, make(chan struct{})
	a.mu.Unlock()
	s.end()
	s.users.Wait()
	if server := s.replica.Server(); server != nil {
		server.Close()
	}
	return errors.Join(a.note(context.WithoutCancel(ctx), s), s.db.Close())
}

// note keeps what is known of a person while their seat is closed.
func (a *App) note(ctx context.Context, s *seat) error {
	if s.values == nil {
		return nil
	}
	kept := s.values.present()
	if heard, ok := s.replica.Session(); ok && heard.ID == kept.Session.ID {
		kept.Session = heard
	}
	var err error
	if kept.Waiting, _, err = s.replica.Device().Waiting(ctx); err != nil {
		return fmt.Errorf("count what is unsent: %w", err)
	}
	err = a.keeper.Note(kept)
	if store.CodeOf(err) == store.CodeNotFound {
		return nil // signed out
	}
	return err
}

// move closes the seat that is open and opens that of the active account. What
// goes wrong leaves the device with nobody's, and says so to everybody.
func (a *App) move(ctx context.Context) error {
	err := a.rise(ctx)
	if err == nil {
		active, _ := a.keeper.Active()
		err = a.sit(ctx, active)
	}
	if err != nil {
		a.fail(err)
	}
	return err
}

// fail answers everybody who wants to use a seat with an error.
func (a *App) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seat == nil && a.broken == nil {
		a.broken = err
		close(a.moved)
	}
}

// use makes an account that of a seat, and its server the one to exchange with.
// loadErr is why its secrets are not there.
func (a *App) use(s *seat, kept account.Account, loadErr error) error {
	v := &values{keeper: a.keeper, log: a.cfg.Log, account: kept}
	locked := errors.Is(loadErr, account.ErrKeyring)
	if loadErr != nil {
		// What is here can be read and written, and a new sign-in goes on with it.
		a.cfg.Log.Warn().Err(loadErr).Bool("again", locked).Msg("secrets of the session are not there")
	}
	server, err := a.dial(kept, v)
	if err != nil {
		return err
	}
	a.mu.Lock()
	s.values, s.locked = v, locked
	a.mu.Unlock()
	before := s.replica.Server()
	if locked {
		s.replica.Hold(api.ReasonKeyring)
	} else {
		s.replica.Use(server)
	}
	if before != nil {
		before.Close()
	}
	return nil
}

// erase removes what is in a folder that is nobody's.
func (a *App) erase(folder string) error {
	if err := os.RemoveAll(a.path(folder)); err != nil {
		return fmt.Errorf("remove what is on this device: %w", err)
	}
	return nil
}
