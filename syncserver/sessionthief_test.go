package syncserver_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// paired is the secret of a pairing that a device has begun and approved itself.
func (d *device) paired(generation uint64) string {
	d.t.Helper()
	var begun api.Begun
	r := d.post("/api/auth/begin/pairing", "{}", generation, nil)
	if err := json.Unmarshal(r.body, &begun); err != nil || begun.Secret == "" {
		d.t.Fatalf("begin: %d %s", r.StatusCode, r.body)
	}
	if r := d.post("/api/auth/pair", `{"code":"`+begun.Code+`"}`, generation, d.signer); r.StatusCode/100 != 2 {
		d.t.Fatalf("approve: %d %s", r.StatusCode, r.body)
	}
	d.server.Clock.Advance(2 * time.Second)
	return `{"code":"` + begun.Secret + `","level":2}`
}

// stepUpLeft is for how long a session may do what takes a fresh proof of who one
// is.
func (d *device) stepUpLeft(generation uint64) int64 {
	d.t.Helper()
	var s api.Session
	r := d.askProven(generation)
	if err := json.Unmarshal(r.body, &s); err != nil || r.StatusCode != http.StatusOK {
		d.t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	return int64(s.StepUpInMs)
}

// Whoever holds a device that is signed in can let another one in. That does not
// say who they are: neither here nor there, and not for a new key either.
func TestPairingIsNoStepUp(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna := signIn(t, s, "Anna", true, true)
	anna.ask(1)
	if anna.stepUpLeft(1) == 0 {
		t.Fatal("a sign-in is a step-up")
	}
	s.Clock.Advance(dueAfter)
	if r := anna.askProven(1); r.handed != 2 || anna.stepUpLeft(2) != 0 {
		t.Fatalf("it is over: %d %s", r.StatusCode, r.body)
	}
	if r := anna.post("/api/auth/verify/pairing", anna.paired(2), 2, anna.signer); r.problem.Code != store.CodeMethodOff {
		t.Errorf("verified by oneself: %d %s", r.StatusCode, r.body)
	}
	if left := anna.stepUpLeft(2); left != 0 {
		t.Errorf("that holds for %d ms", left)
	}
	if r := anna.post("/api/auth/account/recovery", "{}", 2, anna.signer); r.problem.Code != store.CodeStepUpRequired {
		t.Errorf("new codes: %d %s", r.StatusCode, r.body)
	}

	other := &device{t: t, server: s, browser: true, signer: newSigner(t), values: map[uint64]string{}}
	login := other.prove(other.request("POST", "/api/auth/login/pairing", anna.paired(2), 0), other.signer, "", true)
	r := other.send(login)
	var in api.SignedIn
	if err := json.Unmarshal(r.body, &in); err != nil || r.StatusCode != http.StatusOK || in.Session.User.ID != anna.user {
		t.Fatalf("another device: %d %s", r.StatusCode, r.body)
	}
	other.id, other.user = in.Session.ID, in.Session.User.ID
	if r := other.post("/api/auth/account/recovery", "{}", 1, other.signer); in.Session.StepUpInMs != 0 || r.problem.Code != store.CodeStepUpRequired {
		t.Errorf("new codes there: %d %s", r.StatusCode, r.body)
	}

	rebind := anna.request("POST", "/api/auth/rebind/pairing", anna.paired(2), 2)
	anna.signer = newSigner(t)
	if r := anna.send(anna.prove(rebind, anna.signer, "", true)); r.StatusCode != http.StatusOK || r.handed != 3 {
		t.Fatalf("a new key: %d %s", r.StatusCode, r.body)
	}
	if left := anna.stepUpLeft(3); left != 0 {
		t.Errorf("with a new key: %d ms", left)
	}
}

// A script's session begins without a step-up: else each could make the next one
// for ever.
func TestAScriptHasNoStepUp(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	_, in := s.SignIn(t, "Anna")
	status, _, body := wire{s.URL, in.Value}.Do(t, http.MethodPost, "/api/auth/tokens", []byte(`{"name":"backup"}`))
	if err := json.Unmarshal(body, &in); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for _, path := range []string{"/api/auth/tokens", "/api/auth/account/recovery", "/api/auth/invitations"} {
		status, _, body := wire{s.URL, in.Value}.Do(t, http.MethodPost, path, []byte(`{"name":"another"}`))
		var p api.Problem
		if err := json.Unmarshal(body, &p); err != nil || p.Code != store.CodeStepUpRequired {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// A stream that was opened with a copied value tells nothing more from the moment
// on at which the value is good for nothing.
func TestAStreamOfACopiedValueEnds(t *testing.T) {
	for _, browser := range []bool{true, false} {
		s := servertest.Start(t, servertest.Options{})
		annas, _ := s.SignIn(t, "Anna")
		d := signIn(t, s, "Ben", browser, true)
		d.ask(1)
		o, _ := d.open(1)
		o.session()
		s.Clock.Advance(dueAfter)
		(&pusher{Client: annas}).push(t, thing("list", 7001, map[string]any{"title": "canary"}))
		if frame := o.next(); !strings.HasPrefix(frame, "bye ") || !strings.Contains(frame, `"session-rotated"`) {
			t.Errorf("browser %v: the stream tells %q", browser, frame)
		}
		if _, r := d.open(1); r.problem.Code != store.CodeSessionProofRequired {
			t.Errorf("browser %v: the next one: %d %s", browser, r.StatusCode, r.body)
		}
		if r := d.askProven(1); r.handed != 2 {
			t.Fatalf("browser %v: the owner: %d %s", browser, r.StatusCode, r.body)
		}
		again, _ := d.open(2)
		again.session()
	}
}

// Nor does an access token live longer than the value it was got with.
func TestATokenOfACopiedValueEnds(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Ben", false, true)
	d.ask(1)
	s.Clock.Advance(13 * time.Minute) // due, in the grace
	var got api.Tokens
	r := d.post("/api/auth/refresh", "{}", 1, nil)
	if err := json.Unmarshal(r.body, &got); err != nil || got.AccessToken == "" || r.Header.Get(api.HeaderSession) != "rotate-due" {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	d.values[9] = got.AccessToken
	if r := d.ask(9); r.StatusCode != http.StatusOK {
		t.Errorf("at first: %d %s", r.StatusCode, r.body)
	}
	s.Clock.Advance(4 * time.Minute)
	if r := d.ask(9); r.problem.Code != store.CodeTokenExpired {
		t.Errorf("after the grace: %d %s", r.StatusCode, r.body)
	}
}

// Whoever keeps showing an old value does not fill the store.
func TestRefusedRecoveriesEnd(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Ben", true, true)
	movedOn(d)
	s.Clock.Advance(time.Minute)
	_, before := d.audited(0)
	for range 150 {
		if r := d.post("/api/auth/recover", "{}", 1, nil); r.problem.Code != store.CodeSessionDenied || r.Header.Get(api.HeaderNonce) == "" {
			t.Fatalf("%d %s", r.StatusCode, r.body)
		}
	}
	audit, _ := d.audited(before)
	if len(audit) != 100 || d.kept().Denied != 100 {
		t.Errorf("%d records, stored %+v", len(audit), d.kept())
	}
	d.told("denied", d.id)
	if r := d.post("/api/auth/recover", "{}", 1, d.signer); r.StatusCode != http.StatusOK || r.handed != 3 {
		t.Errorf("who has the key: %d %s", r.StatusCode, r.body)
	}
}

// Somebody with another old value asks to recover whenever the owner does, before
// or after: the owner has a turn.
func TestARecoveryHasItsTurn(t *testing.T) {
	for _, first := range []bool{true, false} {
		s := servertest.Start(t, servertest.Options{})
		d := signIn(t, s, "Ben", true, false)
		d.ask(1)
		for generation := range uint64(3) {
			s.Clock.Advance(dueAfter)
			if r := d.ask(generation + 1); r.handed != generation+2 {
				t.Fatalf("%d %s", r.StatusCode, r.body)
			}
			d.ask(generation + 2)
		}
		s.Clock.Advance(time.Minute) // and a crash has taken the owner back to 3
		_, before := d.audited(0)
		thief := func() { d.post("/api/auth/recover", "{}", 1, nil) }
		body, rounds := "{}", 0
		for {
			if rounds++; rounds > 4 {
				t.Fatalf("the owner does not recover in %d rounds", rounds)
			}
			if first {
				thief()
			}
			r := d.post("/api/auth/recover", body, 3, nil)
			thief()
			if r.StatusCode == http.StatusOK {
				break
			}
			body = "{}"
			if r.problem.Code == store.CodeSessionClaimOpen {
				body = `{"claimId":"` + r.problem.ClaimID + `"}`
			}
			s.Clock.Advance(time.Duration(r.problem.RetryAfterMs) * time.Millisecond)
		}
		if r := d.ask(5); r.StatusCode != http.StatusOK {
			t.Errorf("then: %d %s", r.StatusCode, r.body)
		}
		if audit, _ := d.audited(before); len(audit) > 6 {
			t.Errorf("recorded %q", audit)
		}
	}
}

// Two values in turn write no more than one claim for each turn.
func TestClaimsInTurnAreFew(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Ben", true, false)
	movedOn(d)
	s.Clock.Advance(dueAfter)
	d.ask(2)
	d.ask(3)
	s.Clock.Advance(time.Minute)
	_, before := d.audited(0)
	for range 88 { // 44 s
		d.post("/api/auth/recover", "{}", 1, nil)
		d.post("/api/auth/recover", "{}", 2, nil)
		s.Clock.Advance(500 * time.Millisecond)
	}
	if audit, _ := d.audited(before); len(audit) != 2 {
		t.Errorf("recorded %q", audit)
	}
}

// A value that has left, or that was never good, ends nobody's session by a
// sign-in with it.
func TestAnOldValueReplacesNothing(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna := signIn(t, s, "Anna", true, false)
	movedOn(anna)
	s.Clock.Advance(time.Hour)
	ben := &device{t: t, server: s, browser: true, values: map[uint64]string{}}
	signIn := func(generation uint64) {
		t.Helper()
		req := ben.request("POST", "/api/auth/login/demo", `{"name":"Ben","kind":"browser"}`, 0)
		req.AddCookie(&http.Cookie{Name: anna.cookieName(), Value: anna.values[generation]})
		if r := ben.send(req); r.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", r.StatusCode, r.body)
		}
	}
	if signIn(1); anna.kept().End != "" {
		t.Errorf("by the one before: %q", anna.kept().End)
	}
	if signIn(2); anna.kept().End != "replaced" {
		t.Errorf("by the present one: %q", anna.kept().End)
	}
}

// A cookie is of the session that it is named after.
func TestACookieIsOfItsName(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna, ben := signIn(t, s, "Anna", true, true), signIn(t, s, "Ben", true, true)
	for _, others := range []bool{true, false} {
		req := anna.request("GET", "/api/auth/session", "", 0)
		req.Header.Set(api.HeaderSession, strconv.FormatUint(uint64(anna.id), 10))
		req.AddCookie(&http.Cookie{Name: anna.cookieName(), Value: ben.values[1]})
		if !others {
			req.AddCookie(&http.Cookie{Name: anna.cookieName(), Value: anna.values[1]})
		}
		r := anna.send(req)
		var got api.Session
		_ = json.Unmarshal(r.body, &got)
		if others && r.problem.Code != store.CodeSessionMissing || !others && got.ID != anna.id {
			t.Errorf("with Ben's value alone %v: %d %s", others, r.StatusCode, r.body)
		}
	}
}

// Whatever the clock says, a cookie that is handed out is kept for a day.
func TestAJumpOfTheClockTakesNoCookie(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	for _, bound := range []bool{true, false} {
		d := signIn(t, s, "Ben", true, bound)
		s.Clock.Advance(200 * 24 * time.Hour)
		r := d.askProven(1)
		if r.StatusCode != http.StatusOK || r.handed != 2 {
			t.Fatalf("bound %v: %d %s", bound, r.StatusCode, r.body)
		}
		for _, c := range r.Cookies() {
			if c.MaxAge < 24*60*60 {
				t.Errorf("bound %v: %s", bound, c)
			}
		}
		s.Clock.Advance(time.Hour - 200*24*time.Hour)
		if r := d.askProven(2); r.StatusCode != http.StatusOK {
			t.Errorf("bound %v: when it is right again: %d %s", bound, r.StatusCode, r.body)
		}
	}
}

// A server that was restored gives the id of a session again. An access token
// of the one that had it before is nobody's.
func TestATokenOfBeforeARestoreIsNobodys(t *testing.T) {
	dir, backup := t.TempDir(), t.TempDir()
	s := servertest.Start(t, servertest.Options{Dir: dir})
	s.Stop()
	if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s = servertest.Start(t, servertest.Options{Dir: dir, Clock: s.Clock})
	ben := signIn(t, s, "Ben", false, true)
	var tokens api.Tokens
	r := ben.post("/api/auth/refresh", "{}", 1, ben.signer)
	if err := json.Unmarshal(r.body, &tokens); err != nil || tokens.AccessToken == "" {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	s.Stop()
	s = servertest.Start(t, servertest.Options{Dir: backup, Clock: s.Clock})
	if anna := signIn(t, s, "Anna", false, true); anna.id != ben.id {
		t.Fatalf("Anna's session is %d, Ben's was %d", anna.id, ben.id)
	}
	status, _, body := wire{s.URL, tokens.AccessToken}.Do(t, http.MethodGet, "/api/auth/session", nil)
	if status != http.StatusUnauthorized || !strings.Contains(string(body), `"`+string(store.CodeSessionInvalid)+`"`) {
		t.Errorf("%d %s", status, body)
	}
}
