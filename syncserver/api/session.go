package api

import (
	"inglenook/store"

	"github.com/go-json-experiment/json/jsontext"
)

// Session is what a client may know of its own session. Its times are
// durations: a client's clock may be wrong.
type Session struct {
	ID           store.SessionID `json:"id"`
	Kind         string          `json:"kind"`  // browser, desktop, token
	Level        int             `json:"level"` // 0 bearer only, 1 software key, 2 protected key
	User         store.Entity    `json:"user,omitzero"`
	Pending      *Pending        `json:"pending,omitempty"` // instead of User
	Device       string          `json:"device"`
	Instance     Instance        `json:"instance"`
	AccessRev    uint64          `json:"accessRev"`
	RotatesInMs  int64           `json:"rotatesInMs"` // the client asks for the next value then
	ExpiresInMs  int64           `json:"expiresInMs"`
	StepUpInMs   int64           `json:"stepUpInMs"`   // for so long no further proof of who one is is asked for
	DataChecksum string          `json:"dataChecksum"` // of GET /api/auth/session/data
	Notices      []Notice        `json:"notices,omitempty"`
}

// Pending is a session nobody of the household has yet: somebody has proved to
// be who they are elsewhere.
type Pending struct {
	Method      string `json:"method"`
	DisplayName string `json:"displayName"`
	Requested   bool   `json:"requested"` // an admin has been asked
	ExpiresInMs int64  `json:"expiresInMs"`
}

// Notice tells a user what has happened to one of their sessions, or what waits
// for them. It stays until it is acknowledged.
type Notice struct {
	ID      uint64          `json:"id"`
	Kind    string          `json:"kind"` // maybe-taken, taken, denied, rebound, join-request, method-added, method-removed, invited
	At      store.Timestamp `json:"at"`
	Session store.SessionID `json:"sessionId,omitzero"` // what it is about
	Device  string          `json:"device,omitempty"`
	Network string          `json:"network,omitempty"` // from where, to /24 or /48
	Count   int             `json:"count"`             // how often since it was last acknowledged
}

// Device is one of a user's device sessions.
type Device struct {
	ID              store.SessionID `json:"id"`
	Name            string          `json:"name"`
	Platform        string          `json:"platform,omitempty"`
	Version         string          `json:"version,omitempty"`
	Kind            string          `json:"kind"`
	Level           int             `json:"level"`
	Network         string          `json:"network,omitempty"` // of the last use
	FirstVisitAt    store.Timestamp `json:"firstVisitAt"`
	PreviousVisitAt store.Timestamp `json:"previousVisitAt,omitzero"`
	LatestVisitAt   store.Timestamp `json:"latestVisitAt"`
	LastUsedAt      store.Timestamp `json:"lastUsedAt"`
	Current         bool            `json:"current"`
}

// Rename gives a device a name.
type Rename struct {
	Device string `json:"device"`
}

// Method is a sign-in method that is on.
type Method struct {
	Name  string     `json:"name"`            // in the path of its requests
	Kind  string     `json:"kind"`            // setup, password, passkey, telegram, oidc, pairing, invitation, recovery, demo
	Title string     `json:"title,omitempty"` // of a provider
	Users []DemoUser `json:"users,omitempty"`
	Bot   string     `json:"bot,omitempty"` // Telegram's
}

// DemoUser is somebody one can be in a demo household.
type DemoUser struct {
	Name   string `json:"name"`
	Access string `json:"access"`
	Color  string `json:"color"`
	Avatar string `json:"avatar,omitempty"`
}

// Methods answers GET /api/auth/methods.
type Methods struct {
	Household string   `json:"household"`
	Instance  string   `json:"instance"` // the audience of proofs
	Methods   []Method `json:"methods"`
	Encrypted bool     `json:"encrypted"`
}

// Begin asks for the first step of a method.
type Begin struct {
	Purpose  string `json:"purpose,omitempty"`  // login, or add to an account
	Redirect string `json:"redirect,omitempty"` // a loopback address of a desktop
	Device   string `json:"device,omitempty"`
	Platform string `json:"platform,omitempty"`
}

// Begun answers it; a method fills what it needs.
type Begun struct {
	URL         string         `json:"url,omitempty"`     // where to send the person
	Options     jsontext.Value `json:"options,omitempty"` // for navigator.credentials
	State       string         `json:"state,omitempty"`
	Binding     string         `json:"binding,omitempty"` // a program's secret of this sign-in
	Code        string         `json:"code,omitempty"`    // to be read out or scanned
	Secret      string         `json:"secret,omitempty"`  // to be polled with
	ExpiresInMs int64          `json:"expiresInMs"`
	IntervalMs  int64          `json:"intervalMs,omitzero"`
}

// Login is the body of every sign-in; a method reads what it needs.
type Login struct {
	Name       string            `json:"name,omitempty"`
	Password   string            `json:"password,omitempty"`
	Code       string            `json:"code,omitempty"`
	State      string            `json:"state,omitempty"`
	Binding    string            `json:"binding,omitempty"`
	Credential jsontext.Value    `json:"credential,omitempty"` // a passkey's
	Telegram   map[string]string `json:"telegram,omitempty"`
	Household  string            `json:"household,omitempty"`

	Kind     string `json:"kind,omitempty"`
	Level    int    `json:"level,omitempty"` // of the key that the request proves, 1 or 2
	Add      bool   `json:"add,omitempty"`   // keep the browser's other sessions
	Device   string `json:"device,omitempty"`
	Platform string `json:"platform,omitempty"`
	Version  string `json:"version,omitempty"`
}

// SignedIn answers a sign-in. Browsers get a cookie instead of the tokens.
type SignedIn struct {
	Session Session `json:"session"`
	Tokens
}

// Tokens are what a program carries: the access token with every request, the
// value, which is the session's secret, to refresh only.
type Tokens struct {
	Value             string `json:"value,omitempty"` // absent when the present one stays
	AccessToken       string `json:"accessToken,omitempty"`
	AccessExpiresInMs int64  `json:"accessExpiresInMs,omitzero"`
}

// Recover asks for a session to go on after something was lost.
type Recover struct {
	ClaimID string `json:"claimId,omitempty"` // step 2 without a key
	KeyLost bool   `json:"keyLost,omitempty"`
}

// NewToken asks for a session of a script.
type NewToken struct {
	Name string `json:"name"`
}

// NewAccount makes a pending session's account.
type NewAccount struct {
	Name       string `json:"name"`
	Invitation string `json:"invitation,omitempty"` // without one an admin is asked
}

// AccountMethod is one way a user can sign in.
type AccountMethod struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Name       string          `json:"name"`
	AddedAt    store.Timestamp `json:"addedAt"`
	LastUsedAt store.Timestamp `json:"lastUsedAt,omitzero"`
	Left       int             `json:"left,omitzero"` // recovery codes that are unused
}

// RecoveryCodes are shown once.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}

// Pairing is a device that wants to sign in.
type Pairing struct {
	Code     string          `json:"code"`
	Device   string          `json:"device"`
	Platform string          `json:"platform,omitempty"`
	Network  string          `json:"network,omitempty"`
	At       store.Timestamp `json:"at"`
}

// Approve lets such a device in.
type Approve struct {
	Code string `json:"code"`
}

// Invitation lets somebody in, once. Code is told when it is made and never
// again.
type Invitation struct {
	ID        string          `json:"id"`
	Code      string          `json:"code,omitempty"`
	Access    string          `json:"access"`
	UserID    store.ID        `json:"userId,omitzero"`
	By        store.ID        `json:"by"`
	At        store.Timestamp `json:"at"`
	ExpiresAt store.Timestamp `json:"expiresAt"`
}

// NewInvitation asks for one; with a user it lets an existing one in again.
type NewInvitation struct {
	Access string   `json:"access,omitempty"`
	UserID store.ID `json:"userId,omitzero"`
}

// JoinRequest is somebody who asks an admin to be let in.
type JoinRequest struct {
	ID          store.SessionID `json:"id"`
	Name        string          `json:"name"`
	Method      string          `json:"method"`
	DisplayName string          `json:"displayName"`
	Device      string          `json:"device"`
	Network     string          `json:"network,omitempty"`
	At          store.Timestamp `json:"at"`
}

// Admission approves one; with a user it is an existing one's. Without, Name is
// the one that the admin has seen.
type Admission struct {
	Name   string   `json:"name,omitempty"`
	Access string   `json:"access,omitempty"`
	UserID store.ID `json:"userId,omitzero"`
}

// AuditRecord is what happened to sessions, sign-ins and access.
type AuditRecord struct {
	N         uint64            `json:"n"`
	At        store.Timestamp   `json:"at"`
	Kind      string            `json:"kind"`
	UserID    store.ID          `json:"userId,omitzero"`
	SessionID store.SessionID   `json:"sessionId,omitzero"`
	By        store.Author      `json:"by,omitzero"`
	Network   string            `json:"network,omitempty"`
	Detail    map[string]string `json:"detail,omitempty"`
}

// AuditPage is a page of the audit log, newest first.
type AuditPage struct {
	Records []AuditRecord `json:"records"`
	Next    uint64        `json:"next,omitzero"` // pass as before; absent on the last page
}
