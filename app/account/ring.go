package account

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"inglenook/store"

	"github.com/go-json-experiment/json"
	"github.com/zalando/go-keyring"
)

// patience is how long the keyring may take for a call. It cannot be longer, as
// the window opens after the first; a person who is asked for the password of a
// locked keyring takes longer, and then the next call finds it unlocked.
const patience = 2 * time.Second

// ring is the keyring as seen from one data folder, with calls that end in time.
type ring struct {
	keyring Keyring
	prefix  string
	busy    chan struct{} // full while a call runs, even when nobody waits for it any more
}

// newRing returns the ring of a data folder. Two folders of the same person
// must not share items, so the path is part of their names.
func newRing(k Keyring, dir string) *ring {
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	sum := sha256.Sum256([]byte(dir))
	return &ring{keyring: k, prefix: hex.EncodeToString(sum[:8]), busy: make(chan struct{}, 1)}
}

func (r *ring) name(id store.SessionID) string { return fmt.Sprintf("%s-%d", r.prefix, id) }

// answers tells whether the keyring takes a secret, gives it back and forgets
// it. Reading alone proves little: a keyring can be readable and not writable.
func (r *ring) answers() bool {
	name := r.prefix + "-probe"
	return r.call(func() error {
		if err := r.keyring.Set(name, service); err != nil {
			return err
		}
		got, err := r.keyring.Get(name)
		if err == nil && got != service {
			err = errors.New("another secret came back")
		}
		return errors.Join(err, r.keyring.Delete(name))
	}) == nil
}

// get returns the secrets of a session. Errors: keyring.ErrNotFound, ErrKeyring.
func (r *ring) get(id store.SessionID) (s secrets, err error) {
	raw := new(string) // its own, as a call that was given up may fill it later
	err = r.call(func() (err error) {
		*raw, err = r.keyring.Get(r.name(id))
		return err
	})
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal([]byte(*raw), &s); err != nil {
		return s, fmt.Errorf("read the secrets of session %d: %w", id, err)
	}
	return s, nil
}

// set keeps the secrets of a session. Errors: ErrKeyring.
func (r *ring) set(id store.SessionID, s secrets) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return r.call(func() error { return r.keyring.Set(r.name(id), string(raw)) })
}

// remove forgets the secrets of a session; none is no error. Errors: ErrKeyring.
func (r *ring) remove(id store.SessionID) error {
	err := r.call(func() error { return r.keyring.Delete(r.name(id)) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// call runs one call of the keyring and waits for it no longer than patience.
// One that takes longer is left running, as nothing can end it, and until it
// has ended there is no other: two that were both given up could end in the
// wrong order.
//
// Errors: keyring.ErrNotFound, ErrKeyring for every other.
func (r *ring) call(do func() error) error {
	select {
	case r.busy <- struct{}{}:
	default:
		return fmt.Errorf("%w (an earlier call has not ended)", ErrKeyring)
	}
	ended := make(chan error, 1)
	go func() {
		err := safely(do)
		<-r.busy
		ended <- err
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, keyring.ErrNotFound) {
			return err
		}
		return fmt.Errorf("%w (%w)", ErrKeyring, err)
	case <-timer.C:
		return fmt.Errorf("%w (no answer in %v)", ErrKeyring, patience)
	}
}

// safely turns a panic into an error: go-keyring 0.2.8 reads the answer of a
// password prompt from a channel that is closed when the bus goes away, and
// takes the nil that comes out for a signal (secret_service.go, handlePrompt).
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the keyring's library panicked: %v", p)
		}
	}()
	return do()
}
