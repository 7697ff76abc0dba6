package feed_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver/feed"
)

// The people: an admin, a member, a guest.
const (
	anna  store.ID = 101
	ben   store.ID = 102
	guest store.ID = 104
)

type house struct {
	*household.Store
	feed *feed.Feed
	t    *testing.T
	seq  uint64
}

func open(t *testing.T) *house {
	t.Helper()
	clock := storetest.NewClock(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := household.Open(t.Context(), storetest.OpenWith(t, badgerkv.Options{Now: clock.Now}), kinds)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Store: s, feed: feed.New(s), t: t}
	var people []store.Replacement
	for id, level := range map[store.ID]access.Level{anna: access.Admin, ben: access.Member, guest: access.Guest} {
		people = append(people, h.put("user", id, 0, map[string]any{"name": fmt.Sprint(id), "access": level}))
	}
	if err := s.Found(t.Context(), anna, people); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) put(k store.Kind, id store.ID, base store.EventID, fields map[string]any) store.Replacement {
	h.t.Helper()
	e := store.Entity{ID: id, UpdatedAt: 1_790_000_000_000}
	for name, value := range fields {
		if err := e.Set(name, value); err != nil {
			h.t.Fatal(err)
		}
	}
	return store.Replacement{Kind: k, Entity: e, Base: base}
}

func (h *house) write(by store.ID, replacements ...store.Replacement) store.EventID {
	h.t.Helper()
	h.seq++
	result, err := h.Apply(h.t.Context(), store.Batch{Replica: 1, Seq: h.seq, Replacements: replacements}, store.Author{UserID: by, SessionID: store.SessionID(by)}, true)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range result.Results {
		if r.Status == store.Rejected {
			h.t.Fatalf("%+v", r)
		}
	}
	return result.Event.ID
}

// view is what somebody gets of an event.
func (h *house) view(id store.EventID, user store.ID) feed.View {
	h.t.Helper()
	frames, err := h.feed.Read(h.t.Context(), id-1, 1)
	if err != nil || len(frames) != 1 || frames[0].ID != id {
		h.t.Fatalf("read event %d: %v %v", id, frames, err)
	}
	p, _ := h.Sight().Person(user)
	v, err := h.feed.For(h.t.Context(), frames[0], h.Sight(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func TestWhatCrossesBorders(t *testing.T) {
	h := open(t)
	private := map[string]string{"101": "write", "104": "read"}
	made := h.write(anna,
		h.put("list", 7, 0, map[string]any{"title": "Groceries"}),
		h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": private}),
		h.put("item", 70, 0, map[string]any{"title": "milk", "listId": 7}))

	for user, wants := range map[store.ID][]string{anna: {"Groceries", "Anna's", "milk"}, ben: {"Groceries", "milk"}, guest: {"Anna's"}} {
		body := string(h.view(made, user).Body)
		for _, word := range []string{"Groceries", "Anna's", "milk"} {
			seen := false
			for _, want := range wants {
				seen = seen || want == word
			}
			if strings.Contains(body, word) != seen {
				t.Errorf("%d of the first event: %s", user, body)
			}
		}
	}

	moved := h.write(anna, h.put("item", 70, made, map[string]any{"title": "milk", "listId": 8}))
	if v := h.view(moved, ben); v.Body != nil || len(v.Forget) != 1 || v.Forget[0].IDs[0] != 70 {
		t.Errorf("moved out of Ben's sight: %s %v", v.Body, v.Forget)
	}
	if v := h.view(moved, guest); !strings.Contains(string(v.Body), "milk") || len(v.Forget) != 0 {
		t.Errorf("moved into the guest's sight: %s %v", v.Body, v.Forget)
	}

	wish := h.write(anna, h.put("item", 71, 0, map[string]any{"title": "a book", "listId": 7}))
	secret := h.write(anna, h.put("item", 71, wish, map[string]any{"title": "a book", "listId": 7, "forUserId": ben}))
	if v := h.view(secret, ben); v.Body != nil || len(v.Forget) != 1 {
		t.Errorf("a wish for Ben is shown to Ben: %s %v", v.Body, v.Forget)
	}
	if v := h.view(secret, anna); !strings.Contains(string(v.Body), "a book") {
		t.Errorf("and hidden from Anna: %s", v.Body)
	}

	level := h.write(anna, h.put("user", ben, 1, map[string]any{"name": "Ben", "access": "guest"}))
	if v := h.view(level, ben); !v.Level {
		t.Error("Ben is not told that what he sees has changed")
	}
	if v := h.view(level, anna); v.Level {
		t.Error("Anna's level has not changed")
	}
}

// Whoever sees the same is given the same bytes.
func TestEncodedOnce(t *testing.T) {
	h := open(t)
	h.write(anna, h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write"}}))
	id := h.write(anna, h.put("list", 9, 0, map[string]any{"title": "shared"}), h.put("item", 80, 0, map[string]any{"title": "x", "listId": 8}))
	if one, other := h.view(id, ben), h.view(id, ben); &one.Stream[0] != &other.Stream[0] {
		t.Error("Ben's part is encoded twice")
	}
	if !strings.HasPrefix(string(h.view(id, ben).Body), `{"by":`) || !strings.HasSuffix(string(h.view(id, ben).Body), `]}`) {
		t.Errorf("the body is %s", h.view(id, ben).Body)
	}
}

// The log gives what the ring has let go, and both give the same.
func TestFarBehind(t *testing.T) {
	h := open(t)
	long := strings.Repeat("x", 40_000)
	first := h.Head().ID
	for i := range 80 { // more than the ring keeps
		h.write(anna, h.put("note", store.ID(100+i), 0, map[string]any{"title": fmt.Sprint("note ", i), "body": long}))
	}
	next := first
	for next < h.Head().ID {
		frames, err := h.feed.Read(t.Context(), next, 1000)
		if err != nil || len(frames) == 0 {
			t.Fatalf("behind %d: %d frames, %v", next, len(frames), err)
		}
		for _, f := range frames {
			if next++; f.ID != next || !strings.Contains(string(f.Body), fmt.Sprintf(`"note %d"`, next-first-1)) {
				t.Fatalf("event %d after %d: %.100s", f.ID, next-1, f.Body)
			}
		}
	}
	if frames, err := h.feed.Read(t.Context(), next, 10); err != nil || len(frames) != 0 {
		t.Errorf("beyond the head: %v %v", frames, err)
	}
}

func TestWake(t *testing.T) {
	h := open(t)
	wake := h.feed.Wake()
	select {
	case <-wake:
		t.Fatal("woken by nothing")
	default:
	}
	h.write(anna, h.put("list", 7, 0, map[string]any{"title": "x"}))
	<-wake
}
