package machine

import (
	"testing"
	"time"

	"inglenook/store"

	"pgregory.net/rapid"
)

// What the explorer leaves out is tried at random: restored servers, values of
// all ages, ends, limits, new keys on sessions without one. Whatever comes,
// the table forbids itself nothing, and no time runs backwards in what it stores.
func TestWhateverComes(t *testing.T) {
	timers := DefaultTimers()
	waits := []time.Duration{
		0, time.Millisecond, time.Second, timers.Overlap, timers.ClaimDelay, timers.Rollback, timers.ClaimLife,
		timers.ProofGrace, timers.RotateBound, timers.RotateBearer, timers.Visit,
	}
	common := []Request{Ordinary, Ordinary, Touch, Recover, RecoverClaimed, KeyLost, ChangeAccess, CleanUp}
	rare := []Request{Rebind, SignIn, SignIn, SignOut, End}
	rapid.Check(t, func(t *rapid.T) {
		s, now := State{}, epoch
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = after(now, rapid.SampledFrom(waits).Draw(t, "wait"))
			request := rapid.SampledFrom(common).Draw(t, "request")
			head := s.Head().Number
			if head == 0 || oneIn(10, t) == 1 {
				request = rapid.SampledFrom(rare).Draw(t, "request")
				now = after(now, rapid.SampledFrom([]time.Duration{0, 0, 0, timers.Bearer.Idle, timers.Browser.Absolute}).Draw(t, "pause"))
			}
			in := Input{
				Request:      request,
				Value:        KnownValue,
				Generation:   rapid.Uint64Range(max(head, 4)-3, max(head, 1)+oneIn(20, t)).Draw(t, "generation"),
				Proof:        rapid.SampledFrom([]Proof{NoProof, BadProof, StaleProof, ValidProof, ValidProof}).Draw(t, "proof"),
				Claim:        s.Claim.Head,
				Jitter:       time.Duration(rapid.Int64().Draw(t, "jitter")),
				ClockSuspect: rapid.Bool().Draw(t, "suspect"),
				Reason:       rapid.SampledFrom([]EndReason{Revoked, Replaced, UserRemoved}).Draw(t, "reason"),
				Kind:         rapid.SampledFrom([]Kind{Browser, Desktop, Token}).Draw(t, "kind"),
				Level:        rapid.SampledFrom([]Level{BearerOnly, SoftwareKey, ProtectedKey}).Draw(t, "level"),
			}
			if in.Request == SignIn && s.Active() {
				continue
			}
			next, out := timers.Next(s, in, now)
			if out.Status == Failed {
				t.Fatalf("%+v: %s", in, out.Broken)
			}
			if refused := out.Status == Unauthorized; refused != (out.Code != "") {
				t.Fatalf("%+v: status %d with code %q", in, out.Status, out.Code)
			}
			if out.Streams.Bye == "" && s.Active() && (!next.Active() || next.Head().Number != s.Head().Number) {
				t.Fatalf("%+v: the streams are told nothing", in)
			}
			if signedOut := out.Status == Done && request == SignOut; request == SignOut && out.Status == Served || signedOut && next.Active() {
				t.Fatalf("%+v: a sign-out is answered %+v", in, out)
			}
			latest := max(next.LastUsedAt, next.LatestVisitAt, next.Head().IssuedAt, next.EndedAt)
			if next.LastUsedAt < s.LastUsedAt && in.Request != SignIn || latest > now {
				t.Fatalf("%+v: a time that cannot be: %+v", in, next)
			}
			if in.Request != SignIn && next.Bound() != s.Bound() && in.Request != Rebind {
				t.Fatalf("%+v: the level changed", in)
			}
			s = next
		}
	})
}

// oneIn is 1 once in n times, else 0.
func oneIn(n int, t *rapid.T) uint64 {
	if rapid.IntRange(1, n).Draw(t, "one in") == n {
		return 1
	}
	return 0
}

// The two levels with a key share every row.
func TestBothKeysShareTheTable(t *testing.T) {
	timers := DefaultTimers()
	for _, s := range []State{fresh(SoftwareKey), inUse(SoftwareKey), rotated(SoftwareKey), movedOn(SoftwareKey), threeOn(SoftwareKey)} {
		other := s
		other.Level = ProtectedKey
		for _, request := range []Request{Ordinary, Touch, Recover, RecoverClaimed, SignOut, KeyLost} {
			for _, proof := range []Proof{NoProof, BadProof, StaleProof, ValidProof} {
				for _, now := range []store.Timestamp{at(0), at(firstRotation), at(later), at(time.Hour), at(100 * day)} {
					for generation := range uint64(5) {
						one, outOne := timers.Next(s, show(generation, request, proof), now)
						two, outTwo := timers.Next(other, show(generation, request, proof), now)
						one.Level = two.Level
						if one != two || outOne != outTwo {
							t.Fatalf("%+v shown %d: %+v and %+v", s, generation, outOne, outTwo)
						}
					}
				}
			}
		}
	}
}
