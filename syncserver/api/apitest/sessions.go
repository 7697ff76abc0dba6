package apitest

import (
	"slices"

	"inglenook/store"
	"inglenook/syncserver/api"
)

// data is kept by version: who has not read the newest one changes nothing.
func (s *suite) data() {
	const get, put = "GET /api/auth/session/data", "PUT /api/auth/session/data"
	var data map[string]string
	before, _ := s.askVersion(get, "", "", nil, &data)
	if before.Status != 200 || before.ETag == "" || data != nil {
		s.Fatalf("at first: %d %s %v", before.Status, before.ETag, data)
	}
	first, problem := s.askVersion(put, "", before.ETag, `{"place":"#/lists"}`, nil)
	if first.Status != 204 || first.ETag == "" || first.ETag == before.ETag {
		s.Fatalf("put: %d %s %+v", first.Status, first.ETag, problem)
	}
	if _, problem := s.askVersion(put, "", before.ETag, `{"place":"#/notes"}`, nil); problem.Code != store.CodeDataChanged {
		s.Errorf("over another version: %+v, want %s", problem, store.CodeDataChanged)
	}
	if now, _ := s.askVersion(get, "", "", nil, &data); now.ETag != first.ETag || data["place"] != "#/lists" {
		s.Errorf("kept is %v as %s, want it as %s", data, now.ETag, first.ETag)
	}
	if again, _ := s.askVersion(put, "", first.ETag, `{"place":"#/lists"}`, nil); again.Status != 204 || again.ETag != first.ETag {
		s.Errorf("the same again: %d as %s, want %s", again.Status, again.ETag, first.ETag)
	}
	if status, _ := s.ask(put, "", "{", nil); status != 400 {
		s.Errorf("broken JSON: %d", status)
	}
}

// devices are named and ended.
func (s *suite) devices() {
	var session api.Session
	s.ask("GET /api/auth/session", "", nil, &session)
	const one, other = "/api/auth/sessions/{id}", "/api/auth/sessions/4711"
	if status, _ := s.ask("PATCH /api/auth/session", "", api.Rename{Device: "kitchen"}, nil); status != 204 {
		s.Errorf("name this device: %d", status)
	}
	if name := s.device(session.ID).Name; name != "kitchen" {
		s.Errorf("this device is called %q", name)
	}
	if status, _ := s.ask("PATCH "+one, "/api/auth/sessions/"+store.ID(session.ID).String(), api.Rename{Device: "hall"}, nil); status != 204 {
		s.Errorf("name it by its id: %d", status)
	}
	if d := s.device(session.ID); d.Name != "hall" || !d.Current {
		s.Errorf("this device is %+v", d)
	}
	if status, _ := s.ask("PATCH "+one, other, api.Rename{Device: "mine"}, nil); status != 404 {
		s.Errorf("name somebody else's: %d", status)
	}
	if status, _ := s.ask("DELETE "+one, other, nil, nil); status != 404 {
		s.Errorf("end somebody else's: %d", status)
	}
	var script api.SignedIn
	if status, _ := s.ask("POST /api/auth/tokens", "", api.NewToken{Name: "backup"}, &script); status != 200 || script.Value == "" {
		s.Errorf("a script's session: %d", status)
	}
	if name := s.device(script.Session.ID).Name; name != "backup" {
		s.Errorf("it is called %q", name)
	}
	if status, _ := s.ask("DELETE /api/auth/sessions", "", nil, nil); status != 204 {
		s.Errorf("end all others: %d", status)
	}
	if d := s.device(script.Session.ID); d.ID != 0 {
		s.Errorf("the script still has %+v", d)
	}
}

// device is one of the list, zero when it is not there.
func (s *suite) device(id store.SessionID) (d api.Device) {
	s.Helper()
	var devices []api.Device
	s.ask("GET /api/auth/sessions", "", nil, &devices)
	if i := slices.IndexFunc(devices, func(d api.Device) bool { return d.ID == id }); i >= 0 {
		d = devices[i]
	}
	return d
}

// doors lead in: methods, codes, invitations and requests, seen by an admin.
func (s *suite) doors() {
	for operation, into := range map[string]any{
		"GET /api/auth/methods": &api.Methods{}, "GET /api/auth/account/methods": &[]api.AccountMethod{},
		"GET /api/auth/invitations": &[]api.Invitation{}, "GET /api/auth/requests": &[]api.JoinRequest{},
		"GET /api/auth/audit": &api.AuditPage{},
	} {
		if status, problem := s.ask(operation, "", nil, into); status != 200 {
			s.Errorf("%s: %d %+v", operation, status, problem)
		}
	}
	var invitation api.Invitation
	if status, problem := s.ask("POST /api/auth/invitations", "", api.NewInvitation{Access: "guest"}, &invitation); status != 200 || invitation.Code == "" {
		s.Fatalf("invite: %d %+v", status, problem)
	}
	if status, _ := s.ask("DELETE /api/auth/invitations/{id}", "/api/auth/invitations/"+invitation.ID, nil, nil); status != 204 {
		s.Errorf("take it back: %d", status)
	}
	var codes api.RecoveryCodes
	if status, problem := s.ask("POST /api/auth/account/recovery", "", nil, &codes); status != 200 || len(codes.Codes) == 0 {
		s.Errorf("recovery codes: %d %+v", status, problem)
	}
	for operation, path := range map[string]string{
		"GET /api/auth/pair": "/api/auth/pair?code=AAAAAAAA", "DELETE /api/auth/pair": "/api/auth/pair?code=AAAAAAAA",
		"DELETE /api/auth/requests/{id}": "/api/auth/requests/4711",
	} {
		if status, problem := s.ask(operation, path, nil, nil); status < 400 || status >= 500 {
			s.Errorf("%s of nobody: %d %+v", operation, status, problem)
		}
	}
	wrong := api.Login{Name: "nobody there"}
	if _, problem := s.ask("POST /api/auth/verify/{method}", "/api/auth/verify/demo", wrong, nil); problem.Code != store.CodeSignInFailed {
		s.Errorf("verify as somebody else: %+v", problem)
	}
}
