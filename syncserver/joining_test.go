package syncserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

func telegram() servertest.Options {
	return servertest.Options{Methods: auth.Config{Telegram: auth.Telegram{BotName: "lindenhof_bot", BotToken: botToken}}}
}

// pending is a browser whose session is nobody's yet.
func (b *browser) pending(s *servertest.Server, id string) *browser {
	b.t.Helper()
	p := b.other()
	s.Clock.Advance(time.Second)
	session, code := p.login("telegram", api.Login{
		State: p.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), id), Device: "The phone of " + id,
	})
	if code != "" || session.Pending == nil {
		b.t.Fatalf("%q %+v", code, session)
	}
	return p
}

// An identity becomes an account with an invitation, without signing in again.
func TestAccountWithAnInvitation(t *testing.T) {
	s, anna := founded(t, telegram())
	i := anna.invite(api.NewInvitation{Access: "member"})
	dora := anna.pending(s, "77")
	if code := dora.ask(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora", Invitation: "AAAAAAAAAAAAAAAAAAAAAAAAAA"}, nil); code != store.CodeSignInFailed {
		t.Errorf("a code that is none: %q", code)
	}
	if code := dora.ask(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Anna", Invitation: i.Code}, nil); code != store.CodeNameTaken {
		t.Errorf("Anna's name: %q", code)
	}
	var session api.Session
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora", Invitation: i.Code}, &session)
	if session.User.String("name") != "Dora" || session.Pending != nil || dora.is() != "Dora" {
		t.Errorf("%+v", session)
	}
	dora.must(http.MethodGet, "/api/users", nil, nil)
	if code := dora.ask(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora 2"}, nil); code != store.CodeForbidden {
		t.Errorf("a second account: %q", code)
	}
	b := anna.other()
	s.Clock.Advance(time.Second)
	if session, code := b.login("telegram", api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), "77")}); code != "" || session.User.String("name") != "Dora" {
		t.Errorf("the next time: %q %+v", code, session)
	}
}

// Who has no invitation asks; an admin answers.
func TestJoinRequest(t *testing.T) {
	s, anna := founded(t, telegram())
	ben := anna.invited("Ben", "member")
	dora := anna.pending(s, "77")
	var session api.Session
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora"}, &session)
	if dora.last.StatusCode != http.StatusAccepted || session.Pending == nil || !session.Pending.Requested {
		t.Errorf("%d %+v", dora.last.StatusCode, session)
	}
	s.Clock.Advance(24 * time.Hour) // longer than an identity waits that has asked nobody
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	if len(requests) != 1 || requests[0].Name != "Dora" || requests[0].DisplayName != "Dora Ötker" || requests[0].Device != "The phone of 77" {
		t.Fatalf("%+v", requests)
	}
	var mine api.Session
	anna.must(http.MethodGet, "/api/auth/session", nil, &mine)
	if len(mine.Notices) != 1 || mine.Notices[0].Kind != "join-request" || mine.Notices[0].Session != session.ID {
		t.Errorf("%+v", mine.Notices)
	}
	path := fmt.Sprintf("/api/auth/requests/%d", requests[0].ID)
	if code := ben.ask(http.MethodPost, path, api.Admission{Access: "member"}, nil); code != store.CodeForbidden {
		t.Errorf("by Ben: %q", code)
	}
	if code := anna.ask(http.MethodPost, path, api.Admission{Access: "member"}, nil); code != store.CodeStepUpRequired {
		t.Errorf("a day after the sign-in: %q", code)
	}
	anna.must(http.MethodPost, "/api/auth/verify/password", api.Login{Name: "Anna", Password: password}, nil)
	if code := anna.ask(http.MethodPost, path, api.Admission{}, nil); code != store.CodeInvalid {
		t.Errorf("as nobody: %q", code)
	}
	head := s.Store().Head()
	anna.must(http.MethodPost, path, api.Admission{Name: "Dora", Access: "guest"}, nil)
	if dora.is() != "Dora" || s.User(t, "Dora").String("access") != "guest" || s.Store().Head() == head {
		t.Errorf("%s is in", dora.is())
	}
	if code := anna.ask(http.MethodPost, path, api.Admission{Access: "guest"}, nil); code != store.CodeNotFound {
		t.Errorf("approved twice: %q", code)
	}
	if r := audited(t, s, "request.approved"); len(r) != 1 || r[0].UserID != s.User(t, "Dora").ID || r[0].By.UserID != s.User(t, "Anna").ID {
		t.Errorf("%+v", r)
	}
	if len(audited(t, s, "request.made")) != 1 {
		t.Error("the request left no record")
	}
}

// An admin may find that it is somebody of the household, who is told.
func TestJoinRequestOfAUser(t *testing.T) {
	s, anna := founded(t, telegram())
	ben := anna.invited("Ben", "member")
	phone := anna.pending(s, "78")
	phone.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Benny"}, nil)
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	anna.must(http.MethodPost, fmt.Sprintf("/api/auth/requests/%d", requests[0].ID), api.Admission{UserID: s.User(t, "Ben").ID}, nil)
	if phone.is() != "Ben" {
		t.Errorf("the phone is %s's", phone.is())
	}
	var session api.Session
	ben.must(http.MethodGet, "/api/auth/session", nil, &session)
	if len(session.Notices) != 1 || session.Notices[0].Kind != "method-added" {
		t.Errorf("%+v", session.Notices)
	}
}

func TestJoinRequestRefused(t *testing.T) {
	s, anna := founded(t, telegram())
	dora := anna.pending(s, "77")
	for _, name := range []string{"", " ", "\u200b\u3164\u2800"} {
		if code := dora.ask(http.MethodPost, "/api/auth/account", api.NewAccount{Name: name}, nil); code != store.CodeInvalid {
			t.Errorf("%q: %q", name, code)
		}
	}
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora"}, nil)
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	anna.must(http.MethodDelete, fmt.Sprintf("/api/auth/requests/%d", requests[0].ID), nil, nil)
	if code := dora.ask(http.MethodGet, "/api/auth/session", nil, nil); code != store.CodeSessionEnded {
		t.Errorf("refused: %q", code)
	}
	late := anna.pending(s, "79")
	late.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Emil"}, nil)
	s.Clock.Advance(7*24*time.Hour + time.Second)
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	if len(requests) != 0 {
		t.Errorf("after a week: %+v", requests)
	}
}

// Who leaves is out everywhere, and what let them in is free; the last admin stays.
func TestLeaving(t *testing.T) {
	s, anna := founded(t, telegram())
	if code := anna.ask(http.MethodDelete, "/api/auth/account", struct{}{}, nil); code != store.CodeLastAdmin {
		t.Errorf("the last admin: %q", code)
	}
	ben := anna.invited("Ben", "member")
	s.Clock.Advance(time.Second)
	ben.must(http.MethodPost, "/api/auth/account/methods/telegram",
		api.Login{State: ben.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), "78")}, nil)
	phone := anna.other()
	if _, code := phone.login("password", api.Login{Name: "Ben", Password: password}); code != "" {
		t.Fatal(code)
	}
	id := s.User(t, "Ben").ID
	ben.must(http.MethodDelete, "/api/auth/account", struct{}{}, nil)
	if cookies := ben.last.Cookies(); len(cookies) != 2 || cookies[0].MaxAge >= 0 || cookies[1].MaxAge >= 0 {
		t.Errorf("cookies of nobody stay: %v", cookies)
	}
	if phone.is() != "" || ben.is() != "" {
		t.Error("still in")
	}
	if _, code := anna.other().login("password", api.Login{Name: "Ben", Password: password}); code != store.CodeSignInFailed {
		t.Errorf("with the password: %q", code)
	}
	if methods, err := s.Store().MethodsOf(t.Context(), id); err != nil || len(methods) != 0 {
		t.Errorf("%v %+v", err, methods)
	}
	anna.pending(s, "78")
	if r := audited(t, s, "account.removed"); len(r) != 1 || r[0].UserID != id {
		t.Errorf("%+v", r)
	}
}

// A session that is nobody's has no user who could bind it again: the invitation
// is still good afterwards, and makes nobody.
func TestAPendingSessionBindsNothing(t *testing.T) {
	s, anna := founded(t, telegram())
	i := anna.invite(api.NewInvitation{Access: "member"})
	dora := anna.pending(s, "77")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, dora.url+"/api/auth/rebind/invitation",
		strings.NewReader(`{"code":"`+i.Code+`","name":"Ghost","password":"`+password+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(api.HeaderClient, "test/1")
	d := &device{t: t, server: s, browser: true}
	d.prove(req, newSigner(t), "", true)
	resp, err := dora.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p api.Problem
	if err := json.UnmarshalRead(resp.Body, &p); err != nil || p.Code != store.CodeAccountMissing {
		t.Errorf("%d %q %v", resp.StatusCode, p.Code, err)
	}
	if n := len(s.Store().Sight().Levels); n != 1 {
		t.Errorf("the household has %d people", n)
	}
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora", Invitation: i.Code}, nil)
}

// A stranger learns no names: whether one is taken is for the admin to see, who
// can wait for another one.
func TestAStrangerLearnsNoNames(t *testing.T) {
	s, anna := founded(t, telegram())
	dora := anna.pending(s, "77")
	for _, name := range []string{"Anna", "aNNa", "Anna\u200b", "Zoe"} {
		dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: name}, nil)
		if dora.last.StatusCode != http.StatusAccepted {
			t.Errorf("%q: %d", name, dora.last.StatusCode)
		}
	}
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "A\u200bn\u3164na"}, nil)
	dora.must(http.MethodPatch, "/api/auth/session", api.Rename{Device: "\u202ephone\u200b of 77 "}, nil)
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	if len(requests) != 1 || requests[0].Name != "Anna" || requests[0].Device != "phone of 77" {
		t.Fatalf("the admin sees %+v", requests)
	}
	path := fmt.Sprintf("/api/auth/requests/%d", requests[0].ID)
	if code := anna.ask(http.MethodPost, path, api.Admission{Name: "Anna", Access: "member"}, nil); code != store.CodeNameTaken || anna.last.StatusCode != http.StatusConflict {
		t.Errorf("%q %d", code, anna.last.StatusCode)
	}
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora"}, nil)
	anna.must(http.MethodPost, path, api.Admission{Name: "Dora", Access: "member"}, nil)
	if dora.is() != "Dora" {
		t.Errorf("%q is in", dora.is())
	}
}

// Who is let in has the name that the admin has seen.
func TestTheNameIsTheOneSeen(t *testing.T) {
	s, anna := founded(t, telegram())
	dora := anna.pending(s, "77")
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Grandma"}, nil)
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "The Landlord"}, nil)
	path := fmt.Sprintf("/api/auth/requests/%d", requests[0].ID)
	for _, name := range []string{"Grandma", ""} {
		if code := anna.ask(http.MethodPost, path, api.Admission{Name: name, Access: "member"}, nil); code != store.CodeDataChanged {
			t.Errorf("%q: %q", name, code)
		}
	}
	if dora.is() != "" || len(s.Store().Sight().Levels) != 1 {
		t.Errorf("%q is in", dora.is())
	}
}

// Who is nobody yet writes little.
func TestAStrangerWritesLittle(t *testing.T) {
	s, anna := founded(t, telegram())
	dora := anna.pending(s, "77")
	writes := 0
	for ; writes < 100; writes++ {
		if code := dora.ask(http.MethodPatch, "/api/auth/session", api.Rename{Device: fmt.Sprint("phone ", writes)}, nil); code != "" {
			if code != store.CodeRateLimited {
				t.Fatal(code)
			}
			break
		}
	}
	if writes != auth.PendingWrites {
		t.Errorf("%d writes", writes)
	}
	revision := func() (n uint64) {
		d, _, err := s.Store().Session(t.Context(), must(s.Store().Sessions(t.Context(), 0))[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		return d.Revision
	}
	before := revision()
	for path, body := range map[string]any{"PATCH /api/auth/session": api.Rename{Device: "x"}, "PUT /api/auth/session/data": map[string]any{"x": 1}, "POST /api/auth/account": api.NewAccount{Name: "Dora"}} {
		method, path, _ := strings.Cut(path, " ")
		if code := dora.ask(method, path, body, nil); code != store.CodeRateLimited {
			t.Errorf("%s %s: %q", method, path, code)
		}
	}
	if revision() != before {
		t.Error("something was written")
	}
	dora.must(http.MethodGet, "/api/auth/session", nil, nil)
	s.Clock.Advance(time.Duration(dora.problem.RetryAfterMs) * time.Millisecond)
	dora.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: "Dora"}, nil)
	for i := range 2 * auth.PendingWrites { // somebody of the household
		anna.must(http.MethodPatch, "/api/auth/session", api.Rename{Device: fmt.Sprint(i)}, nil)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// One who asks is one request, however often they ask and on how many devices,
// and pushes nothing off what the admin is told.
func TestOneAsksOnce(t *testing.T) {
	s, anna := founded(t, telegram())
	other := anna.other()
	if _, code := other.login("password", api.Login{Name: "Anna", Password: password}); code != "" {
		t.Fatal(code)
	}
	other.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, nil) // anna is told: it may not have been her
	var last *browser
	for i := range 25 {
		s.Clock.Advance(20 * time.Minute)
		last = anna.pending(s, "88")
		last.must(http.MethodPost, "/api/auth/account", api.NewAccount{Name: fmt.Sprint("Dora ", i)}, nil)
	}
	anna.must(http.MethodPost, "/api/auth/verify/password", api.Login{Name: "Anna", Password: password}, nil)
	var mine api.Session
	anna.must(http.MethodGet, "/api/auth/session", nil, &mine)
	told := map[string]int{}
	for _, n := range mine.Notices {
		told[n.Kind] += n.Count
	}
	if told["join-request"] != 1 || told["method-added"] != 1 {
		t.Errorf("Anna is told %v", told)
	}
	var requests []api.JoinRequest
	anna.must(http.MethodGet, "/api/auth/requests", nil, &requests)
	if len(requests) != 1 || requests[0].Name != "Dora 24" {
		t.Fatalf("open are %+v", requests)
	}
	anna.must(http.MethodPost, fmt.Sprintf("/api/auth/requests/%d", requests[0].ID), api.Admission{Access: "member", Name: "Dora 24"}, nil)
	if last.is() != "Dora 24" {
		t.Errorf("the last of them is %q", last.is())
	}
}
