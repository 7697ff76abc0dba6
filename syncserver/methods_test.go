package syncserver_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/servertest"
)

// What is switched off is neither offered nor taken, and no last way to sign in.
func TestMethodsSwitchedOff(t *testing.T) {
	_, anna := founded(t, servertest.Options{Methods: auth.Config{Off: []string{"password", "recovery", "pairing"}}})
	b := anna.other()
	var methods api.Methods
	b.must(http.MethodGet, "/api/auth/methods", nil, &methods)
	var names []string
	for _, m := range methods.Methods {
		names = append(names, m.Name)
	}
	if !slices.Equal(names, []string{"passkey", "invitation"}) || methods.Instance == "" {
		t.Errorf("%v", names)
	}
	for method, login := range map[string]api.Login{"password": {Name: "Anna", Password: password}, "recovery": {Name: "Anna", Code: "A"}, "telepathy": {}} {
		if _, code := b.login(method, login); code != store.CodeMethodOff {
			t.Errorf("%s: %q", method, code)
		}
	}
	for _, method := range []string{"pairing", "invitation", "telepathy"} {
		if code := b.ask(http.MethodPost, "/api/auth/begin/"+method, api.Begin{}, nil); code != store.CodeMethodOff {
			t.Errorf("begin %s: %q", method, code)
		}
	}
	for _, method := range []string{"pairing", "invitation", "password"} {
		if code := anna.ask(http.MethodPost, "/api/auth/account/methods/"+method, api.Login{Password: "battery staple"}, nil); code != store.CodeMethodOff {
			t.Errorf("add %s: %q", method, code)
		}
	}
}

// A name nobody has, a user without a password and a wrong password are one
// answer; only the audit log knows.
func TestSignInTellsNothing(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	i := anna.invite(api.NewInvitation{Access: "member"})
	if _, code := anna.other().login("invitation", api.Login{Code: i.Code, Name: "Ben"}); code != "" {
		t.Fatal(code)
	}
	answers := map[api.Problem]bool{}
	for _, name := range []string{"Anna", "Ben", "Nobody"} {
		b := anna.other()
		if _, code := b.login("password", api.Login{Name: name, Password: "wrong horse"}); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", name, code)
		}
		p := b.problem
		p.Instance = ""
		answers[p] = true
	}
	if len(answers) != 1 {
		t.Errorf("%v", answers)
	}
	failed := audited(t, s, "signin.failed")
	if len(failed) != 3 || failed[2].UserID != s.User(t, "Anna").ID || failed[1].UserID != s.User(t, "Ben").ID || failed[0].UserID != 0 ||
		failed[0].Network != "127.0.0.0/24" {
		t.Errorf("%+v", failed)
	}
}

// A step-up is a proof of the user whose session it is, by whatever method.
func TestVerifyingAsSomebodyElse(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	anna.invited("Ben", "member")
	s.Clock.Advance(11 * time.Minute)
	if code := anna.ask(http.MethodPost, "/api/auth/verify/password", api.Login{Name: "Ben", Password: password}, nil); code != store.CodeSignInFailed {
		t.Errorf("%q", code)
	}
	if r := audited(t, s, "signin.failed"); len(r) != 1 || r[0].SessionID == 0 || r[0].Detail["purpose"] != "verify" || r[0].Detail["reason"] == "" {
		t.Errorf("%+v", r)
	}
	if code := anna.ask(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil); code != store.CodeStepUpRequired {
		t.Errorf("%q", code)
	}
	anna.must(http.MethodPost, "/api/auth/verify/password", api.Login{Name: "Anna", Password: password}, nil)
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil)
	if code := anna.ask(http.MethodPatch, "/api/auth/account", api.AccountPatch{OldPassword: "wrong horse", NewPassword: "battery staple"}, nil); code != store.CodeSignInFailed {
		t.Errorf("a wrong old password: %q", code)
	}
	if r := audited(t, s, "signin.failed"); len(r) != 2 {
		t.Errorf("%+v", r)
	}
}
