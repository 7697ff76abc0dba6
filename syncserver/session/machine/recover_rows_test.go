package machine

import (
	"testing"
	"time"
)

// claimed has a claim for the first generation, opened a minute after the head
// was made.
func claimed(s State) State {
	s.Claim = Claim{Generation: 1, Head: s.Head().Number, OpenedAt: at(later)}
	return s
}

// with changes a state.
func with(s State, change func(*State)) State {
	change(&s)
	return s
}

func claiming(generation, claim uint64) Input {
	in := show(generation, RecoverClaimed, NoProof)
	in.Claim = claim
	return in
}

func TestRowsOfRecoveryWithoutKey(t *testing.T) {
	ripe := later + 11*time.Second
	usedLate := with(claimed(movedOn(BearerOnly)), func(s *State) { s.UsedLate = 2 })
	// The head was made by a recovery whose answer was lost.
	unusedAgain := with(threeOn(BearerOnly), func(s *State) {
		s.Generations[0].FirstUsedAt, s.Generations[0].Origin = 0, OriginRecover
		s.UsedLate = 1
		s.Claim = Claim{Generation: 1, Head: 3, OpenedAt: at(2*firstRotation + time.Minute)}
	})
	open := func(claim uint64, wait time.Duration) Output {
		return Output{Status: Unauthorized, Code: CodeClaimOpen, Claim: claim, RetryAfter: wait, Audit: AuditClaim}
	}
	superseded := Output{Status: Unauthorized, Code: CodeSuperseded, Audit: AuditStray}
	recovered := Output{
		Status: Served, Audit: AuditRecovered, Notice: NoticeMaybeTaken,
		Streams: Streams{Session: true},
	}
	check(t, []row{
		{
			name: "11 step 1", before: movedOn(BearerOnly), at: later,
			in:     show(1, Recover, NoProof),
			want:   open(2, 11*time.Second),
			stored: func(s *State) { s.Claim = Claim{Generation: 1, Head: 2, OpenedAt: at(later)} },
		},
		{
			name: "11 within the overlap", before: movedOn(BearerOnly), at: firstRotation + 2*time.Second,
			in:   show(1, Recover, NoProof),
			want: open(2, 11*time.Second),
			stored: func(s *State) {
				s.Claim = Claim{Generation: 1, Head: 2, OpenedAt: at(firstRotation + 2*time.Second)}
			},
		},
		{
			name: "11 step 1 again", before: claimed(movedOn(BearerOnly)), at: later + 4*time.Second,
			in:   show(1, Recover, NoProof),
			want: open(2, 7*time.Second),
		},
		{
			name: "11 step 1 again when the delay is over", before: claimed(movedOn(BearerOnly)), at: later + time.Minute,
			in:   show(1, Recover, NoProof),
			want: open(2, 0),
		},
		{
			name: "11 after the claim's life", before: claimed(movedOn(BearerOnly)), at: later + 120*time.Second,
			in:     show(1, Recover, NoProof),
			want:   open(2, 11*time.Second),
			stored: func(s *State) { s.Claim.OpenedAt = at(later + 120*time.Second) },
		},
		{
			name: "11 while another generation's has its turn", before: with(threeOn(BearerOnly), func(s *State) {
				s.Claim = Claim{Generation: 2, Head: 3, OpenedAt: at(2*firstRotation + time.Minute)}
			}), at: 2*firstRotation + time.Minute + 5*time.Second,
			in:   show(1, Recover, NoProof),
			want: open(3, 17*time.Second),
		},
		{
			name: "11 after it", before: with(threeOn(BearerOnly), func(s *State) {
				s.Claim = Claim{Generation: 2, Head: 3, OpenedAt: at(2*firstRotation + time.Minute)}
			}), at: 2*firstRotation + time.Minute + 22*time.Second,
			in:   show(1, Recover, NoProof),
			want: open(3, 11*time.Second),
			stored: func(s *State) {
				s.Claim = Claim{Generation: 1, Head: 3, OpenedAt: at(2*firstRotation + time.Minute + 22*time.Second)}
			},
		},
		{
			name: "11 after one from a clock that was ahead", before: with(threeOn(BearerOnly), func(s *State) {
				s.Claim = Claim{Generation: 1, Head: 3, OpenedAt: at(20 * 24 * time.Hour)}
			}), at: 2*firstRotation + time.Minute,
			in:     show(1, Recover, NoProof),
			want:   open(3, 11*time.Second),
			stored: func(s *State) { s.Claim.OpenedAt = at(2*firstRotation + time.Minute) },
		},
		{
			name: "11 the head needs no recovery", before: movedOn(BearerOnly), at: firstRotation + 2*time.Second,
			in:   show(2, Recover, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "12 step 2 too early", before: claimed(movedOn(BearerOnly)), at: ripe - time.Millisecond,
			in:   claiming(1, 2),
			want: open(2, time.Millisecond),
		},
		{
			name: "12 step 2", before: claimed(movedOn(BearerOnly)), at: ripe,
			in: claiming(1, 2),
			want: func() Output {
				out := recovered
				out.Hand, out.Streams = 3, left(2, ripe)
				out.Streams.Session = true
				return out
			}(),
			stored: func(s *State) {
				last := s.LastUsedAt
				successor(ripe, 15*time.Minute, OriginRecover)(s)
				s.LastUsedAt = last // too soon to be noted
			},
		},
		{
			name: "12 the head is unused", before: unusedAgain, at: 2*firstRotation + 2*time.Minute,
			in: claiming(1, 3),
			want: func() Output {
				out := recovered
				out.Hand = 3
				return out
			}(),
			stored: func(s *State) { s.Claim = Claim{} },
		},
		{
			name: "12 only its own generation was used late", before: with(claimed(movedOn(BearerOnly)), func(s *State) { s.UsedLate = 1 }), at: later + time.Minute,
			in: claiming(1, 2),
			want: func() Output {
				out := recovered
				out.Hand, out.Streams = 3, left(2, later+time.Minute)
				out.Streams.Session = true
				return out
			}(),
			stored: func(s *State) {
				last := s.LastUsedAt
				successor(later+time.Minute, 15*time.Minute, OriginRecover)(s)
				s.LastUsedAt = last
			},
		},
		{
			name: "13 the head has moved", before: threeOn(BearerOnly), at: 2*firstRotation + time.Minute,
			in:   claiming(1, 2),
			want: superseded,
		},
		{
			name: "13 the head has moved, and there is a new claim", before: with(threeOn(BearerOnly), func(s *State) {
				s.UsedLate = 3
				s.Claim = Claim{Generation: 1, Head: 3, OpenedAt: at(2*firstRotation + time.Minute)}
			}), at: 2*firstRotation + 2*time.Minute,
			in:   claiming(1, 2),
			want: superseded,
		},
		{
			name: "13 no claim", before: movedOn(BearerOnly), at: later,
			in:   claiming(1, 2),
			want: superseded,
		},
		{
			name: "13 somebody else's claim", before: with(threeOn(BearerOnly), func(s *State) {
				s.Claim = Claim{Generation: 2, Head: 3, OpenedAt: at(2*firstRotation + time.Minute)}
			}), at: 2*firstRotation + 2*time.Minute,
			in:   claiming(1, 3),
			want: superseded,
		},
		{
			name: "13 the claim's life is over", before: usedLate, at: later + 120*time.Second,
			in:   claiming(1, 2),
			want: superseded,
		},
		{
			name: "14 used late by somebody else", before: usedLate, at: ripe,
			in: claiming(1, 2),
			want: Output{
				Status: Unauthorized, Code: CodeTaken, Reason: Taken, At: at(firstRotation),
				Audit: AuditTaken, Notice: NoticeTaken, Streams: Streams{Bye: ByeEnded, At: at(ripe)},
			},
			stored: func(s *State) {
				s.Generations[0].ExpiresAt = at(ripe)
				s.EndReason, s.EndedAt, s.TakenAt = Taken, at(ripe), at(firstRotation)
				s.Claim = Claim{}
			},
		},
	})
}

func TestRowsOfRecoveryWithKey(t *testing.T) {
	denied := Output{Status: Unauthorized, Code: CodeDenied, Nonce: true, Audit: AuditDenied}
	told := denied
	told.Notice, told.Streams.Session = NoticeDenied, true
	deniedBefore := func(n uint64) State {
		return with(movedOn(ProtectedKey), func(s *State) { s.Denied = n })
	}
	again := func(name string, before uint64, want Output) row {
		return row{
			name: name, before: deniedBefore(before), at: later,
			in: show(1, Recover, BadProof), want: want,
			stored: func(s *State) { s.Denied++ },
		}
	}
	check(t, []row{
		{
			name: "15 the head is unused", before: rotated(ProtectedKey), at: later,
			in:   show(1, Recover, ValidProof),
			want: Output{Status: Served, Hand: 2, Audit: AuditRehanded},
		},
		{
			name: "15 the head is in use", before: movedOn(ProtectedKey), at: later,
			in:   show(1, Recover, ValidProof),
			want: Output{Status: Served, Hand: 3, Audit: AuditRecovered, Streams: left(2, later)},
			stored: func(s *State) {
				last := s.LastUsedAt
				successor(later, 10*time.Minute, OriginRecover)(s)
				s.LastUsedAt = last
			},
		},
		{
			name: "15 from a generation that nobody remembers", before: with(movedOn(SoftwareKey), func(s *State) {
				for i := range s.Generations[:2] {
					s.Generations[i].Number += 40
				}
			}), at: 5 * day,
			in:   show(1, Recover, ValidProof),
			want: Output{Status: Served, Hand: 43, Audit: AuditRecovered, Streams: left(42, 5*day)},
			stored: func(s *State) {
				s.PreviousVisitAt, s.LatestVisitAt = epoch, at(5*day)
				successor(5*day, 10*time.Minute, OriginRecover)(s)
			},
		},
		{
			name: "16 a nonce that has expired", before: movedOn(ProtectedKey), at: later,
			in:   show(1, Recover, StaleProof),
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked},
		},
		{
			name: "16 no proof", before: movedOn(SoftwareKey), at: later,
			in:     show(1, RecoverClaimed, NoProof),
			want:   told,
			stored: func(s *State) { s.Denied = 1 },
		},
		again("16 the 2nd", 1, denied),
		again("16 the 10th", 9, told),
		again("16 the 11th", 10, denied),
		again("16 the 100th", 99, told),
		{
			name: "16 the 101st: nothing more is written", before: deniedBefore(100), at: later,
			in:   show(1, Recover, BadProof),
			want: Output{Status: Unauthorized, Code: CodeDenied, Nonce: true},
		},
	})
}

func TestRowsOfALostKey(t *testing.T) {
	reverify := Output{Status: Unauthorized, Code: CodeReverify, Nonce: true, Audit: AuditKeyLost}
	rebind := show(1, Rebind, ValidProof)
	rebind.Level = SoftwareKey
	bound := Output{
		Status: Served, Hand: 2, Nonce: true,
		Audit: AuditRebound, Notice: NoticeRebound, Streams: Streams{Session: true},
	}
	check(t, []row{
		{
			name: "20 the head, past the grace", before: inUse(ProtectedKey), at: time.Hour,
			in:   show(1, KeyLost, NoProof),
			want: reverify,
		},
		{
			name: "20 an older generation", before: movedOn(ProtectedKey), at: later,
			in:   show(1, KeyLost, NoProof),
			want: reverify,
		},
		{
			name: "20 there was never a key", before: inUse(BearerOnly), at: time.Second,
			in:   show(1, KeyLost, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "20 a factor succeeds", before: with(inUse(ProtectedKey), func(s *State) { s.Denied = 7 }), at: time.Hour,
			in: rebind,
			want: func() Output {
				out := bound
				out.Streams = left(1, time.Hour)
				out.Streams.Session = true
				return out
			}(),
			stored: func(s *State) {
				s.Level, s.Denied = SoftwareKey, 0
				s.PreviousVisitAt, s.LatestVisitAt = epoch, at(time.Hour)
				successor(time.Hour, 10*time.Minute, OriginRecover)(s)
			},
		},
		{
			name: "20 a factor succeeds, the head unused", before: rotated(ProtectedKey), at: later,
			in:     rebind,
			want:   bound,
			stored: func(s *State) { s.Level = SoftwareKey },
		},
		{
			name: "20 a first key ends a claim", before: claimed(with(threeOn(BearerOnly), func(s *State) { s.Generations[0].FirstUsedAt = 0 })), at: 2*firstRotation + time.Minute,
			in: rebind,
			want: func() Output {
				out := bound
				out.Hand = 3
				return out
			}(),
			stored: func(s *State) { s.Level, s.Claim = SoftwareKey, Claim{} },
		},
		{
			name: "20 without proof of the new key", before: inUse(ProtectedKey), at: time.Minute,
			in:   Input{Request: Rebind, Value: KnownValue, Generation: 1, Proof: NoProof, Level: ProtectedKey},
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked},
		},
	})
}
