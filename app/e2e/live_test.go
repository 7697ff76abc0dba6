package e2e

import (
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

func TestLive(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a, b := newDevice(t, "A", server.Clock.Now), newDevice(t, "B", server.Clock.Now)
	a.write("", store.Replacement{Kind: "note", Entity: entity(t, 41, "title", "before joining")})
	a.join(server, "Anna")
	b.join(server, "Ben")
	a.online()
	b.online()
	a.synced(0)
	b.synced(server.Store().Head().ID)
	titles := map[string]bool{}
	for _, e := range b.shown("note") {
		titles[e.String("title")] = true
	}
	if !titles["before joining"] {
		t.Errorf("what was written before joining did not reach the other device: %v", titles)
	}
	b.write("", store.Replacement{Kind: "note", Entity: entity(t, 42, "title", "live")})
	b.synced(0)
	a.synced(server.Store().Head().ID)
	// What is somebody's own is not the other's to see.
	if a.digest() != serverDigest(t, server, "Anna") || b.digest() != serverDigest(t, server, "Ben") {
		t.Error("the devices do not hold what the server has for them")
	}
}

// TestSignInAgain: a session that ended pauses the exchange, never the writing.
func TestSignInAgain(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a := newDevice(t, "A", server.Clock.Now)
	a.join(server, "Anna")
	a.online()
	a.synced(0)
	if err := a.Replica().Server().Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.until("asked to sign in", func(s api.Status) bool { return s.State == "sign-in" })
	a.write("", store.Replacement{Kind: "note", Entity: entity(t, 43, "title", "while signed out")})
	if err := a.Leave(t.Context(), false); store.CodeOf(err) != store.CodeForbidden {
		t.Errorf("leaving with an unsent write: %v", err)
	}
	a.join(server, "Anna")
	a.synced(0)
	if a.digest() != serverDigest(t, server, "Anna") {
		t.Error("what was written while signed out did not arrive")
	}
	if err := a.Leave(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if left := a.shown("note"); len(left) != 0 {
		t.Errorf("after leaving %d notes are still here", len(left))
	}
}

// TestHosting: a household that lives on the device, and its device again after
// a restart.
func TestHosting(t *testing.T) {
	server := servertest.Start(t, servertest.Options{}) // for its clock alone
	dir := t.TempDir()
	a := openDevice(t, "A", dir, server.Clock.Now)
	a.online()
	if err := a.Start(t.Context(), api.Start{Household: "Home", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	a.synced(1)
	a.write("", store.Replacement{Kind: "note", Entity: entity(t, 44, "title", "here")})
	a.synced(0)
	status := a.until("hosting", func(s api.Status) bool { return s.Hosting && s.Household == "Home" })
	a.shut()

	again := openDevice(t, "A", dir, server.Clock.Now)
	again.online()
	after := again.until("synced", func(s api.Status) bool { return s.State == "synced" && s.Hosting })
	if after.Server != status.Server || after.Here != status.Here {
		t.Errorf("after a restart %+v, before %+v", after, status)
	}
	if notes := again.shown("note"); len(notes) != 1 {
		t.Errorf("after a restart there are %d notes", len(notes))
	}
}
