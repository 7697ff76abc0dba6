package api

import "inglenook/store"

// The messages under /api/local, which only the desktop's bridge serves.

// Status says how a device stands with its server.
type Status struct {
	State     string           `json:"state"` // none, synced, syncing, waiting, unreached, sign-in
	Waiting   int              `json:"waiting"`
	Parked    int              `json:"parked"`
	Here      store.EventID    `json:"here"`
	There     store.EventID    `json:"there"`
	Server    string           `json:"server,omitempty"`
	Household string           `json:"household,omitempty"`
	Hosting   bool             `json:"hosting,omitzero"`
	Since     *store.Timestamp `json:"since,omitempty"`

	// Of sign-in: the code of the refusal, and with session-taken since when and
	// from where somebody else has the session. Also beside other states, when the
	// server cannot be asked for another reason than that it is not there.
	Reason  string          `json:"reason,omitempty"`
	At      store.Timestamp `json:"at,omitzero"`
	Network string          `json:"network,omitempty"`
}

// ReasonKeyring is the reason of a device whose secrets lie in a keyring that
// does not answer. It is tried again.
const ReasonKeyring = "keyring"

// Start asks to start a household on this device.
type Start struct {
	Household string `json:"household"`
	Name      string `json:"name"`
	Password  string `json:"password,omitempty"`
	Demo      bool   `json:"demo,omitzero"`
}

// Address names a server.
type Address struct {
	URL string `json:"url"`
}

// Join asks to join a server's household. With Login.Add somebody else signs in
// beside those who are here.
type Join struct {
	URL    string `json:"url"`
	Method string `json:"method"`
	Login  Login  `json:"login"`
}

// Leave asks to sign out on this device.
type Leave struct {
	Discard bool `json:"discard,omitzero"`
}

// People are those who have signed in on this device. One of them is active;
// what the others have not sent stays on the device, and is sent when they are
// active again.
type People struct {
	People []Person `json:"people"`
}

// Person is one of them.
type Person struct {
	ID      store.SessionID `json:"id"` // of the session
	User    PersonUser      `json:"user"`
	Waiting int             `json:"waiting"` // own replacements not confirmed yet
	Active  bool            `json:"active"`
}

// PersonUser is what a list of people shows of a user.
type PersonUser struct {
	ID     store.ID `json:"id,omitzero"` // absent while the session has no user
	Name   string   `json:"name"`
	Color  string   `json:"color,omitempty"`
	Avatar string   `json:"avatar,omitempty"`
}

// Switch makes one of the people the active one.
type Switch struct {
	ID store.SessionID `json:"id"`
}

// Beginning asks for the first step of a method. Where the person goes on in the
// system's browser, the device waits for them to come back.
type Beginning struct {
	URL    string `json:"url,omitempty"` // of the server to join; "" is the one of the active session
	Method string `json:"method"`
	Begin  Begin  `json:"begin"`
	// Login says that the device signs in as soon as they are back, with this and
	// what they bring. Without it, what they bring is the page's to use.
	Login *Login `json:"login,omitempty"`
}

// Signin says how far somebody is who was sent to the browser.
type Signin struct {
	State   string   `json:"state"`             // none, away, back, joined, failed
	Login   *Login   `json:"login,omitempty"`   // back: what they have brought
	Problem *Problem `json:"problem,omitempty"` // failed
}

// Parked is an own replacement the server did not take.
type Parked struct {
	Seq         uint64            `json:"seq"`
	At          store.Timestamp   `json:"at"`
	Replacement store.Replacement `json:"replacement"`
	Code        store.Code        `json:"code"`
	Message     string            `json:"message"`
	Field       string            `json:"field,omitempty"`
}
