package machine

import "inglenook/store"

// Next is the table: what becomes of a session, and what is answered. It is
// pure: the same arguments give the same results, and s is not changed.
//
// A transition that the table forbids is not made, whatever led to it: the
// state stays, and the output is Failed and says which rule it would have
// broken.
func (t Timers) Next(s State, in Input, now store.Timestamp) (State, Output) {
	next, out := t.transition(s, in, now)
	if rule := Forbidden(s, in, next, out, now); rule != "" {
		return s, Output{Status: Failed, Code: store.CodeInternal, Broken: rule}
	}
	return next, out
}

// transition is Next without the guard.
func (t Timers) transition(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case !in.byClient():
		return t.own(s, in, now)
	case in.Value == NoValue && in.Public:
		return s, Output{Status: Served}
	case in.Value == NoValue:
		return s, Output{Status: Unauthorized, Code: CodeMissing}
	case in.Value == UnknownValue, s.Head().Number == 0:
		return s, Output{Status: Unauthorized, Code: CodeInvalid, Audit: AuditInvalid, Counted: true}
	case !s.Active():
		return s, s.gone()
	case !in.ClockSuspect && t.over(&s, now):
		return end(s, Expired, now)
	case in.Request == Touch:
		return t.touch(s, in, now)
	case in.Request == Rebind:
		return t.rebind(s, in, now)
	case in.Request == KeyLost && s.Bound():
		return s, refuse(s, CodeReverify, AuditKeyLost)
	case in.Generation > s.Head().Number:
		return t.ahead(s, in, now)
	case in.shows(s.Head()):
		return t.head(s, in, now)
	case in.Request == Recover, in.Request == RecoverClaimed:
		return t.recover(s, in, now)
	case in.shows(s.before()) && t.holds(&s, in.Generation, now):
		return t.overlap(s, in, now)
	default:
		return t.older(s, in)
	}
}

// head serves the newest generation and makes its successor when one is due:
// rows 4 to 7, and 18 for a sign-out.
func (t Timers) head(s State, in Input, now store.Timestamp) (State, Output) {
	due := t.due(&s, now)
	proven := in.Proof == ValidProof
	if s.Bound() && !proven && (in.Request == SignOut || t.pastGrace(&s, now)) {
		return s, refuse(s, CodeProofRequired, AuditProofAsked)
	}
	s, out := t.serve(s, now)
	switch {
	case in.Request == SignOut:
		return end(s, SignedOut, now)
	case !due:
		return s, out
	case s.Bound() && !proven:
		out.Mark, out.Nonce = RotateDue, true
		return s, out
	default:
		out.Mark, out.Audit = Rotated, AuditRotated
		return t.succeed(s, in, OriginRotate, out, now)
	}
}

// serve answers for the head and notes its use.
func (t Timers) serve(s State, now store.Timestamp) (State, Output) {
	out := Output{Status: Served}
	if s.unused() {
		s.Generations[0].FirstUsedAt = now
		out.Audit = AuditFirstUse
	}
	if now > after(s.Head().FirstUsedAt, t.Rollback) {
		s.UsedLate = s.Head().Number
	}
	return t.used(s, now), out
}

// touch notes that a program used an access token of the generation: it has the
// answer that brought it.
func (t Timers) touch(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case !t.holds(&s, in.Generation, now):
		return s, refuse(s, CodeSuperseded, "")
	case t.pastGrace(&s, now): // its value would not be served either
		return s, refuse(s, CodeProofRequired, "")
	case in.shows(s.Head()):
		return t.serve(s, now)
	default:
		return t.used(s, now), Output{Status: Served}
	}
}

// overlap serves the generation before the head until it expires: row 8. The
// requests that were on their way during a rotation are as good as any.
func (t Timers) overlap(s State, in Input, now store.Timestamp) (State, Output) {
	proven := !s.Bound() || in.Proof == ValidProof
	if in.Request == SignOut {
		if !proven {
			return s, refuse(s, CodeProofRequired, AuditProofAsked)
		}
		return end(s, SignedOut, now)
	}
	out := Output{Status: Served}
	if s.unused() && proven {
		out.Hand, out.Mark, out.Audit = s.Head().Number, Rotated, AuditRehanded
	}
	return t.used(s, now), out
}

// older answers a generation that has expired: rows 9 and 10. Such a request is
// never judged, since it may have been on its way for long.
func (t Timers) older(s State, in Input) (State, Output) {
	if s.mayRehand(in) {
		out := refuse(s, CodeSuperseded, AuditRehanded)
		out.Hand = s.Head().Number
		return s, out
	}
	return s, refuse(s, CodeSuperseded, AuditStray)
}

// mayRehand tells whether the answer with the head was perhaps lost: row 9. A
// thief who rotates and waits looks the same, which is the limit of sessions
// without a key.
func (s State) mayRehand(in Input) bool {
	return !s.Bound() && s.unused() && in.shows(s.before())
}

// succeed makes the successor of the head and hands it out. The head is good
// for the overlap; a claim that was opened against it is void.
func (t Timers) succeed(s State, in Input, o Origin, out Output, now store.Timestamp) (State, Output) {
	old := &s.Generations[0]
	old.RotatedAt, old.ExpiresAt = now, after(now, t.Overlap)
	out.Streams.Bye, out.Streams.Generation, out.Streams.At = ByeRotated, old.Number, old.ExpiresAt
	s = s.push(Generation{
		Number: max(old.Number, in.Generation) + 1, Origin: o,
		IssuedAt: now, RotatesAt: after(now, t.rotation(s.Level, in.Jitter)),
	})
	out.Hand = s.Head().Number
	return s, out
}

// passed notes that the head was used although this server does not remember
// it: a client knows a later one.
func (s State) passed(now store.Timestamp) State {
	if s.unused() {
		s.Generations[0].FirstUsedAt = now
	}
	return s
}

// push puts a generation before the others and forgets the oldest.
func (s State) push(g Generation) State {
	copy(s.Generations[1:], s.Generations[:])
	s.Generations[0] = g
	s.Claim = Claim{}
	return s
}

// used notes the last use and the visits. What a clock that was ahead has left in
// the time to come is brought back: the last use, and the absolute limit.
func (t Timers) used(s State, now store.Timestamp) State {
	if now < after(s.LastUsedAt, t.UseNoted) && now >= s.LastUsedAt {
		return s
	}
	if now > after(s.LastUsedAt, t.Visit) {
		s.PreviousVisitAt, s.LatestVisitAt = s.LatestVisitAt, now
	}
	s.LastUsedAt = now
	s.AbsoluteExpiresAt = min(s.AbsoluteExpiresAt, after(now, t.limits(s.Kind, s.Level).Absolute))
	return s
}

// Standing answers whether a generation still gives access, without noting a
// use: for an open stream, and for a request that has waited. A bound session
// whose device does not come to prove its key stands no longer than a request of
// it would.
func (t *Timers) Standing(s *State, generation uint64, suspect bool, now store.Timestamp) Output {
	switch {
	case s.Generations[0].Number == 0:
		return Output{Status: Unauthorized, Code: CodeInvalid}
	case s.EndReason != "":
		return s.gone()
	case !suspect && t.over(s, now):
		return Output{Status: Unauthorized, Code: CodeExpired, Reason: Expired}
	case !t.holds(s, generation, now):
		return Output{Status: Unauthorized, Code: CodeSuperseded}
	case t.pastGrace(s, now):
		return Output{Status: Unauthorized, Code: CodeProofRequired}
	}
	return Output{Status: Served}
}
