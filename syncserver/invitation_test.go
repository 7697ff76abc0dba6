package syncserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

func (b *browser) invite(in api.NewInvitation) (i api.Invitation) {
	b.t.Helper()
	b.must(http.MethodPost, "/api/auth/invitations", in, &i)
	return i
}

func TestInvitation(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	i := anna.invite(api.NewInvitation{Access: "child"})
	if len(i.Code) != 26 || i.Access != "child" || i.ExpiresAt.Time().Sub(s.Clock.Now()) != 7*24*time.Hour {
		t.Errorf("%+v", i)
	}
	var open []api.Invitation
	anna.must(http.MethodGet, "/api/auth/invitations", nil, &open)
	if len(open) != 1 || open[0].ID != i.ID || open[0].Code != "" {
		t.Errorf("%+v", open)
	}
	head := s.Store().Head()
	leo := anna.other()
	for _, tt := range []struct {
		name  string
		login api.Login
		code  store.Code
	}{
		{"a code that is none", api.Login{Code: "AAAAAAAAAAAAAAAAAAAAAAAAAA", Name: "Leo"}, store.CodeSignInFailed},
		{"its id", api.Login{Code: i.ID, Name: "Leo"}, store.CodeSignInFailed},
		{"no name", api.Login{Code: i.Code}, store.CodeInvalid},
		{"Anna's name", api.Login{Code: i.Code, Name: " anna "}, store.CodeNameTaken},
		{"a weak password", api.Login{Code: i.Code, Name: "Leo", Password: "short"}, store.CodePasswordWeak},
	} {
		if _, code := leo.login("invitation", tt.login); code != tt.code {
			t.Errorf("%s: %q", tt.name, code)
		}
	}
	if s.Store().Head() != head {
		t.Error("somebody was made")
	}
	session, code := leo.login("invitation", api.Login{Code: i.Code, Name: "Leo", Password: password})
	if code != "" || session.User.String("name") != "Leo" || session.User.String("access") != "child" {
		t.Fatalf("%q %+v", code, session)
	}
	if s.Store().Head() == head {
		t.Error("nobody was told by an event")
	}
	if _, code := anna.other().login("invitation", api.Login{Code: i.Code, Name: "Leo's friend"}); code != store.CodeSignInFailed {
		t.Errorf("used twice: %q", code)
	}
	if _, code := anna.other().login("password", api.Login{Name: "Leo", Password: password}); code != "" {
		t.Errorf("with the password: %q", code)
	}
	if r := audited(t, s, "invitation.used"); len(r) != 1 || r[0].UserID != session.User.ID || r[0].By.UserID != s.User(t, "Anna").ID {
		t.Errorf("%+v", r)
	}
	leo.noSecrets(s, i.Code, password)

	if code := leo.ask(http.MethodPost, "/api/auth/invitations", api.NewInvitation{Access: "admin"}, nil); code != store.CodeForbidden {
		t.Errorf("by a child: %q", code)
	}
	if code := leo.ask(http.MethodGet, "/api/auth/invitations", nil, nil); code != store.CodeForbidden {
		t.Errorf("by a child: %q", code)
	}
	if code := anna.ask(http.MethodPost, "/api/auth/invitations", api.NewInvitation{Access: "king"}, nil); code != store.CodeInvalid {
		t.Errorf("no such access: %q", code)
	}
	back := anna.invite(api.NewInvitation{Access: "member"})
	anna.must(http.MethodDelete, "/api/auth/invitations/"+back.ID, nil, nil)
	late := anna.invite(api.NewInvitation{Access: "member"})
	s.Clock.Advance(7*24*time.Hour + time.Second)
	for name, code := range map[string]string{"taken back": back.Code, "a week old": late.Code} {
		if _, code := anna.other().login("invitation", api.Login{Code: code, Name: "Mia"}); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", name, code)
		}
	}
	if code := anna.ask(http.MethodPost, "/api/auth/invitations", api.NewInvitation{Access: "member"}, nil); code != store.CodeStepUpRequired {
		t.Errorf("a week after the sign-in: %q", code)
	}
}

// Who has lost every way to sign in comes back with a new invitation, as the same
// user, and nobody else has set a password for them.
func TestInvitationOfAUser(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	ben := anna.invited("Ben", "member")
	id := s.User(t, "Ben").ID
	i := anna.invite(api.NewInvitation{UserID: id})
	if code := anna.ask(http.MethodPost, "/api/auth/invitations", api.NewInvitation{UserID: 7}, nil); code != store.CodeNotFound {
		t.Errorf("of nobody: %q", code)
	}
	if code := anna.ask(http.MethodPost, "/api/auth/verify/invitation", api.Login{Code: i.Code}, nil); code != store.CodeSignInFailed {
		t.Errorf("as Anna's proof of who she is: %q", code)
	}
	users := len(s.Store().Sight().Levels)
	again := anna.other()
	session, code := again.login("invitation", api.Login{Code: i.Code, Name: "Somebody else"})
	if code != "" || session.User.ID != id || session.User.String("name") != "Ben" || len(s.Store().Sight().Levels) != users {
		t.Fatalf("%q %+v", code, session)
	}
	again.must(http.MethodPatch, "/api/auth/account", api.AccountPatch{NewPassword: "battery staple"}, nil)
	if ben.is() != "" {
		t.Error("who knew the old password is still in")
	}
	if _, code := anna.other().login("password", api.Login{Name: "Ben", Password: "battery staple"}); code != "" {
		t.Errorf("%q", code)
	}
	// A proof of who one is, within a session, makes nobody.
	fresh := anna.invite(api.NewInvitation{Access: "member"})
	if code := again.ask(http.MethodPost, "/api/auth/verify/invitation", api.Login{Code: fresh.Code, Name: "Ghost"}, nil); code != store.CodeSignInFailed {
		t.Errorf("%q", code)
	}
	if len(s.Store().Sight().Levels) != users {
		t.Error("somebody was made")
	}
}

// Ten codes, each of which lets their user in once.
func TestRecovery(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	var first, codes api.RecoveryCodes
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &first)
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes)
	if len(codes.Codes) != 10 || len(codes.Codes[0]) != 19 {
		t.Fatalf("%v", codes)
	}
	anna.told.Reset()
	try := func(name, code string) store.Code {
		s.Clock.Advance(20 * time.Minute) // whatever was wrong before
		_, answer := anna.other().login("recovery", api.Login{Name: name, Code: code})
		return answer
	}
	if code := try("Anna", first.Codes[0]); code != store.CodeSignInFailed {
		t.Errorf("of an earlier list: %q", code)
	}
	for i, code := range codes.Codes {
		if answer := try(" anna", " "+code[:9]+code[10:]+" "); answer != "" {
			t.Fatalf("code %d: %q", i, answer)
		}
		if answer := try("Anna", code); answer != store.CodeSignInFailed {
			t.Errorf("code %d again: %q", i, answer)
		}
	}
	var methods []api.AccountMethod
	b := anna.other()
	if _, code := b.login("password", api.Login{Name: "Anna", Password: password}); code != "" {
		t.Fatal(code)
	}
	b.must(http.MethodGet, "/api/auth/account/methods", nil, &methods)
	if len(methods) != 2 || methods[1].Kind != "recovery" || methods[1].Left != 0 || methods[1].LastUsedAt == 0 {
		t.Errorf("%+v", methods)
	}
	anna.noSecrets(s, codes.Codes...)
}

// Tries with codes count with those with passwords, and a name nobody has is
// answered as one that somebody has.
func TestRecoveryIsNotGuessed(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	var codes api.RecoveryCodes
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes)
	for _, name := range []string{"Anna", "Nobody"} {
		b := anna.other()
		for range 2 {
			if _, code := b.login("password", api.Login{Name: name, Password: "wrong horse"}); code != store.CodeSignInFailed {
				t.Fatalf("%s: %q", name, code)
			}
		}
		for range 3 {
			if _, code := b.login("recovery", api.Login{Name: name, Code: "AAAA-AAAA-AAAA-AAAA"}); code != store.CodeSignInFailed {
				t.Fatalf("%s: %q", name, code)
			}
		}
		if _, code := b.login("recovery", api.Login{Name: name, Code: codes.Codes[0]}); code != store.CodeRateLimited {
			t.Errorf("%s, the sixth try: %q", name, code)
		}
	}
	failed := audited(t, s, "signin.failed")
	if len(failed) != 10 || failed[0].UserID != 0 || failed[9].UserID != s.User(t, "Anna").ID {
		t.Errorf("%d records, the newest %+v", len(failed), failed[0])
	}
	s.Clock.Advance(2 * time.Second)
	if _, code := anna.other().login("recovery", api.Login{Name: "Anna", Code: codes.Codes[0]}); code != "" {
		t.Errorf("and then the owner: %q", code)
	}
}

// One way to sign in must stay.
func TestTheLastMethodStays(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	phone := anna.other()
	if _, code := phone.login("password", api.Login{Name: "Anna", Password: password}); code != "" {
		t.Fatal(code)
	}
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil)
	var methods []api.AccountMethod
	anna.must(http.MethodGet, "/api/auth/account/methods", nil, &methods)
	if len(methods) != 2 || methods[0].Kind != "password" {
		t.Fatalf("%+v", methods)
	}
	if code := anna.ask(http.MethodDelete, "/api/auth/account/methods/"+methods[0].ID, nil, nil); code != store.CodeLastMethod {
		t.Errorf("%q", code)
	}
	ben := anna.invited("Ben", "member")
	if code := ben.ask(http.MethodDelete, "/api/auth/account/methods/"+methods[0].ID, nil, nil); code != store.CodeNotFound {
		t.Errorf("Anna's, by Ben: %q", code)
	}
	if _, code := anna.addPasskey(newAuthenticator(anna, s.User(t, "Anna").ID)); code != "" {
		t.Fatal(code)
	}
	anna.must(http.MethodDelete, "/api/auth/account/methods/"+methods[0].ID, nil, nil)
	if _, code := anna.other().login("password", api.Login{Name: "Anna", Password: password}); code != store.CodeSignInFailed {
		t.Errorf("with the password that is gone: %q", code)
	}
	var added api.AccountMethod
	anna.must(http.MethodPost, "/api/auth/account/methods/password", api.Login{Password: "battery staple"}, &added)
	if _, code := anna.other().login("password", api.Login{Name: "Anna", Password: "battery staple"}); code != "" || added.Kind != household.MethodPassword {
		t.Errorf("%q %+v", code, added)
	}
	var session api.Session
	phone.must(http.MethodGet, "/api/auth/session", nil, &session)
	kinds := map[string]bool{}
	for _, n := range session.Notices {
		kinds[n.Kind] = true
	}
	if !kinds["method-added"] || !kinds["method-removed"] {
		t.Errorf("%+v", session.Notices)
	}
	s.Clock.Advance(11 * time.Minute)
	for _, path := range []string{
		"POST /api/auth/account/methods/password", "DELETE /api/auth/account/methods/" + added.ID,
		"POST /api/auth/account/recovery", "PATCH /api/auth/account", "DELETE /api/auth/account",
	} {
		method, path, _ := strings.Cut(path, " ")
		if code := anna.ask(method, path, api.AccountPatch{NewPassword: "another horse"}, nil); code != store.CodeStepUpRequired {
			t.Errorf("%s %s after eleven minutes: %q", method, path, code)
		}
	}
}

// An admin's invitations are worth nothing when they are none any more: they would
// come back with their own.
func TestInvitationsOfAFormerAdmin(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	ben := anna.invited("Ben", "admin")
	id := s.User(t, "Ben").ID
	own, again := ben.invite(api.NewInvitation{Access: "admin"}), ben.invite(api.NewInvitation{UserID: s.User(t, "Anna").ID})
	gone := store.Replacement{Kind: "user", Base: s.Store().Head().ID, Entity: store.Entity{ID: id, Deleted: true, UpdatedAt: store.TimestampOf(s.Clock.Now())}}
	anna.must(http.MethodPost, "/api/replacements", store.Batch{Replica: 5, Seq: 1, Replacements: []store.Replacement{gone}}, nil)
	for name, login := range map[string]api.Login{
		"a new user": {Code: own.Code, Name: "Ben again", Password: password},
		"Anna":       {Code: again.Code},
	} {
		if session, code := anna.other().login("invitation", login); code != store.CodeSignInFailed {
			t.Errorf("%s: %q, as %q", name, code, session.User.String("name"))
		}
	}
	var open []api.Invitation
	anna.must(http.MethodGet, "/api/auth/invitations", nil, &open)
	if len(open) != 0 {
		t.Errorf("%+v", open)
	}
}

// Whoever comes in as somebody with an invitation is not alone in knowing it.
func TestAUserIsToldOfAnInvitation(t *testing.T) {
	s, anna := founded(t, telegram())
	ben := anna.invited("Ben", "member")
	id := s.User(t, "Ben").ID
	told := func(b *browser, kind string) bool {
		t.Helper()
		var session api.Session
		b.must(http.MethodGet, "/api/auth/session", nil, &session)
		return slices.ContainsFunc(session.Notices, func(n api.Notice) bool { return n.Kind == kind })
	}
	thief := anna.other()
	if _, code := thief.login("invitation", api.Login{Code: anna.invite(api.NewInvitation{UserID: id}).Code, Device: "Another phone"}); code != "" {
		t.Fatal(code)
	}
	if !told(ben, "invited") || told(thief, "invited") {
		t.Errorf("Ben is told %t; who came in, and could take the notice away, %t", told(ben, "invited"), told(thief, "invited"))
	}
	dora := anna.pending(s, "77")
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "x", Invitation: anna.invite(api.NewInvitation{UserID: id}).Code}, nil)
	if dora.is() != "Ben" || !told(ben, "method-added") {
		t.Errorf("%s is in, Ben is told %t", dora.is(), told(ben, "method-added"))
	}
	anna.invited("Carl", "member")
	if told(anna, "invited") {
		t.Error("Anna is told of what is hers to know")
	}
}
