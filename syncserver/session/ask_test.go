package session

import (
	"maps"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session/machine"
)

// step is one thing that happens to a session, and what is left of it.
type step struct {
	name   string
	do     func() Answer
	audit  machine.Audit // of the one record it leaves; "" for none, and nothing written
	detail map[string]string
}

// check takes the steps one after the other. What is stored and the record of
// it come with one commit.
func (h *house) check(d *device, steps []step) {
	h.t.Helper()
	for _, s := range steps {
		commits, before := h.db.commits.Load(), h.audited(1)[0].N
		s.do()
		made, newest := h.db.commits.Load()-commits, h.audited(1)[0]
		switch {
		case s.audit == "":
			if made != 0 || newest.N != before {
				h.t.Errorf("%s: %d commits, and %d records", s.name, made, newest.N-before)
			}
		case made != 1 || newest.N != before+1:
			h.t.Errorf("%s: %d commits, %d records instead of one of each", s.name, made, newest.N-before)
		case newest.Kind != string(s.audit) || newest.SessionID != d.id || newest.UserID != anna || newest.Network != network ||
			newest.At != h.Now() || !maps.Equal(newest.Detail, s.detail):
			h.t.Errorf("%s: recorded is %+v", s.name, newest)
		}
		if known, stored := d.now(), d.stored(); known.Table != stored.Table || known.Revision != stored.Revision {
			h.t.Errorf("%s: known is %+v, stored %+v", s.name, known.Table, stored.Table)
		}
	}
}

// Each row that changes a session without a key leaves one record, in the commit
// of the change; a rotation is one commit.
func TestRecordsWithoutKey(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	if r := h.audited(1)[0]; r.Kind != string(machine.AuditStarted) || r.SessionID != d.id || r.Detail["method"] != "password" || r.Detail["kind"] != "browser" {
		t.Errorf("row 3: %+v", r)
	}
	first := d.value
	stale := func(ask machine.Request, value, claim string) func() Answer {
		return func() Answer {
			r := d.request(ask)
			r.Value, r.Claim = value, claim
			return d.send(r)
		}
	}
	d.now()
	h.check(d, []step{
		{"row 4, the first use", func() Answer { return d.ask(machine.Ordinary) }, machine.AuditFirstUse, nil},
		{"row 4", func() Answer { return d.ask(machine.Ordinary) }, "", nil},
		{"row 5", func() Answer { h.clock.Advance(17 * time.Minute); return d.ask(machine.Ordinary) }, machine.AuditRotated, map[string]string{"generation": "2"}},
		{"row 8", stale(machine.Ordinary, first, ""), "", nil},
		{"row 9", func() Answer { h.clock.Advance(time.Minute); return stale(machine.Ordinary, first, "")() }, "", nil},
		{"row 4, the first use of the successor", func() Answer { return d.ask(machine.Ordinary) }, machine.AuditFirstUse, nil},
		{"row 10", stale(machine.Ordinary, first, ""), "", nil},
		{"row 13", stale(machine.RecoverClaimed, first, "2"), "", nil},
		{"row 11", stale(machine.Recover, first, ""), machine.AuditClaim, map[string]string{"code": "session-claim-open"}},
		{"row 11 again", stale(machine.Recover, first, ""), "", nil},
		{
			"row 12", func() Answer { h.clock.Advance(11 * time.Second); return stale(machine.RecoverClaimed, first, "2")() },
			machine.AuditRecovered,
			map[string]string{"generation": "3"},
		},
	})
	if n := d.notices(); len(n) != 1 || n[0].Kind != string(machine.NoticeMaybeTaken) || n[0].Network != network || n[0].SessionID != d.id {
		t.Errorf("row 12 tells %+v", n)
	}
	second := d.value // the thief's, who goes on with what the owner has lost
	d.value = h.write(d.now().DeviceSession, 3)
	d.ask(machine.Ordinary)
	h.clock.Advance(2 * time.Minute)
	d.ask(machine.Ordinary) // late
	other := h.signIn(anna)
	h.check(d, []step{
		{"row 11 of the owner", stale(machine.Recover, second, ""), machine.AuditClaim, map[string]string{"code": "session-claim-open"}},
		{
			"row 14", func() Answer { h.clock.Advance(11 * time.Second); return stale(machine.RecoverClaimed, second, "3")() },
			machine.AuditTaken,
			map[string]string{"code": "session-taken", "reason": "taken"},
		},
		{"after row 14", stale(machine.Ordinary, second, ""), "", nil},
		{"after row 14, the thief", func() Answer { return d.ask(machine.Ordinary) }, "", nil},
	})
	if n := other.notices(); len(n) != 1 || n[0].Kind != string(machine.NoticeTaken) || n[0].SessionID != d.id || n[0].Device != "Firefox" {
		t.Errorf("row 14 tells the other device %+v", n)
	}
}

// The same with a key.
func TestRecordsWithKey(t *testing.T) {
	h := open(t)
	d := h.signInBound(anna)
	first := d.value
	show := func(ask machine.Request, value string, signer *proof.Signer) func() Answer {
		return func() Answer {
			r := d.request(ask)
			r.Value = value
			if signer != nil {
				r = d.prove(r, signer, false)
			}
			return d.send(r)
		}
	}
	thief := newSigner(t)
	denied := map[string]string{"code": "session-denied"}
	h.check(d, []step{
		{"row 4, the first use", func() Answer { return d.ask(machine.Ordinary) }, machine.AuditFirstUse, nil},
		{"row 7", func() Answer { h.clock.Advance(20 * time.Minute); return show(machine.Ordinary, first, nil)() }, "", nil},
		{"row 5", func() Answer { return d.ask(machine.Ordinary) }, machine.AuditRotated, map[string]string{"generation": "2"}},
		{"row 15, the head unused", show(machine.Recover, first, d.signer), "", nil},
		{"row 4, the successor", func() Answer { return d.ask(machine.Ordinary) }, machine.AuditFirstUse, nil},
		{"row 15", show(machine.Recover, first, d.signer), machine.AuditRecovered, map[string]string{"generation": "3"}},
		{"row 20, the key is lost", show(machine.KeyLost, first, nil), "", nil},
	})
	other := h.signInBound(anna)
	h.check(d, []step{
		{"row 16", show(machine.Recover, first, nil), machine.AuditDenied, denied},
		{"row 16, another key", show(machine.Recover, first, thief), machine.AuditDenied, denied},
	})
	for _, one := range []*device{d, other} {
		if n := one.notices(); len(n) != 1 || n[0].Kind != string(machine.NoticeDenied) || n[0].SessionID != d.id || n[0].Count != 1 {
			t.Errorf("row 16 tells device %d %+v", one.id, n)
		}
	}
	for range 8 {
		show(machine.Recover, first, nil)()
	}
	if n := other.notices(); len(n) != 1 || n[0].Count != 2 || d.now().Table.Denied != 10 {
		t.Errorf("after ten: %+v", n)
	}
	h.check(d, []step{
		{"row 18, without a proof", show(machine.SignOut, d.value, nil), "", nil},
		{"row 18", show(machine.SignOut, h.write(d.now().DeviceSession, 3), d.signer), machine.AuditEnded, nil},
	})
}

// A stale proof, of a nonce that was spent or is too old, is told from a bad one.
func TestProofs(t *testing.T) {
	h := open(t)
	d := h.signInBound(anna)
	r := d.prove(d.request(machine.Ordinary), d.signer, false)
	elsewhere, method, value := r, r, r
	elsewhere.Path = "/api/y"
	method.Method = "DELETE"
	value.Value = h.write(d.now().DeviceSession, 2)
	cookie := r
	cookie.Cookie = true
	old := d.prove(d.request(machine.Ordinary), d.signer, false)
	foreign := d.prove(d.request(machine.Ordinary), newSigner(t), false)
	junk := d.request(machine.Ordinary)
	junk.Proof = "x.y.z"
	for _, row := range []struct {
		name string
		r    Request
		want machine.Proof
	}{
		{"none", d.request(machine.Ordinary), machine.NoProof},
		{"of another path", elsewhere, machine.BadProof},
		{"of another method", method, machine.BadProof},
		{"over another value", value, machine.BadProof},
		{"of another key", foreign, machine.BadProof},
		{"junk", junk, machine.BadProof},
		{"right", r, machine.ValidProof},
		{"right, again", r, machine.StaleProof},
		{"right, again, in a cookie", cookie, machine.StaleProof},
	} {
		if got := h.proven(row.r, d.now().DeviceSession); got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
	}
	h.clock.Advance(proof.NonceLife)
	if got := h.proven(old, d.now().DeviceSession); got != machine.StaleProof {
		t.Errorf("a minute old: %d", got)
	}
	bare := h.signIn(ben)
	if got := h.proven(bare.prove(bare.request(machine.Ordinary), newSigner(t), false), bare.now().DeviceSession); got != machine.BadProof {
		t.Errorf("on a session without a key: %d", got)
	}
}

// A full disk signs nobody out and keeps nobody from reading: rotations wait. It
// does refuse what must not be forgotten.
func TestAFullDisk(t *testing.T) {
	h := open(t)
	bare, bound := h.signIn(anna), h.signInBound(anna)
	h.full.Store(true)
	for range 4 { // the first use, due, past the grace, much later
		h.clock.Advance(16 * time.Minute)
		for _, d := range []*device{bare, bound} {
			answer := d.ask(machine.Ordinary)
			if answer.Output.Status != machine.Served || answer.Value != "" {
				t.Fatalf("session %d: %+v", d.id, answer.Output)
			}
			if d.now().Table.Head().Number != 1 {
				t.Fatalf("session %d has moved", d.id)
			}
		}
		token, _ := h.AccessToken(bare.now(), 1)
		if touched, err := h.Open(t.Context(), Request{Value: token}); err != nil || touched.Refused() {
			t.Fatalf("by token: %+v, %v", touched.Output, err)
		}
		// Without a proof it is refused as ever.
		if answer := bound.send(bound.request(machine.Ordinary)); answer.Output.Code != store.CodeSessionProofRequired || answer.Nonce == "" {
			t.Errorf("without a proof: %+v", answer.Output)
		}
	}
	if _, err := h.Ask(t.Context(), bare.request(machine.SignOut)); store.CodeOf(err) != store.CodeStorageFull {
		t.Errorf("signing out: %v", err)
	}
	if _, err := h.SignIn(t.Context(), SignIn{UserID: ben, Client: Client{Kind: machine.Browser}}); store.CodeOf(err) != store.CodeStorageFull {
		t.Errorf("signing in: %v", err)
	}
	if err := h.End(t.Context(), bound.id, machine.Revoked, By{}); store.CodeOf(err) != store.CodeStorageFull {
		t.Errorf("revoking: %v", err)
	}
	h.full.Store(false)
	h.clock.Advance(time.Minute)
	for _, d := range []*device{bare, bound} {
		if answer := d.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated || d.code() != "" {
			t.Errorf("with room again, session %d: %+v", d.id, answer.Output)
		}
	}
}

// Visits are half an hour apart; an open stream is none, and no use.
func TestVisitsAndStanding(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	h.clock.Advance(20 * time.Minute)
	same := d.ask(machine.Ordinary).Session.Table
	h.clock.Advance(3 * time.Hour)
	later := d.ask(machine.Ordinary).Session.Table
	start := store.TimestampOf(begin)
	if same.LatestVisitAt != start || later.LatestVisitAt != h.Now() || later.PreviousVisitAt != start || later.FirstVisitAt != start {
		t.Errorf("visits %+v, %+v", same, later)
	}
	generation := later.Head().Number
	commits := h.db.commits.Load()
	for range 13 {
		if out := h.Standing(ptr(d.now()), generation); out.Code != "" {
			t.Fatalf("%+v", out)
		}
		if out := h.Standing(ptr(d.now()), generation-1); out.Code != store.CodeSessionSuperseded && h.clock.Now().Sub(begin) > 4*time.Hour {
			t.Fatalf("the one before: %+v", out)
		}
		h.sleep(1)
	}
	h.sleep(1)
	if out := h.Standing(ptr(d.now()), generation); out.Code != store.CodeSessionExpired {
		t.Errorf("idle for two weeks: %+v", out)
	}
	if made := h.db.commits.Load() - commits; made != 0 {
		t.Errorf("looking left %d commits", made)
	}
}
