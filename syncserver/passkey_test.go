package syncserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/descope/virtualwebauthn"
	"github.com/go-json-experiment/json/jsontext"
)

// authenticator is what a person touches: one passkey for one server.
type authenticator struct {
	party virtualwebauthn.RelyingParty
	inner virtualwebauthn.Authenticator
	key   virtualwebauthn.Credential
}

func newAuthenticator(b *browser, user store.ID) *authenticator {
	return &authenticator{
		party: virtualwebauthn.RelyingParty{Name: "Lindenhof 7", ID: "localhost", Origin: b.url},
		inner: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
			UserHandle: binary.BigEndian.AppendUint64(nil, uint64(user)),
		}),
		key: virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, newKey(b.t)),
	}
}

// newKey makes a key of two whole coordinates: virtualwebauthn writes those that
// begin with a zero too short, which is no COSE key, once in 128 times.
func newKey(t *testing.T) []byte {
	t.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		point, err := key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
}

func (a *authenticator) create(t *testing.T, begun api.Begun) jsontext.Value {
	t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(string(begun.Options))
	if err != nil {
		t.Fatalf("%v in %s", err, begun.Options)
	}
	return jsontext.Value(virtualwebauthn.CreateAttestationResponse(a.party, a.inner, a.key, *options))
}

func (a *authenticator) get(t *testing.T, begun api.Begun) jsontext.Value {
	t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(string(begun.Options))
	if err != nil {
		t.Fatalf("%v in %s", err, begun.Options)
	}
	return jsontext.Value(virtualwebauthn.CreateAssertionResponse(a.party, a.inner, a.key, *options))
}

func (b *browser) begin(method string, in api.Begin) (begun api.Begun) {
	b.t.Helper()
	b.must(http.MethodPost, "/api/auth/begin/"+method, in, &begun)
	return begun
}

// addPasskey adds a passkey to the account of the browser's session.
func (b *browser) addPasskey(a *authenticator) (added api.AccountMethod, code store.Code) {
	b.t.Helper()
	begun := b.begin("passkey", api.Begin{Purpose: "add"})
	code = b.ask(http.MethodPost, "/api/auth/account/methods/passkey",
		api.Login{Name: "The phone", State: begun.State, Credential: a.create(b.t, begun)}, &added)
	return added, code
}

func TestPasskey(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	key := newAuthenticator(anna, s.User(t, "Anna").ID)
	added, code := anna.addPasskey(key)
	if code != "" || added.Kind != "passkey" || added.Name != "The phone" {
		t.Fatalf("%q %+v", code, added)
	}
	key.key.Counter = 1
	phone := anna.other()
	begun := phone.begin("passkey", api.Begin{})
	login := api.Login{State: begun.State, Credential: key.get(t, begun)}
	if session, code := phone.login("passkey", login); code != "" || session.User.String("name") != "Anna" {
		t.Fatalf("%q %+v", code, session.User)
	}
	if r := audited(t, s, "signin.ok")[0]; r.UserID != s.User(t, "Anna").ID || r.Detail["method"] != "passkey" {
		t.Errorf("%+v", r)
	}
	if _, code := anna.other().login("passkey", login); code != store.CodeSignInFailed {
		t.Errorf("shown again: %q", code)
	}
	if len(audited(t, s, "signin.failed")) != 1 {
		t.Error("the failure left no record")
	}

	for _, tt := range []struct {
		name string
		do   func(b *browser, begun api.Begun) api.Login
	}{
		{"the answer to another challenge", func(b *browser, begun api.Begun) api.Login {
			return api.Login{State: begun.State, Credential: key.get(t, b.begin("passkey", api.Begin{}))}
		}},
		{"too late", func(_ *browser, begun api.Begun) api.Login {
			signed := key.get(t, begun)
			s.Clock.Advance(5*time.Minute + time.Second)
			return api.Login{State: begun.State, Credential: signed}
		}},
		{"of another page", func(_ *browser, begun api.Begun) api.Login {
			foreign := *key
			foreign.party.Origin = "http://evil.example"
			return api.Login{State: begun.State, Credential: foreign.get(t, begun)}
		}},
		{"for another name", func(_ *browser, begun api.Begun) api.Login {
			foreign := *key
			foreign.party.ID = "evil.example"
			return api.Login{State: begun.State, Credential: foreign.get(t, begun)}
		}},
		{"a key nobody has", func(b *browser, begun api.Begun) api.Login {
			return api.Login{State: begun.State, Credential: newAuthenticator(b, s.User(t, "Anna").ID).get(t, begun)}
		}},
		{"as somebody else", func(_ *browser, begun api.Begun) api.Login {
			foreign := *key
			foreign.inner.Options.UserHandle = []byte("somebody")
			return api.Login{State: begun.State, Credential: foreign.get(t, begun)}
		}},
		{"a person who was not asked", func(_ *browser, begun api.Begun) api.Login {
			hasty := *key
			hasty.inner.Options.UserNotVerified = true
			return api.Login{State: begun.State, Credential: hasty.get(t, begun)}
		}},
		{"a copy of the key, which counts for itself", func(_ *browser, begun api.Begun) api.Login {
			copied := *key
			copied.key.Counter = 1
			return api.Login{State: begun.State, Credential: copied.get(t, begun)}
		}},
		{"a copy of the key that does not count", func(_ *browser, begun api.Begun) api.Login {
			copied := *key
			copied.key.Counter = 0
			return api.Login{State: begun.State, Credential: copied.get(t, begun)}
		}},
		{"rubbish", func(_ *browser, begun api.Begun) api.Login {
			return api.Login{State: begun.State, Credential: jsontext.Value(`{"id":7}`)}
		}},
		{"nothing", func(_ *browser, begun api.Begun) api.Login { return api.Login{State: begun.State} }},
	} {
		b := anna.other()
		key.key.Counter++ // so that it is not the count that is wrong
		before := len(audited(t, s, "signin.failed"))
		if _, code := b.login("passkey", tt.do(b, b.begin("passkey", api.Begin{}))); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", tt.name, code)
		}
		if b.is() != "" {
			t.Errorf("%s: signed in", tt.name)
		}
		if len(audited(t, s, "signin.failed")) != before+1 {
			t.Errorf("%s: no record", tt.name)
		}
	}
	b := anna.other()
	begun = b.begin("passkey", api.Begin{})
	if _, code := b.login("passkey", api.Login{State: begun.State, Credential: key.get(t, begun)}); code != "" {
		t.Errorf("the real one after all that: %q", code)
	}
}

// A passkey is one person's, belongs to one name, and is gone when it is removed.
func TestPasskeyOfAnAccount(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	key := newAuthenticator(anna, s.User(t, "Anna").ID)
	added, code := anna.addPasskey(key)
	if code != "" {
		t.Fatal(code)
	}
	ben := anna.invited("Ben", "member")
	theirs := *key
	theirs.inner.Options.UserHandle = binary.BigEndian.AppendUint64(nil, uint64(s.User(t, "Ben").ID))
	if _, code := ben.addPasskey(&theirs); code != store.CodeNameTaken {
		t.Errorf("Anna's key as Ben's: %q", code)
	}
	begun := anna.begin("passkey", api.Begin{Purpose: "add"})
	if code := ben.ask(http.MethodPost, "/api/auth/account/methods/passkey",
		api.Login{State: begun.State, Credential: newAuthenticator(anna, s.User(t, "Ben").ID).create(t, begun)}, nil); code != store.CodeSignInFailed {
		t.Errorf("what Anna began: %q", code)
	}
	if code := anna.other().ask(http.MethodPost, "/api/auth/begin/passkey", api.Begin{Purpose: "add"}, nil); code != store.CodeSessionMissing {
		t.Errorf("a stranger's: %q", code)
	}

	byAddress := newBrowser(t, s.URL, anna.contract)
	var methods api.Methods
	byAddress.must(http.MethodGet, "/api/auth/methods", nil, &methods)
	for _, m := range methods.Methods {
		if m.Kind == "passkey" {
			t.Error("offered where no browser gives one away")
		}
	}
	if code := byAddress.ask(http.MethodPost, "/api/auth/begin/passkey", api.Begin{}, nil); code != store.CodeMethodOff {
		t.Errorf("by address: %q", code)
	}

	anna.must(http.MethodDelete, "/api/auth/account/methods/"+added.ID, nil, nil)
	b := anna.other()
	begun = b.begin("passkey", api.Begin{})
	if _, code := b.login("passkey", api.Login{State: begun.State, Credential: key.get(t, begun)}); code != store.CodeSignInFailed {
		t.Errorf("removed: %q", code)
	}
	if strings.Contains(anna.told.String(), "publicKey\":\"") {
		t.Error("the key's public half is nobody's business")
	}
}

// A passkey proves also within a session who somebody is.
func TestPasskeyAsStepUp(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	key := newAuthenticator(anna, s.User(t, "Anna").ID)
	if _, code := anna.addPasskey(key); code != "" {
		t.Fatal(code)
	}
	s.Clock.Advance(11 * time.Minute)
	if code := anna.ask(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil); code != store.CodeStepUpRequired {
		t.Fatalf("%q", code)
	}
	key.key.Counter = 1
	begun := anna.begin("passkey", api.Begin{})
	anna.must(http.MethodPost, "/api/auth/verify/passkey", api.Login{State: begun.State, Credential: key.get(t, begun)}, nil)
	if r := audited(t, s, "signin.ok")[0]; r.Detail["purpose"] != "verify" || r.SessionID == 0 {
		t.Errorf("%+v", r)
	}
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil)
}
