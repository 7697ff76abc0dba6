package e2e

import (
	"net/http"
	"slices"
	"testing"

	"inglenook/app/account"
	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// joinBeside signs somebody in beside those who are here.
func (d *device) joinBeside(s *servertest.Server, as string) {
	d.t.Helper()
	err := d.Join(d.t.Context(), api.Join{URL: s.URL, Method: "demo", Login: api.Login{Name: as, Add: true}})
	if err != nil {
		d.t.Fatalf("join device %s beside: %v", d.name, err)
	}
}

// people are those of a device by name.
func (d *device) people() map[string]api.Person {
	d.t.Helper()
	all, err := d.People(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]api.Person{}
	for _, p := range all.People {
		out[p.User.Name] = p
	}
	return out
}

func (d *device) switchTo(name string) {
	d.t.Helper()
	if err := d.Switch(d.t.Context(), d.people()[name].ID); err != nil {
		d.t.Fatalf("switch device %s to %s: %v", d.name, name, err)
	}
}

// titles are those of the notes a device shows.
func (d *device) titles() (titles []string) {
	d.t.Helper()
	for _, e := range d.shown("note") {
		titles = append(titles, e.String("title"))
	}
	return titles
}

// wroteFirst is who made a note, as the server has it.
func wroteFirst(t *testing.T, s *servertest.Server, id store.ID) store.ID {
	t.Helper()
	c, _ := s.SignIn(t, "Anna")
	history, err := c.History(t.Context(), store.Ref{Kind: "note", ID: id}, 0)
	if err != nil {
		t.Fatalf("history of note %d: %v", id, err)
	}
	return history.Versions[len(history.Versions)-1].By.UserID
}

// TestTwoPeople: each has unsent writes; they switch without a network, the
// program is started again, and everything arrives under the right name.
func TestTwoPeople(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	d := openDevice(t, "A", dir, server.Clock.Now)
	d.join(server, "Anna")
	d.joinBeside(server, "Ben")
	names := [2]string{server.User(t, "Anna").String("name"), server.User(t, "Ben").String("name")}
	anna, ben := names[0], names[1]
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 201, "title", "of Ben")})
	d.switchTo(anna)
	d.write("",
		store.Replacement{Kind: "note", Entity: entity(t, 202, "title", "of Anna")},
		store.Replacement{Kind: "note", Entity: entity(t, 203, "title", "of Anna too")})
	if slices.Contains(d.titles(), "of Ben") {
		t.Error("one person is shown what another one has not sent")
	}
	d.switchTo(ben)
	for range 2 {
		people := d.people()
		if people[anna].Waiting != 2 || people[anna].Active || people[ben].Waiting != 1 || !people[ben].Active || len(people) != 2 {
			t.Errorf("the people are %+v", people)
		}
		d.shut()
		d = openDevice(t, "A", dir, server.Clock.Now)
	}
	d.online()
	d.synced(0)
	d.switchTo(anna)
	d.synced(0)
	d.until("all there", func(api.Status) bool {
		return slices.Contains(d.titles(), "of Ben") && slices.Contains(d.titles(), "of Anna")
	})
	for id, name := range map[store.ID]string{201: "Ben", 202: "Anna", 203: "Anna"} {
		if got, want := wroteFirst(t, server, id), server.User(t, name).ID; got != want {
			t.Errorf("note %d is by %d, want %s, who is %d", id, got, name, want)
		}
	}
	if err := d.Switch(t.Context(), 1<<40); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("to nobody: %v, want %s", err, store.CodeNotFound)
	}
	d.synced(0) // as Anna still
}

// TestLeaveOneOfTwo: when the active person signs out, the next one is active,
// and nothing of the first is left.
func TestLeaveOneOfTwo(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	d := openDevice(t, "A", dir, server.Clock.Now)
	d.join(server, "Anna")
	d.joinBeside(server, "Ben")
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 211, "title", "of Ben")})
	d.switchTo(server.User(t, "Anna").String("name"))
	d.online()
	d.synced(0)
	if err := d.Leave(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	d.synced(0)
	if got, want := wroteFirst(t, server, 211), server.User(t, "Ben").ID; got != want {
		t.Errorf("the note is by %d, want %d", got, want)
	}
	if len(d.people()) != 1 {
		t.Errorf("the people are %+v", d.people())
	}
	d.joinBeside(server, "Mia")
	d.synced(0)
	for range 2 {
		if err := d.Leave(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if status, err := d.Status(t.Context()); err != nil || status.State != "none" || len(d.titles()) != 0 {
		t.Errorf("afterwards: %+v (%v) with %q", status, err, d.titles())
	}
	d.shut()
	d = openDevice(t, "A", dir, server.Clock.Now)
	if len(d.people()) != 0 || len(d.titles()) != 0 {
		t.Errorf("after a start: %+v, %q", d.people(), d.titles())
	}
}

// TestAddRefuses: signing in beside oneself is signing in again, and other
// households stay out.
func TestAddRefuses(t *testing.T) {
	server, other := servertest.Start(t, servertest.Options{}), servertest.Start(t, servertest.Options{})
	d := newDevice(t, "A", server.Clock.Now)
	d.join(server, "Anna")
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 221, "title", "kept")})
	d.joinBeside(server, "Anna")
	if !slices.Contains(d.titles(), "kept") || len(d.people()) != 1 {
		t.Errorf("signed in again, %q is here, and %+v", d.titles(), d.people())
	}
	err := d.Join(t.Context(), api.Join{URL: other.URL, Method: "demo", Login: api.Login{Name: "Ben", Add: true}})
	if store.CodeOf(err) != store.CodeForbidden {
		t.Errorf("another household: %v, want %s", err, store.CodeForbidden)
	}
	err = d.Join(t.Context(), api.Join{URL: server.URL, Method: "demo", Login: api.Login{Name: "Ben"}})
	if store.CodeOf(err) != store.CodeForbidden {
		t.Errorf("in the place of who has something unsent: %v, want %s", err, store.CodeForbidden)
	}
}

// TestCrashWhileSwitching: whatever the keeper of accounts says is what the
// next start goes on with.
func TestCrashWhileSwitching(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	d := openDevice(t, "A", dir, server.Clock.Now)
	d.join(server, "Anna")
	d.write("", store.Replacement{Kind: "note", Entity: entity(t, 231, "title", "of Anna")})
	d.joinBeside(server, "Ben")
	annas, bens := d.people()[server.User(t, "Anna").String("name")].ID, d.people()[server.User(t, "Ben").String("name")].ID
	d.shut()

	edit := func(do func(*account.Keeper) error) {
		t.Helper()
		keeper, err := account.Open(dir, nil)
		if err == nil {
			err = do(keeper)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	edit(func(k *account.Keeper) error { return k.Activate(annas) }) // decided, and the store not yet open
	d = openDevice(t, "A", dir, server.Clock.Now)
	if !slices.Contains(d.titles(), "of Anna") {
		t.Errorf("the notes are %q", d.titles())
	}
	d.shut()
	edit(func(k *account.Keeper) error { return k.Remove(bens) }) // signed out, and the next one not yet active
	edit(func(k *account.Keeper) error {
		kept, _, err := k.Load(annas)
		if err != nil {
			return err
		}
		again := kept
		again.Session.ID += 1 << 30
		if err := k.Save(again); err != nil { // signed in again, and the earlier session not yet removed
			return err
		}
		return k.Activate(annas)
	})
	d = openDevice(t, "A", dir, server.Clock.Now)
	if all := d.people(); len(all) != 1 || !slices.Contains(d.titles(), "of Anna") {
		t.Errorf("the people are %+v with %q", all, d.titles())
	}
	d.online()
	d.synced(0)
}

// TestBridgeSwitches: the page is told to begin anew, and what it asks for then
// is the other person's.
func TestBridgeSwitches(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	p := newPage(newDevice(t, "A", server.Clock.Now))
	p.join(server, "Anna")
	p.joinBeside(server, "Ben")
	p.online()
	p.synced(0)
	stop, err := p.Bridge().Listen(t.Context(), "", p.emit)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var all api.People
	p.ask(http.StatusOK, "GET", "/api/local/people", nil, &all)
	i := slices.IndexFunc(all.People, func(one api.Person) bool { return !one.Active })
	p.ask(http.StatusNoContent, "POST", "/api/local/people", api.Switch{ID: all.People[i].ID}, nil)
	p.frame("a reset", func(f bridge.Frame) bool { return f.Event == "reset" })
	p.frame("the other one's session", func(f bridge.Frame) bool {
		var s api.Session
		return f.Event == "session" && json.Unmarshal(f.Data, &s) == nil && s.ID == all.People[i].ID
	})
	var me store.Entity
	p.ask(http.StatusOK, "GET", "/api/auth/account", nil, &me)
	if me.ID != all.People[i].User.ID {
		t.Errorf("the account is %v", me)
	}
	p.ask(http.StatusNotFound, "POST", "/api/local/people", api.Switch{ID: 1 << 40}, nil)
	p.ask(http.StatusNoContent, "POST", "/api/local/leave", api.Leave{}, nil)
	p.ask(http.StatusOK, "GET", "/api/local/people", nil, &all)
	if len(all.People) != 1 || !all.People[0].Active {
		t.Errorf("the people are %+v", all)
	}
}
