package machine

import "time"

// Request is what is asked of a session.
type Request int

// What a client asks, showing a value.
const (
	Ordinary       Request = iota // anything of the API that is not below
	Recover                       // POST /api/auth/recover: step 1, or with a proof the whole of it
	RecoverClaimed                // the same, step 2, with the id of the claim
	SignOut                       // DELETE /api/auth/session
	KeyLost                       // the client says that it has no device key any more
	Rebind                        // a sign-in factor has succeeded; Proof is that of the new key
	Touch                         // an access token of the generation was shown: a use that rotates nothing
)

// What the server does by itself or for somebody else; no value is shown.
const (
	SignIn       Request = iota + 100 // a sign-in has succeeded; Proof is that of the key to be bound
	End                               // for Reason
	ChangeAccess                      // what the user may see or do has changed
	CleanUp                           // hourly
)

// Value is what was shown as the bearer value.
type Value int

// The values. A known one belongs to this session and its secret is right.
const (
	NoValue Value = iota
	UnknownValue
	KnownValue
)

// Proof is what was shown of the device key.
type Proof int

// The proofs. A stale one is rightly signed over a nonce that was used or has
// expired: it can only come from the device, perhaps after a sleep.
const (
	NoProof Proof = iota
	BadProof
	StaleProof
	ValidProof
)

// Input is one thing that happens to a session. Everything about the world
// that the table needs is in it; the table asks nobody.
type Input struct {
	Request    Request
	Value      Value
	Generation uint64 // that the known value stands for
	Proof      Proof
	Claim      uint64 // its id, for RecoverClaimed
	Public     bool   // what is asked for is for strangers too

	// Jitter is chosen anew for each call, within a tenth of the rotation
	// either way, so that clients that started together do not rotate together.
	Jitter time.Duration

	// ClockSuspect is set while the server does not trust its own clock: no
	// session reaches a limit then.
	ClockSuspect bool

	Reason EndReason // for End
	Kind   Kind      // for SignIn
	Level  Level     // for SignIn and Rebind
}

// byClient tells whether a client asks, and not the server itself.
func (in Input) byClient() bool { return in.Request <= Touch }

// shows tells whether the input shows the value of a generation.
func (in Input) shows(g Generation) bool { return g.Number != 0 && in.Generation == g.Number }
