package syncserver_test

import (
	"net/http"
	"testing"

	"inglenook/store"
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
