package session

import (
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"
)

// Used every few days a session lives as long as any may: that of its kind, and
// without a key the shortest.
func TestLimits(t *testing.T) {
	for _, row := range []struct {
		kind           machine.Kind
		bound          bool
		idle, absolute int // days
	}{
		{machine.Browser, true, 30, 180},
		{machine.Desktop, true, 90, 365},
		{machine.Token, true, 14, 90},
		{machine.Browser, false, 14, 90},
		{machine.Desktop, false, 14, 90},
		{machine.Token, false, 14, 90},
	} {
		h := open(t)
		sign := func() *device {
			if row.bound {
				return h.signInAs(anna, row.kind, newSigner(t))
			}
			return h.signInAs(anna, row.kind, nil)
		}
		used := sign()
		for left := row.absolute - 1; left > 0; left -= row.idle - 1 {
			h.sleep(min(left, row.idle-1))
			if code := used.code(); code != "" {
				t.Fatalf("%s: %s after %v", row.kind, code, h.clock.Now().Sub(begin))
			}
		}
		h.sleep(1)
		if code := used.code(); code != store.CodeSessionExpired {
			t.Errorf("%s, bound %v: %q after %d days", row.kind, row.bound, code, row.absolute)
		}
		idle := sign()
		h.sleep(row.idle)
		if code := idle.code(); code != store.CodeSessionExpired {
			t.Errorf("%s, bound %v: %q after %d idle days", row.kind, row.bound, code, row.idle)
		}
	}
}

// The client's session of before ends in the transaction of its next sign-in.
func TestReplacing(t *testing.T) {
	h := open(t)
	earlier := h.signIn(anna)
	commits := h.db.commits.Load()
	answer, err := h.SignIn(t.Context(), SignIn{UserID: anna, Client: Client{Kind: machine.Browser, Network: network}, Ends: earlier.id})
	if err != nil || h.db.commits.Load() != commits+1 {
		t.Fatalf("%d commits, %v", h.db.commits.Load()-commits, err)
	}
	if out := earlier.ask(machine.Ordinary).Output; out.Reason != machine.Replaced {
		t.Errorf("the earlier one: %+v", out)
	}
	if r := h.audited(2); r[0].SessionID != answer.Session.ID || r[1].SessionID != earlier.id || r[1].Kind != string(machine.AuditEnded) {
		t.Errorf("recorded is %+v", r)
	}
	for _, ends := range []store.SessionID{earlier.id, 99} { // ended already, or never there
		if _, err := h.SignIn(t.Context(), SignIn{UserID: anna, Client: Client{Kind: machine.Browser}, Ends: ends}); err != nil {
			t.Errorf("instead of %d: %v", ends, err)
		}
	}
	if _, err := h.SignIn(t.Context(), SignIn{UserID: anna, Client: Client{Kind: "toaster"}}); store.CodeOf(err) != store.CodeInvalid {
		t.Errorf("a toaster: %v", err)
	}
}

// A level is what a key gives: nobody says so of a session without one.
func TestLevels(t *testing.T) {
	h := open(t)
	for _, row := range []struct {
		key        bool
		said, want machine.Level
	}{
		{false, machine.ProtectedKey, machine.BearerOnly},
		{true, machine.BearerOnly, machine.SoftwareKey},
		{true, machine.SoftwareKey, machine.SoftwareKey},
		{true, machine.ProtectedKey, machine.ProtectedKey},
		{true, 77, machine.ProtectedKey},
	} {
		in := SignIn{UserID: anna, Client: Client{Kind: machine.Browser}, Level: row.said}
		if row.key {
			in.Key = newSigner(t).Key()
		}
		answer, err := h.SignIn(t.Context(), in)
		if err != nil || answer.Session.Table.Level != row.want || answer.Session.Level != int(row.want) || (answer.Nonce != "") != row.key {
			t.Errorf("key %v, said %d: level %d, nonce %q, %v", row.key, row.said, answer.Session.Level, answer.Nonce, err)
		}
	}
}

// Who has lost the key of a device goes on with a new one, and the old one, with
// whoever has it, is out.
func TestRebinding(t *testing.T) {
	h := open(t)
	d, other := h.signInBound(anna), h.signInBound(anna)
	d.ask(machine.Ordinary)
	h.clock.Advance(time.Hour)
	lost := d.signer
	signer := newSigner(t)
	rebind := d.request(machine.Rebind)
	bare := rebind
	bare.Value = ""
	key, ok := h.NewKey(d.prove(bare, signer, true))
	if !ok || key.Thumbprint() != signer.Key().Thumbprint() {
		t.Fatalf("the new key is not taken: %v", ok)
	}
	commits := h.db.commits.Load()
	answer, err := h.Rebind(t.Context(), rebind, key, machine.SoftwareKey, true)
	if err != nil || answer.Refused() || answer.Value == "" || answer.Nonce == "" || h.db.commits.Load() != commits+1 {
		t.Fatalf("%+v, %v, %d commits", answer.Output, err, h.db.commits.Load()-commits)
	}
	got := d.stored()
	if got.Table.Level != machine.SoftwareKey || got.VerifiedAt != h.Now() || got.KeyBoundAt != h.Now() || got.Table != answer.Session.Table {
		t.Errorf("stored is %+v", got)
	}
	if r := h.audited(1)[0]; r.Kind != string(machine.AuditRebound) || r.SessionID != d.id {
		t.Errorf("recorded is %+v", r)
	}
	for _, one := range []*device{d, other} {
		if n := one.notices(); len(n) != 1 || n[0].Kind != string(machine.NoticeRebound) || n[0].SessionID != d.id {
			t.Errorf("device %d is told %+v", one.id, n)
		}
	}
	if answer := d.send(d.prove(d.request(machine.Recover), lost, false)); answer.Output.Code != store.CodeSessionDenied {
		t.Errorf("with the old key: %+v", answer.Output)
	}
	d.signer, d.value = signer, answer.Value
	if code := d.code(); code != "" {
		t.Errorf("with the new one: %s", code)
	}

	forged := rebind
	forged.Value += "x"
	for _, r := range []Request{forged, {Value: "v1.99.1." + d.value[len(d.value)-43:]}} {
		if answer, err := h.Rebind(t.Context(), r, key, machine.SoftwareKey, true); err != nil || answer.Output.Code != store.CodeSessionInvalid {
			t.Errorf("%q: %+v, %v", r.Value, answer.Output, err)
		}
	}
	if key, ok := h.NewKey(rebind); !ok || !key.IsZero() {
		t.Error("a key without a proof")
	}
	again := d.prove(bare, signer, true)
	if _, ok := h.NewKey(again); !ok {
		t.Error("a proof is refused")
	}
	if _, ok := h.NewKey(again); ok {
		t.Error("a proof is taken twice")
	}
	if _, ok := h.NewKey(d.prove(bare, signer, false)); ok {
		t.Error("a proof without its key")
	}
}

// Somebody without an account becomes one of the household, with the session
// they have.
func TestAdopting(t *testing.T) {
	h := open(t)
	answer, err := h.SignIn(t.Context(), SignIn{
		Pending: household.Identity{Method: "oidc", Subject: "subject"}, Client: Client{Kind: machine.Browser, Name: "Firefox"},
	})
	if err != nil || answer.Session.Pending == nil || answer.Session.Pending.Identity.Subject != "subject" {
		t.Fatalf("%+v, %v", answer.Session, err)
	}
	d := &device{house: h, id: answer.Session.ID, value: answer.Value}
	counts := func(want0, wantAnna int) {
		t.Helper()
		for user, want := range map[store.ID]int{0: want0, anna: wantAnna} {
			if devices, err := h.Devices(t.Context(), user); err != nil || len(devices) != want {
				t.Errorf("user %d has %d sessions, %v", user, len(devices), err)
			}
		}
	}
	counts(1, 0)
	watch, err := h.Watch(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	changed := watch.Changed()
	if err := h.Adopt(t.Context(), d.id, anna); err != nil {
		t.Fatal(err)
	}
	<-changed
	counts(0, 1)
	if got := d.stored(); got.UserID != anna || got.Pending != nil {
		t.Errorf("stored is %+v", got)
	}
	h.clock.Advance(time.Hour)
	h.cleanUp()
	if code := d.code(); code != "" {
		t.Errorf("an hour later: %s", code)
	}
	ended := h.signIn(0)
	h.end(ended, machine.Revoked)
	for id, want := range map[store.SessionID]store.Code{d.id: store.CodeNotFound, ended.id: store.CodeNotFound, 99: store.CodeSessionInvalid} {
		if err := h.Adopt(t.Context(), id, ben); store.CodeOf(err) != want {
			t.Errorf("session %d: %v, want %s", id, err, want)
		}
	}
}

// A proof of who one is holds for ten minutes.
func TestSteppingUp(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	left := func() time.Duration { return h.StepUpLeft(d.now()) }
	if err := h.Verified(t.Context(), d.id); err != nil || left() != 10*time.Minute {
		t.Errorf("at first: %v, %v", left(), err)
	}
	h.clock.Advance(9 * time.Minute)
	if left() != time.Minute {
		t.Errorf("later: %v", left())
	}
	h.clock.Advance(time.Hour)
	if left() != 0 {
		t.Errorf("at last: %v", left())
	}
	if err := h.Verified(t.Context(), d.id); err != nil || left() != 10*time.Minute {
		t.Errorf("once more: %v, %v", left(), err)
	}
}

// An access token is good for its generation's time, rotates nothing, and is
// void when what its user may do has changed or the session has ended.
func TestAccessTokens(t *testing.T) {
	h := open(t)
	d := h.signInAs(anna, machine.Desktop, newSigner(t))
	issue := func() Request {
		text, life := h.AccessToken(d.now(), d.now().Table.Head().Number)
		if life != 10*time.Minute {
			t.Errorf("its life is %v", life)
		}
		r := d.request(machine.Ordinary)
		r.Value = text
		return r
	}
	use := func(r Request) store.Code {
		answer, err := h.Open(t.Context(), r)
		if err != nil {
			return store.CodeOf(err)
		}
		return answer.Output.Code
	}
	token := issue()
	if code := use(token); code != "" || d.now().Table.Head().FirstUsedAt == 0 {
		t.Errorf("a fresh one: %q", code)
	}
	if answer, err := h.Open(t.Context(), d.prove(token, d.signer, false)); err != nil || answer.Proof != machine.ValidProof {
		t.Errorf("with a proof: %+v, %v", answer, err)
	}
	h.clock.Advance(10*time.Minute - time.Second)
	if code := use(token); code != "" {
		t.Errorf("in its last second: %q", code)
	}
	h.clock.Advance(time.Second)
	if code := use(token); code != store.CodeTokenExpired {
		t.Errorf("after it: %q", code)
	}
	token = issue()
	h.clock.Advance(5 * time.Minute)
	if answer := d.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated {
		t.Fatalf("%+v", answer.Output)
	}
	h.clock.Advance(9 * time.Second)
	if code := use(token); code != "" {
		t.Errorf("within the overlap: %q", code)
	}
	h.clock.Advance(time.Second)
	if code := use(token); code != store.CodeSessionSuperseded {
		t.Errorf("after it: %q", code)
	}
	token = issue()
	if err := h.ChangeAccess(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if code := use(token); code != store.CodeTokenExpired {
		t.Errorf("of what its user might do before: %q", code)
	}
	token = issue()
	if code := use(token); code != "" {
		t.Errorf("of what they may do now: %q", code)
	}
	h.end(d, machine.Revoked)
	if code := use(token); code != store.CodeSessionEnded {
		t.Errorf("of a session that has ended: %q", code)
	}
	h.sleep(91)
	h.cleanUp()
	if code := use(token); code != store.CodeTokenExpired && code != store.CodeSessionInvalid {
		t.Errorf("of one that is forgotten: %q", code)
	}
}

// What a session begets is not born after its end.
func TestAnEndedSessionMakesNoOther(t *testing.T) {
	h := open(t)
	parent := h.signIn(anna)
	in := SignIn{UserID: anna, Client: Client{Kind: machine.Token, Network: network}, Parent: parent.id}
	if _, err := h.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	h.end(parent, machine.Revoked)
	if _, err := h.SignIn(t.Context(), in); store.CodeOf(err) != store.CodeSessionEnded {
		t.Fatalf("after the end: %v", err)
	}
}

// Who has proved themselves by what was taken away since gets no session.
func TestASignInOfAnEarlierCredential(t *testing.T) {
	h := open(t)
	in := SignIn{UserID: anna, Client: Client{Kind: machine.Token}}
	if _, err := h.home.AddMethod(t.Context(), anna, household.Method{Kind: household.MethodPassword, PasswordHash: "a"}); err != nil {
		t.Fatal(err)
	}
	first, err := h.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	change := func(hash string) func(household.SessionTx) error {
		return func(tx household.SessionTx) error {
			return tx.ChangeCredential(anna, func(c *household.Credential, _ store.Timestamp) error {
				c.Of(household.MethodPassword).PasswordHash = hash
				return nil
			})
		}
	}
	by := By{Author: store.Author{UserID: anna, SessionID: first.Session.ID}}
	if err := h.ChangePassword(t.Context(), anna, change("b"), by); err != nil {
		t.Fatal(err)
	}
	for id, active := range map[store.SessionID]bool{first.Session.ID: true, second.Session.ID: false} {
		if got, err := h.Active(t.Context(), id); got != active || err != nil {
			t.Errorf("session %d is active: %t, %v", id, got, err)
		}
	}
	if _, err := h.SignIn(t.Context(), in); store.CodeOf(err) != store.CodeSignInFailed {
		t.Errorf("with the old password: %v", err)
	}
	in.Revision++
	if _, err := h.SignIn(t.Context(), in); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	by.SessionID = second.Session.ID
	if err := h.ChangePassword(t.Context(), anna, change("c"), by); store.CodeOf(err) != store.CodeSessionEnded {
		t.Errorf("by a session that has ended: %v", err)
	}
	if c, err := h.home.Credential(t.Context(), anna); err != nil || c.Of(household.MethodPassword).PasswordHash != "b" {
		t.Errorf("%+v, %v", c, err)
	}
}
