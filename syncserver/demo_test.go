package syncserver_test

import (
	"testing"

	"inglenook/store"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/servertest"

	"github.com/rs/zerolog"
)

// Everybody may be anybody in a demo household only: a real one is not served
// that way, whatever the command line says.
func TestNoDemoOfARealHousehold(t *testing.T) {
	clock := storetest.NewClock(servertest.Begin)
	for _, first := range []bool{true, false} { // whether the store began as a demo
		db := storetest.OpenWith(t, badgerkv.Options{Now: clock.Now})
		config := syncserver.Config{Dir: t.TempDir(), Demo: first, Log: zerolog.Nop(), Now: clock.Now}
		s, err := syncserver.New(t.Context(), config, db)
		if err != nil {
			t.Fatal(err)
		}
		if !first {
			login := api.Login{Code: s.SetUpCode(), Name: "Eva", Password: "long enough", Household: "Real", Kind: "browser"}
			if _, err := s.Methods().SignIn(t.Context(), "setup", login, auth.From{}); err != nil {
				t.Fatal(err)
			}
		}
		config.Demo = true
		_, err = syncserver.New(t.Context(), config, db)
		if first && err != nil || !first && store.CodeOf(err) != store.CodeInvalid {
			t.Errorf("began as a demo %t: %v", first, err)
		}
	}
}
