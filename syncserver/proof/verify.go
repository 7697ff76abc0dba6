package proof

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"inglenook/store"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
)

// maxSize is the most bytes a proof or a key has. A proof has about 500.
const maxSize = 4 << 10

// Want is what a proof must say to be of use for the request it came with.
type Want struct {
	Method   string
	Path     string // as Claims.Path
	Audience string // id of this instance
	// ValueHash is that of the value shown with the request, "" when none was.
	ValueHash string
	// Cookie says that the value came in a cookie: a proof without its hash is
	// good too, for a page cannot read it.
	Cookie bool
}

// Result is what a proof is worth.
type Result struct {
	// Good says that signature and claims are right. Whether the proof is valid
	// or stale, the nonce decides: spend it, but only when the proof is good, or
	// strangers could use up other people's.
	Good  bool
	Nonce string
	Key   Key // that signed
}

// header is the protected header, with every member it may have.
type header struct {
	Type      string         `json:"typ"`
	Algorithm string         `json:"alg"`
	KeyID     string         `json:"kid"`
	Key       jsontext.Value `json:"jwk,omitempty"`
}

// Verify judges a proof. The key is the one registered for the session, and
// the proof must not bring another; the zero Key takes the one in the header,
// for it to be registered. A bad proof gives the zero Result: what is wrong
// with it is nobody's business.
func Verify(jws string, key Key, want Want) Result {
	if len(jws) > maxSize {
		return Result{}
	}
	head, payload, ok := split(jws)
	if !ok {
		return Result{}
	}
	key, ok = signedBy(head, key)
	if !ok {
		return Result{}
	}
	var c Claims
	if store.DecodeStrict(payload, &c) != nil || !want.by(c) {
		return Result{}
	}
	// One algorithm, the key's: no alg of the sender's choosing reaches the check.
	signed, err := jose.ParseSignedCompact(jws, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(key.alg)})
	if err != nil {
		return Result{}
	}
	if _, err := signed.Verify(key.public); err != nil {
		return Result{}
	}
	return Result{Good: true, Nonce: c.Nonce, Key: key}
}

// signedBy returns the key a header claims to be signed with, when it may be.
func signedBy(head []byte, key Key) (Key, bool) {
	var h header
	if store.DecodeStrict(head, &h) != nil || h.Type != typ || key.IsZero() != (h.Key != nil) {
		return Key{}, false
	}
	if key.IsZero() {
		var err error
		if key, err = ParseKey(h.Key); err != nil {
			return Key{}, false
		}
	}
	return key, h.Algorithm == key.alg && h.KeyID == key.thumbprint
}

// by tells whether claims say what is wanted.
func (w Want) by(c Claims) bool {
	if w.Method != c.Method || w.Path != c.Path || w.Audience != c.Audience || c.Nonce == "" {
		return false
	}
	if w.Cookie && c.ValueHash == "" {
		return true
	}
	return subtle.ConstantTimeCompare([]byte(w.ValueHash), []byte(c.ValueHash)) == 1
}

// split takes the compact form apart (RFC 7515 §7.1), each part in the one form
// that writes it, so that no two strings are the same proof.
func split(jws string) (head, payload []byte, ok bool) {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return nil, nil, false
	}
	head, okHead := decode(parts[0])
	payload, okPayload := decode(parts[1])
	_, okSignature := decode(parts[2])
	return head, payload, okHead && okPayload && okSignature
}

// decode reads base64url. The decoder of the standard library steps over line
// ends; here they are wrong.
func decode(s string) ([]byte, bool) {
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return b, err == nil
}
