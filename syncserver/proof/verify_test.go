package proof_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/proof"
)

func TestSignersProofsAreGood(t *testing.T) {
	f := newForger(t)
	ed, err := proof.NewEd25519(f.edPrivate.Seed())
	if err != nil {
		t.Fatal(err)
	}
	ec, err := proof.NewES256(f.ecPrivate)
	if err != nil {
		t.Fatal(err)
	}
	for _, signer := range []*proof.Signer{ed, ec} {
		c := proof.Claims{
			Method: "POST", Path: "/api/auth/refresh", Audience: "instance-1", Nonce: "n", ValueHash: proof.ValueHash("v"),
		}
		for _, register := range []bool{false, true} {
			jws, err := signer.Sign(c, register)
			if err != nil {
				t.Fatal(err)
			}
			key := signer.Key()
			if register {
				key = proof.Key{}
			}
			got := proof.Verify(jws, key, want("v"))
			if !got.Good || got.Nonce != "n" || got.Key.Thumbprint() != signer.Key().Thumbprint() {
				t.Errorf("%s, register %v: %+v", signer.Key().Alg(), register, got)
			}
			if proof.Verify(jws, key, want("another value")).Good {
				t.Errorf("%s, register %v: good for another value", signer.Key().Alg(), register)
			}
		}
	}
	if _, err := proof.NewEd25519(make([]byte, 31)); err == nil {
		t.Error("a seed may be too short")
	}
}

// The hash of the value may be missing where the page cannot know it, and only
// there; a wrong one is wrong everywhere.
func TestValueHashInACookie(t *testing.T) {
	f := newForger(t)
	none, right := f.sign(f.header(nil), claims(members{"ath": ""})), f.sign(f.header(nil), claims(nil))
	for _, c := range []struct {
		jws, value string
		cookie     bool
		good       bool
	}{
		{none, "v", true, true},
		{none, "v", false, false},
		{none, "", false, true}, // a sign-in shows no value
		{right, "v", true, true},
		{right, "v", false, true},
		{right, "w", true, false},
		{right, "", true, false},
	} {
		w := want(c.value)
		w.Cookie = c.cookie
		if got := proof.Verify(c.jws, f.ed, w); got.Good != c.good {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestBadProofs(t *testing.T) {
	f, other := newForger(t), newForger(t)
	good := f.sign(f.header(nil), claims(nil))
	goodEC := f.signES256(f.header(members{"alg": "ES256", "kid": f.ec.Thumbprint()}), claims(nil), raw)
	register := f.sign(f.header(members{"jwk": f.edJWK()}), claims(nil))
	for name, c := range map[string]struct {
		jws string
		key proof.Key
	}{
		"Ed25519": {good, f.ed}, "ES256": {goodEC, f.ec}, "register": {register, proof.Key{}},
	} {
		if !proof.Verify(c.jws, c.key, want("v")).Good {
			t.Fatalf("%s is bad unchanged: the table below would prove nothing", name)
		}
	}
	parts := strings.Split(good, ".")
	header := func(changes members) string { return f.sign(f.header(changes), claims(nil)) }
	payload := func(changes members) string { return f.sign(f.header(nil), claims(changes)) }
	es256 := f.header(members{"alg": "ES256", "kid": f.ec.Thumbprint()})
	hs256 := func() string {
		signed := part(f.header(members{"alg": "HS256"})) + "." + parts[1]
		mac := hmac.New(sha256.New, f.edPrivate[32:])
		mac.Write([]byte(signed))
		return signed + "." + b64(mac.Sum(nil))
	}()
	der := func(r, s *big.Int) []byte {
		out, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	flipped := []byte(good)
	flipped[len(flipped)-10] ^= 1

	table := []struct {
		name string
		jws  string
		key  proof.Key
	}{
		{"nothing", "", f.ed},
		{"dots", "..", f.ed},
		{"two parts", parts[0] + "." + parts[1], f.ed},
		{"four parts", good + "." + parts[2], f.ed},
		{"JSON serialization", `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`, f.ed},
		{"detached payload", parts[0] + ".." + parts[2], f.ed},
		{"no signature", parts[0] + "." + parts[1] + ".", f.ed},
		{"white space before", " " + good, f.ed},
		{"a line end inside", parts[0] + "\n." + parts[1] + "." + parts[2], f.ed},
		{"a line end in the signature", parts[0] + "." + parts[1] + "." + parts[2][:40] + "\n" + parts[2][40:], f.ed},
		{"padding", good + "==", f.ed},
		{"another spelling of the signature", good[:len(good)-1] + otherSpelling(t, good[len(good)-1]), f.ed},
		{"not base64url", parts[0] + ".+/+/." + parts[2], f.ed},
		{"a wrong signature", string(flipped), f.ed},
		{"the signature of another proof", parts[0] + "." + parts[1] + "." + strings.Split(payload(members{"nonce": "m"}), ".")[2], f.ed},
		{"more than 4 KiB", payload(members{"nonce": strings.Repeat("n", 4<<10)}), f.ed},

		{"no typ", header(members{"typ": nil}), f.ed},
		{"typ of a DPoP proof", header(members{"typ": "dpop+jwt"}), f.ed},
		{"typ in capitals", header(members{"typ": "INGLENOOK-PROOF"}), f.ed},
		{"no alg", header(members{"alg": nil}), f.ed},
		{"alg none", header(members{"alg": "none"}), f.ed},
		{"alg none, no signature", part(f.header(members{"alg": "none"})) + "." + parts[1] + ".", f.ed},
		{"alg of the other kind of key", header(members{"alg": "ES256"}), f.ed},
		{"alg by its new name", header(members{"alg": "Ed25519"}), f.ed},
		{"HMAC keyed with the public key", hs256, f.ed},
		{"no kid", header(members{"kid": nil}), f.ed},
		{"kid of another key", header(members{"kid": other.ed.Thumbprint()}), f.ed},
		{"kid is a number", header(members{"kid": 1}), f.ed},
		{"jku", header(members{"jku": "https://x/keys"}), f.ed},
		{"x5u", header(members{"x5u": "https://x/keys"}), f.ed},
		{"x5c", header(members{"x5c": []string{"MA=="}}), f.ed},
		{"crit", header(members{"crit": []string{"exp"}}), f.ed},
		{"b64", header(members{"b64": false}), f.ed},
		{"b64 with crit", header(members{"b64": true, "crit": []string{"b64"}}), f.ed},
		{"zip", header(members{"zip": "DEF"}), f.ed},
		{"nonce in the header", header(members{"nonce": "n"}), f.ed},
		{"a name twice", f.sign(`{"typ":"inglenook-proof","alg":"none","alg":"EdDSA","kid":"`+f.ed.Thumbprint()+`"}`, claims(nil)), f.ed},
		{"names in capitals", f.sign(`{"TYP":"inglenook-proof","alg":"EdDSA","kid":"`+f.ed.Thumbprint()+`"}`, claims(nil)), f.ed},
		{"header is a list", f.sign("[]", claims(nil)), f.ed},
		{"something behind the header", f.sign(`{"typ":"inglenook-proof","alg":"EdDSA","kid":"`+f.ed.Thumbprint()+`"}{}`, claims(nil)), f.ed},

		{"another method", payload(members{"htm": "GET"}), f.ed},
		{"another path", payload(members{"path": "/api/auth/recover"}), f.ed},
		{"path with a query", payload(members{"path": "/api/auth/refresh?"}), f.ed},
		{"another audience", payload(members{"aud": "instance-2"}), f.ed},
		{"audiences", payload(members{"aud": []string{"instance-1"}}), f.ed},
		{"no nonce", payload(members{"nonce": nil}), f.ed},
		{"empty nonce", payload(members{"nonce": ""}), f.ed},
		{"another value", payload(members{"ath": proof.ValueHash("w")}), f.ed},
		{"the value itself", payload(members{"ath": "v"}), f.ed},
		{"no hash of the value", payload(members{"ath": nil}), f.ed},
		{"a claim more", payload(members{"iat": 1}), f.ed},
		{"claims are not JSON", f.sign(f.header(nil), "htm=POST"), f.ed},
		{"claims are not UTF-8", f.sign(f.header(nil), "{\"htm\":\"\xff\"}"), f.ed},

		{"signed by another key", other.sign(f.header(nil), claims(nil)), f.ed},
		{"another key is registered", good, other.ed},
		{"a key of the other kind is registered", good, f.ec},
		{"brings a key where one is registered", register, f.ed},
		{"brings another key where one is registered", f.sign(f.header(members{"jwk": other.edJWK()}), claims(nil)), f.ed},
		{"brings no key to register", good, proof.Key{}},
		{"brings a key of null", f.sign(f.header(members{"jwk": []byte(nil)}), claims(nil)), proof.Key{}},
		{"brings a key that did not sign", other.sign(f.header(members{"jwk": f.edJWK()}), claims(nil)), proof.Key{}},
		{"brings a key that kid does not name", header(members{"jwk": other.edJWK()}), proof.Key{}},
		{"brings its private key", header(members{"jwk": changed(f.edJWK(), members{"d": b64(f.edPrivate.Seed())})}), proof.Key{}},
		{"brings a symmetric key", header(members{"jwk": members{"kty": "oct", "k": "AA"}}), proof.Key{}},

		{"ES256 as DER", f.signES256(es256, claims(nil), der), f.ec},
		{"ES256 of zeros", f.signES256(es256, claims(nil), func(_, _ *big.Int) []byte { return make([]byte, 64) }), f.ec},
		{"ES256 cut", f.signES256(es256, claims(nil), func(r, s *big.Int) []byte { return raw(r, s)[:63] }), f.ec},
		{"ES256 longer", f.signES256(es256, claims(nil), func(r, s *big.Int) []byte { return append(raw(r, s), 0) }), f.ec},
		{"ES256 with s first", f.signES256(es256, claims(nil), func(r, s *big.Int) []byte { return raw(s, r) }), f.ec},
	}
	for _, c := range table {
		if got := proof.Verify(c.jws, c.key, want("v")); got.Good || got.Nonce != "" || !got.Key.IsZero() {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// otherSpelling returns another last character that the same bytes decode
// from, when nobody looks at the bits left over.
func otherSpelling(t *testing.T, last byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(alphabet, last)
	if i%16 != 0 {
		t.Fatalf("64 bytes do not end in %q", last)
	}
	return alphabet[i+1 : i+2]
}

func TestKeysThatAreRefused(t *testing.T) {
	f := newForger(t)
	ec := func(changes members) string { return string(must(changed(f.ecJWK(), changes))) }
	ed := func(changes members) string { return string(must(changed(f.edJWK(), changes))) }
	notOnCurve := bytes.Repeat([]byte{1}, 32)
	for name, jwk := range map[string]string{
		"nothing":             "",
		"null":                "null",
		"a list":              "[]",
		"no members":          "{}",
		"private EC":          ec(members{"d": b64(notOnCurve)}),
		"private Ed25519":     ed(members{"d": b64(f.edPrivate.Seed())}),
		"RSA":                 `{"kty":"RSA","n":"AQAB","e":"AQAB"}`,
		"symmetric":           `{"kty":"oct","k":"AAAA"}`,
		"P-384":               ec(members{"crv": "P-384"}),
		"X25519":              ed(members{"crv": "X25519"}),
		"Ed25519 as EC":       ed(members{"kty": "EC"}),
		"P-256 as OKP":        ec(members{"kty": "OKP"}),
		"Ed25519 with y":      ed(members{"y": b64(notOnCurve)}),
		"P-256 without y":     ec(members{"y": nil}),
		"not on the curve":    ec(members{"x": b64(notOnCurve), "y": b64(notOnCurve)}),
		"infinity":            ec(members{"x": b64(make([]byte, 32)), "y": b64(make([]byte, 32))}),
		"x too short":         ed(members{"x": b64(make([]byte, 31))}),
		"x too long":          ed(members{"x": b64(make([]byte, 33))}),
		"x with padding":      ed(members{"x": b64(f.edPrivate[32:]) + "="}),
		"x with a line end":   ed(members{"x": b64(f.edPrivate[32:]) + "\n"}),
		"x by another number": ed(members{"x": 1}),
		"certificates":        ec(members{"x5u": "https://x"}),
		"a name twice":        strings.Replace(ed(nil), "{", `{"kty":"EC",`, 1),
		"more than 4 KiB":     ed(members{"kid": strings.Repeat("k", 4<<10)}),
	} {
		key, err := proof.ParseKey([]byte(jwk))
		var e *store.Error
		if !as(err, &e) || e.Code != store.CodeInvalid || e.Field != "proof" || !key.IsZero() {
			t.Errorf("%s: %v, %v", name, key.Alg(), err)
		}
	}
}

// The RFC's own example, so that both sides of our tests cannot agree on a
// wrong thumbprint.
func TestThumbprintOfRFC8037(t *testing.T) {
	key, err := proof.ParseKey([]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil || key.Thumbprint() != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("%s, %v", key.Thumbprint(), err)
	}
}

// Whatever comes in is judged, and only what is signed with the key is good.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Proof)
	}
	forged := newForger(f)
	f.Add(forged.sign(forged.header(members{"crit": []string{"b64"}, "b64": false}), claims(nil)))
	f.Add(forged.sign(forged.header(members{"jwk": forged.edJWK()}), claims(nil)))
	key := proofKey(f)
	f.Fuzz(func(t *testing.T, jws string) {
		if got := proof.Verify(jws, key, want("v")); got.Good {
			t.Fatalf("forged without the key: %q", jws)
		}
		got := proof.Verify(jws, proof.Key{}, want("v"))
		if got.Good != (got.Nonce != "") || got.Good == got.Key.IsZero() {
			t.Fatalf("half a result: %+v", got)
		}
	})
}

// proofKey is a key that signs nothing.
func proofKey(tb testing.TB) proof.Key {
	public, _ := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey)
	return parse(tb, members{"kty": "OKP", "crv": "Ed25519", "x": b64(public)})
}

func BenchmarkVerify(b *testing.B) {
	for _, v := range vectors(b) {
		if v.Register || v.Value == "" {
			continue
		}
		key, err := proof.ParseKey(v.JWK)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(v.Alg, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !proof.Verify(v.Proof, key, want(v.Value)).Good {
					b.Fatal("bad")
				}
			}
		})
	}
}
