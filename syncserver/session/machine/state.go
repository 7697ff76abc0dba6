package machine

import "inglenook/store"

// Kind is what signed in.
type Kind string

// The kinds of clients.
const (
	Browser Kind = "browser"
	Desktop Kind = "desktop"
	Token   Kind = "token"
)

// Valid tells whether there is such a kind.
func (k Kind) Valid() bool { return k == Browser || k == Desktop || k == Token }

// Level says how well a session is bound to its device. Both kinds of keys
// share one table; the difference only shows in the list of devices.
type Level int

// The levels.
const (
	BearerOnly   Level = 0 // who has the value has the session
	SoftwareKey  Level = 1 // a key the page or a file holds
	ProtectedKey Level = 2 // a key that cannot be copied, or one in the keyring
)

// EndReason is why a device session ended.
type EndReason string

// The reasons.
const (
	SignedOut       EndReason = "signed-out"
	Revoked         EndReason = "revoked"
	Replaced        EndReason = "replaced"         // by a later sign-in of the same client
	PasswordChanged EndReason = "password-changed" // by a new password of its user
	UserRemoved     EndReason = "user-removed"     // or the user's access is gone
	Expired         EndReason = "expired"          // idle for too long, or too old
	Taken           EndReason = "taken"            // somebody else went on with it
	Restored        EndReason = "restored"         // the server is older than the client and cannot tell whose it is
)

// Origin is how a generation came to be.
type Origin string

// The origins.
const (
	OriginLogin   Origin = "login"
	OriginRotate  Origin = "rotate"
	OriginRecover Origin = "recover"
)

// Generation is one ServerSession: what one bearer value stands for. An instant
// that has not come is zero.
type Generation struct {
	Number      uint64 // from 1; 0 is no generation
	Origin      Origin
	IssuedAt    store.Timestamp
	RotatesAt   store.Timestamp
	RotatedAt   store.Timestamp
	ExpiresAt   store.Timestamp // zero while it is the head
	FirstUsedAt store.Timestamp
}

// Claim is a bearer-only client's word that an older generation is its newest.
// Its id on the wire is Head, so that it cannot outlive the head it was opened
// against.
type Claim struct {
	Generation uint64 // 0 is no claim
	Head       uint64
	OpenedAt   store.Timestamp
}

// kept is how many generations are remembered. The table reads the newest two
// only; the others are for whoever looks into what happened.
const kept = 8

// State is what a DeviceSession and its newest ServerSessions hold, as far as
// the table needs it. It is a plain value: two are compared with ==, and no
// transition can reach into the state it came from. The zero State is no
// session.
type State struct {
	Kind        Kind
	Level       Level
	Generations [kept]Generation // the head first

	// UsedLate is the newest generation that was used more than
	// [Timers.Rollback] after its first use, 0 for none. One number answers for
	// every older generation whether a later one was, however many are forgotten.
	UsedLate uint64

	Claim     Claim
	Denied    uint64 // recoveries of a bound session refused for want of a proof
	AccessRev uint64

	FirstVisitAt      store.Timestamp
	PreviousVisitAt   store.Timestamp
	LatestVisitAt     store.Timestamp
	LastUsedAt        store.Timestamp // to within [Timers.UseNoted]
	AbsoluteExpiresAt store.Timestamp

	EndReason EndReason // "" while it is active
	EndedAt   store.Timestamp
	TakenAt   store.Timestamp // when the generation was left that the owner still had
}

// Head is the newest generation, the zero Generation when there is no session.
func (s State) Head() Generation { return s.Generations[0] }

// Bound tells whether the session needs its device's key to go on.
func (s State) Bound() bool { return s.Level > BearerOnly }

// Active tells whether there is a session and it has not ended.
func (s State) Active() bool { return s.Head().Number != 0 && s.EndReason == "" }

// before is the generation before the head.
func (s State) before() Generation { return s.Generations[1] }

// unused tells whether nobody has yet shown the head: then it may be handed out
// again.
func (s State) unused() bool { return s.Head().FirstUsedAt == 0 }

// leftAt is when a generation was left for its successor, or the nearest known
// instant after that.
func (s State) leftAt(number uint64) store.Timestamp {
	at := s.Head().IssuedAt
	for _, g := range s.Generations {
		if g.Number > number {
			at = g.IssuedAt
		}
	}
	return at
}
