package proof

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// typ keeps a proof from being taken for a token of another kind, and the
// other way round (RFC 8725 §3.11).
const typ = "inglenook-proof"

// Signer signs proofs with a device key. It may be used concurrently.
type Signer struct {
	key      Key
	ordinary jose.Signer
	register jose.Signer // puts the public key into the header
}

// NewEd25519 returns the signer of the key with a seed of 32 bytes.
func NewEd25519(seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("device key: a seed has %d bytes, not %d", ed25519.SeedSize, len(seed))
	}
	private := ed25519.NewKeyFromSeed(seed)
	return newSigner(private.Public(), jose.SigningKey{Algorithm: jose.EdDSA, Key: private})
}

// NewES256 returns the signer of a key on P-256, the kind that browsers have.
func NewES256(private *ecdsa.PrivateKey) (*Signer, error) {
	return newSigner(private.Public(), jose.SigningKey{Algorithm: jose.ES256, Key: private})
}

func newSigner(public any, private jose.SigningKey) (*Signer, error) {
	key, err := publicKey(public)
	if err != nil {
		return nil, err
	}
	s := &Signer{key: key}
	header := (&jose.SignerOptions{}).WithType(typ).WithHeader("kid", key.thumbprint)
	if s.ordinary, err = jose.NewSigner(private, header); err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	header = (&jose.SignerOptions{}).WithType(typ).WithHeader("kid", key.thumbprint).WithHeader("jwk", jsontext.Value(key.jwk))
	if s.register, err = jose.NewSigner(private, header); err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	return s, nil
}

// Key is the public half.
func (s *Signer) Key() Key { return s.key }

// Sign returns the proof of some claims. With register the public key is in
// it: at a sign-in, and when a new key takes the place of a lost one.
func (s *Signer) Sign(c Claims, register bool) (string, error) {
	signer := s.ordinary
	if register {
		signer = s.register
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("sign a proof: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign a proof: %w", err)
	}
	return signed.CompactSerialize()
}
