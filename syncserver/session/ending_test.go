package session

import (
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json/jsontext"
)

// sleep lets days pass as on a server that runs: it looks at its clock hourly.
func (h *house) sleep(days int) {
	for range days {
		h.clock.Advance(day)
		h.Now()
	}
}

// What nobody uses any more ends by itself, and is forgotten long after; who is
// still there is not touched.
func TestCleaningUp(t *testing.T) {
	h := open(t)
	idle, used, ended := h.signInBound(anna), h.signInBound(anna), h.signInBound(anna)
	h.end(ended, machine.Revoked)
	watch, err := h.Watch(t.Context(), idle.id)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	changed := watch.Changed()

	h.sleep(29)
	if code := used.code(); code != "" {
		t.Fatal(code)
	}
	h.cleanUp()
	select {
	case <-changed:
		t.Error("a session ended before its time")
	default:
	}
	h.sleep(2)
	h.cleanUp()
	select {
	case <-changed:
	default:
		t.Error("a session that nobody used for a month goes on")
	}
	if got := watch.Session(); got.EndReason != string(machine.Expired) || got.EndedAt == 0 {
		t.Errorf("its stream sees %+v", got)
	}
	if idle, ended, used := idle.code(), ended.code(), used.code(); idle != store.CodeSessionExpired || ended != store.CodeSessionEnded || used != "" {
		t.Errorf("idle: %q, ended: %q, used: %q", idle, ended, used)
	}
	commits := h.db.commits.Load()
	h.cleanUp()
	if made := h.db.commits.Load() - commits; made != 1 { // the time
		t.Errorf("with nothing to do: %d commits", made)
	}

	for range 5 { // 100 days, the one in use comes by now and then
		h.sleep(20)
		if code := used.code(); code != "" {
			t.Fatal(code)
		}
	}
	h.cleanUp()
	h.cleanUp() // what is forgotten already is no error
	for _, d := range []*device{idle, ended} {
		if code := d.code(); code != store.CodeSessionInvalid {
			t.Errorf("long after: %q", code)
		}
		kept, ok, err := h.home.Session(t.Context(), d.id)
		if err != nil || !ok || kept.Name != "Firefox" || kept.State != nil || kept.Key != nil || kept.Salt != nil || kept.EndedAt == 0 {
			t.Errorf("what is kept for the history: %+v", kept)
		}
	}
	h.Sessions = h.start(Config{})
	if code := used.code(); code != "" {
		t.Errorf("after a restart: %s", code)
	}
}

// An identity that becomes nobody is dropped, unless an admin was asked; then it
// waits as long as any session that nobody uses.
func TestPendingIdentitiesAreDropped(t *testing.T) {
	h := open(t)
	gone, asks := h.signIn(0), h.signIn(0)
	err := h.Change(t.Context(), asks.id, func(d *household.DeviceSession, now store.Timestamp) (bool, error) {
		d.Pending.RequestedAt, d.Pending.DropAt = now, after(now, 14*day)
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(15 * time.Minute)
	h.cleanUp()
	if code := gone.code(); code != "" {
		t.Errorf("after a quarter of an hour: %s", code)
	}
	h.clock.Advance(time.Millisecond)
	h.cleanUp()
	if gone, asks := gone.code(), asks.code(); gone != store.CodeSessionExpired || asks != "" {
		t.Errorf("later: %q, and who asks: %q", gone, asks)
	}
	if record := h.audited(2)[1]; record.Kind != string(machine.AuditExpired) || record.SessionID != gone.id {
		t.Errorf("recorded is %+v", record)
	}
	h.sleep(13)
	if code := asks.code(); code != "" {
		t.Errorf("who asks, before their time: %s", code)
	}
	h.sleep(2)
	h.cleanUp()
	if code := asks.code(); code != store.CodeSessionExpired {
		t.Errorf("who asks, after two weeks: %q", code)
	}
}

// One record that cannot be read is told, and does not hold up the others.
func TestCleaningUpAroundADamagedRecord(t *testing.T) {
	h := open(t)
	damaged, idle := h.signIn(anna), h.signIn(ben)
	h.damage(damaged, `{"g":[[1,9,0,0,0,0,0]]}`)
	h.Sessions = h.start(Config{})
	h.sleep(15)
	if err := h.CleanUp(t.Context()); err == nil {
		t.Error("nobody is told of it")
	}
	if code := idle.code(); code != store.CodeSessionExpired {
		t.Errorf("the one after it: %q", code)
	}
}

// damage replaces what is stored of a session's place in the table.
func (h *house) damage(d *device, state string) {
	h.t.Helper()
	err := h.home.UpdateSessions(h.t.Context(), func(tx household.SessionTx) error {
		stored, _, err := tx.Session(d.id)
		if err != nil {
			return err
		}
		stored.State = jsontext.Value(state)
		return tx.Put(&stored)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// A damaged record is an error of ours: nobody is let in by it, and nobody is
// told that their session is unknown or over.
func TestADamagedRecord(t *testing.T) {
	for _, state := range []string{`{"g":5}`, `[1]`, `{"g":[[1,-1,0,0,0,0,0]]}`, `{"g":[[1,3,0,0,0,0,0]]}`} {
		h := open(t)
		d := h.signIn(anna)
		h.damage(d, state)
		h.Sessions = h.start(Config{})
		answer, err := h.Ask(t.Context(), d.request(machine.Ordinary))
		if store.CodeOf(err) != store.CodeInternal {
			t.Errorf("%s: %+v, %v", state, answer.Output, err)
		}
		if _, err := h.Devices(t.Context(), anna); err == nil {
			t.Errorf("%s: a list without it", state)
		}
		if code := h.signIn(anna).code(); code != "" {
			t.Errorf("%s: another session: %s", state, code)
		}
	}
	// A record without any generation is that of no session.
	h := open(t)
	d := h.signIn(anna)
	h.damage(d, `{"g":[],"v":[0,0,0],"u":0,"x":0}`)
	h.Sessions = h.start(Config{})
	if code := d.code(); code != store.CodeSessionInvalid {
		t.Errorf("no generation: %q", code)
	}
}

func TestEndingOthers(t *testing.T) {
	h := open(t)
	mine, other, bens := h.signIn(anna), h.signIn(anna), h.signIn(ben)
	h.end(other, machine.Revoked)
	commits := h.db.commits.Load()
	h.end(other, machine.UserRemoved) // changes nothing
	h.end(&device{id: 99}, machine.Revoked)
	if made := h.db.commits.Load() - commits; made != 0 {
		t.Errorf("ending what has ended: %d commits", made)
	}
	other2 := h.signIn(anna)
	by := By{Author: store.Author{UserID: anna, SessionID: mine.id}, Network: network}
	if err := h.EndAll(t.Context(), anna, mine.id, machine.PasswordChanged, by); err != nil {
		t.Fatal(err)
	}
	for d, want := range map[*device]machine.EndReason{mine: "", other: machine.Revoked, other2: machine.PasswordChanged, bens: ""} {
		if out := d.ask(machine.Ordinary).Output; out.Reason != want || (out.Code != "") != (want != "") {
			t.Errorf("session %d: %+v, want %q", d.id, out, want)
		}
	}
	if err := h.EndAll(t.Context(), 0, 0, machine.Revoked, by); err != nil {
		t.Fatal(err)
	}
	devices, err := h.Devices(t.Context(), anna)
	if err != nil || len(devices) != 1 || devices[0].ID != mine.id {
		t.Errorf("%d devices, %v", len(devices), err)
	}
	record := h.audited(3) // two first uses are newer
	for _, r := range record {
		if r.Kind == string(machine.AuditEnded) && (r.By != by.Author || r.SessionID != other2.id || r.Detail["reason"] != string(machine.PasswordChanged)) {
			t.Errorf("recorded is %+v", r)
		}
	}
}
