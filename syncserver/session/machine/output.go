package machine

import (
	"time"

	"inglenook/store"
)

// Status is the HTTP status to answer with.
type Status int

// The statuses. There are no others.
const (
	Nobody       Status = 0   // nobody asked
	Served       Status = 200 // go on: the handler answers, perhaps with another 2xx
	Done         Status = 204
	Unauthorized Status = 401
	Failed       Status = 500 // the table contradicts itself, see Output.Broken
)

// The codes of refusals; a served request has none.
const (
	CodeMissing       = store.CodeSessionMissing
	CodeInvalid       = store.CodeSessionInvalid
	CodeEnded         = store.CodeSessionEnded
	CodeExpired       = store.CodeSessionExpired
	CodeSuperseded    = store.CodeSessionSuperseded
	CodeClaimOpen     = store.CodeSessionClaimOpen
	CodeProofRequired = store.CodeSessionProofRequired
	CodeDenied        = store.CodeSessionDenied
	CodeReverify      = store.CodeSessionReverify
	CodeTaken         = store.CodeSessionTaken
)

// Mark is the header Inglenook-Session.
type Mark string

// The marks.
const (
	Rotated   Mark = "rotated"
	RotateDue Mark = "rotate-due" // with a nonce: prove at the next request
)

// Audit is the kind of the record that the audit log gets; "" for none.
type Audit string

// The kinds of records.
const (
	AuditInvalid    Audit = "session.invalid"
	AuditStarted    Audit = "session.started"
	AuditFirstUse   Audit = "session.first-use"
	AuditRotated    Audit = "session.rotated"
	AuditProofAsked Audit = "session.proof-asked"
	AuditRehanded   Audit = "session.rehanded"
	AuditStray      Audit = "session.stray"
	AuditClaim      Audit = "session.claim"
	AuditRecovered  Audit = "session.recovered"
	AuditDenied     Audit = "session.denied"
	AuditTaken      Audit = "session.taken"
	AuditAdopted    Audit = "session.adopted"
	AuditKeyLost    Audit = "session.key-lost"
	AuditRebound    Audit = "session.rebound"
	AuditExpired    Audit = "session.expired"
	AuditEnded      Audit = "session.ended"
	AuditAccess     Audit = "access.changed"
)

// Notice is what the owner is told; "" for nothing.
type Notice string

// The notices.
const (
	NoticeMaybeTaken Notice = "maybe-taken" // in this session: after a crash, or by somebody else?
	NoticeTaken      Notice = "taken"       // here and on every other device
	NoticeDenied     Notice = "denied"      // the same
	NoticeRebound    Notice = "rebound"     // the same
)

// Everywhere tells whether every device of the owner is told, and not only
// whoever holds this session.
func (n Notice) Everywhere() bool { return n != "" && n != NoticeMaybeTaken }

// Bye is the code of the last frame of a stream.
type Bye string

// The codes a session closes its streams with.
const (
	ByeRotated Bye = "session-rotated"
	ByeExpired Bye = "session-expired"
	ByeEnded   Bye = "session-ended"
)

// Streams is what the open streams of the session are told.
type Streams struct {
	Session bool // event: session, on each of them

	Bye        Bye             // then they are closed; "" leaves them open
	Generation uint64          // only those it opened; 0: all
	At         store.Timestamp // not before
}

// Output is the answer to an input. There is no way to say in it that a client
// shall forget its value: the loser of a race would wipe what the winner has
// just been given.
type Output struct {
	Status Status
	Code   store.Code

	Hand  uint64 // the generation whose value is handed out; 0 leaves the client what it has
	Mark  Mark
	Nonce bool // a fresh one is handed out

	Claim      uint64 // the id of the open claim, with CodeClaimOpen
	RetryAfter time.Duration
	Reason     EndReason       // of a session that has ended
	At         store.Timestamp // with CodeTaken: since when somebody else has it

	Audit   Audit
	Notice  Notice
	Streams Streams
	Counted bool   // against the network address
	Broken  string // with Failed: the rule the transition would have broken; it was not made
}

// refuse is the answer 401 of an active session. A bound one always gives a
// nonce with it: a client without a fresh one could not prove what it is asked
// to prove.
func refuse(s State, code store.Code, a Audit) Output {
	return Output{Status: Unauthorized, Code: code, Audit: a, Nonce: s.Bound()}
}
