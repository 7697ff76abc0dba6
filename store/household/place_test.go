package household_test

import (
	"slices"
	"testing"

	"inglenook/store"
)

// A field of that name makes a wish of an item only. Nobody hides themselves
// from an admin with it.
func TestOnlyItemsAreHiddenFromSomebody(t *testing.T) {
	h := open(t)
	h.ok(ben, h.put("user", ben, 1, map[string]any{"name": "Ben", "access": "member", "forUserId": anna}))
	if got := h.sees(anna, "user"); !slices.Contains(got, ben) {
		t.Errorf("Anna sees the users %v", got)
	}
	h.ok(anna, h.put("user", ben, h.Head().ID, map[string]any{"name": "Ben", "access": "child"}))
}

// Restoring a private list without its audience opens it, now and after the next
// start alike, and all are told.
func TestRestoringAnotherAudience(t *testing.T) {
	h := open(t)
	h.ok(anna, h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write"}}))
	deleted := h.ok(anna, h.gone("list", 8, h.Head().ID))
	h.ok(anna, h.put("list", 8, deleted, map[string]any{"title": "Everybody's"}))
	if got := h.sees(ben, "list"); !slices.Equal(got, []store.ID{8}) {
		t.Errorf("Ben sees %v", got)
	}
	if got := len(h.reopen().Sight().Audiences); got != len(h.Sight().Audiences) {
		t.Errorf("%d audiences after the next start, %d before", got, len(h.Sight().Audiences))
	}
	versions, _, err := h.History(t.Context(), h.person(anna), store.Ref{Kind: "list", ID: 8}, 0, 1)
	if err != nil || !slices.Contains(versions[0].Changed, "audience/101") {
		t.Errorf("the history hides the change: %+v %v", versions, err)
	}
}

// An occurrence lies where its event lies, in whatever order a batch names them.
func TestAnOccurrenceMovesWithItsEvent(t *testing.T) {
	for _, eventFirst := range []bool{true, false} {
		h := open(t)
		first := h.ok(anna,
			h.put("calendar", 5, 0, map[string]any{"name": "all"}),
			h.put("calendar", 6, 0, map[string]any{"name": "Anna's", "audience": map[string]string{"101": "write"}}),
			h.put("event", 50, 0, map[string]any{"title": "dentist", "calendarId": 5, "start": "2026-11-21T10:00:00"}))
		occurrence := func(base store.EventID, title string, day string) store.Replacement {
			r := h.put("occurrence", 1, base, map[string]any{"eventId": 50, "recurrenceId": day, "patch": map[string]any{"title": title}})
			id, ok := h.Kinds().DerivedID("occurrence", r.Entity)
			if !ok {
				t.Fatal("no derived id")
			}
			r.Entity.ID = id
			return r
		}
		kept := occurrence(0, "old", "2026-11-28T10:00:00")
		h.ok(anna, kept)
		batch := []store.Replacement{
			h.put("event", 50, first, map[string]any{"title": "dentist", "calendarId": 6, "start": "2026-11-21T10:00:00"}),
			occurrence(h.Head().ID, "secret", "2026-11-28T10:00:00"),
			occurrence(0, "new", "2026-12-05T10:00:00"),
		}
		if !eventFirst {
			slices.Reverse(batch)
		}
		h.ok(anna, batch...)
		if got := h.sees(ben, "occurrence"); len(got) != 0 {
			t.Errorf("event first %t: Ben sees the occurrences %v", eventFirst, got)
		}
		if got := h.sees(anna, "occurrence"); len(got) != 2 {
			t.Errorf("event first %t: Anna sees the occurrences %v", eventFirst, got)
		}
	}
}

// Ids of what somebody may not see are answered as unknown, also where they are
// referred to.
func TestReferencesTellNothing(t *testing.T) {
	h := open(t)
	h.ok(anna,
		h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write"}}),
		h.put("item", 80, 0, map[string]any{"title": "secret", "listId": 8}))
	for _, id := range []store.ID{80, 81} {
		h.refused(ben, store.CodeUnknownRef, h.put("note", 9, 0, map[string]any{"title": "n", "attachTo": map[string]any{"kind": "item", "id": id}}))
	}
	h.refused(ben, store.CodeUnknownRef, h.put("item", 82, 0, map[string]any{"title": "into it", "listId": 8}))
}

// An audience that names nobody shuts; it never opens.
func TestAnAudienceOfNobody(t *testing.T) {
	h := open(t)
	first := h.ok(anna, h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write"}}))
	h.refused(anna, store.CodeForbidden, h.put("list", 8, first, map[string]any{"title": "Anna's", "audience": map[string]string{}}))
	if got := h.sees(ben, "list"); len(got) != 0 {
		t.Errorf("Ben sees the lists %v", got)
	}
	h.ok(anna, h.put("list", 8, first, map[string]any{"title": "Everybody's"}))
}
