package syncserver_test

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/api/apitest"
	"inglenook/syncserver/auth"
)

// What proves somebody once lets one of many in who come at the same instant.
func TestOnceAmongMany(t *testing.T) {
	p := newProvider(t, "corner", "127.0.0.1:0")
	o := telegram()
	o.Methods.OIDC = []auth.Provider{p.config()}
	s, anna := founded(t, o)
	key := newAuthenticator(anna, s.User(t, "Anna").ID)
	if _, code := anna.addPasskey(key); code != "" {
		t.Fatal(code)
	}
	key.key.Counter = 1
	var codes api.RecoveryCodes
	anna.must(http.MethodPost, "/api/auth/account/recovery", struct{}{}, &codes)
	invitation := anna.invite(api.NewInvitation{Access: "member"})
	challenge := anna.begin("passkey", api.Begin{})
	tablet := anna.other().begin("pairing", api.Begin{Device: "The kitchen"})
	anna.must(http.MethodPost, "/api/auth/pair", api.Approve{Code: tablet.Code}, nil)
	s.Clock.Advance(time.Second)
	desktop := anna.begin("corner", api.Begin{Redirect: "http://127.0.0.1:5000/"})
	_, back := anna.back(p.authorize(desktop.URL, carla()))
	back.Binding = desktop.Binding

	for method, login := range map[string]func(int) api.Login{
		"recovery": func(int) api.Login { return api.Login{Name: "Anna", Code: codes.Codes[0]} },
		"invitation": func(i int) api.Login {
			return api.Login{Code: invitation.Code, Name: "Ben " + strconv.Itoa(i)}
		},
		"passkey": func(int) api.Login { return api.Login{State: challenge.State, Credential: key.get(t, challenge)} },
		"pairing": func(int) api.Login { return api.Login{Code: tablet.Secret} },
		"corner":  func(int) api.Login { return back },
	} {
		users := len(s.Store().Sight().Levels)
		var together sync.WaitGroup
		var in atomic.Int32
		for i := range 4 { // fewer than the free tries of one name
			b, body := newBrowser(t, anna.url, apitest.Load(t)), login(i) // a contract is one goroutine's
			together.Go(func() {
				switch _, code := b.login(method, body); code {
				case "":
					in.Add(1)
				case store.CodeSignInFailed, store.CodeRateLimited:
				default:
					t.Errorf("%s: %q", method, code)
				}
			})
		}
		together.Wait()
		if in.Load() != 1 {
			t.Errorf("%s: %d are in", method, in.Load())
		}
		if made := len(s.Store().Sight().Levels) - users; method == "invitation" && made != 1 || method != "invitation" && made != 0 {
			t.Errorf("%s: %d users made", method, made)
		}
	}
}
