package feed_test

import (
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/feed"
)

// Nobody catches up on what they may not see today, also when it was moved or
// made a wish since.
func TestOldEventsOfWhatHasMoved(t *testing.T) {
	h := open(t)
	private := map[string]string{"101": "write"}
	first := h.write(anna,
		h.put("list", 7, 0, map[string]any{"title": "Groceries"}),
		h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": private}),
		h.put("calendar", 5, 0, map[string]any{"name": "all"}),
		h.put("calendar", 6, 0, map[string]any{"name": "Anna's", "audience": private}),
		h.put("item", 70, 0, map[string]any{"title": "to be moved", "listId": 7}),
		h.put("item", 71, 0, map[string]any{"title": "to be a wish", "listId": 7}),
		h.put("item", 72, 0, map[string]any{"title": "stays", "listId": 7}),
		h.put("event", 50, 0, map[string]any{"title": "to be moved", "calendarId": 5, "start": "2026-11-21T10:00:00"}))
	occurrence := h.put("occurrence", 1, 0, map[string]any{"eventId": 50, "recurrenceId": "2026-11-28T10:00:00", "patch": map[string]any{"title": "below"}})
	occurrence.Entity.ID, _ = h.Kinds().DerivedID("occurrence", occurrence.Entity)
	second := h.write(anna, occurrence)
	h.write(anna, h.put("item", 70, first, map[string]any{"title": "to be moved", "listId": 8}))
	h.write(anna, h.put("item", 71, first, map[string]any{"title": "to be a wish", "listId": 7, "forUserId": ben}))
	h.write(anna, h.put("event", 50, first, map[string]any{"title": "to be moved", "calendarId": 6, "start": "2026-11-21T10:00:00"}))

	body := string(h.view(first, ben).Body)
	if strings.Contains(body, "to be moved") || strings.Contains(body, "to be a wish") || !strings.Contains(body, "stays") {
		t.Errorf("Ben catches up on %s", body)
	}
	if v := h.view(second, ben); v.Body != nil {
		t.Errorf("Ben catches up on %s", v.Body)
	}
	if body := string(h.view(first, anna).Body); !strings.Contains(body, "to be moved") || !strings.Contains(body, "to be a wish") {
		t.Errorf("Anna catches up on %s", body)
	}
}

func forgets(v feed.View, kind store.Kind, id store.ID) bool {
	return slices.ContainsFunc(v.Forget, func(f store.Forget) bool { return f.Kind == kind && slices.Contains(f.IDs, id) })
}

// Whom a wish is hidden from is not told of it, not even that it is ticked.
func TestAHiddenWishIsQuiet(t *testing.T) {
	h := open(t)
	wish := map[string]any{"title": "a book", "listId": 7, "forUserId": ben}
	first := h.write(anna, h.put("list", 7, 0, map[string]any{"title": "Wishes"}), h.put("list", 9, 0, map[string]any{"title": "Other"}), h.put("item", 71, 0, wish))
	wish["done"] = true
	ticked := h.write(anna, h.put("item", 71, first, wish))
	wish["listId"] = 9
	moved := h.write(anna, h.put("item", 71, ticked, wish))
	for _, id := range []store.EventID{first, ticked, moved} {
		if v := h.view(id, ben); forgets(v, "item", 71) || strings.Contains(string(v.Body), "71") {
			t.Errorf("event %d tells Ben of his wish: %s %v", id, v.Body, v.Forget)
		}
	}
	shut := h.write(anna, h.put("list", 9, first, map[string]any{"title": "Other", "audience": map[string]string{"101": "write"}}))
	if v := h.view(shut, ben); !forgets(v, "list", 9) || forgets(v, "item", 71) {
		t.Errorf("the list is shut: %v", v.Forget)
	}
}

// A frame that changes who sees what, and has somebody's profile beside it, does
// not change their level.
func TestAProfileIsNoLevel(t *testing.T) {
	h := open(t)
	first := h.write(anna, h.put("list", 7, 0, map[string]any{"title": "l"}))
	both := h.write(anna,
		h.put("list", 7, first, map[string]any{"title": "l", "audience": map[string]string{"101": "write"}}),
		h.put("user", ben, 1, map[string]any{"name": "Benny", "access": "member"}))
	if h.view(both, ben).Level {
		t.Error("Ben is told to begin again because of his name")
	}
}
