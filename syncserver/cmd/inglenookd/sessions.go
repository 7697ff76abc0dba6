package main

import (
	"time"

	"inglenook/syncserver/session"
)

// sessionFlags are the timers of sessions: for a cautious household, and for
// tests. What breaks the promises of sessions is refused.
type sessionFlags struct {
	RotateAfter  time.Duration `help:"A session that is bound to a device gets a new secret after this." default:"${rotate}" env:"INGLENOOK_SESSION_ROTATE_AFTER" placeholder:"TIME"`
	RotateBearer time.Duration `help:"A session without a device key gets a new secret after this." default:"${bearer}" env:"INGLENOOK_SESSION_ROTATE_BEARER" placeholder:"TIME"`
	Overlap      time.Duration `help:"How long the secret before is still good." default:"${overlap}" env:"INGLENOOK_SESSION_OVERLAP" placeholder:"TIME"`
	ProofGrace   time.Duration `help:"How long a device may be late with its proof." default:"${grace}" env:"INGLENOOK_SESSION_PROOF_GRACE" placeholder:"TIME"`
	Rollback     time.Duration `help:"How far a crash may take a client back." default:"${rollback}" env:"INGLENOOK_SESSION_ROLLBACK" placeholder:"TIME"`
	ClaimDelay   time.Duration `help:"How long a session without a device key waits to recover." default:"${claimdelay}" env:"INGLENOOK_SESSION_CLAIM_DELAY" placeholder:"TIME"`
	ClaimLife    time.Duration `help:"And how long it may take." default:"${claimlife}" env:"INGLENOOK_SESSION_CLAIM_LIFE" placeholder:"TIME"`
	IdleBrowser  time.Duration `help:"A browser that was not used for so long is signed out." default:"${idlebrowser}" env:"INGLENOOK_SESSION_IDLE_BROWSER" placeholder:"TIME"`
	MaxBrowser   time.Duration `help:"A browser signs in again after this at the latest." default:"${maxbrowser}" env:"INGLENOOK_SESSION_MAX_BROWSER" placeholder:"TIME"`
	IdleDesktop  time.Duration `help:"A desktop program that was not used for so long is signed out." default:"${idledesktop}" env:"INGLENOOK_SESSION_IDLE_DESKTOP" placeholder:"TIME"`
	MaxDesktop   time.Duration `help:"A desktop program signs in again after this at the latest." default:"${maxdesktop}" env:"INGLENOOK_SESSION_MAX_DESKTOP" placeholder:"TIME"`
	IdleBearer   time.Duration `help:"A script, or a session without a device key, that was not used for so long is signed out." default:"${idlebearer}" env:"INGLENOOK_SESSION_IDLE_BEARER" placeholder:"TIME"`
	MaxBearer    time.Duration `help:"And it signs in again after this at the latest." default:"${maxbearer}" env:"INGLENOOK_SESSION_MAX_BEARER" placeholder:"TIME"`
	AccessToken  time.Duration `help:"How long the access token of a program is good, in whole seconds." default:"${accesstoken}" env:"INGLENOOK_SESSION_ACCESS_TOKEN" placeholder:"TIME"`
	StepUp       time.Duration `help:"How long one who has just signed in is not asked again before sensitive changes." default:"${stepup}" env:"INGLENOOK_SESSION_STEP_UP" placeholder:"TIME"`
	KeptEnded    time.Duration `help:"How long an ended session is kept for its owner to see." default:"${keptended}" env:"INGLENOOK_SESSION_KEPT_ENDED" placeholder:"TIME"`
}

// timers are what the flags say.
func (f sessionFlags) timers() session.Timers {
	t := session.DefaultTimers()
	t.RotateBound, t.RotateBearer, t.Overlap, t.ProofGrace = f.RotateAfter, f.RotateBearer, f.Overlap, f.ProofGrace
	t.Rollback, t.ClaimDelay, t.ClaimLife = f.Rollback, f.ClaimDelay, f.ClaimLife
	t.Browser.Idle, t.Browser.Absolute = f.IdleBrowser, f.MaxBrowser
	t.Desktop.Idle, t.Desktop.Absolute = f.IdleDesktop, f.MaxDesktop
	t.Bearer.Idle, t.Bearer.Absolute = f.IdleBearer, f.MaxBearer
	t.AccessToken, t.StepUp, t.KeptEnded = f.AccessToken, f.StepUp, f.KeptEnded
	return t
}

// sessionDefaults are the values of the flags nobody sets: those of the package,
// in one place.
func sessionDefaults() map[string]string {
	t := session.DefaultTimers()
	out := map[string]string{}
	for name, d := range map[string]time.Duration{
		"rotate": t.RotateBound, "bearer": t.RotateBearer, "overlap": t.Overlap, "grace": t.ProofGrace, "rollback": t.Rollback,
		"claimdelay": t.ClaimDelay, "claimlife": t.ClaimLife, "idlebrowser": t.Browser.Idle, "maxbrowser": t.Browser.Absolute,
		"idledesktop": t.Desktop.Idle, "maxdesktop": t.Desktop.Absolute, "idlebearer": t.Bearer.Idle, "maxbearer": t.Bearer.Absolute,
		"accesstoken": t.AccessToken, "stepup": t.StepUp, "keptended": t.KeptEnded,
	} {
		out[name] = d.String()
	}
	return out
}
