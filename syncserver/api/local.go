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
}

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

// Join asks to join a server's household.
type Join struct {
	URL    string `json:"url"`
	Method string `json:"method"`
	Login  Login  `json:"login"`
}

// Leave asks to sign out on this device.
type Leave struct {
	Discard bool `json:"discard,omitzero"`
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
