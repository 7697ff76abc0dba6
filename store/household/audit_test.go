package household_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
)

func (h *house) audit(kind string) {
	h.t.Helper()
	if err := h.Audit(h.t.Context(), household.AuditRecord{
		Kind: kind, UserID: ben, SessionID: 7, Network: "192.168.178.44", Detail: map[string]string{"generation": "12"},
	}); err != nil {
		h.t.Fatal(err)
	}
}

// log is the whole log, the newest first.
func (h *house) log() []household.AuditRecord {
	h.t.Helper()
	out, err := h.AuditPage(h.t.Context(), 0, 1<<20)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) chain() household.AuditChain {
	h.t.Helper()
	chain, err := h.VerifyAudit(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return chain
}

func TestAuditPages(t *testing.T) {
	h := open(t)
	founded := len(h.log())
	if founded != 5 { // everybody's access
		t.Errorf("founding left %d records", founded)
	}
	for range 10 {
		h.clock.Advance(time.Minute)
		h.audit("session.rotated")
	}
	whole := h.log()
	var paged []household.AuditRecord
	for before := uint64(0); ; {
		page, err := h.AuditPage(t.Context(), before, 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		before = page[len(page)-1].N
	}
	if len(paged) != len(whole) || len(whole) != 15 {
		t.Fatalf("%d records in pages, %d at once", len(paged), len(whole))
	}
	for i, r := range whole {
		if p := paged[i]; p.N != r.N || p.Hash != r.Hash || p.Prev != r.Prev || !maps.Equal(p.Detail, r.Detail) {
			t.Errorf("in a page %+v, in the whole %+v", p, r)
		}
		if r.N != uint64(len(whole)-i) {
			t.Errorf("record %d at place %d", r.N, i)
		}
		if i+1 < len(whole) && r.Prev != whole[i+1].Hash {
			t.Errorf("record %d does not follow the one before it", r.N)
		}
	}
	if r := whole[0]; r.Kind != "session.rotated" || r.UserID != ben || r.SessionID != 7 || r.Network != "192.168.178.0/24" ||
		r.Detail["generation"] != "12" || r.At != store.TimestampOf(h.clock.Now()) {
		t.Errorf("the newest is %+v", r)
	}
	if chain := h.chain(); chain.Broken != nil || chain.Records != 15 || chain.HeadHash != whole[0].Hash {
		t.Errorf("%+v", chain)
	}
	size := 0
	for _, pair := range h.pairs() {
		size += len(pair.Key) + len(pair.Value)
	}
	t.Logf("%d bytes a record", size/15)
}

func TestNetworks(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "203.0.113.77/32": "203.0.113.0/24",
		"2001:db8:1:2:3::4": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48", "": "", "a name": "", "203.0.113.77:80": "",
	} {
		if got := household.Network(address); got != want {
			t.Errorf("%s lies in %q instead of %q", address, got, want)
		}
	}
}

// What a client says of itself does not fill the disk.
func TestAuditDetailsAreSmall(t *testing.T) {
	h := open(t)
	long := map[string]string{}
	for i := range 100 {
		long[strings.Repeat("n", i+1)] = strings.Repeat("ü", 1000)
	}
	if err := h.Audit(t.Context(), household.AuditRecord{Kind: strings.Repeat("k", 1000), Network: strings.Repeat("1", 1000), Detail: long}); err != nil {
		t.Fatal(err)
	}
	r := h.log()[0]
	if len(r.Kind) > 64 || r.Network != "" || len(r.Detail) > 8 {
		t.Errorf("%d bytes of kind, network %q, %d details", len(r.Kind), r.Network, len(r.Detail))
	}
	for name, value := range r.Detail {
		if value != strings.Repeat("ü", 128) {
			t.Errorf("%s has %d bytes", name, len(value))
		}
	}
	if chain := h.chain(); chain.Broken != nil {
		t.Errorf("%+v", chain.Broken)
	}
}

// Who may do and see what is recorded with what changes it, and only then.
func TestAccessIsAudited(t *testing.T) {
	h := open(t)
	newest := func(want string, detail map[string]string, r household.AuditRecord) {
		t.Helper()
		got := h.log()[0]
		delete(got.Detail, "event")
		if got.Kind != want || got.UserID != r.UserID || got.SessionID != r.SessionID || got.By != r.By || !maps.Equal(got.Detail, detail) {
			t.Errorf("%+v", got)
		}
	}
	anna0 := store.Author{UserID: anna, SessionID: store.SessionID(anna)}
	at := h.ok(anna, h.put("user", leo, h.Head().ID, map[string]any{"name": "user 103", "access": access.Member}))
	newest(household.AuditUserAccess, map[string]string{"from": "child", "to": "member"}, household.AuditRecord{UserID: leo, By: anna0})

	h.ok(ben, h.put("list", 9, 0, map[string]any{"title": "Presents", "audience": map[string]string{"102": "write"}}))
	newest(household.AuditAudience, map[string]string{"kind": "list", "id": "9", "from": "", "to": `{"102":"write"}`},
		household.AuditRecord{UserID: ben, SessionID: store.SessionID(ben)})
	h.ok(ben, h.put("list", 9, h.Head().ID, map[string]any{"title": "Presents", "audience": map[string]string{"102": "write", "103": "read"}}))
	newest(household.AuditAudience, map[string]string{"kind": "list", "id": "9", "from": `{"102":"write"}`, "to": `{"102":"write","103":"read"}`},
		household.AuditRecord{UserID: ben, SessionID: store.SessionID(ben)})
	h.ok(ben, h.put("list", 9, h.Head().ID, map[string]any{"title": "Presents"}))
	newest(household.AuditAudience, map[string]string{"kind": "list", "id": "9", "from": `{"102":"write","103":"read"}`, "to": ""},
		household.AuditRecord{UserID: ben, SessionID: store.SessionID(ben)})

	before := len(h.log())
	h.refused(ben, store.CodeForbidden, h.put("user", leo, at, map[string]any{"name": "user 103", "access": access.Admin}))
	h.ok(ben, h.put("list", 9, h.Head().ID, map[string]any{"title": "Gifts"}))
	h.ok(ben, h.put("list", 10, 0, map[string]any{"title": "Groceries"}))
	h.ok(anna, h.put("user", leo, at, map[string]any{"name": "Leo", "access": access.Member}))
	if n := len(h.log()); n != before {
		t.Errorf("what changes nobody's access left %d records", n-before)
	}

	h.ok(anna, h.gone("user", leo, h.Head().ID))
	newest(household.AuditUserAccess, map[string]string{"from": "member", "to": ""}, household.AuditRecord{UserID: leo, By: anna0})
	before = len(h.log())
	h.ok(anna, h.gone("user", leo, h.Head().ID))
	if n := len(h.log()); n != before {
		t.Errorf("removing who is gone left %d records", n-before)
	}
}
