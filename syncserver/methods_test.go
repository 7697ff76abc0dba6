package syncserver_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
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

// Names that are one are counted as one, whether somebody has them or not.
func TestNamesAreNotFoundByCounting(t *testing.T) {
	_, anna := founded(t, servertest.Options{})
	anna.invited("Boris", "member")
	answers := map[string][]store.Code{}
	for _, names := range [][2]string{{"Boris", "Bori\u017f"}, {"Doris", "Dori\u017f"}} {
		b := anna.other()
		for i := range 6 {
			_, code := b.login("password", api.Login{Name: names[i/5], Password: "wrong horse"})
			answers[names[0]] = append(answers[names[0]], code)
		}
	}
	if !slices.Equal(answers["Boris"], answers["Doris"]) || answers["Boris"][5] != store.CodeRateLimited {
		t.Errorf("%v", answers)
	}
}

// from is a browser on another network of this machine.
func (b *browser) from(network int) *browser {
	b.t.Helper()
	other := newBrowser(b.t, strings.Replace(b.url, "localhost", "127.0.0.1", 1), b.contract)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(network), 1)}}
	other.http.Transport = &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}
	return other
}

// A stranger who tries a name all day keeps nobody out who comes from elsewhere.
func TestAStrangerLocksNobodyOut(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	var codes api.RecoveryCodes
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes)
	stranger, tries := anna.from(7), 0
	for hour := range 24 {
		for range 60 {
			s.Clock.Advance(time.Minute)
			if _, code := stranger.login("recovery", api.Login{Name: "Anna", Code: "AAAA"}); code == store.CodeSignInFailed {
				tries++
			}
		}
		if _, code := anna.from(8).login("password", api.Login{Name: "Anna", Password: password}); code != "" {
			t.Fatalf("Anna after %d hours and %d tries: %q", hour+1, tries, code)
		}
	}
	if tries < 5 || tries > 120 {
		t.Errorf("%d tries in a day", tries)
	}
	if _, code := anna.from(7).login("password", api.Login{Name: "Anna", Password: password}); code != store.CodeRateLimited {
		t.Errorf("from the stranger's network: %q", code)
	}
	if code := anna.ask(http.MethodPost, "/api/auth/verify/recovery", api.Login{Name: "Anna", Code: codes.Codes[0]}, nil); code != "" {
		t.Errorf("within a session: %q", code)
	}
}

// Within one's own session nobody else's secret is looked at: no code of theirs is
// used up, and a right password is answered as a wrong one.
func TestVerifyingUsesUpNothingOfOthers(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	ben := anna.invited("Ben", "member")
	var codes api.RecoveryCodes
	ben.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes)
	before := must(s.Store().MethodsOf(t.Context(), s.User(t, "Ben").ID))
	s.Clock.Advance(time.Minute)
	for method, login := range map[string]api.Login{"recovery": {Name: "Ben", Code: codes.Codes[0]}, "password": {Name: "Ben", Password: password}} {
		if code := anna.ask(http.MethodPost, "/api/auth/verify/"+method, login, nil); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", method, code)
		}
	}
	after := must(s.Store().MethodsOf(t.Context(), s.User(t, "Ben").ID))
	for i := range before {
		if after[i].LastUsedAt != before[i].LastUsedAt || len(after[i].Codes) != len(before[i].Codes) {
			t.Errorf("%+v, was %+v", after[i], before[i])
		}
	}
}
