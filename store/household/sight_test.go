package household_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
)

// What is committed is filtered by the sight of the same commit, also while the
// sight kept in memory is a moment older: two events of one transaction are
// visible before the first is told.
func TestSightIsThatOfTheData(t *testing.T) {
	h := open(t)
	private := h.put("list", 8, 0, map[string]any{"title": "Anna's", "audience": map[string]string{"101": "write"}})
	things := []store.Replacement{h.put("list", 7, 0, map[string]any{"title": "first"})}
	for i := range store.MaxBatch - 1 {
		things = append(things, h.put("list", store.ID(1000+i), 0, map[string]any{"title": "l"}))
	}
	things = append(things, private, h.put("item", 80, 0, map[string]any{"title": "secret", "listId": 8}))
	p, before := h.person(ben), h.Head().ID
	var once sync.Once
	var told []store.ID
	h.OnCommit(func(*household.EventRecord) {
		once.Do(func() {
			secret := store.Ref{Kind: "item", ID: 80}
			ctx := context.Background()
			_, err := h.Snapshot(ctx, p, "", store.Ref{}, func(_ store.Cursor, ref store.Ref, _ []byte) error {
				if ref.ID == 8 || ref == secret {
					t.Errorf("the snapshot has %v", ref)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if _, _, err := h.History(ctx, p, secret, 0, 1); store.CodeOf(err) != store.CodeNotFound {
				t.Errorf("history: %v", err)
			}
			_, digests, err := h.Digests(ctx, p)
			if err != nil || slices.ContainsFunc(digests, func(d household.Digest) bool { return d.Kind == "item" }) {
				t.Errorf("digests: %v %v", digests, err)
			}
			err = h.Events(ctx, before, func(e *household.EventRecord) (bool, error) {
				if e.ID > h.Head().ID {
					t.Errorf("event %d lies beyond the head %d that sight is of", e.ID, h.Head().ID)
				}
				told = append(told, store.ID(e.ID))
				return true, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	})
	if err := h.Found(t.Context(), anna, things); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 {
		t.Errorf("events %v", told)
	}
}

// Who has no level, or one of a newer program, sees nothing of the household.
func TestNoLevelSeesNothing(t *testing.T) {
	h := open(t)
	h.ok(anna, h.put("list", 7, 0, map[string]any{"title": "Groceries"}))
	for _, level := range []access.Level{"", "robot"} {
		p := access.Person{UserID: 999, Level: level}
		_, err := h.Snapshot(t.Context(), p, "", store.Ref{}, func(_ store.Cursor, ref store.Ref, _ []byte) error {
			if ref.Kind == "list" {
				t.Errorf("%q sees %v", level, ref)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// An entity may have nothing but what the server sets.
func TestNoFields(t *testing.T) {
	h := open(t)
	h.ok(anna, store.Replacement{Kind: "robot", Entity: store.Entity{ID: 77, UpdatedAt: 1}})
	if ids := h.sees(anna, "robot"); len(ids) != 1 || ids[0] != 77 {
		t.Errorf("%v", ids)
	}
}
