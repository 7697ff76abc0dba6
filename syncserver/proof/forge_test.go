package proof_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/big"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/proof"

	"github.com/go-json-experiment/json"
)

// forger makes compact JWS of whatever header and payload, with nothing of the
// package under test.
type forger struct {
	ed proof.Key
	ec proof.Key

	edPrivate ed25519.PrivateKey
	ecPrivate *ecdsa.PrivateKey
}

type members = map[string]any

func newForger(tb testing.TB) *forger {
	tb.Helper()
	_, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	ecPrivate, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	f := &forger{edPrivate: edPrivate, ecPrivate: ecPrivate}
	f.ed, f.ec = parse(tb, f.edJWK()), parse(tb, f.ecJWK())
	return f
}

func (f *forger) edJWK() members {
	return members{"kty": "OKP", "crv": "Ed25519", "x": b64(f.edPrivate[32:])}
}

func (f *forger) ecJWK() members {
	raw, err := f.ecPrivate.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return members{"kty": "EC", "crv": "P-256", "x": b64(raw[1:33]), "y": b64(raw[33:])}
}

// header is right for the Ed25519 key; changes overwrite it, and nil removes.
func (f *forger) header(changes members) members {
	return changed(members{"typ": "inglenook-proof", "alg": "EdDSA", "kid": f.ed.Thumbprint()}, changes)
}

func claims(changes members) members {
	return changed(members{
		"htm": "POST", "path": "/api/auth/refresh", "aud": "instance-1", "nonce": "n", "ath": proof.ValueHash("v"),
	}, changes)
}

func changed(m, changes members) members {
	for name, value := range changes {
		if value == nil {
			delete(m, name)
		} else {
			m[name] = value
		}
	}
	return m
}

// sign signs with Ed25519.
func (f *forger) sign(header, payload any) string {
	signed := part(header) + "." + part(payload)
	return signed + "." + b64(ed25519.Sign(f.edPrivate, []byte(signed)))
}

// signES256 signs with P-256, r and s in 32 bytes each; shape may change them.
func (f *forger) signES256(header, payload any, shape func(r, s *big.Int) []byte) string {
	signed := part(header) + "." + part(payload)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, f.ecPrivate, sum[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + b64(shape(r, s))
}

func raw(r, s *big.Int) []byte {
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out
}

// part writes JSON; a string is taken as it is.
func part(v any) string {
	if s, ok := v.(string); ok {
		return b64([]byte(s))
	}
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b64(out)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func parse(tb testing.TB, jwk members) proof.Key {
	tb.Helper()
	raw, err := json.Marshal(jwk)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := proof.ParseKey(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func must(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}

func as(err error, target **store.Error) bool { return errors.As(err, target) }
