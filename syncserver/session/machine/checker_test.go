package machine

import (
	"testing"
	"time"

	"inglenook/store"
)

// shortLimit bounds each exploration in a short test. What is nearest is seen
// first, and every mutation below is found before.
const shortLimit = 30_000

// Every world is visited that a client, a network, a crash, a sleep and a thief
// can lead to, and no property is broken in any.
func TestPromises(t *testing.T) {
	limit := 0
	if testing.Short() {
		limit = shortLimit
	}
	next := DefaultTimers().Next
	all := 0
	for _, m := range []struct {
		name string
		model
	}{
		{"bearer only", model{next: next}},
		{"bearer only, with a thief", model{next: next, thief: true}},
		{"bound", model{next: next, level: ProtectedKey}},
		{"bound, the key may be lost", model{next: next, level: ProtectedKey, keyLoss: true}},
		{"bound, with a thief", model{next: next, level: ProtectedKey, thief: true}},
		{"bound, with a thief, the key may be lost", model{next: next, level: SoftwareKey, thief: true, keyLoss: true}},
	} {
		t.Run(m.name, func(t *testing.T) {
			f := m.explore(limit)
			if f.broken != "" {
				t.Errorf("%s", f)
			}
			t.Logf("%d states", f.worlds)
			all += f.worlds
		})
	}
	t.Logf("%d states in all", all)
}

// A checker that finds nothing may be looking at nothing: each mutation of the
// table breaks the property it is there for.
func TestMutationsAreCaught(t *testing.T) {
	timers := func(change func(*Timers)) table {
		timers := DefaultTimers()
		change(&timers)
		return timers.Next
	}
	next := DefaultTimers().Next
	for _, c := range []struct {
		name   string
		model  model
		mutant table
		want   string
	}{
		{"no overlap", model{}, timers(func(t *Timers) { t.Overlap = 0 }), inParallel},
		{
			// As sessions.md has it: but two crashes within a minute and three late
			// messages lead an honest client beyond it.
			"a minute for a rollback",
			model{},
			timers(func(t *Timers) { t.Rollback = time.Minute }), noSignOut,
		},
		{
			"a stray request is judged",
			model{},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if n, out := next(s, in, now); out.Code != CodeSuperseded {
					return n, out
				}
				return end(s, Taken, now)
			}, noSignOut,
		},
		{
			"a lost answer is not handed again",
			model{},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				n, out := next(s, in, now)
				if out.Code == CodeSuperseded {
					out.Hand = 0
				}
				return n, out
			}, noDeadEnd,
		},
		{
			// As row 12 reads, taken by the letter.
			"a recovery always makes a new head",
			model{},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				before := s
				if in.Request == RecoverClaimed && s.unused() {
					s = s.passed(now)
				}
				n, out := next(s, in, now)
				if before.unused() && n.Head() != s.Head() {
					n.Generations[1].FirstUsedAt = 0
				}
				return n, out
			}, neverHappens + "two unused heads",
		},
		{
			"a recovery is not told",
			model{thief: true},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				n, out := next(s, in, now)
				out.Notice = ""
				return n, out
			}, theftNoticed,
		},
		{
			"an access token is no use of its generation",
			model{thief: true},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				n, out := next(s, in, now)
				if in.Request == Touch {
					n = s
				}
				return n, out
			}, theftNoticed,
		},
		{
			"any proof will do",
			model{level: ProtectedKey, thief: true},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if in.Proof == BadProof && in.Request != SignOut && in.Request != Rebind {
					in.Proof = ValidProof
				}
				return next(s, in, now)
			}, noExtension,
		},
		{
			// As row 18 reads: it asks for no proof.
			"signing out needs no proof",
			model{level: ProtectedKey, thief: true},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if in.Request == SignOut {
					in.Proof = ValidProof
				}
				return next(s, in, now)
			}, noEviction,
		},
		{
			"an extension needs no proof",
			model{level: SoftwareKey},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if in.Request == Ordinary {
					in.Proof = ValidProof
				}
				return next(s, in, now)
			}, neverHappens + "a new generation of a bound session without proof",
		},
		{
			"a nonce that has expired is a bad proof",
			model{level: ProtectedKey},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if in.Proof == StaleProof {
					in.Proof = BadProof
				}
				return next(s, in, now)
			}, noFalseAlarm,
		},
		{
			"a refusal gives no nonce",
			model{level: ProtectedKey},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				n, out := next(s, in, now)
				out.Nonce = out.Nonce && out.Status == Served
				return n, out
			}, noDeadEnd,
		},
		{
			// As row 20 reads: "device key lost, head".
			"a new key is bound to the head only",
			model{level: ProtectedKey, keyLoss: true},
			func(s State, in Input, now store.Timestamp) (State, Output) {
				if (in.Request == KeyLost || in.Request == Rebind) && !in.shows(s.Head()) {
					return s, refuse(s, CodeSuperseded, AuditStray)
				}
				return next(s, in, now)
			}, noDeadEnd,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.model.next = c.mutant
			f := c.model.explore(shortLimit)
			if f.broken != c.want {
				t.Errorf("after %d states: %q, want %q", f.worlds, f.broken, c.want)
			}
		})
	}
}
