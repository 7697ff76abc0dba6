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

	HeaderSession = "Inglenook-Session" // of a browser: which of its sessions; of an answer: rotated or rotate-due
	HeaderValue   = "Inglenook-Value"   // of an answer to a program: the session's next value
	HeaderNonce   = "Inglenook-Nonce"   // of an answer: to be proven with
	HeaderProof   = "Inglenook-Proof"   // of a request: that it comes from the device
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
