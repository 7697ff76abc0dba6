package session

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session/machine"
)

const (
	anna    store.ID = 101
	ben     store.ID = 102
	network          = "203.0.113.0/24"
	day              = 24 * time.Hour
)

var begin = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// house is the sessions over a real store in memory, with a clock that stands
// still.
type house struct {
	*Sessions
	t     *testing.T
	clock *storetest.Clock
	home  *household.Store
	db    *counted
	full  atomic.Bool // the disk
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: storetest.NewClock(begin)}
	free := func(string) (int64, error) {
		if h.full.Load() {
			return 0, nil
		}
		return 1 << 40, nil
	}
	h.db = &counted{DB: storetest.OpenWith(t, badgerkv.Options{Now: h.clock.Now, FreeSpace: free})}
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	if h.home, err = household.Open(t.Context(), h.db, kinds); err != nil {
		t.Fatal(err)
	}
	h.Sessions = h.start(Config{})
	return h
}

// start starts anew over the same store.
func (h *house) start(c Config) *Sessions {
	h.t.Helper()
	c.Store, c.Now = h.home, h.clock.Now
	if c.Secret == nil {
		c.Secret = []byte(strings.Repeat("k", 32))
	}
	if c.Timers == (Timers{}) {
		c.Timers = DefaultTimers()
	}
	c.Broken = func(id store.SessionID, rule string) { h.t.Errorf("session %d: %s", id, rule) }
	s, err := New(h.t.Context(), c)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// counted counts the write-sets that were committed.
type counted struct {
	kv.DB
	commits atomic.Int64
	after   func() // what happens between the next reading or commit and its return
}

func (c *counted) View(ctx context.Context, fn func(kv.Reader) error) error {
	defer c.happens()
	return c.DB.View(ctx, fn)
}

func (c *counted) happens() {
	if after := c.after; after != nil {
		c.after = nil
		after()
	}
}

func (c *counted) Update(ctx context.Context, fn func(kv.Tx) error) error {
	defer c.happens()
	wrote := false
	err := c.DB.Update(ctx, func(tx kv.Tx) error { return fn(countedTx{tx, &wrote}) })
	if err == nil && wrote {
		c.commits.Add(1)
	}
	return err
}

type countedTx struct {
	kv.Tx
	wrote *bool
}

func (c countedTx) Set(key, value []byte) error {
	*c.wrote = true
	return c.Tx.Set(key, value)
}

func (c countedTx) Delete(key []byte) error {
	*c.wrote = true
	return c.Tx.Delete(key)
}

// device is a client of one session, as careful as one should be.
type device struct {
	house  *house
	id     store.SessionID
	value  string
	signer *proof.Signer // nil without a key
}

// signIn signs a device in that has no key.
func (h *house) signIn(user store.ID) *device { return h.signInAs(user, machine.Browser, nil) }

// signInBound signs a device in that has one.
func (h *house) signInBound(user store.ID) *device {
	return h.signInAs(user, machine.Browser, newSigner(h.t))
}

func (h *house) signInAs(user store.ID, kind machine.Kind, signer *proof.Signer) *device {
	h.t.Helper()
	in := SignIn{UserID: user, Client: Client{Kind: kind, Name: "Firefox", Network: network}, Method: "password", Verified: true}
	if signer != nil {
		in.Key, in.Level = signer.Key(), machine.ProtectedKey
	}
	answer, err := h.SignIn(h.t.Context(), in)
	if err != nil || answer.Refused() || answer.Value == "" {
		h.t.Fatalf("sign in: %+v, %v", answer.Output, err)
	}
	return &device{house: h, id: answer.Session.ID, value: answer.Value, signer: signer}
}

func newSigner(t *testing.T) *proof.Signer {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed)
	signer, err := proof.NewEd25519(seed)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// request shows the value of the device, without a proof.
func (d *device) request(ask machine.Request) Request {
	return Request{Value: d.value, Ask: ask, Method: "POST", Path: "/api/x", Network: network}
}

// prove adds a proof over a fresh nonce.
func (d *device) prove(r Request, signer *proof.Signer, register bool) Request {
	d.house.t.Helper()
	signed, err := signer.Sign(proof.Claims{
		Method: r.Method, Path: r.Path, Audience: d.house.home.Instance(), Nonce: d.house.Nonce(), ValueHash: proof.ValueHash(r.Value),
	}, register)
	if err != nil {
		d.house.t.Fatal(err)
	}
	r.Proof = signed
	return r
}

// ask asks something, with a proof when there is a key, and goes on with the
// value that is handed out.
func (d *device) ask(ask machine.Request) Answer {
	d.house.t.Helper()
	r := d.request(ask)
	if d.signer != nil {
		r = d.prove(r, d.signer, false)
	}
	answer := d.send(r)
	if answer.Value != "" {
		d.value = answer.Value
	}
	return answer
}

// send sends a request, and keeps the value there was.
func (d *device) send(r Request) Answer {
	d.house.t.Helper()
	answer, err := d.house.Ask(d.house.t.Context(), r)
	if err != nil {
		d.house.t.Fatal(err)
	}
	return answer
}

// code is the code of an answer that serves or refuses an ordinary request.
func (d *device) code() store.Code {
	d.house.t.Helper()
	return d.ask(machine.Ordinary).Output.Code
}

// now is the session as it is.
func (d *device) now() Session {
	d.house.t.Helper()
	found, ok, err := d.house.Session(d.house.t.Context(), d.id)
	if err != nil || !ok {
		d.house.t.Fatalf("session %d: %v, %v", d.id, ok, err)
	}
	return found
}

// stored is the session as a server that was started now reads it.
func (d *device) stored() Session {
	d.house.t.Helper()
	found, ok, err := d.house.start(Config{}).Session(d.house.t.Context(), d.id)
	if err != nil || !ok {
		d.house.t.Fatalf("session %d: %v, %v", d.id, ok, err)
	}
	return found
}

// audited are the newest records, the newest first.
func (h *house) audited(n int) []household.AuditRecord {
	h.t.Helper()
	records, err := h.home.AuditPage(h.t.Context(), 0, n)
	if err != nil {
		h.t.Fatal(err)
	}
	return records
}

func (h *house) cleanUp() {
	h.t.Helper()
	if err := h.CleanUp(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) end(d *device, why machine.EndReason) {
	h.t.Helper()
	if err := h.End(h.t.Context(), d.id, why, By{Network: network}); err != nil {
		h.t.Fatal(err)
	}
}
