package household

import (
	"fmt"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/storetest"
)

// Who comes back after a thousand versions does not bring them all into memory:
// of those in between, others' content is never asked for.
func TestVersionsInBetweenHaveNoContent(t *testing.T) {
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), storetest.Open(t), kinds)
	if err != nil {
		t.Fatal(err)
	}
	note := func(i int) store.Replacement {
		e := store.Entity{ID: 9, UpdatedAt: 1}
		for field, value := range map[string]string{"title": "n", "body": fmt.Sprint(i, strings.Repeat("x", 1000))} {
			if err := e.Set(field, value); err != nil {
				t.Fatal(err)
			}
		}
		return store.Replacement{Kind: "note", Entity: e, Base: store.EventID(i - 1)}
	}
	write := func(i int, session store.SessionID) {
		t.Helper()
		err := s.db.Update(t.Context(), func(tx kv.Tx) error {
			results, _, err := s.takeAll(tx, store.Author{UserID: 1, SessionID: session}, "", []store.Replacement{note(i)},
				access.Person{UserID: 1, Level: access.Admin}, false)
			if err == nil && results[0].Status == store.Rejected {
				err = fmt.Errorf("%+v", results[0])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(1, 7) // before
	write(2, 7) // the author's own goes on
	for i := 3; i < 10; i++ {
		write(i, 8)
	}
	err = s.db.View(t.Context(), func(r kv.Reader) error {
		at, since, err := newVersions(r).around(store.Ref{Kind: "note", ID: 9}, 1, 7)
		if err != nil || at == nil || len(since) != 8 {
			return fmt.Errorf("%v, %d since: %w", at, len(since), err)
		}
		for i, v := range since {
			kept := i == 0 || i == len(since)-1
			if (v.Entity.Fields != nil) != kept || len(v.Changed) == 0 || v.EventID != store.EventID(i+2) {
				t.Errorf("version %d: %d fields", i, len(v.Entity.Fields))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
