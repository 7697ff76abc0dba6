package account_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/api"
)

func open(t *testing.T, dir string, k account.Keyring) *account.Keeper {
	t.Helper()
	keeper, err := account.Open(dir, k)
	if err != nil {
		t.Fatal(err)
	}
	return keeper
}

func save(t *testing.T, k *account.Keeper, a account.Account) {
	t.Helper()
	if err := k.Save(a); err != nil {
		t.Fatal(err)
	}
}

// holds checks that an account is kept whole.
func holds(t *testing.T, k *account.Keeper, want account.Account) {
	t.Helper()
	got, ok, err := k.Load(want.Session.ID)
	if !ok || err != nil || got.URL != want.URL || got.Value != want.Value || got.Next != want.Next ||
		!bytes.Equal(got.Seed, want.Seed) || got.Session.User.ID != want.Session.User.ID {
		t.Errorf("loaded %+v, %v, %v; want %+v", got, ok, err, want)
	}
}

// file is all that lies in the folder.
func file(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()
}

// Several people are kept side by side, with a keyring and without.
func TestSeveralAccounts(t *testing.T) {
	d := newDrawer()
	for name, ring := range map[string]account.Keyring{"file": nil, "keyring": d} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "made when it is needed")
			k := open(t, dir, ring)
			if _, ok := k.Active(); ok || len(k.List()) != 0 {
				t.Error("somebody is there before the first")
			}
			anna, ben := of(1, "v1.1.1.annas"), of(2, "v1.2.1.bens")
			save(t, k, anna)
			save(t, k, ben)
			if id, ok := k.Active(); !ok || id != 1 {
				t.Errorf("%d is active, %v; the first one is", id, ok)
			}
			if err := k.Activate(2); err != nil {
				t.Fatal(err)
			}
			if err := k.Activate(3); store.CodeOf(err) != store.CodeNotFound {
				t.Errorf("nobody is activated: %v", err)
			}
			ben = ben.Received("v1.2.2.bens")
			save(t, k, ben)

			k = open(t, dir, ring)
			holds(t, k, anna)
			holds(t, k, ben)
			if id, _ := k.Active(); id != 2 {
				t.Errorf("%d is active after a start", id)
			}
			list := k.List()
			if len(list) != 2 || list[0].Session.ID != 1 || list[1].Session.ID != 2 {
				t.Errorf("listed %+v", list)
			}
			for _, a := range list {
				if a.Seed != nil || len(a.Values()) != 0 || a.URL != "http://x" {
					t.Errorf("a list shows secrets, or too little: %+v", a)
				}
			}
			if err := k.Remove(2); err != nil {
				t.Fatal(err)
			}
			if err := k.Remove(2); err != nil {
				t.Errorf("remove what is not there: %v", err)
			}
			if _, ok := k.Active(); ok {
				t.Error("who was removed is active")
			}
			k = open(t, dir, ring)
			holds(t, k, anna)
			if _, ok, err := k.Load(2); ok || err != nil {
				t.Errorf("who was removed is there: %v", err)
			}
			if strings.Contains(file(t, dir), "bens") || d.holds("bens") {
				t.Error("a secret outlives its account")
			}
			if err := k.Save(account.Account{URL: "http://x"}); store.CodeOf(err) != store.CodeInvalid {
				t.Errorf("saved without a session: %v", err)
			}
		})
	}
}

func TestOnlyTheOwnerReadsTheFile(t *testing.T) {
	dir := t.TempDir()
	// What a crash, or somebody else, has left is not written into.
	if err := os.WriteFile(filepath.Join(dir, "accounts.json.new"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	save(t, open(t, dir, nil), of(1, "v1.1.1.a"))
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder has %v (%v)", files, err)
	}
	if stat, err := files[0].Info(); err != nil || runtime.GOOS != "windows" && stat.Mode().Perm() != 0o600 {
		t.Errorf("others may read the secret: %v, %v", stat.Mode(), err)
	}
}

func TestADamagedFileIsNotReadAsNothing(t *testing.T) {
	for _, name := range []string{"accounts.json", "account.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"accounts":`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := account.Open(dir, nil); err == nil {
			t.Errorf("%s: opened as if nothing were wrong", name)
		}
	}
}

// A session may wait for its account, and one without a key has no seed. Whatever
// cannot be kept is refused and does not make the others unreadable.
func TestUnusualAccounts(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	k := open(t, dir, d)
	save(t, k, anna)
	keyless := of(2, "v1.2.1.b")
	keyless.Seed = []byte{}
	save(t, k, keyless)
	if !k.Protected() {
		t.Error("the keyring is held for broken")
	}
	pending := of(3, "v1.3.1.c")
	pending.Session.User = store.Entity{}
	save(t, k, pending)
	unreadable := of(4, "v1.4.1.d")
	unreadable.Session.User = store.Entity{UpdatedAt: 1} // an entity has an id
	if err := k.Save(unreadable); err == nil {
		t.Error("what cannot be read again is saved")
	}
	k = open(t, dir, d)
	for _, a := range []account.Account{anna, keyless, pending} {
		holds(t, k, a)
	}
}

func TestSecretsInAKeyringAreNotInTheFile(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	k := open(t, dir, d)
	save(t, k, of(1, "v1.1.1.secret").Received("v1.1.2.secret"))
	if !k.Protected() || !d.holds("v1.1.2.secret") {
		t.Error("the keyring does not have them")
	}
	if all := file(t, dir); strings.Contains(all, "secret") || strings.Contains(all, "seed") {
		t.Errorf("the file has them: %s", all)
	}
	if len(d.copy()) != 1 {
		t.Errorf("the keyring has %d items for one account", len(d.copy()))
	}
	other := open(t, t.TempDir(), d)
	if _, ok, _ := other.Load(1); ok {
		t.Error("another folder has the account")
	}
	save(t, other, of(1, "v1.1.1.others"))
	holds(t, k, of(1, "v1.1.1.secret").Received("v1.1.2.secret"))
}

func TestAKeyringThatGoesAndComes(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	k := open(t, dir, d)
	anna := of(1, "v1.1.1.annas")
	save(t, k, anna)

	d.is(errGone)
	next := anna.Received("v1.1.2.annas")
	if err := k.Save(next); !errors.Is(err, account.ErrKeyring) {
		t.Errorf("saved where nothing answers: %v", err)
	}
	if k.Protected() {
		t.Error("protected by what does not answer")
	}
	a, ok, err := k.Load(1)
	if !ok || !errors.Is(err, account.ErrKeyring) || a.URL != anna.URL || len(a.Values()) != 0 {
		t.Errorf("loaded %+v, %v, %v", a, ok, err)
	}
	if strings.Contains(file(t, dir), "annas") {
		t.Error("a secret of the keyring came into the file")
	}
	// Who signs in meanwhile is kept, in the file.
	ben, cleo := of(2, "v1.2.1.bens"), of(3, "v1.3.1.cleos")
	save(t, k, ben)
	save(t, k, cleo)
	holds(t, k, ben)
	if err := k.Remove(3); err != nil {
		t.Fatal(err)
	}
	k = open(t, dir, d) // a start without the keyring
	holds(t, k, ben)

	d.is(nil)
	holds(t, k, anna)
	save(t, k, next)
	holds(t, k, next)
	holds(t, k, ben)
	if !k.Protected() || strings.Contains(file(t, dir), "bens") || !d.holds("bens") {
		t.Error("the secrets of the file did not move to the keyring")
	}

	d.is(errGone)
	if err := k.Remove(1); err != nil {
		t.Fatal(err)
	}
	d.is(nil)
	if k = open(t, dir, d); d.holds("annas") {
		t.Error("the item of a removed account stays for ever")
	}
	holds(t, k, ben)
}

func TestAKeyringThatLostAnAccount(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	k := open(t, dir, d)
	save(t, k, of(1, "v1.1.1.a"))
	clear(d.items)
	a, ok, err := k.Load(1)
	if !ok || store.CodeOf(err) != store.CodeSessionMissing || a.URL != "http://x" {
		t.Errorf("loaded %+v, %v, %v", a, ok, err)
	}
	if !k.Protected() {
		t.Error("the keyring answers all the same")
	}
	save(t, k, of(1, "v1.1.2.b"))
	holds(t, k, of(1, "v1.1.2.b"))
}

// What the keyring does not give back stays in the file.
func TestAKeyringThatTakesAndDoesNotGive(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	d.mute = true
	k := open(t, dir, d)
	save(t, k, of(1, "v1.1.1.annas"))
	holds(t, k, of(1, "v1.1.1.annas"))
	k = open(t, dir, d)
	holds(t, k, of(1, "v1.1.1.annas"))
	if k.Protected() {
		t.Error("protected by what loses secrets")
	}
	if err := k.Remove(1); err != nil {
		t.Fatal(err)
	}
	if d.holds("annas") {
		t.Error("its copy outlives the account")
	}
}

// A keyring that asks somebody for a password holds nobody up, and is used when
// it has got it.
func TestAKeyringThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, d := t.TempDir(), newDrawer()
		anna := of(1, "v1.1.1.annas")
		save(t, open(t, dir, d), anna)

		unlocked := make(chan struct{})
		d.hang(unlocked)
		start := time.Now() // that of the bubble
		waited := func() time.Duration { return time.Since(start) }
		k := open(t, dir, d)
		if w := waited(); w != account.Patience || k.Protected() {
			t.Errorf("opened after %v, protected %v", w, k.Protected())
		}
		if _, ok, err := k.Load(1); !ok || !errors.Is(err, account.ErrKeyring) {
			t.Errorf("%v, %v", ok, err)
		}
		ben := of(2, "v1.2.1.bens")
		save(t, k, ben)
		holds(t, k, ben)
		if w := waited(); w != account.Patience {
			t.Errorf("waited %v in all: while one call hangs there is no other", w)
		}
		close(unlocked)
		synctest.Wait()
		holds(t, k, anna)
		save(t, k, ben)
		if strings.Contains(file(t, dir), "bens") || !k.Protected() {
			t.Error("the unlocked keyring is not used")
		}
	})
}

// The library panics when the bus goes away under a password prompt.
func TestAKeyringThatPanics(t *testing.T) {
	dir, d := t.TempDir(), newDrawer()
	save(t, open(t, dir, d), of(1, "v1.1.1.annas"))
	d.panics = true
	k := open(t, dir, d)
	if _, ok, err := k.Load(1); !ok || !errors.Is(err, account.ErrKeyring) {
		t.Errorf("%v, %v", ok, err)
	}
}

// TestNote: what is no secret changes without the keyring, and the secrets stay.
func TestNote(t *testing.T) {
	keeper, err := account.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	kept := account.Account{URL: "http://a", Session: api.Session{ID: 7}, Seed: []byte("seed"), Value: "v1.7.1.x"}
	if err := keeper.Save(kept); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Note(account.Account{URL: "http://b", Session: api.Session{ID: 7, Device: "hall"}, Folder: "device-2", Waiting: 3}); err != nil {
		t.Fatal(err)
	}
	kept.URL, kept.Session.Device, kept.Folder, kept.Waiting = "http://b", "hall", "device-2", 3
	if got, _, err := keeper.Load(7); err != nil || !reflect.DeepEqual(got, kept) {
		t.Errorf("kept is %+v (%v), want %+v", got, err, kept)
	}
	if err := keeper.Note(account.Account{Session: api.Session{ID: 8}}); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("of nobody: %v, want %s", err, store.CodeNotFound)
	}
}
