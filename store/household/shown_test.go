package household_test

import (
	"testing"

	"inglenook/store"
	"inglenook/store/household"
)

// What comes from the server is shown before this disk has it, whole: with what
// leaves the outbox by it. The cursor is that of the disk.
func TestShownAhead(t *testing.T) {
	h := newHome(t, 2)
	defer h.end()
	writer, reader := h.peers[0], h.peers[1]
	writer.load()
	reader.load()
	type look struct {
		title   string
		waiting int
		at      store.Cursor
		err     error
	}
	looked := make(chan look, 8)
	ask := func() {
		var l look
		e, _, err := reader.device.Get(t.Context(), store.Ref{Kind: "note", ID: 1})
		l.title, l.err = e.String("title"), err
		if err == nil {
			l.waiting, _, l.err = reader.device.Waiting(t.Context())
		}
		if l.err == nil {
			l.at, l.err = reader.device.Cursor(t.Context())
		}
		looked <- l
	}
	told := false
	reader.device = household.NewDevice(reader.store, store.NewClock(h.clock.Now), func(c household.Touched) {
		if told && len(c.Refs) > 0 {
			go ask()
			first := <-looked
			looked <- first
		}
	})
	writer.write("note", thing(t, 1, "title", "a"))
	writer.sync()
	reader.pull()
	before, err := reader.device.Cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reader.write("note", thing(t, 1, "title", "b"), "title")
	reader.push(store.MaxBatch, false)
	told = true
	reader.pull()
	ahead := <-looked
	if ahead.err != nil || ahead.title != "b" || ahead.waiting != 0 || ahead.at != before {
		t.Errorf("before the disk had it: %+v, the cursor was %s", ahead, before)
	}
	ask()
	if after := <-looked; after.err != nil || after.title != "b" || after.waiting != 0 || after.at != h.server.Head() {
		t.Errorf("after: %+v, the head is %s", after, h.server.Head())
	}
}
