package syncserver_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/servertest"
)

func (d *device) stored() household.DeviceSession {
	d.t.Helper()
	stored, ok, err := d.server.Store().Session(d.t.Context(), d.id)
	if err != nil || !ok {
		d.t.Fatalf("session %d: %v, %v", d.id, ok, err)
	}
	return stored
}

// A copied value of a bound session neither takes away what the owner is told of
// the copy, nor gives a device another name.
func TestACopiedValueHidesNothing(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	for _, browser := range []bool{true, false} {
		d := signIn(t, s, "Anna", browser, true)
		other := signIn(t, s, "Anna", browser, false)
		rotated(d)
		d.ask(2)
		s.Clock.Advance(time.Minute)
		d.post("/api/auth/recover", "{}", 1, nil)
		before := d.stored()
		if len(before.Notices) != 1 {
			t.Fatalf("notices: %+v", before.Notices)
		}
		for _, ask := range []struct{ method, path, body string }{
			{http.MethodDelete, fmt.Sprintf("/api/auth/session/notices/%d", before.Notices[0].ID), ""},
			{http.MethodPatch, "/api/auth/session", `{"device":"Anna's own"}`},
			{http.MethodPatch, fmt.Sprintf("/api/auth/sessions/%d", other.id), `{"device":"Anna's own"}`},
		} {
			r := d.send(d.request(ask.method, ask.path, ask.body, 2))
			if r.problem.Code != store.CodeSessionProofRequired {
				t.Errorf("%s %s: %d %q", ask.method, ask.path, r.StatusCode, r.problem.Code)
			}
			after := d.stored()
			if after.Name != before.Name || len(after.Notices) != len(before.Notices) || other.stored().Name == "Anna's own" {
				t.Errorf("%s %s has changed %+v", ask.method, ask.path, after)
			}
			req := d.prove(d.request(ask.method, ask.path, ask.body, 2), d.signer, d.values[2], false)
			if r := d.send(req); r.StatusCode != http.StatusNoContent {
				t.Errorf("%s %s with the key: %d %s", ask.method, ask.path, r.StatusCode, r.body)
			}
			before = d.stored()
		}
		if before.Name != "Anna's own" || len(before.Notices) != 0 || other.stored().Name != "Anna's own" {
			t.Errorf("with the key it has become %q with %d notices", before.Name, len(before.Notices))
		}
	}
}
