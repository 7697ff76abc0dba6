package client

import (
	"net/http"
	"sync"

	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
)

// Keeper is where the values of a session lie, so that a crash loses none. It is
// called before anything depends on what it was told.
type Keeper interface {
	// Received stores a value that the server has handed out and nobody has used
	// yet, beside the present one.
	Received(value string) error
	// Used says that a value was accepted: the ones before it are of no use.
	Used(value string) error
}

// Credentials are what a session goes on with.
type Credentials struct {
	Value  string        // v1.…; empty before signing in
	Next   string        // received and perhaps never used; tried first
	Signer *proof.Signer // of the device key; nil on a session without one
	// KeyLost says that the session has a key which is not here any more: all it
	// is good for is Rebind.
	KeyLost bool
	// Instance is the server's, which a proof is for.
	Instance string
	// Keep stores the values; nil keeps them in memory.
	Keep Keeper
}

// credentials move a session along: one renewal at a time, shared by all
// requests.
type credentials struct {
	mu sync.Mutex
	Credentials
	access string // the access token, "" when a renewal must come first
	nonce  string // the newest one, not yet used
	due    bool   // the server asks for a proof to rotate
}

// token is the access token of now, "" before the first renewal.
func (c *credentials) token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.access
}

// prove signs a request with the newest nonce, where there are a key and a
// nonce. shown is the bearer that goes with it.
func (c *credentials) prove(req *http.Request, shown string) error {
	if c.Signer == nil || c.nonce == "" {
		return nil
	}
	signed, err := c.Signer.Sign(proof.Claims{
		Method: req.Method, Path: req.URL.Path, Audience: c.Instance, Nonce: c.nonce, ValueHash: proof.ValueHash(shown),
	}, false)
	if err != nil {
		return err
	}
	c.nonce = ""
	req.Header.Set(api.HeaderProof, signed)
	return nil
}

// shown is the value to go on with.
func (c *credentials) shown() string {
	if c.Next != "" {
		return c.Next
	}
	return c.Value
}

// accepted notes that the server knows the value that was shown, and received
// that it has handed out the next one: both are stored before they count.
func (c *credentials) accepted() error {
	shown := c.shown()
	if c.Next != "" && c.Keep != nil {
		if err := c.Keep.Used(shown); err != nil {
			return err
		}
	}
	c.Value, c.Next = shown, ""
	return nil
}

func (c *credentials) received(value string) error {
	if c.Keep != nil {
		if err := c.Keep.Received(value); err != nil {
			return err
		}
	}
	c.Next = value
	return nil
}

// note keeps the nonce of an answer.
func (c *credentials) note(resp *http.Response) {
	if nonce := resp.Header.Get(api.HeaderNonce); nonce != "" {
		c.nonce = nonce
	}
}
