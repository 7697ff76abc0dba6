package household_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

var deviceEpoch = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// home is a server's store with one admin, and the devices of its people.
type home struct {
	t      rapid.TB
	clock  *storetest.Clock
	kinds  *kind.Registry
	server *household.Store
	admin  store.ID
	peers  []*peer
	close  []func() error
}

// peer is one device with a session.
type peer struct {
	home    *home
	store   *household.Store
	device  *household.Device
	by      store.Author
	touched []household.Touched
}

func newHome(t rapid.TB, peers int) *home {
	t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t: t, clock: storetest.NewClock(deviceEpoch), kinds: kinds, admin: 7}
	h.server = h.open()
	user := store.Entity{ID: h.admin, UpdatedAt: store.TimestampOf(deviceEpoch)}
	set(t, &user, "name", "Anna", "access", "admin")
	if err := h.server.Found(context.Background(), h.admin, []store.Replacement{{Kind: "user", Entity: user}}); err != nil {
		t.Fatal(err)
	}
	for i := range peers {
		p := &peer{home: h, by: store.Author{UserID: h.admin, SessionID: store.SessionID(i + 1)}}
		p.store = h.open()
		p.start()
		h.peers = append(h.peers, p)
	}
	return h
}

// start is what a program does that begins, or begins again after a crash.
func (p *peer) start() {
	p.device = household.NewDevice(p.store, store.NewClock(p.home.clock.Now), func(c household.Touched) {
		p.touched = append(p.touched, c)
	})
}

func (h *home) open() *household.Store {
	h.t.Helper()
	return h.openOver(badgerkv.Options{})
}

func (h *home) openOver(o badgerkv.Options) *household.Store {
	h.t.Helper()
	o.Now = h.clock.Now
	db, err := badgerkv.Open(o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.close = append(h.close, db.Close)
	s, err := household.Open(context.Background(), db, h.kinds)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *home) end() {
	for _, closeDB := range h.close {
		if err := closeDB(); err != nil {
			h.t.Error(err)
		}
	}
}

func set(t rapid.TB, e *store.Entity, fields ...any) {
	t.Helper()
	for pair := range slices.Chunk(fields, 2) {
		if err := e.Set(pair[0].(string), pair[1]); err != nil {
			t.Fatal(err)
		}
	}
}

func thing(t rapid.TB, id store.ID, fields ...any) store.Entity {
	t.Helper()
	e := store.Entity{ID: id, UpdatedAt: 1}
	set(t, &e, fields...)
	return e
}

// load takes a snapshot.
func (p *peer) load() {
	t := p.home.t
	t.Helper()
	var all []household.Received
	at, err := p.home.server.Snapshot(context.Background(), p.person(), "", store.Ref{}, func(_ store.Cursor, _ store.Ref, change []byte) error {
		var r household.Received
		err := json.Unmarshal(slices.Clone(change), &r)
		all = append(all, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	loading, err := p.device.Load(context.Background(), at)
	for chunk := range slices.Chunk(all, 3) {
		if err == nil {
			err = loading.Add(context.Background(), chunk)
		}
	}
	if err == nil {
		err = loading.Done(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (p *peer) person() access.Person { return access.Person{UserID: p.by.UserID, Level: access.Admin} }

// pull applies what is new, or loads a snapshot at first.
func (p *peer) pull() {
	t := p.home.t
	t.Helper()
	at, err := p.device.Cursor(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if at.Epoch == 0 {
		p.load()
		return
	}
	if err := p.device.Apply(context.Background(), p.home.server.Head(), p.events(at.ID)); err != nil {
		t.Fatal(err)
	}
}

// events are what the server has behind one.
func (p *peer) events(after store.EventID) (events []household.ReceivedEvent) {
	t := p.home.t
	t.Helper()
	err := p.home.server.Events(context.Background(), after, func(r *household.EventRecord) (bool, error) {
		event := household.ReceivedEvent{ID: r.ID}
		err := json.Unmarshal(slices.Clone(r.Body), &event)
		events = append(events, event)
		return true, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// push sends the next batch. A lost answer never reaches the device.
func (p *peer) push(limit int, lost bool) bool {
	t := p.home.t
	t.Helper()
	b, err := p.device.NextBatch(context.Background(), limit)
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		return false
	}
	answer, err := p.home.server.Apply(context.Background(), *b, p.by, true)
	if err != nil {
		t.Fatal(err)
	}
	if lost {
		return true
	}
	if err := p.device.Answer(context.Background(), b.Seq, answer); err != nil {
		t.Fatal(err)
	}
	return true
}

func (p *peer) sync() {
	p.home.t.Helper()
	p.pull()
	for p.push(store.MaxBatch, false) {
	}
	p.pull()
}

func (p *peer) write(k store.Kind, e store.Entity, changed ...string) store.Result {
	t := p.home.t
	t.Helper()
	results, err := p.device.Write(context.Background(), "", []store.Replacement{{Kind: k, Entity: e, Changed: changed}})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func (p *peer) shown(k store.Kind, id store.ID) store.Entity {
	t := p.home.t
	t.Helper()
	e, _, err := p.device.Get(context.Background(), store.Ref{Kind: k, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (p *peer) waiting() (waiting, parked int) {
	t := p.home.t
	t.Helper()
	waiting, parked, err := p.device.Waiting(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return waiting, parked
}

func (p *peer) digests() string {
	t := p.home.t
	t.Helper()
	at, kinds, err := p.device.Digests(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(at, kinds)
}

func (h *home) digests() string {
	h.t.Helper()
	at, kinds, err := h.server.Digests(context.Background(), access.Person{Level: access.Admin})
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(at, kinds)
}

func TestDeviceWritesAndConfirms(t *testing.T) {
	h := newHome(t, 2)
	defer h.end()
	a, b := h.peers[0], h.peers[1]
	a.write("list", thing(t, 1, "title", "Shopping"))
	if got := a.shown("list", 1).String("title"); got != "Shopping" {
		t.Fatalf("an own write is shown as %q before any server", got)
	}
	a.sync()
	b.sync()
	if got := b.shown("list", 1).String("title"); got != "Shopping" {
		t.Fatalf("the other device shows %q", got)
	}
	if waiting, parked := a.waiting(); waiting != 0 || parked != 0 {
		t.Errorf("%d wait and %d are parked after everything was confirmed", waiting, parked)
	}
	// Two fields, changed apart: both stay, also while one still waits.
	a.write("list", thing(t, 1, "title", "Market", "color", "#112233"), "color")
	b.write("list", thing(t, 1, "title", "Market"), "title")
	b.sync()
	a.pull()
	e := a.shown("list", 1)
	if e.String("title") != "Market" || e.String("color") != "#112233" {
		t.Errorf("shown is %v: own waiting colour over the confirmed title", e)
	}
	a.sync()
	b.sync()
	if a.digests() != h.digests() || b.digests() != h.digests() {
		t.Errorf("digests differ: %s, %s, server %s", a.digests(), b.digests(), h.digests())
	}
}

func TestDeviceTrashAndRestoreOffline(t *testing.T) {
	h := newHome(t, 2)
	defer h.end()
	a, b := h.peers[0], h.peers[1]
	a.write("note", thing(t, 5, "title", "Recipe", "body", "flour"))
	a.sync()
	b.sync()
	b.write("note", store.Tombstone(5, 1))
	own, _, err := b.device.Trash(t.Context(), 0, 10)
	if err != nil || len(own) != 1 || own[0].Last.String("body") != "flour" {
		t.Fatalf("trash with an own waiting deletion: %v, %v", own, err)
	}
	b.sync()
	a.sync()
	trash, _, err := a.device.Trash(t.Context(), 0, 10)
	if err != nil || len(trash) != 1 || trash[0].Last.String("body") != "flour" || trash[0].By != b.by {
		t.Fatalf("trash after the other's deletion: %+v, %v", trash, err)
	}
	a.write("note", trash[0].Last) // a restore has no changed
	if e := a.shown("note", 5); e.Deleted || e.String("title") != "Recipe" {
		t.Errorf("restored is shown as %v", e)
	}
	a.sync()
	b.sync()
	if e := b.shown("note", 5); e.Deleted || e.String("body") != "flour" {
		t.Errorf("restored arrives as %v", e)
	}
	if left, _, _ := a.device.Trash(t.Context(), 0, 10); len(left) != 0 {
		t.Errorf("the trash still has %v", left)
	}
	b.write("note", store.Tombstone(5, 1))
	b.sync()
	a.sync()
	b.write("note", trash[0].Last)
	b.sync()
	a.load() // a snapshot in between: the restore never came as an event
	if left, _, _ := a.device.Trash(t.Context(), 0, 10); len(left) != 0 {
		t.Errorf("after a snapshot the trash has what is living: %v", left)
	}
}

func TestDeviceParksAndRenumbers(t *testing.T) {
	h := newHome(t, 2)
	defer h.end()
	a, b := h.peers[0], h.peers[1]
	a.sync()
	b.sync()
	a.write("list", thing(t, 9, "title", "A's"))
	a.sync()
	b.write("list", thing(t, 9, "title", "B's"))
	b.write("item", thing(t, 10, "listId", 9, "title", "milk"))
	b.write("item", thing(t, 11, "listId", 99, "title", "on no list"))
	b.sync()
	for {
		if waiting, _ := b.waiting(); waiting == 0 {
			break
		}
		b.sync()
	}
	if got := b.shown("list", 9).String("title"); got != "A's" {
		t.Errorf("list 9 is shown as %q", got)
	}
	moved := b.shown("item", 10).IDField("listId")
	if moved == 9 || b.shown("list", moved).String("title") != "B's" {
		t.Errorf("the item lies on list %d", moved)
	}
	parked, err := b.device.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Code != store.CodeUnknownRef {
		t.Fatalf("parked: %+v, %v", parked, err)
	}
	if _, _, err := b.device.Get(t.Context(), store.Ref{Kind: "item", ID: 11}); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("what is parked is still shown (%v)", err)
	}
	a.write("list", thing(t, 99, "title", "now there is"))
	a.sync()
	if err := b.device.Retry(t.Context(), parked[0].Seq); err != nil {
		t.Fatal(err)
	}
	b.sync()
	a.sync()
	if a.digests() != h.digests() || b.digests() != h.digests() {
		t.Errorf("digests differ: %s, %s, server %s", a.digests(), b.digests(), h.digests())
	}
}

func TestDeviceSnapshotDropsWhatIsGone(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	a := h.peers[0]
	for id := range store.ID(8) {
		a.write("list", thing(t, id+1, "title", fmt.Sprint("list ", id)))
	}
	a.sync()
	other := newHome(t, 0) // another epoch, without these lists
	defer other.end()
	a.write("list", thing(t, 3, "title", "still mine"), "title")
	a.home = other
	a.load()
	if _, _, err := a.device.Get(t.Context(), store.Ref{Kind: "list", ID: 5}); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("list 5 is not in the snapshot and still shown (%v)", err)
	}
	a.sync()
	if got := a.shown("list", 3).String("title"); got != "still mine" {
		t.Errorf("the waiting write of the lost list is shown as %q", got)
	}
	if a.digests() != other.digests() {
		t.Errorf("digests differ: %s, server %s", a.digests(), other.digests())
	}
}

// TestDevicesConverge: whatever devices write, in whatever order they exchange,
// with answers lost on the way, in the end all hold the same.
func TestDevicesConverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHome(t, 3)
		defer h.end()
		peers := rapid.SampledFrom(h.peers)
		ids := rapid.Uint64Range(1, 4)
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				p, id := peers.Draw(t, "device"), store.ID(ids.Draw(t, "id"))
				e := thing(t, id, "title", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "title"),
					"body", rapid.SampledFrom([]string{"x", "x y", "y z"}).Draw(t, "body"),
					"labels", map[string]bool{rapid.SampledFrom([]string{"red", "blue"}).Draw(t, "label"): true})
				changed := rapid.SampledFrom([][]string{nil, {"title"}, {"body"}, {"labels"}}).Draw(t, "changed")
				p.write("note", e, changed...)
				if got := p.shown("note", id); changed == nil && got.String("title") != e.String("title") {
					t.Fatalf("wrote %v, shown is %v", e, got)
				}
			},
			"delete": func(t *rapid.T) {
				p, id := peers.Draw(t, "device"), store.ID(ids.Draw(t, "id"))
				if p.write("note", store.Tombstone(id, 1)).Status == store.Applied && !p.shown("note", id).Deleted {
					t.Fatalf("deleted and still shown")
				}
			},
			"crash": func(t *rapid.T) { peers.Draw(t, "device").start() },
			"pull":  func(t *rapid.T) { peers.Draw(t, "device").pull() },
			"push": func(t *rapid.T) {
				p := peers.Draw(t, "device")
				if at, _ := p.device.Cursor(context.Background()); at.Epoch == 0 {
					p.pull()
				}
				p.push(rapid.IntRange(1, 3).Draw(t, "limit"), rapid.Bool().Draw(t, "lost"))
			},
			"tick": func(t *rapid.T) {
				h.clock.Advance(time.Duration(rapid.IntRange(-5, 50).Draw(t, "ms")) * time.Millisecond)
			},
		})
		for range 4 {
			for _, p := range h.peers {
				p.sync()
			}
		}
		want := h.digests()
		for i, p := range h.peers {
			if waiting, _ := p.waiting(); waiting != 0 || p.digests() != want {
				t.Fatalf("device %d: %d wait, digest %s, server %s", i, waiting, p.digests(), want)
			}
		}
	})
}
