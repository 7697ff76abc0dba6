package account

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync"

	"inglenook/store"

	"github.com/zalando/go-keyring"
)

// Keeper keeps the accounts of a data folder, which no other process uses. It
// may be used concurrently; a call may take as long as the keyring is waited for.
type Keeper struct {
	mu      sync.Mutex
	folder  folder
	ring    *ring // nil: secrets lie in the file
	answers bool  // the keyring did when it was last asked
	kept    content
	old     bool // account.json is still there
}

// Open opens the accounts of a data folder, and makes it when there is none.
// With a keyring, secrets lie there when it answers within two seconds; nil
// keeps them in the file. The account of an earlier version is taken over.
func Open(dir string, k Keyring) (*Keeper, error) {
	return open(folder{path: dir}, k)
}

func open(f folder, k Keyring) (*Keeper, error) {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := f.clean(); err != nil {
		return nil, fmt.Errorf("remove what a crash has left: %w", err)
	}
	keeper := &Keeper{folder: f}
	if k != nil {
		keeper.ring = newRing(k, f.path)
	}
	var err error
	if keeper.kept, keeper.old, err = f.read(); err != nil {
		return nil, err
	}
	keeper.connect()
	if keeper.old {
		if err := keeper.write(keeper.kept); err != nil {
			return nil, err
		}
	}
	return keeper, keeper.settle()
}

// Protected tells whether secrets are in the system's keyring, as far as it
// answered when it was last asked: protection level 2, else 1.
func (k *Keeper) Protected() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.answers
}

// List returns the accounts without their secrets, in the order in which they
// came. It asks no keyring.
func (k *Keeper) List() []Account {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]Account, 0, len(k.kept.Accounts))
	for _, r := range k.kept.Accounts {
		all = append(all, r.account())
	}
	return all
}

// Active is the session that is in use; ok is false when none is.
func (k *Keeper) Active() (id store.SessionID, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept.Active, k.kept.Active != 0
}

// Activate makes an account the active one. Errors: store.CodeNotFound.
func (k *Keeper) Activate(id store.SessionID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept.index(id) < 0 {
		return store.Errorf(store.CodeNotFound, "session", "this device has no such account")
	}
	next := k.kept.clone()
	next.Active = id
	return k.write(next)
}

// Load returns an account; ok is false when there is none. When its secrets
// cannot be read the account comes without them, beside the error.
//
// Errors: ErrKeyring when the keyring they lie in does not answer now;
// store.CodeSessionMissing when it does and they are gone: sign in again.
func (k *Keeper) Load(id store.SessionID) (a Account, ok bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.kept.index(id)
	if i < 0 {
		return a, false, nil
	}
	a = k.kept.Accounts[i].account()
	if s := k.kept.Accounts[i].Secrets; s != nil {
		return a.with(*s), true, nil
	}
	if !k.connect() {
		return a, true, fmt.Errorf("load account %d: %w", id, ErrKeyring)
	}
	s, err := k.ring.get(id)
	if errors.Is(err, keyring.ErrNotFound) {
		return a, true, store.Errorf(store.CodeSessionMissing, "", "the keyring has lost this account: sign in again")
	}
	if err != nil {
		k.answers = !errors.Is(err, ErrKeyring)
		return a, true, fmt.Errorf("load account %d: %w", id, err)
	}
	return a.with(s), true, nil
}

// Save keeps an account under the id of its session; it is durable when Save
// returns. The first one becomes the active one.
//
// The secrets go first and the rest follows, so that a crash leaves an account
// with its secrets, old or new. An account whose secrets are in the keyring does
// not come back into the file: that would undo, unasked, what the keyring is
// for. A new one does go into the file when the keyring refuses it.
//
// Errors: store.CodeInvalid without a session id; ErrKeyring, and then what was
// saved before is still there.
func (k *Keeper) Save(a Account) error {
	id := a.Session.ID
	if id == 0 {
		return store.Errorf(store.CodeInvalid, "session", "an account has a session")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.kept.index(id)
	inKeyring := i >= 0 && k.kept.Accounts[i].Secrets == nil
	r := recordOf(a)
	s := a.secrets()
	if err := k.protect(id, s); err != nil {
		if inKeyring {
			return fmt.Errorf("save account %d: %w", id, err)
		}
		r.Secrets = &s
	}
	next := k.kept.clone()
	next.put(r)
	if next.Active == 0 && len(next.Accounts) == 1 {
		next.Active = id
	}
	if !reflect.DeepEqual(next, k.kept) {
		if err := k.write(next); err != nil {
			return err
		}
	}
	return k.settle()
}

// Note keeps what is no secret of an account that is kept already, and asks no
// keyring. Its secrets stay as they are. Errors: store.CodeNotFound.
func (k *Keeper) Note(a Account) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.kept.index(a.Session.ID)
	if i < 0 {
		return store.Errorf(store.CodeNotFound, "session", "this device has no such account")
	}
	next := k.kept.clone()
	next.Accounts[i] = recordOf(a)
	next.Accounts[i].Secrets = k.kept.Accounts[i].Secrets
	if reflect.DeepEqual(next, k.kept) {
		return nil
	}
	return k.write(next)
}

// protect puts the secrets of an account into the keyring, and looks whether it
// gives them back: only then does anybody forget another copy. Errors: ErrKeyring.
func (k *Keeper) protect(id store.SessionID, s secrets) (err error) {
	if !k.connect() {
		return ErrKeyring
	}
	defer func() { k.answers = err == nil }()
	if err := k.ring.set(id, s); err != nil {
		return err
	}
	back, err := k.ring.get(id)
	if err == nil && !back.equal(s) {
		err = fmt.Errorf("%w (it gives back something else)", ErrKeyring)
	}
	return err
}

// Remove forgets an account; none is no error. When the keyring does not answer,
// the item there is deleted as soon as it does: it opens nothing any more when
// the session was ended.
func (k *Keeper) Remove(id store.SessionID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.kept.index(id)
	if i < 0 {
		return nil
	}
	next := k.kept.clone()
	next.Accounts = slices.Delete(next.Accounts, i, i+1)
	if next.Active == id {
		next.Active = 0
	}
	// Secrets in the file may have a copy in the keyring, from a move that was
	// cut short.
	if k.connect() || k.kept.Accounts[i].Secrets == nil {
		next.Leaving = append(next.Leaving, id)
	}
	if err := k.write(next); err != nil {
		return err
	}
	return k.settle()
}

// connect tells whether the keyring answers, and asks one that did not.
func (k *Keeper) connect() bool {
	if k.ring != nil && !k.answers {
		k.answers = k.ring.answers()
	}
	return k.answers
}

// settle brings the keyring up to date after a time in which it did not answer:
// secrets in the file move there, and those of removed accounts are deleted.
// What the keyring refuses stays for the next time.
func (k *Keeper) settle() error {
	if !k.answers {
		return nil
	}
	next := k.kept.clone()
	for i, r := range next.Accounts {
		if r.Secrets != nil && k.answers && k.protect(r.Session.ID, *r.Secrets) == nil {
			next.Accounts[i].Secrets = nil
		}
	}
	next.Leaving = slices.DeleteFunc(next.Leaving, func(id store.SessionID) bool {
		if k.answers {
			k.answers = k.ring.remove(id) == nil
		}
		return k.answers
	})
	if len(next.Leaving) == 0 {
		next.Leaving = nil
	}
	if reflect.DeepEqual(next, k.kept) {
		return nil
	}
	return k.write(next)
}

// write makes a content the kept one.
func (k *Keeper) write(next content) error {
	if err := k.folder.write(next); err != nil {
		return err
	}
	k.kept = next
	if !k.old {
		return nil
	}
	if err := k.folder.removeOld(); err != nil {
		return err
	}
	k.old = false
	return nil
}
