package session

import (
	"context"
	"sync"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/session/machine"
)

// A session that was ended stays ended, whatever was on its way meanwhile: a
// request that had read it before must not make it known again after.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	h := open(t)
	for range 200 {
		d := h.signIn(anna)
		h.clock.Advance(2 * time.Hour) // a rotation is due: each request would write
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := h.Ask(context.Background(), d.request(machine.Ordinary)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if err := h.End(context.Background(), d.id, machine.Revoked, By{}); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if answer := d.ask(machine.Ordinary); answer.Output.Code != store.CodeSessionEnded || answer.Output.Reason != machine.Revoked {
			t.Fatalf("after it was ended: %+v", answer.Output)
		}
		if stored := d.stored(); stored.Table != d.now().Table {
			t.Fatalf("known is %+v, stored %+v", d.now().Table, stored.Table)
		}
	}
}

// Who reads a session while it changes sees one or the other: whole, and never an
// older one after a newer.
func TestReadingWhileItChanges(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			seen := uint64(0)
			for {
				select {
				case <-done:
					return
				default:
				}
				found, ok, err := h.Session(context.Background(), d.id)
				if err != nil || !ok || found.Revision < seen {
					t.Errorf("revision %d after %d: %v", found.Revision, seen, err)
					return
				}
				seen = found.Revision
			}
		})
	}
	for range 200 {
		if err := h.ChangeAccess(t.Context(), anna); err != nil {
			t.Error(err)
		}
	}
	close(done)
	all.Wait()
	if got := d.now().Table.AccessRev; got != 200 {
		t.Errorf("access was changed %d times", got)
	}
}

// Requests that find a rotation due together make one, and each of them gets
// its value.
func TestConcurrentRotations(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	d.ask(machine.Ordinary)
	for range 50 {
		h.clock.Advance(20 * time.Minute)
		before := d.now().Table.Head().Number
		values := make([]string, 8)
		var all sync.WaitGroup
		for i := range values {
			all.Go(func() {
				answer, err := h.Ask(context.Background(), d.request(machine.Ordinary))
				if err != nil || answer.Refused() {
					t.Errorf("%+v, %v", answer.Output, err)
				}
				values[i] = answer.Value
			})
		}
		all.Wait()
		if head := d.now().Table.Head().Number; head != before+1 {
			t.Fatalf("from generation %d to %d", before, head)
		}
		for _, value := range values {
			if value == "" || value != values[0] {
				t.Fatalf("handed out: %q", values)
			}
		}
		d.value = values[0]
	}
}

// Two revisions may come in the wrong order: what is older is not learnt.
func TestTheNewerRevisionWins(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	stale := d.now()
	h.end(d, machine.Revoked)
	if got, err := h.learn(stale.DeviceSession, h.forgotten); err != nil || got.EndedAt == 0 {
		t.Errorf("learnt %+v, %v", got, err)
	}
	// Whoever still holds it gets nothing by it either.
	answer, err := h.move(t.Context(), stale, machine.Input{Value: machine.KnownValue, Generation: 1}, network)
	if err != nil || answer.Output.Code != store.CodeSessionEnded {
		t.Errorf("moved on: %+v, %v", answer.Output, err)
	}
}

// Whoever read a session before it ended, and is held up until that was forgotten
// again, does not make it known as it was.
func TestWhatWasReadBeforeRoomWasMade(t *testing.T) {
	for name, late := range map[string]func(h *house, d *device) error{
		"read": func(h *house, d *device) error {
			_, err := h.lookUp(t.Context(), d.id)
			return err
		},
		"committed": func(h *house, d *device) error {
			return h.Verified(t.Context(), d.id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			d := h.signIn(anna)
			d.ask(machine.Ordinary) // another one writes nothing
			session := d.now()
			forget := func() {
				for id := store.SessionID(1000); h.known[d.id] != nil; id++ {
					session.ID = id
					if _, err := h.learn(session.DeviceSession, h.forgotten); err != nil {
						t.Fatal(err)
					}
				}
			}
			forget()
			h.db.after = func() {
				h.end(d, machine.Revoked)
				forget()
			}
			if err := late(h, d); err != nil {
				t.Fatal(err)
			}
			if answer := d.ask(machine.Ordinary); answer.Output.Code != store.CodeSessionEnded {
				t.Errorf("after it was ended: %+v", answer.Output)
			}
		})
	}
}

// What is remembered has an end; sessions that are watched stay.
func TestMakingRoom(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	watch, err := h.Watch(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	session := d.now()
	for i := range 2 * maxKnown {
		session.ID = store.SessionID(1000 + i)
		if _, err := h.learn(session.DeviceSession, h.forgotten); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.known); n > maxKnown {
		t.Errorf("%d are remembered", n)
	}
	changed := watch.Changed()
	h.end(d, machine.Revoked)
	select {
	case <-changed:
	default:
		t.Error("a session that is watched was forgotten")
	}
}

func TestWatching(t *testing.T) {
	h := open(t)
	d, other := h.signIn(anna), h.signIn(anna)
	if _, err := h.Watch(t.Context(), 99); store.CodeOf(err) != store.CodeSessionInvalid {
		t.Errorf("no session: %v", err)
	}
	var watches []*Watch
	for range 6 {
		watch, err := h.Watch(t.Context(), d.id)
		if err != nil {
			t.Fatal(err)
		}
		watches = append(watches, watch)
	}
	changes := func(what string, change func(), want bool) {
		t.Helper()
		var channels []<-chan struct{}
		for _, watch := range watches {
			channels = append(channels, watch.Changed())
		}
		change()
		for i, channel := range channels {
			select {
			case <-channel:
				if !want {
					t.Errorf("%s: watch %d is told", what, i)
				}
			default:
				if want {
					t.Errorf("%s: watch %d is not told", what, i)
				}
			}
			if got := watches[i].Session(); got.Revision != d.now().Revision {
				t.Errorf("%s: watch %d sees revision %d", what, i, got.Revision)
			}
		}
	}
	changes("a first use", func() { d.ask(machine.Ordinary) }, true)
	changes("another use", func() { d.ask(machine.Ordinary) }, false)
	changes("another session", func() { other.ask(machine.Ordinary) }, false)
	changes("access", func() {
		if err := h.ChangeAccess(t.Context(), anna); err != nil {
			t.Fatal(err)
		}
	}, true)
	changes("a rotation", func() { h.clock.Advance(time.Hour); d.ask(machine.Ordinary) }, true)
	changes("the end", func() { h.end(d, machine.Revoked) }, true)
	for _, watch := range watches {
		watch.Stop()
	}
	if n := h.known[d.id].watchers; n != 0 {
		t.Errorf("%d watchers are left", n)
	}
}
