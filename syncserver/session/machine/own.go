package machine

import "inglenook/store"

// own is what the server does by itself or for somebody else.
func (t Timers) own(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case in.Request == SignIn:
		return t.signIn(in, now)
	case !s.Active():
		return s, Output{}
	case in.Request == End:
		s, out := end(s, in.Reason, now)
		out.Status, out.Code, out.Reason = Done, "", "" // whoever ended it asked, not the session
		return s, out
	case in.Request == ChangeAccess:
		s.AccessRev++
		return s, Output{Audit: AuditAccess, Streams: Streams{Session: true}}
	case in.Request == CleanUp && !in.ClockSuspect && t.over(&s, now):
		s, out := end(s, Expired, now)
		out.Status, out.Code = Nobody, ""
		return s, out
	}
	return s, Output{}
}

// signIn makes a session: row 3. The one the client had before is ended by an
// [End] of its own, with the reason [Replaced].
func (t Timers) signIn(in Input, now store.Timestamp) (State, Output) {
	s := State{Kind: in.Kind, Level: in.Level}
	if s.Bound() && in.Proof != ValidProof {
		return State{}, refuse(s, CodeProofRequired, AuditProofAsked)
	}
	s.FirstVisitAt, s.LatestVisitAt, s.LastUsedAt = now, now, now
	s.AbsoluteExpiresAt = after(now, t.limits(s.Kind, s.Level).Absolute)
	s.Generations[0] = Generation{
		Number: 1, Origin: OriginLogin,
		IssuedAt: now, RotatesAt: after(now, t.rotation(s.Level, in.Jitter)),
	}
	return s, Output{Status: Served, Hand: 1, Nonce: s.Bound(), Audit: AuditStarted}
}

// end ends a session: rows 14, 17 and 18, and 21 without a key. Every
// generation expires at once.
func end(s State, why EndReason, now store.Timestamp) (State, Output) {
	for i := range s.Generations {
		g := &s.Generations[i]
		if g.Number != 0 && (g.ExpiresAt == 0 || g.ExpiresAt > now) {
			g.ExpiresAt = now
		}
	}
	s.EndReason, s.EndedAt, s.Claim = why, now, Claim{}
	out := s.gone()
	out.Audit = AuditEnded
	out.Streams = Streams{Bye: ByeEnded, At: now}
	switch why {
	case Taken:
		out.Audit, out.Notice = AuditTaken, NoticeTaken
	case Expired:
		out.Audit, out.Streams.Bye = AuditExpired, ByeExpired
	case SignedOut:
		out.Status, out.Code, out.Reason = Done, "", ""
	case Revoked, Replaced, PasswordChanged, UserRemoved, Restored:
	}
	return s, out
}

// gone is the answer to whoever shows a value of a session that has ended. The
// first answer may be lost, so it stays the same.
func (s State) gone() Output {
	out := Output{Status: Unauthorized, Code: CodeEnded, Reason: s.EndReason}
	switch s.EndReason {
	case Taken:
		out.Code, out.At = CodeTaken, s.TakenAt
	case Expired:
		out.Code = CodeExpired
	case SignedOut, Revoked, Replaced, PasswordChanged, UserRemoved, Restored:
	}
	return out
}
