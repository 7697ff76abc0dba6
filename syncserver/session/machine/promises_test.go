package machine

import "time"

// The properties of sessions.md, and two it implies.
const (
	noSignOut    = "an honest client is never signed out"
	noDeadEnd    = "a client left alone is served again"
	inParallel   = "a request that was on its way during a rotation is served"
	noFalseAlarm = "nobody is told of a theft for nothing"
	noExtension  = "a thief does not extend a bound session"
	noEviction   = "a thief does not sign the owner of a bound session out"
	theftNoticed = "a thief who uses a rotated session is noticed"
	neverHappens = "forbidden: "
)

// sender is who has sent a request.
type sender int

const (
	fromClient  sender = iota
	fromCrashed        // the client before it crashed
	fromThief
)

// answer asks the table and watches the properties. The world it returns means
// nothing when the session has ended.
func (m model) answer(w world, in Input, by sender) (world, Output, string) {
	s := w.state(m.level)
	next, out := m.next(s, in, epoch)
	if broken := m.broken(w, in, next, out, by); broken != "" {
		return w, out, broken
	}
	if rule := Forbidden(s, in, next, out, epoch); rule != "" {
		return w, out, neverHappens + rule
	}
	if !next.Active() {
		return w, out, ""
	}
	shown := in.Generation == headNumber && out.Status == Served && (in.Request == Ordinary || in.Request == Touch)
	w.thief.unnoticed = w.thief.unnoticed || by == fromThief && shown && !w.thief.owned
	if out.Notice.Everywhere() || out.Notice != "" && by != fromThief {
		w.thief.unnoticed = false
	}
	if w.take(next) {
		parallel := Input{Value: KnownValue, Generation: headNumber}
		if _, out := m.next(next, parallel, after(epoch, 10*time.Second-time.Millisecond)); out.Status != Served {
			return w, out, inParallel
		}
	}
	if out.Hand != 0 {
		w.thief.head = w.thief.head || by == fromThief
		w.thief.owned = w.thief.active && (w.thief.owned || by != fromThief)
	}
	return w, out, ""
}

// broken names the property that an answer breaks.
func (m model) broken(w world, in Input, next State, out Output, by sender) string {
	bound := m.level > BearerOnly
	turnedOut := !next.Active() || out.Status == Unauthorized && (out.Code == CodeInvalid || out.Code == CodeMissing)
	switch {
	case out.Status == Failed:
		return neverHappens + out.Broken
	case by == fromThief && bound && out.Hand != 0:
		return noExtension
	case by == fromThief && bound && turnedOut:
		return noEviction
	case by != fromThief && turnedOut && (bound || !w.thief.active):
		return noSignOut
	case out.Notice != "" && !w.thief.active && !m.keyLoss && bound:
		return noFalseAlarm
	case by == fromClient && in.Generation == headNumber && out.Status == Served && w.thief.unnoticed && out.Notice == "":
		return theftNoticed
	}
	return ""
}
