package proof_test

import (
	"bytes"
	"os"
	"testing"

	"inglenook/syncserver/proof"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// vector is one proof made by testdata/vectors.mjs with WebCrypto.
type vector struct {
	Alg        string         `json:"alg"`
	JWK        jsontext.Value `json:"jwk"`
	Thumbprint string         `json:"thumbprint"`
	Value      string         `json:"value"`
	Register   bool           `json:"register"`
	Nonce      string         `json:"nonce"`
	Proof      string         `json:"proof"`
}

func vectors(tb testing.TB) (all []vector) {
	tb.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil || len(all) != 8 {
		tb.Fatalf("%d vectors, %v", len(all), err)
	}
	return all
}

// want is what the vectors are made for.
func want(value string) proof.Want {
	return proof.Want{Method: "POST", Path: "/api/auth/refresh", Audience: "instance-1", ValueHash: proof.ValueHash(value)}
}

func TestWebCryptoVectors(t *testing.T) {
	for _, v := range vectors(t) {
		key, err := proof.ParseKey(v.JWK)
		if err != nil || key.Alg() != v.Alg || key.Thumbprint() != v.Thumbprint {
			t.Fatalf("the key is read as %s %s, %v; want %s %s", key.Alg(), key.Thumbprint(), err, v.Alg, v.Thumbprint)
		}
		registered := key
		if v.Register {
			registered = proof.Key{}
		}
		got := proof.Verify(v.Proof, registered, want(v.Value))
		if !got.Good || got.Nonce != v.Nonce || got.Key.Thumbprint() != v.Thumbprint {
			t.Errorf("%s, value %q, register %v: %+v", v.Alg, v.Value, v.Register, got)
		}
		if !v.Register && proof.Verify(v.Proof, proof.Key{}, want(v.Value)).Good {
			t.Errorf("%s: registers without a key", v.Alg)
		}
		if v.Register && proof.Verify(v.Proof, key, want(v.Value)).Good {
			t.Errorf("%s: brings a key of its own to a session that has one", v.Alg)
		}
	}
}

func TestKeyIsStoredAndReadAgain(t *testing.T) {
	for _, v := range vectors(t) {
		key, err := proof.ParseKey(v.JWK)
		if err != nil {
			t.Fatal(err)
		}
		type record struct {
			Key proof.Key `json:"key,omitzero"`
		}
		raw, err := json.Marshal(record{key})
		if err != nil {
			t.Fatal(err)
		}
		var again record
		if err := json.Unmarshal(raw, &again); err != nil || again.Key.Thumbprint() != v.Thumbprint {
			t.Fatalf("%s became %+v, %v", raw, again, err)
		}
		if bytes.Contains(raw, []byte("key_ops")) {
			t.Errorf("what WebCrypto adds is stored: %s", raw)
		}
		if got := proof.Verify(v.Proof, again.Key, want(v.Value)); got.Good == v.Register {
			t.Errorf("%s: the key that was stored verifies otherwise", v.Alg)
		}
		if raw, err := json.Marshal(record{}); err != nil || string(raw) != "{}" {
			t.Errorf("no key is written as %s, %v", raw, err)
		}
	}
}
