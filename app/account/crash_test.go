package account_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inglenook/app/account"
)

// state is what a crash leaves: the folder and the keyring.
type state struct {
	files map[string][]byte
	items map[string]string
	done  bool // the call had returned
}

// crashes runs a change and then looks, from every state that a crash during it
// would leave, whether all is as it should be. It does so with the secrets in
// the file, in the keyring, and on their way from one to the other.
func crashes(
	t *testing.T, before func(*testing.T, string, *account.Keeper), change func(*account.Keeper) error,
	check func(t *testing.T, k *account.Keeper, done bool),
) {
	for _, kind := range []struct {
		name          string
		before, after bool // whether there is a keyring
	}{{"file", false, false}, {"keyring", true, true}, {"move", false, true}} {
		t.Run(kind.name, func(t *testing.T) {
			dir, d := t.TempDir(), newDrawer()
			ring := func(there bool) account.Keyring {
				if there {
					return d
				}
				return nil
			}
			before(t, dir, open(t, dir, ring(kind.before)))

			var states []state
			look := func() { states = append(states, state{files: read(t, dir), items: d.copy()}) }
			look()
			d.after = look
			k, err := account.OpenWatched(dir, ring(kind.after), look)
			if err != nil {
				t.Fatal(err)
			}
			if err := change(k); err != nil {
				t.Fatal(err)
			}
			look()
			states[len(states)-1].done = true
			d.after = nil
			for _, s := range cut(states) {
				restore(t, dir, s)
				d.items = s.items
				k := open(t, dir, ring(kind.after))
				check(t, k, s.done)
				if kind.after && (strings.Contains(file(t, dir), "secret") || !k.Protected()) {
					t.Error("secrets stay in the file beside a keyring")
				}
			}
			t.Logf("%d states", len(states))
		})
	}
}

// cut adds the states in which the file was written by half.
func cut(states []state) []state {
	for _, s := range slices.Clone(states) {
		raw, ok := s.files["accounts.json.new"]
		if !ok || len(raw) == 0 {
			continue
		}
		half := state{files: map[string][]byte{}, items: s.items}
		for name, content := range s.files {
			half.files[name] = content
		}
		half.files["accounts.json.new"] = raw[:len(raw)/2]
		states = append(states, half)
	}
	return states
}

func read(t *testing.T, dir string) map[string][]byte {
	files := map[string][]byte{}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if files[name.Name()], err = os.ReadFile(filepath.Join(dir, name.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func restore(t *testing.T, dir string, s state) {
	for name := range read(t, dir) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range s.files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	anna     = of(1, "v1.1.1.secret")
	ben      = of(2, "v1.2.1.secret")
	nothing  = func(*testing.T, string, *account.Keeper) {}
	bothKept = func(t *testing.T, _ string, k *account.Keeper) {
		save(t, k, anna)
		save(t, k, ben)
	}
)

// one checks that the account is kept as one of some, the last when it is done.
func one(t *testing.T, k *account.Keeper, done bool, of ...account.Account) {
	t.Helper()
	got, ok, err := k.Load(of[0].Session.ID)
	if !ok || err != nil {
		t.Fatalf("lost: %v, %v", ok, err)
	}
	i := slices.IndexFunc(of, func(a account.Account) bool { return slices.Equal(a.Values(), got.Values()) })
	if i < 0 || done && i != len(of)-1 || string(got.Seed) != string(of[0].Seed) {
		t.Errorf("loaded %q, done %v", got.Values(), done)
	}
}

func TestCrashWhileASuccessorIsSaved(t *testing.T) {
	next := anna.Received("v1.1.2.secret")
	crashes(t, bothKept, func(k *account.Keeper) error { return k.Save(next) },
		func(t *testing.T, k *account.Keeper, done bool) {
			one(t, k, done, anna, next)
			one(t, k, done, ben)
		})
}

func TestCrashWhileASuccessorBecomesCurrent(t *testing.T) {
	next := anna.Received("v1.1.2.secret")
	crashes(t, func(t *testing.T, _ string, k *account.Keeper) { save(t, k, next) },
		func(k *account.Keeper) error { return k.Save(next.Used("v1.1.2.secret")) },
		func(t *testing.T, k *account.Keeper, done bool) { one(t, k, done, next, next.Used("v1.1.2.secret")) })
}

func TestCrashWhileSomebodySignsIn(t *testing.T) {
	crashes(t, func(t *testing.T, _ string, k *account.Keeper) { save(t, k, anna) },
		func(k *account.Keeper) error {
			if err := k.Save(ben); err != nil {
				return err
			}
			return k.Activate(2)
		},
		func(t *testing.T, k *account.Keeper, done bool) {
			one(t, k, done, anna)
			if done || len(k.List()) == 2 {
				one(t, k, done, ben)
			}
			if id, ok := k.Active(); !ok || done && id != 2 {
				t.Errorf("%d is active, %v", id, done)
			}
		})
}

func TestCrashWhileTheFirstSignsIn(t *testing.T) {
	crashes(t, nothing, func(k *account.Keeper) error { return k.Save(anna) },
		func(t *testing.T, k *account.Keeper, done bool) {
			if id, ok := k.Active(); ok != (len(k.List()) == 1) || ok && id != 1 || done && !ok {
				t.Errorf("%d is active, %v, of %d", id, ok, len(k.List()))
			}
			if done || len(k.List()) == 1 {
				one(t, k, done, anna)
			}
		})
}

func TestCrashWhileSomebodyIsRemoved(t *testing.T) {
	crashes(t, bothKept, func(k *account.Keeper) error { return k.Remove(1) },
		func(t *testing.T, k *account.Keeper, done bool) {
			one(t, k, done, ben)
			if len(k.List()) == 2 && !done {
				one(t, k, done, anna)
			} else if _, ok, err := k.Load(1); ok || err != nil {
				t.Errorf("half removed: %v, %v", ok, err)
			}
		})
}

func TestCrashWhileAnEarlierVersionIsTakenOver(t *testing.T) {
	var folder string
	old := func(t *testing.T, dir string, _ *account.Keeper) {
		folder = dir
		raw := `{"url":"http://x","value":"v1.1.secret","session":{"id":1,"user":{"id":7,"updatedAt":"1970-01-01T00:00:00.001Z"}}}`
		if err := os.WriteFile(filepath.Join(dir, "account.json"), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	taken := of(1, "v1.1.secret")
	taken.Seed = nil
	crashes(t, old, func(*account.Keeper) error { return nil },
		func(t *testing.T, k *account.Keeper, done bool) {
			one(t, k, done, taken)
			holds(t, k, taken)
			if id, ok := k.Active(); !ok || id != 1 {
				t.Errorf("%d is active, %v", id, ok)
			}
			if left := read(t, folder); len(left) != 1 || left["accounts.json"] == nil {
				t.Errorf("%d files are left", len(left))
			}
		})
}
