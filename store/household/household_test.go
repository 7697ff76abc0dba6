package household_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"

	"github.com/go-json-experiment/json"
)

// house is a household with people, over real Badger in memory.
type house struct {
	*household.Store
	t     *testing.T
	clock *storetest.Clock
	db    kv.DB
	seq   map[store.SessionID]uint64
}

// start is when the tests begin.
var start = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// The people. Each writes from the session of the same number.
const (
	anna  store.ID = 101 // admin
	ben   store.ID = 102 // member
	leo   store.ID = 103 // child
	guest store.ID = 104
	wall  store.ID = 105 // display
)

func open(t *testing.T) *house {
	t.Helper()
	return openOver(t, badgerkv.Options{})
}

func openOver(t *testing.T, o badgerkv.Options) *house {
	t.Helper()
	clock := storetest.NewClock(start)
	o.Now = clock.Now
	db := storetest.OpenWith(t, o)
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := household.Open(t.Context(), db, kinds)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Store: s, t: t, clock: clock, db: db, seq: map[store.SessionID]uint64{}}
	people := []store.Replacement{h.put("household", 1, 0, map[string]any{"name": "Lindenhof"})}
	for i, level := range []access.Level{access.Admin, access.Member, access.Child, access.Guest, access.Display} {
		id := anna + store.ID(i)
		people = append(people, h.put("user", id, 0, map[string]any{"name": fmt.Sprint("user ", id), "access": level}))
	}
	if err := s.Found(t.Context(), anna, people); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) put(k store.Kind, id store.ID, base store.EventID, fields map[string]any, changed ...string) store.Replacement {
	h.t.Helper()
	e := store.Entity{ID: id, UpdatedAt: store.TimestampOf(h.clock.Now())}
	for name, value := range fields {
		if err := e.Set(name, value); err != nil {
			h.t.Fatal(err)
		}
	}
	return store.Replacement{Kind: k, Entity: e, Base: base, Changed: changed}
}

func (h *house) gone(k store.Kind, id store.ID, base store.EventID) store.Replacement {
	return store.Replacement{Kind: k, Entity: store.Tombstone(id, store.TimestampOf(h.clock.Now())), Base: base}
}

// push writes as a user and returns the answer.
func (h *house) push(user store.ID, replacements ...store.Replacement) store.BatchResult {
	h.t.Helper()
	session := store.SessionID(user)
	h.seq[session]++
	result, err := h.Apply(h.t.Context(), store.Batch{Replica: user, Seq: h.seq[session], Replacements: replacements}, store.Author{UserID: user, SessionID: session}, true)
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

// ok pushes what must be taken and returns the event.
func (h *house) ok(user store.ID, replacements ...store.Replacement) store.EventID {
	h.t.Helper()
	result := h.push(user, replacements...)
	for i, r := range result.Results {
		if r.Status == store.Rejected {
			h.t.Fatalf("%s %d: %s %s %s", replacements[i].Kind, replacements[i].Entity.ID, r.Code, r.Field, r.Message)
		}
	}
	return result.Event.ID
}

// refused pushes what must be rejected, and asserts that nothing changed.
func (h *house) refused(user store.ID, code store.Code, r store.Replacement) {
	h.t.Helper()
	before := h.Head()
	result := h.push(user, r)
	if got := result.Results[0]; got.Status != store.Rejected || got.Code != code {
		h.t.Errorf("%s of %s %d by %d: got %s %s %s, want %s", "write", r.Kind, r.Entity.ID, user, got.Status, got.Code, got.Message, code)
	}
	if h.Head() != before {
		h.t.Errorf("a rejected replacement made event %d", h.Head().ID)
	}
}

func (h *house) person(user store.ID) access.Person {
	h.t.Helper()
	p, ok := h.Sight().Person(user)
	if !ok {
		h.t.Fatalf("there is no user %d", user)
	}
	return p
}

// sees lists what a user's snapshot holds of a kind.
func (h *house) sees(user store.ID, k store.Kind) (ids []store.ID) {
	h.t.Helper()
	_, err := h.Snapshot(h.t.Context(), h.person(user), k, store.Ref{}, func(_ store.Cursor, ref store.Ref, change []byte) error {
		var c store.Change
		if err := json.Unmarshal(change, &c); err != nil || c.Entity.ID != ref.ID {
			h.t.Errorf("snapshot line %s: %v", change, err)
		}
		ids = append(ids, ref.ID)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return ids
}

func TestEventsAreConsecutive(t *testing.T) {
	h := open(t)
	first := h.Head().ID
	for i := range 10 {
		event := h.ok(ben, h.put("list", store.ID(1000+i), 0, map[string]any{"title": "l"}))
		if event != first+store.EventID(i)+1 {
			t.Fatalf("event %d after %d", event, first)
		}
	}
	next := first + 1
	err := h.Events(t.Context(), first, func(e *household.EventRecord) (bool, error) {
		if e.ID != next || len(e.Entries) != 1 || e.By.UserID != ben {
			t.Errorf("event %d: %+v", next, e)
		}
		next++
		return true, nil
	})
	if err != nil || next != first+11 {
		t.Errorf("read up to %d: %v", next, err)
	}
}

func TestARepeatedBatchChangesNothing(t *testing.T) {
	h := open(t)
	batch := store.Batch{Replica: 9, Seq: 1, Replacements: []store.Replacement{
		h.put("list", 7, 0, map[string]any{"title": "Groceries"}),
		h.put("list", 8, 0, map[string]any{"title": 5}),
	}}
	by := store.Author{UserID: ben, SessionID: 102}
	first, err := h.Apply(t.Context(), batch, by, true)
	if err != nil {
		t.Fatal(err)
	}
	if first.Results[0].Status != store.Applied || first.Results[1].Code != store.CodeInvalid || first.Results[1].Field != "entity.title" {
		t.Errorf("got %+v", first.Results)
	}
	again, err := h.Apply(t.Context(), batch, store.Author{UserID: ben, SessionID: 999}, true) // after signing in anew
	if err != nil || !slices.Equal(first.Results, again.Results) || first.Event != again.Event || h.Head() != first.Event {
		t.Errorf("again: %+v %v", again, err)
	}
	for seq := uint64(2); seq < 50; seq++ {
		batch.Seq = seq
		batch.Replacements = []store.Replacement{h.put("list", store.ID(100+seq), 0, map[string]any{"title": "x"})}
		if _, err := h.Apply(t.Context(), batch, by, true); err != nil {
			t.Fatal(err)
		}
	}
	batch.Seq = 1
	if _, err := h.Apply(t.Context(), batch, by, true); store.CodeOf(err) != store.CodeSeqStale {
		t.Errorf("a batch from long ago: %v", err)
	}
}

// What is made and deleted in one batch is in the history, and in the trash.
func TestOneEntityTwiceInABatch(t *testing.T) {
	h := open(t)
	made := h.put("list", 7, 0, map[string]any{"title": "Groceries"})
	event := h.ok(ben, made, h.put("item", 70, 0, map[string]any{"title": "milk", "listId": 7}), h.gone("list", 7, 0))
	entries, _, err := h.Trash(t.Context(), h.person(anna), 0, 10)
	if err != nil || len(entries) != 1 || entries[0].Last.String("title") != "Groceries" || entries[0].Base != event {
		t.Fatalf("trash: %+v %v", entries, err)
	}
	versions, _, err := h.History(t.Context(), h.person(anna), store.Ref{Kind: "list", ID: 7}, 0, 10)
	if err != nil || len(versions) != 2 || versions[1].EventID != event-1 {
		t.Errorf("history: %+v %v", versions, err)
	}
}

func TestHistoryAndTrash(t *testing.T) {
	h := open(t)
	e1 := h.ok(ben, h.put("list", 7, 0, map[string]any{"title": "Groceries"}))
	e2 := h.ok(anna, h.put("list", 7, e1, map[string]any{"title": "Food"}, "title"))
	e3 := h.ok(ben, h.gone("list", 7, e2))
	entries, _, err := h.Trash(t.Context(), h.person(leo), 0, 10)
	if err != nil || len(entries) != 1 || entries[0].Base != e3 || entries[0].Last.String("title") != "Food" || !entries[0].Tombstone.Deleted {
		t.Fatalf("trash: %+v %v", entries, err)
	}
	e4 := h.ok(ben, store.Replacement{Kind: "list", Entity: entries[0].Last, Base: e3})
	versions, next, err := h.History(t.Context(), h.person(anna), store.Ref{Kind: "list", ID: 7}, 0, 3)
	if err != nil || len(versions) != 3 || next != e2 {
		t.Fatalf("history: %+v %d %v", versions, next, err)
	}
	for i, want := range []struct {
		event   store.EventID
		user    store.ID
		deleted bool
	}{{e4, ben, false}, {e3, ben, true}, {e2, anna, false}} {
		if v := versions[i]; v.EventID != want.event || v.By.UserID != want.user || v.Entity.Deleted != want.deleted {
			t.Errorf("version %d: %+v", i, v)
		}
	}
	if entries, _, _ := h.Trash(t.Context(), h.person(leo), 0, 10); len(entries) != 0 {
		t.Errorf("restored and still in the trash: %+v", entries)
	}
	restored, _, err := h.Get(t.Context(), h.person(anna), store.Ref{Kind: "list", ID: 7})
	if err != nil || restored.IDField("createdBy") != ben || restored.IDField("updatedBy") != ben {
		t.Errorf("who made it was lost: %s %v", restored.AppendJSON(nil), err)
	}
}

func TestWhoMayWrite(t *testing.T) {
	h := open(t)
	list := h.ok(anna,
		h.put("list", 7, 0, map[string]any{"title": "Groceries"}),
		h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write", "104": "read"}}),
		h.put("item", 70, 0, map[string]any{"title": "milk", "listId": 7}),
		h.put("item", 80, 0, map[string]any{"title": "secret", "listId": 8}),
		h.put("item", 71, 0, map[string]any{"title": "a book", "listId": 7, "forUserId": ben}))
	h.refused(ben, store.CodeNotFound, h.put("item", 80, list, map[string]any{"title": "seen", "listId": 8}))
	h.refused(ben, store.CodeUnknownRef, h.put("item", 81, 0, map[string]any{"title": "into it", "listId": 8}))
	h.refused(ben, store.CodeIDConflict, h.put("item", 80, 0, map[string]any{"title": "probe", "listId": 7}))
	h.refused(ben, store.CodeNotFound, h.put("item", 71, list, map[string]any{"title": "what is it", "listId": 7}))
	h.refused(guest, store.CodeForbidden, h.put("item", 80, list, map[string]any{"title": "only read", "listId": 8}))
	h.refused(guest, store.CodeNotFound, h.put("item", 70, list, map[string]any{"title": "not his", "listId": 7}))
	h.refused(leo, store.CodeForbidden, h.gone("item", 70, list))
	h.refused(leo, store.CodeForbidden, h.put("user", ben, 1, map[string]any{"name": "Benny", "access": "member"}))
	h.refused(wall, store.CodeForbidden, h.put("item", 70, list, map[string]any{"title": "cream", "listId": 7}))
	h.refused(ben, store.CodeForbidden, h.put("user", leo, 1, map[string]any{"name": "Leo", "access": "admin"}))
	h.refused(anna, store.CodeForbidden, h.put("user", anna, 1, map[string]any{"name": "Anna", "access": "member"}))
	h.refused(anna, store.CodeInvalid, h.put("item", 72, 0, map[string]any{"title": "nowhere"}))
	h.refused(anna, store.CodeUnknownRef, h.put("item", 72, 0, map[string]any{"title": "nowhere", "listId": 999}))
	h.refused(anna, store.CodeUnknownID, h.gone("item", 4711, 0))
	h.refused(anna, store.CodeBaseUnknown, h.put("item", 70, 10_000, map[string]any{"title": "m", "listId": 7}))

	h.ok(leo, h.put("item", 73, 0, map[string]any{"title": "sweets", "listId": 7}))
	h.ok(leo, h.gone("item", 73, h.Head().ID))
	h.ok(wall, h.put("item", 70, list, map[string]any{"title": "milk", "listId": 7, "done": true}, "done"))
	h.ok(ben, h.put("user", ben, 1, map[string]any{"name": "Benny", "access": "member"}))
}

func TestTheLastAdminStays(t *testing.T) {
	h := open(t)
	// A second admin may demote the first, but then is the last, and nobody
	// demotes themselves.
	h.ok(anna, h.put("user", ben, 1, map[string]any{"name": "Ben", "access": "admin"}))
	h.ok(ben, h.put("user", anna, 1, map[string]any{"name": "Anna", "access": "member"}))
	h.refused(anna, store.CodeForbidden, h.put("user", anna, h.Head().ID, map[string]any{"name": "Anna", "access": "admin"}))
	h.refused(ben, store.CodeForbidden, h.gone("user", ben, h.Head().ID))
}

func TestWhoSeesWhat(t *testing.T) {
	h := open(t)
	h.ok(anna,
		h.put("list", 7, 0, map[string]any{"title": "Groceries"}),
		h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write", "104": "read"}}),
		h.put("item", 70, 0, map[string]any{"title": "milk", "listId": 7}),
		h.put("item", 80, 0, map[string]any{"title": "secret", "listId": 8}),
		h.put("item", 71, 0, map[string]any{"title": "a book", "listId": 7, "forUserId": ben}))
	for _, tt := range []struct {
		user store.ID
		list []store.ID
		item []store.ID
	}{
		{anna, []store.ID{7, 8}, []store.ID{70, 71, 80}},
		{ben, []store.ID{7}, []store.ID{70}},
		{guest, []store.ID{8}, []store.ID{80}},
		{wall, []store.ID{7}, []store.ID{70, 71}},
	} {
		if got := h.sees(tt.user, "list"); !slices.Equal(got, tt.list) {
			t.Errorf("%d sees lists %v, want %v", tt.user, got, tt.list)
		}
		if got := h.sees(tt.user, "item"); !slices.Equal(got, tt.item) {
			t.Errorf("%d sees items %v, want %v", tt.user, got, tt.item)
		}
		for _, id := range []store.ID{70, 71, 80} {
			_, _, err := h.History(t.Context(), h.person(tt.user), store.Ref{Kind: "item", ID: id}, 0, 1)
			if seen := slices.Contains(tt.item, id); seen != (err == nil) {
				t.Errorf("history of %d for %d: %v", id, tt.user, err)
			}
		}
	}
}

func TestADigestTellsDifferentStores(t *testing.T) {
	one, other := open(t), open(t)
	for _, h := range []*house{one, other} {
		h.ok(ben, h.put("list", 7, 0, map[string]any{"title": "Groceries"}))
	}
	_, a, err1 := one.Digests(t.Context(), one.person(anna))
	_, b, err2 := other.Digests(t.Context(), other.person(anna))
	if err1 != nil || err2 != nil || !slices.Equal(a, b) || len(a) != 3 {
		t.Fatalf("%v %v, %v %v", a, err1, b, err2)
	}
	other.ok(ben, other.put("list", 7, other.Head().ID, map[string]any{"title": "Food"}))
	if _, b, _ = other.Digests(t.Context(), other.person(anna)); slices.Equal(a, b) {
		t.Error("a changed store has the same digest")
	}
}

func TestAnActIsFoundAgain(t *testing.T) {
	h := open(t)
	for i := range 3 {
		_, err := h.Apply(t.Context(), store.Batch{Replica: 5, Seq: uint64(i + 1), Act: "import-1", Replacements: []store.Replacement{
			h.put("list", store.ID(50+i), 0, map[string]any{"title": "x"}),
		}}, store.Author{UserID: ben, SessionID: 1}, true)
		if err != nil {
			t.Fatal(err)
		}
		h.ok(ben, h.put("list", store.ID(60+i), 0, map[string]any{"title": "between"}))
	}
	n := 0
	err := h.EventsOfAct(t.Context(), "import-1", 0, func(e *household.EventRecord) (bool, error) {
		n++
		if e.Act != "import-1" {
			t.Errorf("event %d is of %q", e.ID, e.Act)
		}
		return true, nil
	})
	if err != nil || n != 3 {
		t.Errorf("%d events, %v", n, err)
	}
}

// A batch that is repeated to a server that was started again changes nothing.
func TestARepeatedBatchAfterAStart(t *testing.T) {
	h := open(t)
	batch := store.Batch{Replica: 9, Seq: 40, Replacements: []store.Replacement{h.put("list", 7, 0, map[string]any{"title": "x"})}}
	by := store.Author{UserID: ben, SessionID: 102}
	first, err := h.Apply(t.Context(), batch, by, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := household.Open(t.Context(), h.db, h.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Apply(t.Context(), batch, by, true)
	if err != nil || second.Event != first.Event || again.Head() != first.Event {
		t.Errorf("the same batch: %+v %v, want %+v", second, err, first)
	}
	batch.Seq = 8 // in the place of 40
	if _, err := again.Apply(t.Context(), batch, by, true); store.CodeOf(err) != store.CodeSeqStale {
		t.Errorf("an older one: %v", err)
	}
}

// A batch that found no room when it was committed is taken when it comes again.
func TestARepeatedBatchAfterAFullDisk(t *testing.T) {
	free := int64(1 << 40)
	h := openOver(t, badgerkv.Options{Dir: t.TempDir(), FreeSpace: func(string) (int64, error) { return free, nil }})
	batch := store.Batch{Replica: 9, Seq: 1}
	for i := range 1000 { // more than one transaction of the engine holds
		batch.Replacements = append(batch.Replacements, h.put("note", store.ID(1000+i), 0, map[string]any{
			"title": fmt.Sprint(i), "body": strings.Repeat("x", 3000),
		}))
	}
	by, head := store.Author{UserID: ben, SessionID: 102}, h.Head()
	free = badgerkv.DefaultMinFree + 1<<20
	h.clock.Advance(time.Minute) // what is known of free space is old
	if _, err := h.Apply(t.Context(), batch, by, true); store.CodeOf(err) != store.CodeStorageFull {
		t.Fatalf("on a full disk: %v", err)
	}
	if h.Head() != head {
		t.Fatalf("the head moved to %v", h.Head())
	}
	free = 1 << 40
	h.clock.Advance(time.Minute)
	first, err := h.Apply(t.Context(), batch, by, true)
	if err != nil || first.Event.ID != head.ID+1 || first.Results[999].Status != store.Applied {
		t.Fatalf("with room again: %v, event %v", err, first.Event)
	}
	if again, err := h.Apply(t.Context(), batch, by, true); err != nil || again.Event != first.Event || h.Head() != first.Event {
		t.Errorf("once more: %v, event %v", err, again.Event)
	}
}

func TestReopening(t *testing.T) {
	dir := t.TempDir()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	var head store.Cursor
	var instance string
	for round := range 3 {
		clock := storetest.NewClock(start)
		db := storetest.OpenWith(t, badgerkv.Options{Dir: dir, Now: clock.Now})
		s, err := household.Open(context.Background(), db, kinds)
		if err != nil {
			t.Fatal(err)
		}
		if round > 0 && (s.Head() != head || s.Instance() != instance) {
			t.Fatalf("round %d: %v %s instead of %v %s", round, s.Head(), s.Instance(), head, instance)
		}
		h := &house{Store: s, t: t, clock: clock, db: db, seq: map[store.SessionID]uint64{}}
		if round == 0 {
			err = s.Found(t.Context(), anna, []store.Replacement{h.put("user", anna, 0, map[string]any{"name": "Anna", "access": "admin"})})
		} else {
			h.seq[101] = uint64(round)
			h.ok(anna, h.put("list", store.ID(round), 0, map[string]any{"title": "x", "audience": map[string]string{"101": "write"}}))
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := len(s.Sight().Audiences); got != round {
			t.Errorf("round %d: %d private lists are known", round, got)
		}
		head, instance = s.Head(), s.Instance()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
