package app

import (
	"errors"
	"sync"

	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/client"

	"github.com/rs/zerolog"
)

// values keeps an account in step with what its client receives and uses. It is
// the client's Keeper.
type values struct {
	keeper *account.Keeper
	log    zerolog.Logger

	mu      sync.Mutex
	account account.Account
	over    bool // another session is in its place, or none
}

var _ client.Keeper = (*values)(nil)

// present is the account as it is now.
func (v *values) present() account.Account {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.account
}

// Received stores a value that nobody has used yet.
func (v *values) Received(value string) error { return v.change(v.present().Received(value)) }

// Used stores that a value was accepted.
func (v *values) Used(value string) error { return v.change(v.present().Used(value)) }

// change stores the account. It has one caller at a time: the client moves its
// session along one step after the other. A session with a key goes on with a
// keyring that does not answer: after a crash the key proves that this device is
// the one, and recovers.
func (v *values) change(to account.Account) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return store.Errorf(store.CodeSessionMissing, "", "this session is not used here any more")
	}
	err := v.keeper.Save(to)
	if errors.Is(err, account.ErrKeyring) && len(to.Seed) > 0 {
		v.log.Warn().Err(err).Msg("session goes on with a value that is not stored")
		err = nil
	}
	if err == nil {
		v.account = to
	}
	return err
}

// close makes sure that the account is not stored again.
func (v *values) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.over = true
}
