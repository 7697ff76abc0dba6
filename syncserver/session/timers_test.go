package session

import (
	"testing"
	"time"

	"inglenook/store"
)

// Timers under which the promises do not hold are refused before a server starts
// with them.
func TestTimersThatPromiseTooLittle(t *testing.T) {
	h := open(t)
	for name, change := range map[string]func(*Timers){
		"access tokens that are never good":   func(t *Timers) { t.AccessToken = 0 },
		"tokens of half a second":             func(t *Timers) { t.AccessToken = 500 * time.Millisecond },
		"a step-up that never holds":          func(t *Timers) { t.StepUp = 0 },
		"identities that wait for no time":    func(t *Timers) { t.Pending = 0 },
		"ended sessions kept for less":        func(t *Timers) { t.KeptEnded = -1 },
		"no overlap":                          func(t *Timers) { t.Overlap = 0 },
		"a claim judged within the overlap":   func(t *Timers) { t.ClaimDelay = t.Overlap },
		"a claim that is over before":         func(t *Timers) { t.ClaimLife = t.ClaimDelay },
		"a minute for a rollback":             func(t *Timers) { t.Rollback = time.Minute },
		"rotations within the overlap":        func(t *Timers) { t.RotateBound = t.Overlap },
		"the same without a key":              func(t *Timers) { t.RotateBearer = t.Overlap },
		"less than no grace":                  func(t *Timers) { t.ProofGrace = -1 },
		"uses noted as rarely as visits":      func(t *Timers) { t.UseNoted = t.Visit },
		"idle for less than a rotation":       func(t *Timers) { t.Browser.Idle = t.RotateBearer },
		"a life shorter than the longest nap": func(t *Timers) { t.Desktop.Absolute = t.Desktop.Idle - 1 },
	} {
		timers := DefaultTimers()
		change(&timers)
		if _, err := New(t.Context(), Config{Store: h.home, Secret: make([]byte, 32), Timers: timers, Now: h.clock.Now}); err == nil {
			t.Errorf("%s: accepted", name)
		} else if name != "tokens of half a second" && store.CodeOf(err) != store.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
