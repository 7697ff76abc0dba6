package session

import (
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/session/machine"
)

// The time of sessions stands still while a clock is set back a little, and
// follows it when it is set back by more than a day.
func TestTheClockDoesNotGoBack(t *testing.T) {
	h := open(t)
	start := h.Now()
	h.clock.Advance(-5 * time.Minute)
	if h.Now() != start || h.clockSuspect() {
		t.Errorf("five minutes back: %s, suspect %v", h.Now(), h.clockSuspect())
	}
	h.clock.Advance(6 * time.Minute)
	if h.Now() != after(start, time.Minute) || h.clockSuspect() {
		t.Errorf("and on again: %s", h.Now())
	}
	h.clock.Advance(-30 * time.Hour)
	if h.Now() != store.TimestampOf(h.clock.Now()) || !h.clockSuspect() {
		t.Errorf("thirty hours back: %s, suspect %v", h.Now(), h.clockSuspect())
	}
	h.clock.Advance(settling)
	if h.clockSuspect() {
		t.Error("it is never settled")
	}
}

// A small machine without a clock begins with any time. Nothing expires while
// it may be wrong, and nothing is forgotten; when it stands still long enough,
// it counts.
func TestNothingExpiresBySuspectTime(t *testing.T) {
	for _, row := range []struct {
		name string
		// doubt brings the clock to a year later and returns who is asked then.
		doubt func(h *house) *Sessions
		// settle ends the doubt.
		settle func(h *house)
	}{
		{
			"a jump while running",
			func(h *house) *Sessions { h.clock.Advance(365 * day); return h.Sessions },
			func(h *house) { h.clock.Advance(settling) },
		},
		{
			"a jump from one start to the next",
			func(h *house) *Sessions { h.cleanUp(); h.clock.Advance(365 * day); return h.start(Config{}) },
			func(h *house) { h.clock.Advance(settling) },
		},
		{
			"before the program was made",
			func(h *house) *Sessions {
				// Nothing was noted yet: only the build tells.
				h.clock.Advance(365 * day)
				return h.start(Config{Built: h.clock.Now().Add(time.Hour)})
			},
			func(h *house) { h.clock.Advance(2 * time.Hour) },
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := open(t)
			idle, ended, pending := h.signIn(anna), h.signIn(anna), h.signIn(0)
			h.end(ended, machine.Revoked)
			s := row.doubt(h)
			h.Sessions = s
			for range 3 {
				h.cleanUp()
				if code := idle.code(); code != "" {
					t.Fatalf("while it is doubted: %s", code)
				}
				if answer := pending.ask(machine.Ordinary); answer.Refused() {
					t.Fatalf("somebody without an account, while it is doubted: %+v", answer.Output)
				}
				if code := ended.code(); code != store.CodeSessionEnded {
					t.Fatalf("one that has ended: %q", code)
				}
				if out := s.Standing(ptr(idle.now()), 1); out.Code != "" && out.Code != store.CodeSessionSuperseded {
					t.Fatalf("a stream: %+v", out)
				}
				h.clock.Advance(settling / 4)
			}
			before := idle.now().Table.EndedAt
			row.settle(h)
			s.Now()
			h.clock.Advance(14 * day / 2)
			s.Now()
			for range 10 { // as hourly, only coarser
				h.clock.Advance(23 * time.Hour)
				s.Now()
			}
			h.cleanUp()
			if code := idle.code(); code != store.CodeSessionExpired || before != 0 {
				t.Errorf("when it is settled: %q", code)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// A clock that was wrong at the last start is not believed at the next either:
// the time that was noted then is left behind.
func TestAClockThatWasAheadIsLeft(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	h.cleanUp()
	h.clock.Advance(20 * 365 * day)
	ahead := h.start(Config{})
	if err := ahead.CleanUp(t.Context()); err != nil { // which notes the wrong time
		t.Fatal(err)
	}
	h.clock.Set(begin.Add(time.Hour))
	h.Sessions = h.start(Config{})
	if now := h.Now(); now != store.TimestampOf(begin.Add(time.Hour)) || !h.clockSuspect() {
		t.Errorf("the time is %s, suspect %v", now, h.clockSuspect())
	}
	if code := d.code(); code != "" {
		t.Errorf("then: %s", code)
	}
}

// What a clock that was ahead has left in the time to come does not keep a
// session as it is: it rotates, an overlap has an end, the last use is noted, and
// nothing is proven for longer than it would have been.
func TestAClockThatWasAheadLeavesNothing(t *testing.T) {
	const ahead = 20 * day
	for _, bound := range []bool{false, true} {
		h := open(t)
		signIn := h.signIn
		if bound {
			signIn = h.signInBound
		}
		d := signIn(anna)
		d.ask(machine.Ordinary)
		before := *d
		h.clock.Advance(ahead)
		if answer := d.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated {
			t.Fatalf("while it is ahead: %+v", answer.Output)
		}
		d.ask(machine.Ordinary)
		if err := h.Verified(t.Context(), d.id); err != nil {
			t.Fatal(err)
		}
		made := signIn(ben)
		token, _ := h.AccessToken(d.now(), 2)
		h.clock.Advance(5*time.Minute - ahead)

		if left := h.StepUpLeft(d.now()); left != 0 {
			t.Errorf("bound %v: a step-up that is to come holds for %v", bound, left)
		}
		if out := h.Standing(ptr(d.now()), 1); out.Code != store.CodeSessionSuperseded {
			t.Errorf("bound %v: a stream of the one before: %+v", bound, out)
		}
		if answer := before.send(before.request(machine.Ordinary)); answer.Output.Code != store.CodeSessionSuperseded {
			t.Errorf("bound %v: the one before: %+v", bound, answer.Output)
		}
		if bound {
			if answer := d.send(d.request(machine.Ordinary)); answer.Output.Code != store.CodeSessionProofRequired {
				t.Errorf("a copied value: %+v", answer.Output)
			}
			if out := h.Standing(ptr(d.now()), 2); out.Code != store.CodeSessionProofRequired {
				t.Errorf("a stream of it: %+v", out)
			}
			if _, err := h.Open(t.Context(), Request{Value: token}); store.CodeOf(err) != store.CodeTokenExpired {
				t.Errorf("a token of it: %v", err)
			}
		}
		if answer := d.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated {
			t.Errorf("bound %v: then: %+v", bound, answer.Output)
		}
		if at := d.now().Table.LastUsedAt; at != h.Now() {
			t.Errorf("bound %v: last used at %s, and it is %s", bound, at, h.Now())
		}
		d.ask(machine.Ordinary)
		for range 3 {
			h.clock.Advance(12 * time.Minute)
			if !bound {
				h.clock.Advance(5 * time.Minute)
			}
			if answer := d.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated {
				t.Errorf("bound %v: later: %+v", bound, answer.Output)
			}
		}
		made.ask(machine.Ordinary)
		if over := made.now().Table.AbsoluteExpiresAt; over > after(h.Now(), 180*day) || !bound && over > after(h.Now(), 90*day) {
			t.Errorf("bound %v: one that began then is over at %s", bound, over)
		}
	}
}
