package machine

import (
	"testing"
	"time"

	"inglenook/store"
)

// An access token is a use of its generation and moves nothing else, whatever is
// due and whatever is proven.
func TestRowsOfAccessTokens(t *testing.T) {
	superseded := Output{Status: Unauthorized, Code: CodeSuperseded}
	bound := superseded
	bound.Nonce = true
	check(t, []row{
		{
			name: "4 the first use", before: fresh(ProtectedKey), at: 6 * time.Minute,
			in:   show(1, Touch, NoProof),
			want: Output{Status: Served, Audit: AuditFirstUse},
			stored: func(s *State) {
				s.Generations[0].FirstUsedAt, s.LastUsedAt = at(6*time.Minute), at(6*time.Minute)
			},
		},
		{
			name: "4 due, past the grace: a token lives no longer than the value would be served", before: inUse(ProtectedKey), at: 40 * time.Minute,
			in:   show(1, Touch, ValidProof),
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true},
		},
		{
			name: "8 one before, within the overlap, the head unused", before: rotated(BearerOnly), at: firstRotation + 9*time.Second,
			in:   show(1, Touch, NoProof),
			want: Output{Status: Served}, // the successor goes to whoever refreshes
		},
		{
			name: "10 after the overlap", before: movedOn(BearerOnly), at: later,
			in: show(1, Touch, NoProof), want: superseded,
		},
		{
			name: "10 after the overlap, the head unused", before: rotated(BearerOnly), at: later,
			in: show(1, Touch, NoProof), want: superseded,
		},
		{
			name: "10 after the overlap, bound", before: movedOn(ProtectedKey), at: later,
			in: show(1, Touch, ValidProof), want: bound,
		},
		{
			name: "21 of a generation this server has not made", before: inUse(BearerOnly), at: time.Minute,
			in: show(3, Touch, NoProof), want: superseded,
		},
		{
			name: "17 idle", before: inUse(BearerOnly), at: 14 * day,
			in: show(1, Touch, NoProof),
			want: Output{
				Status: Unauthorized, Code: CodeExpired, Reason: Expired, Audit: AuditExpired, Streams: bye(ByeExpired, 14*day),
			},
			stored: ended(Expired, 14*day),
		},
		{
			name: "18 after the end", before: with(inUse(BearerOnly), ended(Revoked, time.Minute)), at: time.Hour,
			in:   show(1, Touch, NoProof),
			want: Output{Status: Unauthorized, Code: CodeEnded, Reason: Revoked},
		},
	})
}

// What an open stream is told by looking: the same as the row of its generation,
// and nothing is noted.
func TestStanding(t *testing.T) {
	timers := DefaultTimers()
	taken := with(movedOn(BearerOnly), func(s *State) {
		ended(Taken, later)(s)
		s.TakenAt = at(firstRotation)
	})
	for _, c := range []struct {
		name       string
		s          State
		generation uint64
		at         time.Duration
		suspect    bool
		want       Output
	}{
		{"no session", State{}, 1, 0, false, Output{Status: Unauthorized, Code: CodeInvalid}},
		{"the head", fresh(BearerOnly), 1, 20 * time.Minute, false, Output{Status: Served}},
		{"the head, due, within the grace", fresh(ProtectedKey), 1, 14 * time.Minute, false, Output{Status: Served}},
		{"the head, past it", fresh(ProtectedKey), 1, 20 * time.Minute, false, Output{Status: Unauthorized, Code: CodeProofRequired}},
		{"the head, made by a clock that was ahead", fresh(ProtectedKey), 1, -day, false, Output{Status: Unauthorized, Code: CodeProofRequired}},
		{"the same without a key", fresh(BearerOnly), 1, -day, false, Output{Status: Served}},
		{"left by a clock that was ahead", movedOn(BearerOnly), 1, -time.Minute, false, Output{Status: Unauthorized, Code: CodeSuperseded}},
		{"left, within the overlap", movedOn(BearerOnly), 1, firstRotation + 10*time.Second - time.Millisecond, false, Output{Status: Served}},
		{"left, after it", movedOn(BearerOnly), 1, firstRotation + 10*time.Second, false, Output{Status: Unauthorized, Code: CodeSuperseded}},
		{"two before", threeOn(BearerOnly), 1, 2*firstRotation + time.Second, false, Output{Status: Unauthorized, Code: CodeSuperseded}},
		{"later than the head", inUse(ProtectedKey), 2, time.Minute, false, Output{Status: Unauthorized, Code: CodeSuperseded}},
		{"idle", inUse(BearerOnly), 1, 14 * day, false, Output{Status: Unauthorized, Code: CodeExpired, Reason: Expired}},
		{"idle, but the clock is suspect", inUse(BearerOnly), 1, 14 * day, true, Output{Status: Served}},
		{"ended", with(inUse(BearerOnly), ended(Revoked, time.Minute)), 1, time.Hour, false, Output{Status: Unauthorized, Code: CodeEnded, Reason: Revoked}},
		{"taken", taken, 2, time.Hour, false, Output{Status: Unauthorized, Code: CodeTaken, Reason: Taken, At: at(firstRotation)}},
	} {
		if got := timers.Standing(&c.s, c.generation, c.suspect, at(c.at)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A stream stands exactly as long as a token of its generation does.
func TestStandingIsWhatATokenIsAnswered(t *testing.T) {
	timers := DefaultTimers()
	for _, level := range []Level{BearerOnly, ProtectedKey} {
		for _, s := range []State{fresh(level), inUse(level), rotated(level), movedOn(level), threeOn(level), with(inUse(level), ended(Revoked, 0))} {
			for _, now := range []store.Timestamp{at(-day), at(0), at(firstRotation), at(firstRotation + 10*time.Second), at(later), at(2*firstRotation + time.Second), at(14 * day), at(180 * day)} {
				for generation := range uint64(5) {
					_, out := timers.Next(s, show(generation, Touch, NoProof), now)
					if got := timers.Standing(&s, generation, false, now); got.Status != out.Status || got.Code != out.Code || got.Reason != out.Reason {
						t.Errorf("%+v, generation %d at %s: stands %+v, is answered %+v", s, generation, now, got, out)
					}
				}
			}
		}
	}
}
