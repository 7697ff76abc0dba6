package machine

import (
	"errors"
	"testing"
	"time"

	"inglenook/store"
)

// ended is what an end at d stores.
func ended(why EndReason, d time.Duration) func(*State) {
	return func(s *State) {
		for i := range s.Generations {
			if g := &s.Generations[i]; g.Number != 0 && (g.ExpiresAt == 0 || g.ExpiresAt > at(d)) {
				g.ExpiresAt = at(d)
			}
		}
		s.EndReason, s.EndedAt, s.Claim = why, at(d), Claim{}
	}
}

func bye(b Bye, d time.Duration) Streams { return Streams{Bye: b, At: at(d)} }

func TestRowsOfSigningIn(t *testing.T) {
	started := func(k Kind, l Level, rotates, lives time.Duration) func(*State) {
		return func(s *State) {
			*s = State{
				Kind: k, Level: l,
				FirstVisitAt: epoch, LatestVisitAt: epoch, LastUsedAt: epoch, AbsoluteExpiresAt: at(lives),
			}
			s.Generations[0] = Generation{Number: 1, Origin: OriginLogin, IssuedAt: epoch, RotatesAt: at(rotates)}
		}
	}
	in := func(k Kind, l Level, p Proof) Input {
		return Input{Request: SignIn, Kind: k, Level: l, Proof: p, Jitter: -time.Minute / 2}
	}
	check(t, []row{
		{
			name: "3 a browser", in: in(Browser, ProtectedKey, ValidProof),
			want:   Output{Status: Served, Hand: 1, Nonce: true, Audit: AuditStarted},
			stored: started(Browser, ProtectedKey, 9*time.Minute+30*time.Second, 180*day),
		},
		{
			name: "3 a desktop", in: in(Desktop, SoftwareKey, ValidProof),
			want:   Output{Status: Served, Hand: 1, Nonce: true, Audit: AuditStarted},
			stored: started(Desktop, SoftwareKey, 9*time.Minute+30*time.Second, 365*day),
		},
		{
			name: "3 a script", in: in(Token, BearerOnly, NoProof),
			want:   Output{Status: Served, Hand: 1, Audit: AuditStarted},
			stored: started(Token, BearerOnly, 14*time.Minute+30*time.Second, 90*day),
		},
		{
			name: "3 a key that is not proven", in: in(Browser, ProtectedKey, StaleProof),
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked},
		},
		{
			name: "3 the session before ends", before: inUse(ProtectedKey), at: time.Minute,
			in:     Input{Request: End, Reason: Replaced},
			want:   Output{Status: Done, Audit: AuditEnded, Streams: bye(ByeEnded, time.Minute)},
			stored: ended(Replaced, time.Minute),
		},
	})
}

func TestRowsOfTheEnd(t *testing.T) {
	expired := func(d time.Duration) Output {
		return Output{Status: Unauthorized, Code: CodeExpired, Reason: Expired, Audit: AuditExpired, Streams: bye(ByeExpired, d)}
	}
	old := with(inUse(ProtectedKey), func(s *State) { s.LastUsedAt = at(179 * day) })
	required := Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked}
	signedOut := func(d time.Duration) Output {
		return Output{Status: Done, Audit: AuditEnded, Streams: bye(ByeEnded, d)}
	}
	rows := []row{
		{
			name: "17 idle, bearer only", before: inUse(BearerOnly), at: 14 * day,
			in: show(1, Ordinary, NoProof), want: expired(14 * day), stored: ended(Expired, 14*day),
		},
		{
			name: "17 idle, bound, with an old value", before: movedOn(ProtectedKey), at: 30*day + firstRotation,
			in: show(1, Ordinary, NoProof), want: expired(30*day + firstRotation), stored: ended(Expired, 30*day+firstRotation),
		},
		{
			name: "17 too old", before: old, at: 180 * day,
			in: show(1, Ordinary, ValidProof), want: expired(180 * day), stored: ended(Expired, 180*day),
		},
		{
			name: "17 not while the clock is suspect", before: inUse(ProtectedKey), at: 400 * day,
			in: Input{Value: KnownValue, Generation: 1, ClockSuspect: true}, want: required,
		},
		{
			name: "17 found hourly", before: inUse(BearerOnly), at: 14 * day,
			in:     Input{Request: CleanUp},
			want:   Output{Reason: Expired, Audit: AuditExpired, Streams: bye(ByeExpired, 14*day)},
			stored: ended(Expired, 14*day),
		},
		{
			name: "17 not found hourly before", before: inUse(BearerOnly), at: 14*day - time.Millisecond,
			in: Input{Request: CleanUp}, want: Output{},
		},
		{
			name: "17 not found hourly while the clock is suspect", before: inUse(BearerOnly), at: 14 * day,
			in: Input{Request: CleanUp, ClockSuspect: true}, want: Output{},
		},
		{
			name: "18 signing out, bearer only", before: inUse(BearerOnly), at: time.Minute,
			in: show(1, SignOut, NoProof), want: signedOut(time.Minute), stored: ended(SignedOut, time.Minute),
		},
		{
			name: "18 signing out within the overlap", before: movedOn(BearerOnly), at: firstRotation + 2*time.Second,
			in: show(1, SignOut, NoProof), want: signedOut(firstRotation + 2*time.Second), stored: ended(SignedOut, firstRotation+2*time.Second),
		},
		{
			name: "18 signing out, bound, no proof", before: inUse(ProtectedKey), at: time.Minute,
			in: show(1, SignOut, BadProof), want: required,
		},
		{
			name: "18 signing out, bound, within the overlap, no proof", before: movedOn(ProtectedKey), at: firstRotation + 2*time.Second,
			in: show(1, SignOut, NoProof), want: required,
		},
		{
			name: "18 signing out, bound, with proof", before: inUse(ProtectedKey), at: time.Minute,
			in: show(1, SignOut, ValidProof), want: signedOut(time.Minute), stored: ended(SignedOut, time.Minute),
		},
		{
			name: "18 user removed", before: claimed(movedOn(BearerOnly)), at: later,
			in: Input{Request: End, Reason: UserRemoved}, want: signedOut(later), stored: ended(UserRemoved, later),
		},
		{
			name: "19 access changes", before: inUse(ProtectedKey), at: time.Minute,
			in:     Input{Request: ChangeAccess},
			want:   Output{Audit: AuditAccess, Streams: Streams{Session: true}},
			stored: func(s *State) { s.AccessRev++ },
		},
		{
			name: "21 the server is behind, bearer only", before: inUse(BearerOnly), at: time.Hour,
			in:     show(3, Ordinary, NoProof),
			want:   Output{Status: Unauthorized, Code: CodeEnded, Reason: Restored, Audit: AuditEnded, Streams: bye(ByeEnded, time.Hour)},
			stored: ended(Restored, time.Hour),
		},
		{
			name: "21 the server is behind, bound, no proof", before: inUse(ProtectedKey), at: time.Hour,
			in: show(3, Ordinary, NoProof), want: required,
		},
		{
			name: "21 the server is behind, bound, with proof", before: fresh(ProtectedKey), at: time.Hour,
			in: show(3, Ordinary, ValidProof),
			want: Output{
				Status: Served, Audit: AuditAdopted,
				Streams: Streams{Bye: ByeRotated, Generation: 1, At: at(time.Hour)},
			},
			stored: func(s *State) {
				s.PreviousVisitAt, s.LatestVisitAt = epoch, at(time.Hour)
				s.Generations[0].FirstUsedAt = at(time.Hour)
				successor(time.Hour, 10*time.Minute, OriginRecover)(s)
				s.Generations[0].Number, s.Generations[0].FirstUsedAt = 3, at(time.Hour)
				s.Generations[1].ExpiresAt = at(time.Hour)
			},
		},
		{
			name: "21 the server is behind, signing out", before: inUse(ProtectedKey), at: time.Hour,
			in: show(3, SignOut, ValidProof), want: signedOut(time.Hour), stored: ended(SignedOut, time.Hour),
		},
		{
			name: "21 the server is behind, and the key is lost", before: fresh(ProtectedKey), at: time.Hour,
			in: Input{Request: Rebind, Value: KnownValue, Generation: 3, Proof: ValidProof, Level: ProtectedKey},
			want: Output{
				Status: Served, Hand: 4, Nonce: true, Audit: AuditRebound, Notice: NoticeRebound,
				Streams: Streams{Session: true, Bye: ByeRotated, Generation: 1, At: at(time.Hour + 10*time.Second)},
			},
			stored: func(s *State) {
				s.PreviousVisitAt, s.LatestVisitAt = epoch, at(time.Hour)
				s.Generations[0].FirstUsedAt = at(time.Hour)
				successor(time.Hour, 10*time.Minute, OriginRecover)(s)
				s.Generations[0].Number = 4
			},
		},
	}
	for why, out := range map[EndReason]Output{
		SignedOut:   {Status: Unauthorized, Code: CodeEnded, Reason: SignedOut},
		Revoked:     {Status: Unauthorized, Code: CodeEnded, Reason: Revoked},
		Replaced:    {Status: Unauthorized, Code: CodeEnded, Reason: Replaced},
		UserRemoved: {Status: Unauthorized, Code: CodeEnded, Reason: UserRemoved},
		Restored:    {Status: Unauthorized, Code: CodeEnded, Reason: Restored},
		Expired:     {Status: Unauthorized, Code: CodeExpired, Reason: Expired},
		Taken:       {Status: Unauthorized, Code: CodeTaken, Reason: Taken, At: at(firstRotation)},
	} {
		over := with(movedOn(ProtectedKey), ended(why, later))
		if why == Taken {
			over.TakenAt = at(firstRotation)
		}
		for name, in := range map[string]Input{
			"the head": show(2, Ordinary, ValidProof), "an old value": show(1, Recover, ValidProof),
			"a later value": show(9, Ordinary, ValidProof), "a new key": show(2, Rebind, ValidProof),
		} {
			rows = append(rows, row{name: "18 after the end as " + string(why) + ", " + name, before: over, at: 200 * day, in: in, want: out})
		}
		for _, request := range []Request{End, ChangeAccess, CleanUp} {
			rows = append(rows, row{
				name: "18 the server after the end as " + string(why), before: over, at: 200 * day,
				in: Input{Request: request, Reason: Revoked}, want: Output{},
			})
		}
	}
	check(t, rows)
}

// Only the newest eight generations are kept, in order, and the fact that a
// forgotten one was used late is not forgotten with it.
func TestGenerationsAreForgotten(t *testing.T) {
	s, now := inUse(BearerOnly), epoch
	for range 20 {
		now = after(now, 16*time.Minute)
		s, _ = DefaultTimers().Next(s, show(s.Head().Number, Ordinary, NoProof), now)
	}
	for i, g := range s.Generations {
		if want := uint64(21 - i); g.Number != want {
			t.Errorf("generation %d is %d, want %d", i, g.Number, want)
		}
	}
	// The head was not shown before it rotated but at the first: nothing was late.
	if s.UsedLate != 1 {
		t.Errorf("used late: %d, want 1", s.UsedLate)
	}
}

// What a transition must not do is not done, even when it is asked for with a
// state that cannot be.
func TestForbiddenTransitionsAreNotMade(t *testing.T) {
	impossible := with(movedOn(BearerOnly), func(s *State) { s.Generations[1].FirstUsedAt = 0 })
	got, out := DefaultTimers().Next(impossible, show(2, Ordinary, NoProof), at(later))
	want := Output{Status: Failed, Code: store.CodeInternal, Broken: "two unused heads"}
	if out != want || got != impossible {
		t.Errorf("answered %+v, stored %+v", out, got)
	}
}

func TestTimersAreValidated(t *testing.T) {
	if err := DefaultTimers().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for field, change := range map[string]func(*Timers){
		"overlap":     func(t *Timers) { t.Overlap = 0 },
		"claimDelay":  func(t *Timers) { t.ClaimDelay = t.Overlap },
		"claimLife":   func(t *Timers) { t.ClaimLife = t.ClaimDelay },
		"rollback":    func(t *Timers) { t.Rollback = 89 * time.Second },
		"rotateAfter": func(t *Timers) { t.RotateBound = 19 * time.Second },
		"proofGrace":  func(t *Timers) { t.ProofGrace = -1 },
		"useNoted":    func(t *Timers) { t.UseNoted = t.Visit },
		"limits":      func(t *Timers) { t.Desktop.Idle = t.Desktop.Absolute + 1 },
	} {
		timers := DefaultTimers()
		change(&timers)
		var refused *store.Error
		if err := timers.Validate(); !errors.As(err, &refused) || refused.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
