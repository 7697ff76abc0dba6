package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"inglenook/app/imports"
	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/syncserver/servertest"
)

// shared is where the real data lies, beside the repository.
const shared = "../../../shared/data"

// TestConverge: a household with a month of real shopping and its calendars; two
// devices change hundreds of things apart, come back in either order, and hold
// the same, with nothing that was acknowledged missing from the history.
func TestConverge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	in := realData(t)
	for _, first := range []string{"A", "B"} {
		t.Run("first "+first, func(t *testing.T) { converge(t, in, first) })
	}
}

func realData(t *testing.T) []store.Replacement {
	t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(shared, "calendars", "*.ics")) // the pattern is right
	files, err := imports.NewReader(t.Context(), kinds, newDevice(t, "empty", time.Now).Replica().Device())
	if err != nil {
		t.Fatal(err)
	}
	var out []store.Replacement
	for _, name := range append(names, filepath.Join(shared, "groceries.csv")) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Skipf("the real data is not here: %v", err)
		}
		read, err := files.Read(filepath.Base(name), bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, read.Replacements...)
	}
	return out
}

func converge(t *testing.T, in []store.Replacement, first string) {
	server := servertest.Start(t, servertest.Options{})
	a, b := newDevice(t, "A", server.Clock.Now), newDevice(t, "B", server.Clock.Now)
	a.join(server, "Anna")
	a.online()
	a.synced(0)
	a.write("import-1", in...)
	a.synced(0)
	b.join(server, "Anna")
	b.online()
	b.synced(server.Store().Head().ID)
	if lists := len(b.shown("list")); lists < 9835 {
		t.Fatalf("device B shows %d lists", lists)
	}
	if a.digest() != b.digest() {
		t.Fatal("device B does not hold what device A imported")
	}

	a.offline()
	b.offline()
	random := rand.New(rand.NewPCG(1, uint64(len(first)))) //nolint:gosec // a test repeats itself
	acts := []*work{{device: a, random: random}, {device: b, random: random}}
	for _, w := range acts {
		w.all(t)
	}
	order := []*device{a, b}
	if first == "B" {
		slices.Reverse(order)
	}
	for _, d := range order {
		d.online()
		d.synced(0)
	}
	head := server.Store().Head().ID
	a.synced(head)
	b.synced(head)
	want := serverDigest(t, server, "Anna")
	if a.digest() != want || b.digest() != want {
		t.Errorf("digests differ:\nA      %s\nB      %s\nserver %s", a.digest(), b.digest(), want)
	}
	for _, w := range acts {
		if parked, err := w.device.Replica().Device().Parked(t.Context()); err != nil || len(parked) != 0 {
			t.Errorf("device %s has parked %v (%v)", w.device.name, parked, err)
		}
		w.inHistory(t, server)
	}
}

// work is what somebody does while offline.
type work struct {
	device *device
	random *rand.Rand
	wrote  []wrote
}

// wrote is one unit somebody wrote, and was told that it is kept.
type wrote struct {
	ref   store.Ref
	unit  string // "deleted" for a deletion
	value store.RawValue
}

// all changes 500 random things, deletes 50, restores 10 and adds 100.
func (w *work) all(t *testing.T) {
	d := w.device
	items, events := d.shown("item"), d.shown("event")
	for i := range 500 {
		k, e, field := store.Kind("item"), items[w.random.IntN(len(items))], "title"
		switch i % 5 {
		case 1:
			field = "description"
		case 2:
			field = "unit"
		case 3:
			k, e = "event", events[w.random.IntN(len(events))]
		}
		w.set(t, k, e, field, fmt.Sprintf("%s %d", d.name, i))
	}
	var deleted []store.Entity
	for _, i := range w.random.Perm(len(items))[:50] {
		d.write("", store.Replacement{Kind: "item", Entity: store.Tombstone(items[i].ID, 1)})
		w.wrote = append(w.wrote, wrote{ref: store.Ref{Kind: "item", ID: items[i].ID}, unit: "deleted"})
		deleted = append(deleted, items[i])
	}
	for _, e := range deleted[:10] {
		d.write("", store.Replacement{Kind: "item", Entity: e})
	}
	list := entity(t, store.NewID(), "title", "new on "+d.name)
	d.write("", store.Replacement{Kind: "list", Entity: list})
	for i := range 99 {
		w.set(t, "item", entity(t, store.NewID(), "listId", list.ID), "title", fmt.Sprintf("new %d on %s", i, d.name))
	}
}

func (w *work) set(t *testing.T, k store.Kind, e store.Entity, field, value string) {
	t.Helper()
	e = e.Clone()
	if err := e.Set(field, value); err != nil {
		t.Fatal(err)
	}
	changed := []string{field}
	if e.Fields["created"] == nil {
		changed = nil
	}
	w.device.write("", store.Replacement{Kind: k, Entity: e, Changed: changed})
	w.wrote = append(w.wrote, wrote{ref: store.Ref{Kind: k, ID: e.ID}, unit: field, value: e.Fields[field]})
}

// inHistory looks everything up that was acknowledged: it became the entity's
// in some version, or is kept as superseded. A later own write of the same unit
// may have taken its place before it was sent.
func (w *work) inHistory(t *testing.T, server *servertest.Server) {
	t.Helper()
	c, _ := server.SignIn(t, "Anna")
	last := map[string]int{}
	for i, did := range w.wrote {
		last[fmt.Sprint(did.ref, did.unit)] = i
	}
	missing := 0
	for i, did := range w.wrote {
		if last[fmt.Sprint(did.ref, did.unit)] != i {
			continue
		}
		history, err := c.History(t.Context(), did.ref, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, v := range history.Versions {
			if did.unit == "deleted" {
				found = found || v.Entity.Deleted
			} else {
				found = found || bytes.Equal(v.Entity.Fields[did.unit], did.value)
			}
			for _, s := range v.Superseded {
				found = found || s.Unit == did.unit && bytes.Equal(s.Value, did.value)
			}
		}
		if !found {
			missing++
			t.Logf("%s %d: %s %s of device %s is not in the history", did.ref.Kind, did.ref.ID, did.unit, did.value, w.device.name)
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged writes are missing from the history", missing, len(w.wrote))
	}
}
