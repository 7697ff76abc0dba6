package token_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/proof/token"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/go-json-experiment/json"
)

const life = 10 * time.Minute

var (
	seed   = bytes.Repeat([]byte{1}, 32)
	access = token.Access{UserID: 7, SessionID: 17, Generation: 3, AccessRev: 2, DataSum: "c3Vt"}
	start  = time.Unix(1_800_000_000, 0)
)

func tokens(tb testing.TB, now func() time.Time) *token.Tokens {
	tb.Helper()
	all, err := token.New(seed, "instance-1", life, now)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func still() time.Time { return start }

func TestTokenLivesItsLife(t *testing.T) {
	now := start
	all := tokens(t, func() time.Time { return now })
	for _, a := range []token.Access{access, {SessionID: 18}} { // the second waits for its account
		issued := all.Issue(a)
		for range 3 { // opened, and remembered
			if got, err := all.Open(issued); err != nil || got != a {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		now = now.Add(life - time.Second)
		if _, err := all.Open(issued); err != nil {
			t.Errorf("a second before its end: %v", err)
		}
		now = now.Add(time.Second)
		for name, opener := range map[string]*token.Tokens{"remembered": all, "seen first": tokens(t, func() time.Time { return now })} {
			if got, err := opener.Open(issued); store.CodeOf(err) != store.CodeTokenExpired || got != (token.Access{}) {
				t.Errorf("at its end, %s: %+v, %v", name, got, err)
			}
		}
	}
}

// Another implementation reads our tokens.
func TestTokenIsAJWT(t *testing.T) {
	parsed, err := jwt.ParseSigned(tokens(t, still).Issue(access), []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	if typ := parsed.Headers[0].ExtraHeaders[jose.HeaderType]; typ != "at+jwt" {
		t.Errorf("typ %v", typ)
	}
	var standard jwt.Claims
	var own struct {
		SID       uint64 `json:"sid"`
		Gen       uint64 `json:"gen"`
		AccessRev uint64 `json:"accessRev"`
		DSum      string `json:"dsum"`
	}
	if err := parsed.Claims(ed25519.NewKeyFromSeed(seed).Public(), &standard, &own); err != nil {
		t.Fatal(err)
	}
	if err := standard.Validate(jwt.Expected{Subject: "7", AnyAudience: jwt.Audience{"instance-1"}, Time: start}); err != nil {
		t.Error(err)
	}
	if got := standard.Expiry.Time().Sub(standard.IssuedAt.Time()); got != life {
		t.Errorf("lives %v", got)
	}
	if own.SID != 17 || own.Gen != 3 || own.AccessRev != 2 || own.DSum != "c3Vt" {
		t.Errorf("%+v", own)
	}
}

// sign makes a JWS of any header and payload with the right key.
func sign(header, payload string) string {
	signed := b64(header) + "." + b64(payload)
	return signed + "." + b64(string(ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(signed))))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

const rightHeader = `{"alg":"EdDSA","typ":"at+jwt"}`

func payload(changes map[string]any) string {
	all := map[string]any{
		"sub": "7", "sid": 17, "gen": 3, "accessRev": 2, "dsum": "c3Vt", "aud": "instance-1",
		"iat": start.Unix(), "exp": start.Add(life).Unix(),
	}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func TestWhatIsNoToken(t *testing.T) {
	all := tokens(t, still)
	good := sign(rightHeader, payload(nil))
	if got, err := all.Open(good); err != nil || got != access {
		t.Fatalf("%+v, %v: the table below would prove nothing", got, err)
	}
	other, err := token.New(bytes.Repeat([]byte{2}, 32), "instance-1", life, still)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := token.New(seed, "instance-2", life, still)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	claim := func(name string, value any) string { return sign(rightHeader, payload(map[string]any{name: value})) }
	for name, bad := range map[string]string{
		"nothing":                 "",
		"dots":                    "..",
		"a session's value":       "v1.17.3." + b64(strings.Repeat("s", 32)),
		"two parts":               parts[0] + "." + parts[1],
		"four parts":              good + ".",
		"no signature":            parts[0] + "." + parts[1] + ".",
		"no payload":              sign(rightHeader, ""),
		"a wrong signature":       parts[0] + "." + parts[1] + "." + b64(strings.Repeat("s", 64)),
		"a signature cut":         good[:len(good)-4],
		"a line end":              parts[0] + "." + parts[1] + "." + parts[2][:40] + "\n" + parts[2][40:],
		"white space":             good + " ",
		"padding":                 good + "==",
		"more than 2 KiB":         claim("dsum", strings.Repeat("s", 2<<10)),
		"another key":             other.Issue(access),
		"another instance":        elsewhere.Issue(access),
		"audiences":               claim("aud", []string{"instance-1"}),
		"no audience":             claim("aud", nil),
		"alg none":                b64(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"alg none, signed":        sign(`{"alg":"none","typ":"at+jwt"}`, payload(nil)),
		"alg HS256":               sign(`{"alg":"HS256","typ":"at+jwt"}`, payload(nil)),
		"alg ES256":               sign(`{"alg":"ES256","typ":"at+jwt"}`, payload(nil)),
		"typ of any JWT":          sign(`{"alg":"EdDSA","typ":"JWT"}`, payload(nil)),
		"typ of a proof":          sign(`{"alg":"EdDSA","typ":"inglenook-proof"}`, payload(nil)),
		"no typ":                  sign(`{"alg":"EdDSA"}`, payload(nil)),
		"a key in the header":     sign(`{"alg":"EdDSA","typ":"at+jwt","jwk":{}}`, payload(nil)),
		"crit":                    sign(`{"alg":"EdDSA","crit":["b64"],"b64":false,"typ":"at+jwt"}`, payload(nil)),
		"header of another form":  sign(`{"typ":"at+jwt","alg":"EdDSA"}`, payload(nil)),
		"a claim more":            claim("admin", true),
		"a subject that is no id": claim("sub", "0"),
		"a subject with a sign":   claim("sub", "+7"),
		"a session below zero":    claim("sid", -17),
		"a generation in words":   claim("gen", "three"),
		"a claim twice":           sign(rightHeader, strings.Replace(payload(nil), "{", `{"sid":18,`, 1)),
		"claims are a list":       sign(rightHeader, "[]"),
		"claims are not UTF-8":    sign(rightHeader, strings.Replace(payload(nil), "c3Vt", "\xff", 1)),
	} {
		for range 2 { // a bad one is not remembered as good
			if got, err := all.Open(bad); store.CodeOf(err) != store.CodeSessionInvalid || got != (token.Access{}) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
	// A token whose time cannot be told is over.
	if _, err := all.Open(claim("exp", nil)); store.CodeOf(err) != store.CodeTokenExpired {
		t.Errorf("without an end: %v", err)
	}
}

func TestNewChecks(t *testing.T) {
	for name, make := range map[string]func() (*token.Tokens, error){
		"seed too short":  func() (*token.Tokens, error) { return token.New(seed[1:], "a", life, still) },
		"no audience":     func() (*token.Tokens, error) { return token.New(seed, "", life, still) },
		"no life":         func() (*token.Tokens, error) { return token.New(seed, "a", 0, still) },
		"half seconds":    func() (*token.Tokens, error) { return token.New(seed, "a", 1500*time.Millisecond, still) },
		"life below zero": func() (*token.Tokens, error) { return token.New(seed, "a", -life, still) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// However many are opened, at once too, few are remembered and all are right.
func TestManyTokens(t *testing.T) {
	all := tokens(t, still)
	const people, each = 4, 1000
	var group sync.WaitGroup
	for person := range people {
		group.Go(func() {
			mine := token.Access{UserID: store.ID(person + 1), SessionID: 1}
			first := all.Issue(mine)
			for n := range each {
				a := mine
				a.Generation = uint64(n + 1)
				if got, err := all.Open(all.Issue(a)); err != nil || got != a {
					t.Errorf("%+v, %v", got, err)
				}
				if got, err := all.Open(first); err != nil || got != mine {
					t.Errorf("%+v, %v", got, err)
				}
			}
		})
	}
	group.Wait()
	if n := all.Remembered(); n == 0 || n > 2*1024 {
		t.Errorf("%d are remembered", n)
	}
}

// A token in use stays remembered, however many others come.
func TestATokenInUseIsRemembered(t *testing.T) {
	all := tokens(t, still)
	mine := all.Issue(access)
	if _, err := all.Open(mine); err != nil {
		t.Fatal(err)
	}
	for n := range 3 * 1024 {
		if _, err := all.Open(all.Issue(token.Access{SessionID: 1, Generation: uint64(n + 1)})); err != nil {
			t.Fatal(err)
		}
		if !all.Remembers(mine) {
			t.Fatalf("forgotten after %d others", n+1)
		}
		if _, err := all.Open(mine); err != nil {
			t.Fatal(err)
		}
	}
}

// What opens says what it would say if it were issued again.
func FuzzOpen(f *testing.F) {
	all := tokens(f, still)
	f.Add(all.Issue(access))
	f.Add(sign(`{"alg":"none","typ":"at+jwt"}`, payload(nil)))
	f.Add(sign(rightHeader, payload(map[string]any{"sub": "", "dsum": "é"})))
	f.Fuzz(func(t *testing.T, s string) {
		a, err := all.Open(s)
		if err != nil {
			if code := store.CodeOf(err); code != store.CodeSessionInvalid && code != store.CodeTokenExpired {
				t.Fatalf("an error of ours: %v", err)
			}
			return
		}
		if again, err := all.Open(all.Issue(a)); err != nil || again != a {
			t.Fatalf("%+v became %+v, %v", a, again, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	all := tokens(b, still)
	b.Run("again", func(b *testing.B) {
		issued := all.Issue(access)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := all.Open(issued); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("first", func(b *testing.B) {
		issued := make([]string, 8<<10) // more than are remembered
		for i := range issued {
			issued[i] = all.Issue(token.Access{UserID: 7, SessionID: 17, DataSum: fmt.Sprint(i)})
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := all.Open(issued[i%len(issued)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
