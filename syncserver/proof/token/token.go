// Package token makes and reads the access tokens of programs: JWTs (RFC 9068)
// signed with EdDSA that name a session and what it was when they were issued.
// A token is short-lived and rotates nothing; whether its session still is as
// it says, the session decides.
package token

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// maxSize is the most bytes a token has. One has about 350.
const maxSize = 2 << 10

// Access is what a token says of a session.
type Access struct {
	UserID     store.ID // 0 while the session has no account
	SessionID  store.SessionID
	Generation uint64 // of the session's value
	AccessRev  uint64 // of what the user may do
	DataSum    string // checksum of the session's data
	Device     string // fingerprint of the session: a restored server may give its id again
}

// claims are an Access on the wire. Times are in seconds (RFC 7519 §2).
type claims struct {
	Subject    string          `json:"sub,omitempty"`
	SessionID  store.SessionID `json:"sid"`
	Generation uint64          `json:"gen"`
	AccessRev  uint64          `json:"accessRev"`
	DataSum    string          `json:"dsum"`
	Device     string          `json:"dev"`
	Audience   string          `json:"aud"`
	IssuedAt   int64           `json:"iat"`
	ExpiresAt  int64           `json:"exp"`
}

// Tokens issues and opens the tokens of one instance. It may be used
// concurrently.
type Tokens struct {
	key      ed25519.PrivateKey
	public   ed25519.PublicKey
	audience string
	life     time.Duration
	now      func() time.Time
	opened   opened
}

// New returns the tokens of an instance, which is their audience. The seed, 32
// bytes, lies beside the store and never inside; life is in whole seconds.
func New(seed []byte, audience string, life time.Duration, now func() time.Time) (*Tokens, error) {
	switch {
	case len(seed) != ed25519.SeedSize:
		return nil, fmt.Errorf("token key: a seed has %d bytes, not %d", ed25519.SeedSize, len(seed))
	case audience == "":
		return nil, fmt.Errorf("token key: no audience")
	case life < time.Second || life%time.Second != 0:
		return nil, fmt.Errorf("token key: a life of %v is not in whole seconds", life)
	}
	key := ed25519.NewKeyFromSeed(seed)
	public, _ := key.Public().(ed25519.PublicKey)
	return &Tokens{key: key, public: public, audience: audience, life: life, now: now}, nil
}

// Life is how long a token is good.
func (t *Tokens) Life() time.Duration { return t.life }

// Issue returns a token.
func (t *Tokens) Issue(a Access) string {
	now := t.now().Unix()
	subject := ""
	if a.UserID != 0 {
		subject = a.UserID.String()
	}
	payload, err := json.Marshal(claims{
		Subject: subject, SessionID: a.SessionID, Generation: a.Generation, AccessRev: a.AccessRev,
		DataSum: a.DataSum, Device: a.Device, Audience: t.audience, IssuedAt: now, ExpiresAt: now + int64(t.life/time.Second),
	})
	if err != nil {
		// Numbers, and texts of our own making.
		panic(fmt.Sprintf("issue a token: %v", err))
	}
	signed := head + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(t.key, []byte(signed)))
}

// head is the only header there is, {"alg":"EdDSA","typ":"at+jwt"}, and the dot
// behind it. Who issues and who opens are the same program, so a header is
// compared and never parsed: no algorithm, key or type of the sender's choosing
// can be confused with ours (RFC 8725 §3.1, §3.11).
const head = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9."

// Open returns what a token says.
//
// Errors: store.CodeTokenExpired for one of ours whose time is over,
// store.CodeSessionInvalid for everything else.
func (t *Tokens) Open(token string) (Access, error) {
	if len(token) > maxSize {
		return Access{}, invalid()
	}
	c, ok := t.opened.get(token)
	if !ok {
		if c, ok = t.verify(token); !ok {
			return Access{}, invalid()
		}
		t.opened.put(token, c)
	}
	if t.now().Unix() >= c.expiresAt {
		return Access{}, store.Errorf(store.CodeTokenExpired, "", "this access token has expired: refresh it")
	}
	return c.access, nil
}

func invalid() error {
	return store.Errorf(store.CodeSessionInvalid, "", "this access token is not known here")
}

// verify reads a token whatever its age.
func (t *Tokens) verify(token string) (content, bool) {
	rest, ok := strings.CutPrefix(token, head)
	encoded, encodedSignature, found := strings.Cut(rest, ".")
	if !ok || !found {
		return content{}, false
	}
	// Strict, so that no two strings are the same token; the length is compared
	// because the decoder steps over line ends.
	signature, err := base64.RawURLEncoding.Strict().DecodeString(encodedSignature)
	if err != nil || len(encodedSignature) != base64.RawURLEncoding.EncodedLen(ed25519.SignatureSize) ||
		len(signature) != ed25519.SignatureSize {
		return content{}, false
	}
	if !ed25519.Verify(t.public, []byte(token[:len(head)+len(encoded)]), signature) {
		return content{}, false
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return content{}, false
	}
	var c claims
	if store.DecodeStrict(payload, &c) != nil || c.Audience != t.audience {
		return content{}, false
	}
	a := Access{SessionID: c.SessionID, Generation: c.Generation, AccessRev: c.AccessRev, DataSum: c.DataSum, Device: c.Device}
	if c.Subject != "" {
		if a.UserID, err = store.ParseID(c.Subject); err != nil {
			return content{}, false
		}
	}
	return content{access: a, expiresAt: c.ExpiresAt}, true
}
