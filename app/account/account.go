// Package account keeps the accounts of the people who use this device: with
// which server, as whom, and the secrets that prove it.
//
// # What lies where
//
// Secrets lie in the system's keyring, one item a session. All else is in
// accounts.json in the data folder, which only its owner can read. Where no
// keyring answers, the secrets are in that file too; when one answers later they
// move there. An account's secrets are in one place at a time as far as loading
// is concerned: those in the file, when there are any, else those in the keyring.
//
// # The two phases of a new value
//
// A server hands out the successor of a value long before it is sure that we
// have it, so a device may crash on either side of that:
//
//  1. Received puts the successor beside the current value, and Save makes both
//     durable. Only then may the successor be used.
//  2. The first request that succeeds with it makes it the current one: Used,
//     and Save again.
//
// A crash between the two leaves both, and Values gives the order to try them
// in: the successor first, then the current one. The other order would be
// wrong: the current one may be good for seconds yet, and then has ended.
//
// When Save fails, the successor is not durable. A session with a device key may
// use it all the same, as after a crash the key proves that the device is the
// one; a session without a key must not.
package account

import (
	"bytes"
	"strconv"
	"strings"

	"inglenook/syncserver/api"
)

// Account is one session of this device.
type Account struct {
	URL     string
	Session api.Session // as last heard, for when the server is not reached
	Folder  string      // of the person's store, in the data folder; "" is that of the first one
	Waiting int         // writes that had not been sent when the person was last active

	Seed  []byte // of the device key, 32 bytes for Ed25519; nil when the session has no key
	Value string // current bearer value
	Next  string // its successor, received and not yet used; "" when there is none
}

// Values are the bearer values to try, in this order.
func (a Account) Values() (values []string) {
	for _, v := range []string{a.Next, a.Value} {
		if v != "" {
			values = append(values, v)
		}
	}
	return values
}

// Received is the account after an answer brought a successor. A late answer
// may bring one that has been overtaken: it changes nothing.
func (a Account) Received(next string) Account {
	if next == "" || !newer(next, a.Value) || !newer(next, a.Next) {
		return a
	}
	a.Next = next
	return a
}

// Used is the account after a request with a value succeeded. One that was sent
// before the successor came changes nothing.
func (a Account) Used(value string) Account {
	if value != "" && value == a.Next {
		a.Value, a.Next = value, ""
	}
	return a
}

// newer tells whether a value is of a later generation than another one; values
// of another form, or of another session, are newer when they are not the same.
func newer(value, than string) bool {
	session, generation, ok := parse(value)
	otherSession, otherGeneration, otherOK := parse(than)
	if !ok || !otherOK || session != otherSession {
		return value != than
	}
	return generation > otherGeneration
}

// parse takes v1.<session>.<generation>.<secret> apart.
func parse(value string) (session string, generation uint64, ok bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 4 || parts[0] != "v1" {
		return "", 0, false
	}
	generation, err := strconv.ParseUint(parts[2], 10, 64)
	return parts[1], generation, err == nil
}

// secrets are the part of an account that is worth stealing.
type secrets struct {
	Seed  []byte `json:"seed,omitempty"`
	Value string `json:"value"`
	Next  string `json:"next,omitempty"`
}

func (s secrets) equal(other secrets) bool {
	return bytes.Equal(s.Seed, other.Seed) && s.Value == other.Value && s.Next == other.Next
}

// secrets are those of the account, with a seed of their own.
func (a Account) secrets() secrets {
	return secrets{Seed: bytes.Clone(a.Seed), Value: a.Value, Next: a.Next}
}

func (a Account) with(s secrets) Account {
	a.Seed, a.Value, a.Next = bytes.Clone(s.Seed), s.Value, s.Next
	return a
}
