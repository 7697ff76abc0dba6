package syncserver_test

import (
	"net/http"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/api/apitest"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// Admins read the audit log page by page; nobody else reads any of it.
func TestReadingTheAuditLog(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	contract := apitest.Load(t)
	if err := s.Store().Audit(t.Context(), household.AuditRecord{
		Kind: "session.denied", UserID: s.User(t, "Ben").ID, SessionID: 77, Network: "198.51.100.7", Detail: map[string]string{"count": "10"},
	}); err != nil {
		t.Fatal(err)
	}
	whole, err := s.Store().AuditPage(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	_, in := s.SignIn(t, "Anna")
	anna := wire{s.URL, in.Value}
	var read []api.AuditRecord
	for path := "/api/auth/audit?limit=2"; path != ""; {
		status, contentType, body := anna.Do(t, http.MethodGet, path, nil)
		contract.Check(t, "GET /api/auth/audit", status, contentType, body)
		var page api.AuditPage
		if err := json.Unmarshal(body, &page); err != nil || len(page.Records) == 0 || len(page.Records) > 2 {
			t.Fatalf("%s: %v: %s", path, err, body)
		}
		read = append(read, page.Records...)
		path = ""
		if page.Next != 0 {
			path = "/api/auth/audit?limit=2&before=" + store.ID(page.Next).String()
		}
	}
	// Signing in leaves records too, before these.
	read = read[len(read)-len(whole):]
	if len(whole) < 6 {
		t.Fatalf("only %d records", len(whole))
	}
	for i, r := range read {
		if r.N != whole[i].N || r.Kind != whole[i].Kind || r.UserID != whole[i].UserID {
			t.Errorf("record %d is %+v", whole[i].N, r)
		}
	}
	if r := read[0]; r.Network != "198.51.100.0/24" || r.SessionID != 77 || r.Detail["count"] != "10" {
		t.Errorf("%+v", r)
	}
	for _, path := range []string{"/api/auth/audit?limit=0", "/api/auth/audit?limit=1001", "/api/auth/audit?before=x"} {
		if status, _, body := anna.Do(t, http.MethodGet, path, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, name := range []string{"Ben", "Leo"} {
		_, in := s.SignIn(t, name)
		if status, _, body := (wire{s.URL, in.Value}).Do(t, http.MethodGet, "/api/auth/audit", nil); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
