package household_test

import (
	"fmt"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
)

func many(n int, prefix string, fields map[string]any) map[string]any {
	for i := range n {
		fields[fmt.Sprint(prefix, i)] = i
	}
	return fields
}

// reopen opens the household again, as the next start of the program does.
func (h *house) reopen() *household.Store {
	h.t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := household.Open(h.t.Context(), h.db, kinds)
	if err != nil {
		h.t.Fatalf("the store does not open again: %v", err)
	}
	return s
}

// What is stored can be read again: the fields that the server sets count too,
// and so do those a replacement does not name.
func TestNothingUnreadableIsStored(t *testing.T) {
	h := open(t)
	h.refused(ben, store.CodeTooLarge, h.put("user", ben, 1, many(store.MaxFields-2, "x", map[string]any{"name": "Ben", "access": "member"})))
	first := h.ok(ben, h.put("user", ben, 1, many(200, "x", map[string]any{"name": "Ben", "access": "member"})))
	h.refused(ben, store.CodeTooLarge, h.put("user", ben, first, many(200, "y", map[string]any{"name": "Ben", "access": "member"}), unitsOf(200, "y")...))
	h.reopen()
	h.ok(ben, h.put("user", ben, first, map[string]any{"name": "Benny", "access": "member"}))
}

func unitsOf(n int, prefix string) (units []string) {
	for i := range n {
		units = append(units, fmt.Sprint(prefix, i))
	}
	return units
}

// An entity does not outgrow its limits field by field.
func TestOutcomesKeepTheLimits(t *testing.T) {
	h := open(t)
	long := strings.Repeat("x", 40<<10)
	first := h.ok(ben, h.put("list", 7, 0, map[string]any{"title": "l", "a": long}))
	h.refused(ben, store.CodeTooLarge, h.put("list", 7, first, map[string]any{"title": "l", "b": long}, "b"))

	labels := func(prefix string, n int) map[string]bool {
		m := map[string]bool{}
		for i := range n {
			m[fmt.Sprint(prefix, i)] = true
		}
		return m
	}
	note := h.ok(ben, h.put("note", 9, 0, map[string]any{"title": "n", "labels": labels("a", 60)}))
	h.refused(ben, store.CodeTooLarge, h.put("note", 9, note, map[string]any{"title": "n", "labels": labels("b", 5)},
		"labels/b0", "labels/b1", "labels/b2", "labels/b3", "labels/b4"))
}

// The names in changed are kept in the history: they have a limit together.
func TestNamesInChangedHaveALimit(t *testing.T) {
	h := open(t)
	first := h.ok(ben, h.put("list", 7, 0, map[string]any{"title": "l"}))
	h.refused(ben, store.CodeTooLarge, h.put("list", 7, first, map[string]any{"title": "l"}, "title", strings.Repeat("n", store.MaxEntityBytes)))
}

// A batch of little replacements of large entities does not make an event that
// cannot be stored: what is too much is rejected, the rest is taken.
func TestAnEventHasALimit(t *testing.T) {
	h := open(t)
	long := strings.Repeat("x", 60<<10)
	var bases []store.EventID
	for part := range 4 {
		var made []store.Replacement
		for i := range 60 {
			made = append(made, h.put("list", store.ID(1000+part*60+i), 0, map[string]any{"title": "l", "long": long}))
		}
		bases = append(bases, h.ok(ben, made...))
	}
	var all []store.Replacement
	for part, base := range bases {
		for i := range 60 {
			all = append(all, h.put("list", store.ID(1000+part*60+i), base, map[string]any{"title": "m"}, "title"))
		}
	}
	result := h.push(ben, all...)
	if result.Results[0].Status != store.Applied {
		t.Errorf("the first: %+v", result.Results[0])
	}
	if last := result.Results[len(all)-1]; last.Code != store.CodeTooLarge {
		t.Errorf("the last: %+v", last)
	}
}

// Somebody comes back after long and deletes what others have changed often.
func TestDeletingWhatChangedOften(t *testing.T) {
	h := open(t)
	base := h.ok(ben, h.put("note", 9, 0, map[string]any{"title": "n"}))
	at := base
	for i := range 220 {
		at = h.ok(anna, h.put("note", 9, at, map[string]any{"title": "n", "body": fmt.Sprint(i, strings.Repeat("x", 45<<10))}, "body"))
	}
	if result := h.push(ben, h.gone("note", 9, base)); result.Results[0].Status != store.Merged {
		t.Errorf("got %+v", result.Results[0])
	}
	versions, _, err := h.History(t.Context(), h.person(anna), store.Ref{Kind: "note", ID: 9}, 0, 1)
	if err != nil || len(versions) != 1 || len(versions[0].Superseded) != 1 || !strings.Contains(string(versions[0].Superseded[0].Value), "219x") {
		t.Errorf("history: %d versions, %v", len(versions), err)
	}
}
