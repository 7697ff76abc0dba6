package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"inglenook/app"
	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/servertest"
	"inglenook/syncserver/session"

	"github.com/go-json-experiment/json"
	"github.com/zalando/go-keyring"
)

// levels are how the devices of somebody keep their keys, by their names.
func levels(t *testing.T, d *device) map[string]int {
	t.Helper()
	devices, err := d.Replica().Server().Sessions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, one := range devices {
		out[one.Name] = one.Level
	}
	return out
}

// TestDeviceKey: a session is bound to a key that the device makes, and outlives
// the program and its rotations.
func TestDeviceKey(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	d := openDevice(t, "A", dir, server.Clock.Now)
	d.join(server, "Anna")
	d.online()
	d.synced(0)
	if got := levels(t, d); got["A"] != 1 {
		t.Errorf("levels are %v, want 1: the secrets are in a file", got)
	}
	first, _ := d.Session()
	for range 3 {
		d.shut()
		server.Clock.Advance(20 * time.Minute) // past the rotation and its grace
		d = openDevice(t, "A", dir, server.Clock.Now)
		d.online()
		d.synced(0)
	}
	if now, _ := d.Session(); now.ID != first.ID {
		t.Errorf("the session is %d, was %d", now.ID, first.ID)
	}
}

// forgetSeed takes the device key out of a data folder.
func forgetSeed(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "accounts.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]any
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	secrets := kept["accounts"].([]any)[0].(map[string]any)["secrets"].(map[string]any)
	if secrets["seed"] == nil {
		t.Fatal("there is no seed")
	}
	delete(secrets, "seed")
	if raw, err = json.Marshal(kept); err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeyLost: signing in as the same person binds the session to a new key.
func TestKeyLost(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	d := openDevice(t, "A", dir, server.Clock.Now)
	d.join(server, "Anna")
	before, _ := d.Session()
	d.shut()
	forgetSeed(t, dir)
	d = openDevice(t, "A", dir, server.Clock.Now)
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 44, "title", "without a key")})
	d.online()
	d.until("asked to verify", func(s api.Status) bool {
		return s.State == "sign-in" && s.Reason == string(store.CodeSessionReverify) && s.Waiting == 1
	})
	err := d.Join(t.Context(), api.Join{URL: server.URL, Method: "demo", Login: api.Login{Name: "Ben"}})
	if store.CodeOf(err) != store.CodeSignInFailed {
		t.Errorf("somebody else: %v, want %s", err, store.CodeSignInFailed)
	}
	d.join(server, "Anna")
	d.synced(0)
	if after, _ := d.Session(); after.ID != before.ID {
		t.Errorf("the session is %d, was %d", after.ID, before.ID)
	}
	d.shut()
	server.Clock.Advance(20 * time.Minute)
	d = openDevice(t, "A", dir, server.Clock.Now)
	d.online()
	d.synced(0)
	if d.digest() != serverDigest(t, server, "Anna") {
		t.Error("what was written without a key did not arrive")
	}
}

// TestRevoked: another device ends this one's session.
func TestRevoked(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	d, other := newDevice(t, "A", server.Clock.Now), newDevice(t, "B", server.Clock.Now)
	for _, one := range []*device{d, other} {
		one.join(server, "Anna")
		one.online()
		one.synced(0)
	}
	mine, _ := d.Session()
	if err := other.Replica().Server().EndSession(t.Context(), mine.ID); err != nil {
		t.Fatal(err)
	}
	d.until("told", func(s api.Status) bool { return s.State == "sign-in" && s.Reason == string(store.CodeSessionEnded) })
	d.join(server, "Anna")
	if s := d.until("synced", func(s api.Status) bool { return s.State == "synced" }); s.Reason != "" {
		t.Errorf("the reason is still %s", s.Reason)
	}
}

// TestTaken: the owner of a session without a key is told since when and from
// where somebody else goes on with it.
func TestTaken(t *testing.T) {
	timers := session.DefaultTimers()
	timers.Overlap, timers.ClaimDelay = time.Second, 1100*time.Millisecond
	s := servertest.Start(t, servertest.Options{Timers: timers})
	_, in := s.SignIn(t, "Anna")
	thief, err := client.New(client.Config{URL: s.URL, Credentials: client.Credentials{Value: in.Value}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(thief.Close)
	s.Clock.Advance(20 * time.Minute)
	for range 3 { // the last one is later than any late answer
		if err := thief.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(2 * time.Minute)
	}
	r := newRig(t, s, "Anna")
	owner, err := client.New(client.Config{URL: s.URL, Credentials: client.Credentials{Value: in.Value}, Transport: r.net})
	if err != nil {
		t.Fatal(err)
	}
	r.synced(s)
	r.note(90, "unsent")
	r.Use(owner)
	stop, moving := make(chan struct{}), sync.WaitGroup{}
	moving.Go(func() { // the claim of the owner's recovery takes its time
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				s.Clock.Advance(time.Second)
			}
		}
	})
	r.until("told", func(st api.Status) bool {
		return st.State == "sign-in" && st.Reason == string(store.CodeSessionTaken) && st.At != 0 && st.Network != ""
	})
	close(stop)
	moving.Wait()
	if _, _, err := r.Device().Get(t.Context(), store.Ref{Kind: "note", ID: 90}); err != nil {
		t.Errorf("what is here: %v", err)
	}
}

// TestRenewal: a device that is never closed renews its session when that is
// due, without anybody asking it for anything.
func TestRenewal(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	r := newRig(t, s, "Anna")
	for range 3 {
		due := <-r.due
		if due < 13*time.Minute || due > 17*time.Minute {
			t.Fatalf("the next renewal is due in %v", due)
		}
		s.Clock.Advance(due)
		r.pass <- struct{}{}
	}
}

// TestRotation: a device follows while its session rotates every second. It is
// never shown as lost, misses nothing and gets nothing twice.
func TestRotation(t *testing.T) {
	timers := session.DefaultTimers()
	timers.RotateBound, timers.Overlap = time.Second, 200*time.Millisecond
	server := servertest.Start(t, servertest.Options{Timers: timers, Now: time.Now})
	d := newDevice(t, "A", time.Now)
	d.join(server, "Anna")
	d.online()
	d.synced(0)
	anna, _ := server.SignIn(t, "Anna")
	from := d.Replica().Line().Head()
	const notes = 400
	wrote := make(chan error, 1)
	go func() { wrote <- writeNotes(t.Context(), anna, notes) }()
	var bad []api.Status
	d.until("all there", func(s api.Status) bool {
		if s.State != "synced" && s.State != "syncing" || s.Reason != "" {
			bad = append(bad, s)
		}
		_, _, err := d.Replica().Device().Get(context.Background(), store.Ref{Kind: "note", ID: 1000 + notes - 1})
		return err == nil
	})
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if len(bad) > 0 {
		t.Errorf("shown as lost: %+v", bad)
	}
	entries, _, err := d.Replica().Line().After(from, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	times := map[store.Ref]int{}
	for _, entry := range entries {
		for _, ref := range entry.Refs {
			times[ref]++
		}
	}
	for i := range store.ID(notes) {
		if n := times[store.Ref{Kind: "note", ID: 1000 + i}]; n != 1 {
			t.Errorf("note %d came %d times", i, n)
		}
	}
	d.until("caught up", func(s api.Status) bool { return s.Here == s.There && s.State == "synced" })
}

// writeNotes writes over several rotations.
func writeNotes(ctx context.Context, c *client.Client, n int) error {
	replica := store.NewID()
	for i := range n {
		e := store.Entity{ID: store.ID(1000 + i), UpdatedAt: 1}
		if err := e.Set("title", "x"); err != nil {
			return err
		}
		batch := store.Batch{Replica: replica, Seq: uint64(i + 1), Replacements: []store.Replacement{{Kind: "note", Entity: e}}}
		if _, err := c.Push(ctx, batch); err != nil {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// ring is a keyring that can be locked.
type ring struct {
	mu     sync.Mutex
	items  map[string]string
	locked bool
}

var errLocked = errors.New("the keyring is locked")

func (r *ring) lock(locked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.locked = locked
}

func (r *ring) Set(name, secret string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locked {
		return errLocked
	}
	r.items[name] = secret
	return nil
}

func (r *ring) Get(name string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	secret, ok := r.items[name]
	switch {
	case r.locked:
		return "", errLocked
	case !ok:
		return "", keyring.ErrNotFound
	}
	return secret, nil
}

func (r *ring) Delete(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locked {
		return errLocked
	}
	delete(r.items, name)
	return nil
}

func openWithRing(t *testing.T, dir string, k account.Keyring, now func() time.Time) *device {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{
		Dir: dir, Name: "A", Version: "test", Now: now, Keyring: k,
		Sleep: func(ctx context.Context, d time.Duration) error {
			select {
			case <-time.After(min(d/100, time.Second)):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &device{App: a, t: t, name: "A"}
	t.Cleanup(d.shut)
	return d
}

// TestKeyring: with a keyring the key is protected. Locked, the device goes on
// with what is here until it answers; emptied, one has to sign in again.
func TestKeyring(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir, k := t.TempDir(), &ring{items: map[string]string{}}
	d := openWithRing(t, dir, k, server.Clock.Now)
	d.join(server, "Anna")
	d.online()
	d.synced(0)
	if got := levels(t, d); got["A"] != 2 {
		t.Errorf("levels are %v, want 2", got)
	}
	d.shut()

	k.lock(true)
	d = openWithRing(t, dir, k, server.Clock.Now)
	d.online()
	d.until("held", func(s api.Status) bool {
		return s.State == "unreached" && s.Reason == api.ReasonKeyring && s.Server == server.URL
	})
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 45, "title", "locked")})
	k.lock(false)
	d.synced(0)
	d.shut()

	clear(k.items)
	d = openWithRing(t, dir, k, server.Clock.Now)
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 46, "title", "emptied")})
	d.online()
	d.until("asked to sign in", func(s api.Status) bool {
		return s.State == "sign-in" && s.Reason == string(store.CodeSessionMissing)
	})
	d.join(server, "Anna")
	d.synced(0)
	if d.digest() != serverDigest(t, server, "Anna") {
		t.Error("what was written meanwhile did not arrive")
	}
}
