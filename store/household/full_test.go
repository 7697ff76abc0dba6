package household_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kv/badgerkv"
)

// disk is a device's disk. It is asked once before the functions of a commit
// run, and, when there is much to write, once more behind them.
type disk struct {
	home   *home
	full   bool
	behind func() // called when it has no room, with what was shown still ahead
}

func (d *disk) free(string) (int64, error) {
	d.home.clock.Advance(2 * time.Second) // what is known of free space is old by the next time
	if !d.full {
		return 1 << 40, nil
	}
	if d.behind != nil {
		d.behind()
	}
	return badgerkv.DefaultMinFree + 1<<20, nil
}

// What came from the server is shown before the disk has it. When the disk never
// takes it, it is taken back and comes again, and nothing of the device's own is
// lost.
func TestAFullDiskTakesBackWhatWasShownAhead(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	on := &disk{home: h}
	p := &peer{home: h, by: store.Author{UserID: h.admin, SessionID: 9}}
	p.store = h.openOver(badgerkv.Options{FreeSpace: on.free})
	p.start()
	p.sync()

	// Own writes in all three states: taken by the server without its event
	// having come, in flight, and waiting.
	p.write("note", thing(t, 1, "title", "taken"))
	p.push(store.MaxBatch, false)
	p.write("note", thing(t, 2, "title", "in flight"))
	p.push(store.MaxBatch, true)
	p.write("note", thing(t, 3, "title", "waiting"))
	flying := p.next()

	// Another device's act, in one event too large for one piece of the engine.
	other := h.peers[0]
	other.load()
	var in []store.Replacement
	for i := range store.ID(900) {
		in = append(in, store.Replacement{Kind: "note", Entity: thing(t, 1000+i, "title", fmt.Sprint(i), "body", strings.Repeat("x", 3000))})
	}
	if err := other.device.WriteAll(t.Context(), "", in); err != nil {
		t.Fatal(err)
	}
	other.push(store.MaxBatch, false)
	ref := store.Ref{Kind: "note", ID: 1500}

	cursor, err := p.device.Cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ahead := 0
	on.behind = func() {
		if e, _, err := p.device.Get(context.Background(), ref); err == nil && e.String("title") == "500" {
			ahead++
		}
	}
	events := p.events(cursor.ID)
	for try := range 2 { // the second is shown ahead like the first
		on.full, p.touched = true, nil
		err := p.device.Apply(t.Context(), h.server.Head(), events)
		on.full = false
		if store.CodeOf(err) != store.CodeStorageFull {
			t.Fatalf("on a full disk: %v", err)
		}
		if ahead != try+1 {
			t.Fatalf("what came was shown %d times before the disk had it", ahead)
		}
		if n := len(p.touched); n != 2 || len(p.touched[0].Refs) < 900 || !p.touched[1].Reset {
			t.Fatalf("told is %d times something, the last of %d things", n, len(p.touched[n-1].Refs))
		}
		if _, _, err := p.device.Get(t.Context(), ref); store.CodeOf(err) != store.CodeNotFound {
			t.Errorf("what the disk did not take is still shown: %v", err)
		}
		if now, err := p.device.Cursor(t.Context()); err != nil || now != cursor {
			t.Errorf("the cursor moved from %s to %s, %v", cursor, now, err)
		}
		if waiting, parked := p.waiting(); waiting != 3 || parked != 0 {
			t.Errorf("%d wait and %d are parked", waiting, parked)
		}
		for id, title := range map[store.ID]string{1: "taken", 2: "in flight", 3: "waiting"} {
			if got := p.shown("note", id).String("title"); got != title {
				t.Errorf("note %d is shown as %q", id, got)
			}
		}
		if again := p.next(); again.Seq != flying.Seq || len(again.Replacements) != len(flying.Replacements) {
			t.Errorf("to be pushed is %+v, was %+v", again, flying)
		}
	}

	p.sync()
	if got := p.shown("note", ref.ID).String("title"); got != "500" {
		t.Errorf("with room again it is shown as %q", got)
	}
	if waiting, parked := p.waiting(); waiting != 0 || parked != 0 || p.digests() != h.digests() {
		t.Errorf("in the end %d wait, %d are parked, digests %s and %s", waiting, parked, p.digests(), h.digests())
	}
}
