package account_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"inglenook/app/account"

	"github.com/zalando/go-keyring"
)

// A real GNOME Keyring, from the first account to the last.
func TestSecretService(t *testing.T) {
	s := newService(t)
	s.start()
	dir := t.TempDir()
	k := open(t, dir, account.System())
	if !k.Protected() {
		t.Fatal("the keyring is not used")
	}
	next := anna.Received("v1.1.2.secret")
	save(t, k, anna)
	save(t, k, next)
	save(t, k, ben)
	if strings.Contains(file(t, dir), "secret") {
		t.Error("secrets are in the file")
	}
	s.stop()
	s.start() // it reads its own file again: the secrets are there, not only in its memory
	k = open(t, dir, account.System())
	holds(t, k, next)
	holds(t, k, ben)
	if err := k.Remove(1); err != nil {
		t.Fatal(err)
	}
	if _, err := account.System().Get("no such name"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("it has what nobody gave it: %v", err)
	}
	holds(t, k, ben)
}

func TestSecretServiceThatGoesAndComes(t *testing.T) {
	s := newService(t)
	dir := t.TempDir()
	k := open(t, dir, account.System()) // a bus, and no keyring on it
	if k.Protected() {
		t.Fatal("protected by nothing")
	}
	save(t, k, anna)
	if !strings.Contains(file(t, dir), "secret") {
		t.Error("the account is nowhere")
	}

	s.start()
	save(t, k, ben)
	if !k.Protected() || strings.Contains(file(t, dir), "secret") {
		t.Error("the secrets did not move into the keyring")
	}
	holds(t, k, anna)

	s.stop()
	next := anna.Received("v1.1.2.secret")
	if err := k.Save(next); !errors.Is(err, account.ErrKeyring) {
		t.Errorf("saved where no keyring is: %v", err)
	}
	if _, ok, err := open(t, dir, account.System()).Load(1); !ok || !errors.Is(err, account.ErrKeyring) {
		t.Errorf("loaded without the keyring: %v, %v", ok, err)
	}

	s.start()
	holds(t, k, anna)
	save(t, k, next)
	holds(t, k, next)
	holds(t, k, ben)
}

func TestLockedSecretService(t *testing.T) {
	s := newService(t)
	s.start()
	dir := t.TempDir()
	k := open(t, dir, account.System())
	save(t, k, anna)
	s.lock()
	if _, ok, err := k.Load(1); !ok || !errors.Is(err, account.ErrKeyring) {
		t.Errorf("loaded from a locked keyring: %v, %v", ok, err)
	}
	if err := k.Save(anna.Received("v1.1.2.secret")); !errors.Is(err, account.ErrKeyring) {
		t.Errorf("saved into a locked keyring: %v", err)
	}
	s.stop()
	s.start() // unlocked
	holds(t, open(t, dir, account.System()), anna)
}

// The whole bus goes away, as at the end of a desktop session.
func TestABusThatGoes(t *testing.T) {
	s := newService(t)
	s.start()
	dir := t.TempDir()
	k := open(t, dir, account.System())
	save(t, k, anna)
	s.end()
	if err := k.Save(anna.Received("v1.1.2.secret")); !errors.Is(err, account.ErrKeyring) {
		t.Errorf("saved without a bus: %v", err)
	}
	save(t, k, ben)
	holds(t, open(t, dir, account.System()), ben)
}

// Looking for a bus starts none: it would stay behind on every machine without
// a desktop.
func TestNoBusIsStarted(t *testing.T) {
	place := "/run/user/" + strconv.Itoa(os.Getuid())
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(place, name)); err == nil {
			t.Skip("this machine has a bus that would be found, and the user's own keyring on it")
		}
	}
	dir := t.TempDir()
	launched := filepath.Join(dir, "launched")
	script := "#!/bin/sh\n: >" + launched + "\necho DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if open(t, t.TempDir(), account.System()).Protected() {
		t.Error("protected by nothing")
	}
	if _, err := os.Stat(launched); err == nil {
		t.Error("a bus was started")
	}
}

// A machine without a desktop.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/nowhere")
	dir := t.TempDir()
	k := open(t, dir, account.System())
	if k.Protected() {
		t.Fatal("protected by nothing")
	}
	save(t, k, anna)
	holds(t, open(t, dir, account.System()), anna)
	if err := k.Remove(1); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file(t, dir), "secret") {
		t.Error("the secret outlives its account")
	}
}
