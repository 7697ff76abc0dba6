package syncserver_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

// poll asks whether the device was approved, when it is due.
func (b *browser) poll(s *servertest.Server, secret string) (api.Session, store.Code) {
	b.t.Helper()
	s.Clock.Advance(2 * time.Second)
	return b.login("pairing", api.Login{Code: secret, Device: "The kitchen"})
}

func TestPairing(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	tablet := anna.other()
	begun := tablet.begin("pairing", api.Begin{Device: "The \u202ekitchen\n", Platform: "Android"})
	if len(begun.Code) != 9 || begun.IntervalMs != 2000 || begun.ExpiresInMs != 600_000 {
		t.Errorf("%+v", begun)
	}
	if _, code := tablet.poll(s, begun.Secret); code != store.CodeSignInPending {
		t.Errorf("not approved yet: %q", code)
	}
	if _, code := anna.other().poll(s, begun.Code+".AAAAAAAAAAAAAAAAAAAAAAAAAA"); code != store.CodeSignInFailed {
		t.Errorf("who has seen the code alone: %q", code)
	}
	if _, code := tablet.poll(s, begun.Secret); code != store.CodeSignInPending {
		t.Errorf("still not approved: %q", code)
	}
	s.Clock.Advance(time.Second)
	if _, code := tablet.login("pairing", api.Login{Code: begun.Secret}); code != store.CodeRateLimited {
		t.Errorf("after a second: %q", code)
	}
	var shown api.Pairing
	anna.must(http.MethodGet, "/api/auth/pair?code="+url.QueryEscape(begun.Code), nil, &shown)
	if shown.Device != "The kitchen" || shown.Platform != "Android" || shown.Network != "127.0.0.0/24" {
		t.Errorf("%+v", shown)
	}
	// However it is typed.
	anna.must(http.MethodPost, "/api/auth/pair", api.Approve{Code: " " + string(begun.Code[0]+32) + begun.Code[1:4] + " " + begun.Code[5:]}, nil)
	if code := anna.ask(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil); code != store.CodeNotFound {
		t.Errorf("approved twice: %q", code)
	}
	if _, code := anna.other().poll(s, begun.Code+".AAAAAAAAAAAAAAAAAAAAAAAAAA"); code != store.CodeSignInFailed {
		t.Errorf("who has seen the code alone: %q", code)
	}
	if session, code := tablet.poll(s, begun.Secret); code != "" || session.User.String("name") != "Anna" {
		t.Fatalf("%q %+v", code, session)
	}
	if _, code := anna.other().poll(s, begun.Secret); code != store.CodeSignInFailed {
		t.Errorf("a second device with the secret: %q", code)
	}
	anna.noSecrets(s, begun.Secret)
}

func TestPairingRefused(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	ben := anna.invited("Ben", "member")
	tablet := anna.other()
	begun := tablet.begin("pairing", api.Begin{Device: "The kitchen"})
	anna.must(http.MethodDelete, "/api/auth/pair?code="+begun.Code, nil, nil)
	if _, code := tablet.poll(s, begun.Secret); code != store.CodeSignInFailed {
		t.Errorf("refused: %q", code)
	}

	late := tablet.begin("pairing", api.Begin{Device: "The kitchen"})
	s.Clock.Advance(10 * time.Minute)
	if code := anna.ask(http.MethodGet, "/api/auth/pair?code="+late.Code, nil, nil); code != store.CodeNotFound {
		t.Errorf("after ten minutes: %q", code)
	}
	if _, code := tablet.poll(s, late.Secret); code != store.CodeSignInFailed {
		t.Errorf("after ten minutes: %q", code)
	}

	// Who is removed after having approved lets nobody in.
	ben.must(http.MethodPost, "/api/auth/verify/password", api.Login{Name: "Ben", Password: password}, nil)
	begun = tablet.begin("pairing", api.Begin{Device: "The kitchen"})
	ben.must(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil)
	ben.must(http.MethodDelete, "/api/auth/account", struct{}{}, nil)
	if _, code := tablet.poll(s, begun.Secret); code != store.CodeSignInFailed {
		t.Errorf("approved by nobody: %q", code)
	}
}

// Eight letters can be guessed by nobody who has five tries.
func TestPairingCodesAreNotGuessed(t *testing.T) {
	s, anna := founded(t, servertest.Options{})
	begun := anna.other().begin("pairing", api.Begin{Device: "The kitchen"})
	for range 5 {
		if code := anna.ask(http.MethodPost, "/api/auth/pair", api.Approve{Code: "BBBB-BBBB"}, nil); code != store.CodeNotFound {
			t.Fatalf("%q", code)
		}
	}
	if code := anna.ask(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil); code != store.CodeRateLimited {
		t.Errorf("the sixth try: %q", code)
	}
	s.Clock.Advance(2 * time.Second)
	anna.must(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil)
}

// An approval is worth what its session is: who ends that one, or changes the
// password, has also refused what it had approved.
func TestAnApprovalEndsWithItsSession(t *testing.T) {
	for name, end := range map[string]func(anna, phone *browser){
		"signed out": func(_, phone *browser) { phone.must(http.MethodPost, "/api/auth/logout", struct{}{}, nil) },
		"ended by another device": func(anna, _ *browser) {
			anna.must(http.MethodDelete, "/api/auth/sessions", nil, nil)
		},
		"another password": func(anna, _ *browser) {
			anna.must(http.MethodPatch, "/api/auth/account", api.AccountPatch{OldPassword: password, NewPassword: "battery staple"}, nil)
		},
		"another password, by the one who approved": func(_, phone *browser) {
			phone.must(http.MethodPatch, "/api/auth/account", api.AccountPatch{OldPassword: password, NewPassword: "battery staple"}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, anna := founded(t, servertest.Options{})
			phone := anna.other()
			if _, code := phone.login("password", api.Login{Name: "Anna", Password: password}); code != "" {
				t.Fatal(code)
			}
			tablet := anna.other()
			begun := tablet.begin("pairing", api.Begin{Device: "The kitchen"})
			phone.must(http.MethodPost, "/api/auth/pair", api.Approve{Code: begun.Code}, nil)
			end(anna, phone)
			before := len(audited(t, s, "signin.ok"))
			if session, code := tablet.poll(s, begun.Secret); code != store.CodeSignInFailed {
				t.Errorf("%q, as %q", code, session.User.String("name"))
			}
			if tablet.is() != "" || len(audited(t, s, "signin.ok")) != before {
				t.Error("somebody is in")
			}
		})
	}
}
