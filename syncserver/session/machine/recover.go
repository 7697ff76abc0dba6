package machine

import (
	"time"

	"inglenook/store"
)

// recover lets a client go on that has an older generation than the head: its
// response was lost, or a crash took its store back. Rows 9 and 11 to 16.
func (t Timers) recover(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case s.Bound():
		return t.prove(s, in, now)
	case s.mayRehand(in):
		return t.older(s, in)
	case in.Request == Recover:
		return t.claim(s, in, now)
	default:
		return t.judge(s, in, now)
	}
}

// prove recovers a bound session: the key says who asks, so nothing is judged.
func (t Timers) prove(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case in.Proof == ValidProof && s.unused():
		return s, Output{Status: Served, Hand: s.Head().Number, Audit: AuditRehanded}
	case in.Proof == ValidProof:
		return t.succeed(t.used(s, now), in, OriginRecover, Output{Status: Served, Audit: AuditRecovered}, now)
	case in.Proof == StaleProof:
		return s, refuse(s, CodeProofRequired, AuditProofAsked)
	}
	if s.Denied >= maxDenied {
		return s, refuse(s, CodeDenied, "") // nothing more is written for whoever goes on
	}
	s.Denied++
	out := refuse(s, CodeDenied, AuditDenied)
	switch s.Denied {
	case 1, 10, 100: // once is news, and so is a storm; each of its drops is not
		out.Notice, out.Streams.Session = NoticeDenied, true
	}
	return s, out
}

// maxDenied is how many refused recoveries are counted.
const maxDenied = 100

// claim is step 1 without a key. Asking again does not start the delay again,
// so that two tabs cannot keep each other waiting; and whoever shows two old
// values in turn cannot keep a claim from being judged: it has its turn first.
func (t Timers) claim(s State, in Input, now store.Timestamp) (State, Output) {
	c := s.Claim
	open := c.Generation != 0 && now >= c.OpenedAt && now < after(c.OpenedAt, t.ClaimLife)
	turn := t.ClaimDelay
	if open && c.Generation != in.Generation {
		turn = 2 * t.ClaimDelay // the delay, and as long again to come back
		open = now < after(c.OpenedAt, turn)
	}
	if !open {
		s.Claim, turn = Claim{Generation: in.Generation, Head: s.Head().Number, OpenedAt: now}, t.ClaimDelay
	}
	return s, t.wait(s, turn, now)
}

// wait asks a client to come back with its claim when the delay is over.
func (t Timers) wait(s State, turn time.Duration, now store.Timestamp) Output {
	out := refuse(s, CodeClaimOpen, AuditClaim)
	out.Claim = s.Claim.Head
	out.RetryAfter = max(0, after(s.Claim.OpenedAt, turn).Time().Sub(now.Time()))
	return out
}

// judge is step 2 without a key. A crash takes a client back by less than
// [Timers.Rollback]; if a later generation was in use for longer than that, it
// was not this client that used it.
func (t Timers) judge(s State, in Input, now store.Timestamp) (State, Output) {
	c := s.Claim
	switch {
	case c.Generation != in.Generation, c.Head != in.Claim, now < c.OpenedAt, now >= after(c.OpenedAt, t.ClaimLife):
		return s, refuse(s, CodeSuperseded, AuditStray)
	case now < after(c.OpenedAt, t.ClaimDelay):
		return s, t.wait(s, t.ClaimDelay, now)
	case s.UsedLate > in.Generation:
		s.TakenAt = s.leftAt(in.Generation)
		return end(s, Taken, now)
	}
	s.Claim = Claim{}
	out := Output{Status: Served, Audit: AuditRecovered, Notice: NoticeMaybeTaken, Streams: Streams{Session: true}}
	s = t.used(s, now)
	if s.unused() {
		out.Hand = s.Head().Number
		return s, out
	}
	return t.succeed(s, in, OriginRecover, out, now)
}

// rebind binds the session to a new key after a sign-in factor, and leaves the
// value behind that somebody may have copied: row 20.
func (t Timers) rebind(s State, in Input, now store.Timestamp) (State, Output) {
	if in.Proof != ValidProof || in.Level == BearerOnly {
		return s, refuse(s, CodeProofRequired, AuditProofAsked)
	}
	s = t.used(s, now)
	if in.Generation > s.Head().Number {
		s = s.passed(now)
	}
	s.Level, s.Denied, s.Claim = in.Level, 0, Claim{}
	out := Output{
		Status: Served, Hand: s.Head().Number, Nonce: true,
		Audit: AuditRebound, Notice: NoticeRebound, Streams: Streams{Session: true},
	}
	if s.unused() {
		return s, out
	}
	return t.succeed(s, in, OriginRecover, out, now)
}

// ahead answers a client that knows a generation this server has not made: the
// server was restored from a backup. Row 21.
func (t Timers) ahead(s State, in Input, now store.Timestamp) (State, Output) {
	switch {
	case !s.Bound():
		return end(s, Restored, now)
	case in.Proof != ValidProof:
		return s, refuse(s, CodeProofRequired, AuditProofAsked)
	case in.Request == SignOut:
		return end(s, SignedOut, now)
	}
	s = t.used(s, now).passed(now)
	s.Generations[0].RotatedAt, s.Generations[0].ExpiresAt = now, now
	s = s.push(Generation{
		Number: in.Generation, Origin: OriginRecover, IssuedAt: now, FirstUsedAt: now,
		RotatesAt: after(now, t.rotation(s.Level, in.Jitter)),
	})
	return s, Output{Status: Served, Audit: AuditAdopted, Streams: Streams{Bye: ByeRotated, Generation: s.before().Number, At: now}}
}
