package syncserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// A new password puts everybody out who came in with the old one, streams too.
func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s := servertest.Start(t, servertest.Options{Empty: true})
	c := s.Anonymous(t)
	_, here, err := c.Login(t.Context(), "setup", api.Login{
		Code: s.SetUpCode(), Name: "Anna", Household: "Lindenhof 7", Password: "correct horse", Kind: "token",
	})
	if err != nil {
		t.Fatal(err)
	}
	_, there, err := s.Anonymous(t).Login(t.Context(), "password", api.Login{Name: "Anna", Password: "correct horse", Kind: "token"})
	if err != nil {
		t.Fatal(err)
	}
	code := func(value, method, path, body string) store.Code {
		status, _, answer := wire{s.URL, value}.Do(t, method, path, []byte(body))
		if status < http.StatusBadRequest {
			return ""
		}
		var p api.Problem
		if err := json.Unmarshal(answer, &p); err != nil {
			t.Fatalf("%s: %s", path, answer)
		}
		return p.Code
	}
	if got := code(here.Value, http.MethodPatch, "/api/auth/account", `{"oldPassword":"wrong horse","newPassword":"battery staple"}`); got == "" {
		t.Error("the old password is not asked for")
	}
	if got := code(there.Value, http.MethodGet, "/api/auth/session", ""); got != "" {
		t.Errorf("the other device after a wrong password: %s", got)
	}
	if got := code(here.Value, http.MethodPatch, "/api/auth/account", `{"oldPassword":"correct horse","newPassword":"battery staple"}`); got != "" {
		t.Fatal(got)
	}
	if got := code(here.Value, http.MethodGet, "/api/auth/session", ""); got != "" {
		t.Errorf("this device: %s", got)
	}
	if got := code(there.Value, http.MethodGet, "/api/auth/session", ""); got != store.CodeSessionEnded {
		t.Errorf("the other device: %q", got)
	}
}

// Nobody who was about to come in with the old password is in when the new one is
// there.
func TestTheOldPasswordIsOutInFlight(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	var got sync.Map
	var stop atomic.Bool
	var signingIn sync.WaitGroup
	in := make(chan struct{}, 1)
	for range 3 {
		signingIn.Go(func() {
			for !stop.Load() {
				status, _, answer := wire{url: s.URL}.Do(t, http.MethodPost, "/api/auth/login/password",
					[]byte(`{"name":"Anna","password":"correct horse","kind":"token"}`))
				var made api.SignedIn
				if status == http.StatusOK && json.Unmarshal(answer, &made) == nil {
					got.Store(made.Value, true)
				}
				select {
				case in <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 5 {
		<-in
	}
	anna.must(http.MethodPatch, "/api/auth/account", api.AccountPatch{OldPassword: password, NewPassword: "battery staple"}, nil)
	stop.Store(true)
	signingIn.Wait()
	all := 0
	got.Range(func(value, _ any) bool {
		all++
		if status, _, _ := (wire{s.URL, value.(string)}).Do(t, http.MethodGet, "/api/auth/session", nil); status != http.StatusUnauthorized {
			t.Errorf("a session of the old password: %d", status)
		}
		return true
	})
	if all == 0 {
		t.Error("nobody came in with the old password while it was good")
	}
}

// When the new password is there, the other sessions have ended, whatever becomes
// of whoever asked for it.
func TestTheClientGoesAwayDuringAChange(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	other := anna.other()
	session, code := other.login("password", api.Login{Name: "Anna", Password: password})
	if code != "" {
		t.Fatal(code)
	}
	var script api.SignedIn
	anna.must(http.MethodPost, "/api/auth/tokens", api.NewToken{Name: "x"}, &script)
	hash := func() string {
		c := must(s.Store().Credential(t.Context(), session.User.ID))
		return c.Of(household.MethodPassword).PasswordHash
	}
	before := hash()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, http.MethodPatch, "/api/auth/account",
		strings.NewReader(`{"oldPassword":"correct horse","newPassword":"battery staple"}`))
	req.Host = "localhost"
	req.Header.Set("Authorization", "Bearer "+script.Value)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(api.HeaderClient, "test/1")
	var asking sync.WaitGroup
	asking.Go(func() { s.Handler().ServeHTTP(httptest.NewRecorder(), req) })
	for hash() == before {
		runtime.Gosched()
	}
	cancel()
	if d, _, err := s.Store().Session(t.Context(), session.ID); err != nil || d.EndedAt == 0 {
		t.Errorf("the other session lives on beside the new password: %v", err)
	}
	asking.Wait()
	if other.is() != "" {
		t.Error("the other session is still served")
	}
}

// A password that is there is changed, which puts out who knows it; it is not
// added.
func TestAPasswordIsNotAddedTwice(t *testing.T) {
	_, anna := founded(t, servertest.Options{})
	if code := anna.ask(http.MethodPost, "/api/auth/account/methods/password", api.Login{Password: "battery staple"}, nil); code != store.CodeForbidden ||
		anna.problem.Field != "method" {
		t.Errorf("%q %q", code, anna.problem.Field)
	}
	if _, code := anna.other().login("password", api.Login{Name: "Anna", Password: password}); code != "" {
		t.Errorf("the old one: %q", code)
	}
}
