package session

import (
	"time"

	"inglenook/store"
	"inglenook/syncserver/session/machine"
)

// Timers are all durations of sessions: those of the table, and those around
// it.
type Timers struct {
	machine.Timers
	AccessToken time.Duration // how long a program's access token is good
	StepUp      time.Duration // how long a proof of who one is holds
	Pending     time.Duration // how long an identity that nobody has yet is kept
	KeptEnded   time.Duration // how long an ended session is kept whole, so that its owner can see when it ended and why
}

// DefaultTimers are those of sessions.md.
func DefaultTimers() Timers {
	return Timers{
		Timers:      machine.DefaultTimers(),
		AccessToken: 10 * time.Minute,
		StepUp:      10 * time.Minute,
		Pending:     15 * time.Minute,
		KeptEnded:   90 * 24 * time.Hour,
	}
}

func (t Timers) check() error {
	if t.AccessToken <= 0 || t.StepUp <= 0 || t.Pending <= 0 || t.KeptEnded < 0 {
		return store.Errorf(store.CodeInvalid, "timers", "are more than nothing")
	}
	return t.Validate()
}
