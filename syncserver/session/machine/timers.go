package machine

import (
	"time"

	"inglenook/store"
)

// Limits are how long a session may live.
type Limits struct {
	Idle     time.Duration // without a use
	Absolute time.Duration // from the sign-in
}

// Timers are the durations of the table. All are the server's; clients are told
// durations, never instants.
type Timers struct {
	RotateBound  time.Duration // from the issue of a generation until a successor is due
	RotateBearer time.Duration // the same without a key
	Overlap      time.Duration // how long a generation is still good after its successor is made
	ProofGrace   time.Duration // how long a bound session is served without proof when due
	Rollback     time.Duration // a crash takes a client back at most this far: flushing the cookies, and a late request
	ClaimDelay   time.Duration // between the two steps of a recovery
	ClaimLife    time.Duration // from the first step
	UseNoted     time.Duration // how exactly the last use is kept
	Visit        time.Duration // a use after a longer pause is a new visit

	Browser, Desktop, Bearer Limits
}

// DefaultTimers are those of a server nobody has configured.
func DefaultTimers() Timers {
	const day = 24 * time.Hour
	return Timers{
		RotateBound:  10 * time.Minute,
		RotateBearer: 15 * time.Minute,
		Overlap:      10 * time.Second,
		ProofGrace:   5 * time.Minute,
		Rollback:     90 * time.Second,
		ClaimDelay:   11 * time.Second,
		ClaimLife:    120 * time.Second,
		UseNoted:     5 * time.Minute,
		Visit:        30 * time.Minute,
		Browser:      Limits{Idle: 30 * day, Absolute: 180 * day},
		Desktop:      Limits{Idle: 90 * day, Absolute: 365 * day},
		Bearer:       Limits{Idle: 14 * day, Absolute: 90 * day},
	}
}

// Validate refuses timers under which the promises of the table do not hold.
// Errors: store.CodeInvalid with the timer as its field.
func (t Timers) Validate() error {
	for _, c := range []struct {
		ok            bool
		field, reason string
	}{
		{t.Overlap > 0, "overlap", "is more than nothing: requests run in parallel"},
		{t.ClaimDelay > t.Overlap, "claimDelay", "is longer than the overlap: a claim is not judged while two generations hold"},
		{t.ClaimLife > t.ClaimDelay, "claimLife", "is longer than the claim delay"},
		{t.Rollback >= 90*time.Second, "rollback", "is at least 90 s: see the package comment"},
		{min(t.RotateBound, t.RotateBearer) >= 2*t.Overlap, "rotateAfter", "is at least two overlaps: an answer is used or lost before the next rotation"},
		{t.ProofGrace >= 0, "proofGrace", "is not negative"},
		{t.UseNoted > 0 && t.UseNoted < t.Visit, "useNoted", "is shorter than the pause between two visits"},
		{t.Browser.sound(t) && t.Desktop.sound(t) && t.Bearer.sound(t), "limits", "are longer than a rotation, the absolute one no shorter than the idle one"},
	} {
		if !c.ok {
			return store.Errorf(store.CodeInvalid, c.field, "%s", c.reason)
		}
	}
	return nil
}

func (l Limits) sound(t Timers) bool {
	return l.Idle > max(t.RotateBound, t.RotateBearer) && l.Absolute >= l.Idle
}

// limits are those of a session: without a key the shortest, whatever it is.
func (t Timers) limits(k Kind, l Level) Limits {
	switch {
	case l == BearerOnly || k == Token:
		return t.Bearer
	case k == Desktop:
		return t.Desktop
	default:
		return t.Browser
	}
}

// rotation is the time until a successor is due, with the jitter cut to a
// tenth either way.
func (t Timers) rotation(l Level, jitter time.Duration) time.Duration {
	every := t.RotateBearer
	if l > BearerOnly {
		every = t.RotateBound
	}
	return every + min(max(jitter, -every/10), every/10)
}

// What only looks at a State takes a pointer: a State is large, and a stream asks
// for its standing all the time on a small stack.

// due tells whether the head shall have a successor.
func (t *Timers) due(s *State, now store.Timestamp) bool {
	return now >= s.Generations[0].RotatesAt || t.misdated(s, now)
}

// pastGrace tells whether a bound session has to prove its key to go on.
func (t *Timers) pastGrace(s *State, now store.Timestamp) bool {
	return s.Level > BearerOnly && (now >= after(s.Generations[0].RotatesAt, t.ProofGrace) || t.misdated(s, now))
}

// misdated tells whether the head was made by a clock that was ahead: its
// rotation lies further away than any can.
func (t *Timers) misdated(s *State, now store.Timestamp) bool {
	longest := max(t.RotateBound, t.RotateBearer)
	return s.Generations[0].RotatesAt > after(now, longest+longest/10)
}

// holds tells whether a generation still gives access. An overlap that ends
// later than one can was made by a clock that was ahead: it is over.
func (t *Timers) holds(s *State, number uint64, now store.Timestamp) bool {
	h, b := &s.Generations[0], &s.Generations[1]
	return number == h.Number || number == b.Number && now < b.ExpiresAt && b.ExpiresAt <= after(now, t.Overlap)
}

// over tells whether a session has reached one of its limits.
func (t *Timers) over(s *State, now store.Timestamp) bool {
	return now >= s.AbsoluteExpiresAt || now >= after(s.LastUsedAt, t.limits(s.Kind, s.Level).Idle)
}

func after(at store.Timestamp, d time.Duration) store.Timestamp {
	return at + store.Timestamp(d.Milliseconds())
}
