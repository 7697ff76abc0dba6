package app

import (
	"context"
	"errors"
	"time"

	"inglenook/app/account"
)

// Between two questions to a keyring that does not answer passes a time that
// doubles.
const (
	firstKeyringPause = time.Second
	maxKeyringPause   = time.Minute
)

// unlock asks the keyring until it answers, while the secrets of the active
// account are in it and it does not.
func (a *App) unlock(ctx context.Context) {
	for pause := firstKeyringPause; a.isLocked(); pause = min(2*pause, maxKeyringPause) {
		if a.cfg.Sleep(ctx, pause) != nil {
			return
		}
		a.tryUnlock()
	}
}

func (a *App) isLocked() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seat != nil && a.seat.locked
}

// tryUnlock waits for nobody: who changes the account may be waiting for the
// caller.
func (a *App) tryUnlock() {
	if !a.joining.TryLock() {
		return
	}
	defer a.joining.Unlock()
	s, kept, ok := a.present()
	if !ok || !s.locked {
		return
	}
	loaded, known, err := a.keeper.Load(kept.Session.ID)
	if !known || errors.Is(err, account.ErrKeyring) {
		return
	}
	if err := a.use(s, loaded, err); err != nil {
		a.cfg.Log.Error().Err(err).Msg("account cannot be used")
	}
}
