package proof

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"

	"inglenook/store"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The algorithms a device key signs with.
const (
	ES256 = "ES256" // ECDSA over P-256 with SHA-256: what browsers keep non-extractable
	EdDSA = "EdDSA" // Ed25519
)

// Key is the public half of a device key. The zero Key is none. In JSON it is
// its JWK, in the form RFC 7638 §3 hashes: the same key is the same bytes.
type Key struct {
	_          [0]func() // not comparable: == on a key of Ed25519 would panic
	alg        string
	public     crypto.PublicKey
	jwk        string
	thumbprint string
}

// jwk are the members of a public key (RFC 7517 §4, RFC 8037 §2). The second
// group is what WebCrypto exports beside them; it says nothing that counts here.
// A member that is not listed is refused, and with it "d", the private half: a
// client that sends it has lost its key to whoever reads along.
type jwk struct {
	Curve string `json:"crv"`
	Type  string `json:"kty"`
	X     string `json:"x"`
	Y     string `json:"y,omitempty"`

	Alg         jsontext.Value `json:"alg,omitempty"`
	Extractable jsontext.Value `json:"ext,omitempty"`
	Operations  jsontext.Value `json:"key_ops,omitempty"`
	Use         jsontext.Value `json:"use,omitempty"`
	ID          jsontext.Value `json:"kid,omitempty"`
}

// ParseKey reads a public key from its JWK: ES256 on P-256, or Ed25519.
//
// Errors: store.CodeInvalid with the field "proof" for everything else.
func ParseKey(raw []byte) (Key, error) {
	var j jwk
	if len(raw) > maxSize || store.DecodeStrict(raw, &j) != nil {
		return Key{}, invalidKey("is not a public key as JWK")
	}
	x, okX := coordinate(j.X)
	y, okY := coordinate(j.Y)
	switch {
	case j.Type == "EC" && j.Curve == "P-256" && okX && okY:
		point := append(append([]byte{4}, x...), y...) // SEC 1 §2.3.3: uncompressed
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return Key{}, invalidKey("is not a point of the curve P-256")
		}
		return newKey(ES256, public, jwk{Type: j.Type, Curve: j.Curve, X: j.X, Y: j.Y})
	case j.Type == "OKP" && j.Curve == "Ed25519" && okX && j.Y == "":
		return newKey(EdDSA, ed25519.PublicKey(x), jwk{Type: j.Type, Curve: j.Curve, X: j.X})
	}
	return Key{}, invalidKey("a device key is on the curve P-256 or Ed25519")
}

func invalidKey(message string) error {
	return store.Errorf(store.CodeInvalid, "proof", "%s", message)
}

// coordinate reads 32 bytes as base64url, in the one form that writes them.
func coordinate(s string) ([]byte, bool) {
	b, ok := decode(s)
	return b, ok && len(b) == 32
}

// publicKey returns the Key of a public key in memory.
func publicKey(public crypto.PublicKey) (Key, error) {
	raw, err := jose.JSONWebKey{Key: public}.MarshalJSON()
	if err != nil {
		return Key{}, invalidKey("a device key is on the curve P-256 or Ed25519")
	}
	return ParseKey(raw)
}

func newKey(alg string, public crypto.PublicKey, j jwk) (Key, error) {
	raw, err := json.Marshal(j) // the members are in the order of RFC 7638 §3
	if err != nil {
		return Key{}, err
	}
	sum := sha256.Sum256(raw)
	return Key{alg: alg, public: public, jwk: string(raw), thumbprint: base64.RawURLEncoding.EncodeToString(sum[:])}, nil
}

// Alg is ES256 or EdDSA, "" for the zero Key.
func (k Key) Alg() string { return k.alg }

// Thumbprint names the key: SHA-256 over its JWK (RFC 7638), base64url.
func (k Key) Thumbprint() string { return k.thumbprint }

// IsZero tells whether there is no key.
func (k Key) IsZero() bool { return k.public == nil }

// MarshalJSON writes the JWK; null for the zero Key.
func (k Key) MarshalJSON() ([]byte, error) {
	if k.IsZero() {
		return []byte("null"), nil
	}
	return []byte(k.jwk), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. Errors: those of ParseKey.
func (k *Key) UnmarshalJSON(raw []byte) (err error) {
	if bytes.Equal(raw, []byte("null")) {
		*k = Key{}
		return nil
	}
	*k, err = ParseKey(raw)
	return err
}
