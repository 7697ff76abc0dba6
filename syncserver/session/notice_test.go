package session

import (
	"maps"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"
)

func (d *device) notices() []household.Notice { return d.now().Notices }

func (h *house) notify(user store.ID, n household.Notice) {
	h.t.Helper()
	if err := h.Notify(h.t.Context(), user, n); err != nil {
		h.t.Fatal(err)
	}
}

// A notice is on all devices of its user and on nobody else's; who reads it on
// one has read it, and what came after stays.
func TestNotices(t *testing.T) {
	h := open(t)
	phone, laptop, bens := h.signIn(anna), h.signIn(anna), h.signIn(ben)
	h.notify(anna, household.Notice{Kind: "method-added", Device: "Firefox"})
	h.clock.Advance(time.Minute)
	h.notify(anna, household.Notice{Kind: "method-added"})
	h.notify(anna, household.Notice{Kind: "denied", SessionID: bens.id})
	tablet := h.signIn(anna)
	for _, d := range []*device{phone, laptop} {
		n := d.notices()
		if len(n) != 2 || n[0].Kind != "method-added" || n[0].Count != 2 || n[0].At != store.TimestampOf(h.clock.Now()) || n[1].Kind != "denied" {
			t.Fatalf("device %d is told %+v", d.id, n)
		}
	}
	if n := append(bens.notices(), tablet.notices()...); len(n) != 0 {
		t.Errorf("others are told %+v", n)
	}
	acknowledge := func(d *device, id uint64) {
		t.Helper()
		if err := h.Acknowledge(t.Context(), d.id, id); err != nil {
			t.Fatal(err)
		}
	}
	read := laptop.notices()[0].ID
	commits := h.db.commits.Load()
	acknowledge(laptop, read)
	if made := h.db.commits.Load() - commits; made != 1 {
		t.Errorf("read with %d commits", made)
	}
	for _, d := range []*device{phone, laptop} {
		if n := d.notices(); len(n) != 1 || n[0].Kind != "denied" {
			t.Errorf("device %d is still told %+v", d.id, n)
		}
	}
	h.notify(anna, household.Notice{Kind: "method-added"})
	if n := phone.notices(); len(n) != 2 || n[1].Count != 1 || n[1].ID == read {
		t.Errorf("again after it was read: %+v", n)
	}
	commits = h.db.commits.Load()
	acknowledge(laptop, read) // one that is gone
	acknowledge(tablet, 77)   // one that never was
	if made := h.db.commits.Load() - commits; made != 0 {
		t.Errorf("reading nothing: %d commits", made)
	}
	if err := h.Acknowledge(t.Context(), 99, 1); store.CodeOf(err) != store.CodeSessionInvalid {
		t.Errorf("by no session: %v", err)
	}
	if n := len(laptop.stored().Notices); n != 2 {
		t.Errorf("%d are stored", n)
	}
}

// What is repeated while somebody reads the one before is not read with it.
func TestARepeatedNoticeIsNotReadBefore(t *testing.T) {
	h := open(t)
	phone, laptop := h.signIn(anna), h.signIn(anna)
	h.notify(anna, household.Notice{Kind: "method-added"})
	stale := phone.notices()[0]
	late := h.signIn(anna) // told of less than the others
	h.clock.Advance(time.Minute)
	h.notify(anna, household.Notice{Kind: "method-added"})
	if n := late.notices(); len(n) != 1 || n[0].Count != 1 {
		t.Fatalf("the later device is told %+v", n)
	}
	if err := h.Acknowledge(t.Context(), late.id, late.notices()[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*device{phone, laptop, late} {
		if n := d.notices(); len(n) != 0 {
			t.Errorf("device %d is told %+v although its user has read it", d.id, n)
		}
	}
	if stale.Count != 1 {
		t.Error("what was handed out was changed")
	}
}

func TestNoticesDoNotPile(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	for i := range 3 * maxNotices {
		h.notify(anna, household.Notice{Kind: NoticeJoinRequest, SessionID: store.SessionID(500 + i)})
	}
	n := d.notices()
	if len(n) != 1 || n[0].SessionID != 500+3*maxNotices-1 || n[0].Count != 3*maxNotices {
		t.Errorf("of all who ask there is told %+v", n)
	}
	h.notify(0, household.Notice{Kind: NoticeJoinRequest}) // nobody
}

// Whatever comes in numbers pushes nothing else off, and all of it is counted.
func TestManyNoticesHideNoOther(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	h.notify(anna, household.Notice{Kind: "method-added", SessionID: 400})
	h.notify(anna, household.Notice{Kind: string(machine.NoticeTaken), SessionID: 401})
	for i := range 3 * maxNotices {
		h.notify(anna, household.Notice{Kind: string(machine.NoticeDenied), SessionID: store.SessionID(500 + i)})
		h.notify(anna, household.Notice{Kind: NoticeJoinRequest, SessionID: store.SessionID(600 + i)})
	}
	n := d.notices()
	counts, newest := map[string]int{}, map[store.SessionID]bool{}
	for _, one := range n {
		counts[one.Kind] += one.Count
		newest[one.SessionID] = true
	}
	want := map[string]int{"method-added": 1, "taken": 1, "denied": 3 * maxNotices, NoticeJoinRequest: 3 * maxNotices}
	if len(n) != maxNotices || !maps.Equal(counts, want) || !newest[500+3*maxNotices-1] {
		t.Errorf("%d notices, counted %v, want %v", len(n), counts, want)
	}
}

// Somebody without an account yet reads their own notices, and nobody else's.
func TestNoticesOfNobody(t *testing.T) {
	h := open(t)
	first, second := h.signIn(0), h.signIn(0)
	for _, d := range []*device{first, second} {
		err := h.Change(t.Context(), d.id, func(stored *household.DeviceSession, now store.Timestamp) (bool, error) {
			s := Session{DeviceSession: *stored}
			s.notify(household.Notice{Kind: string(machine.NoticeMaybeTaken), SessionID: 1}, now)
			*stored = s.DeviceSession
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Acknowledge(t.Context(), first.id, 1); err != nil {
		t.Fatal(err)
	}
	if len(first.notices()) != 0 || len(second.notices()) != 1 {
		t.Errorf("left are %+v and %+v", first.notices(), second.notices())
	}
}
