// Package api holds the messages of openapi.yaml that have no name in store.
// The tests in apitest hold every answer of the server and of the bridge
// against the contract, so the two cannot drift apart.
package api

import (
	_ "embed"

	"inglenook/store"
)

// Protocol is the version of the wire; it changes when an older client could
// misunderstand a newer server.
const Protocol = 1

// Headers of ours, and the version a client without one of its own sends.
const (
	HeaderClient = "Inglenook-Client" // on every unsafe request: <program>/<version>
	HeaderKind   = "Inglenook-Kind"   // browser, desktop, token
)

// OpenAPI is the contract as YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Snapshot is a page of GET /api/entities.
type Snapshot struct {
	Epoch    store.Epoch    `json:"epoch"`
	ID       store.EventID  `json:"id"`
	Entities []store.Change `json:"entities"`
	Next     string         `json:"next,omitempty"`
}

// SnapshotEnd is the last line of an NDJSON snapshot: how many entities came
// before it.
type SnapshotEnd struct {
	Count int `json:"count"`
}

// Changes is a page of GET /api/changes. As NDJSON the events are lines and
// what is left of it is the last line.
type Changes struct {
	Epoch  store.Epoch   `json:"epoch"`
	ID     store.EventID `json:"id"`
	Head   store.EventID `json:"head"`
	Events []store.Event `json:"events,omitempty"`
}

// Instance is the server a session is with.
type Instance struct {
	ID        string `json:"id"`
	Household string `json:"household"`
	Version   string `json:"version"`
	Demo      bool   `json:"demo,omitzero"`
}

// Session is what a client may know of its own session.
type Session struct {
	ID          store.SessionID `json:"id"`
	Kind        string          `json:"kind"`
	Level       int             `json:"level"`
	User        store.Entity    `json:"user"`
	Device      string          `json:"device"`
	Instance    Instance        `json:"instance"`
	AccessRev   uint64          `json:"accessRev"`
	ExpiresInMs int64           `json:"expiresInMs"`
	Notices     []string        `json:"notices,omitempty"`
}

// Device is one of a user's device sessions.
type Device struct {
	ID            store.SessionID `json:"id"`
	Name          string          `json:"name"`
	Platform      string          `json:"platform,omitempty"`
	Kind          string          `json:"kind"`
	FirstVisitAt  store.Timestamp `json:"firstVisitAt"`
	LatestVisitAt store.Timestamp `json:"latestVisitAt"`
	Current       bool            `json:"current"`
}

// Method is a sign-in method that is on.
type Method struct {
	Name  string     `json:"name"`
	Users []DemoUser `json:"users,omitempty"`
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
	Methods   []Method `json:"methods"`
	Encrypted bool     `json:"encrypted"`
}

// Login is the body of every sign-in; a method reads what it needs.
type Login struct {
	Name      string `json:"name,omitempty"`
	Password  string `json:"password,omitempty"`
	Code      string `json:"code,omitempty"`
	Household string `json:"household,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Device    string `json:"device,omitempty"`
	Platform  string `json:"platform,omitempty"`
}

// SignedIn answers a sign-in. Value is empty for browsers, which get a cookie.
type SignedIn struct {
	Session Session `json:"session"`
	Value   string  `json:"value,omitempty"`
}

// AccountPatch changes the password.
type AccountPatch struct {
	OldPassword string `json:"oldPassword,omitempty"`
	NewPassword string `json:"newPassword"`
}

// Reset and Bye are frames of the stream.
type (
	Reset struct {
		Reason string `json:"reason"`
	}
	Bye struct {
		Code    string `json:"code"`
		RetryMs int    `json:"retryMs"`
	}
)

// Version answers GET /api/version.
type Version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Protocol int    `json:"protocol"`
}

// Health answers GET /api/health and /api/ready.
type Health struct {
	Status string `json:"status"`
}
