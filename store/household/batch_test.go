package household

import (
	"context"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/storetest"
)

// interrupted runs something before its next Update.
type interrupted struct {
	kv.DB
	first func()
}

func (db *interrupted) Update(ctx context.Context, fn func(kv.Tx) error) error {
	if first := db.first; first != nil {
		db.first = nil
		first()
	}
	return db.DB.Update(ctx, fn)
}

// A write composes a batch when nobody pushes. Whoever was about to compose one
// then takes that: a second would leave it behind, with a number for entries
// that it does not hold.
func TestABatchIsComposedOnce(t *testing.T) {
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	db := &interrupted{DB: storetest.Open(t)}
	s, err := Open(t.Context(), db, kinds)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDevice(s, store.NewClock(time.Now), func(Touched) {})
	write := func() {
		t.Helper()
		e := store.Entity{ID: store.NewID(), UpdatedAt: 1, Fields: store.Fields{"title": []byte(`"tea"`)}}
		results, err := d.Write(t.Context(), "", []store.Replacement{{Kind: "note", Entity: e}})
		if err != nil || results[0].Status == store.Rejected {
			t.Fatal(results, err)
		}
	}
	write() // nobody has asked for a batch yet: it only waits
	db.first = func() {
		d.idle.Store(true)
		write() // composes a batch of both
		write() // waits behind it
	}
	b, err := d.NextBatch(t.Context(), store.MaxBatch)
	if err != nil || b == nil || len(b.Replacements) != 2 {
		t.Fatalf("%+v, %v", b, err)
	}
	other := store.BatchResult{Event: store.Cursor{Epoch: 1, ID: 1}, Results: []store.Result{{Status: store.Applied}}}
	if err := d.Answer(t.Context(), b.Seq, other); store.CodeOf(err) != store.CodeSeqStale {
		t.Errorf("the answer to another batch: %v", err)
	}
	for want := 2; want > 0; want-- {
		answer := store.BatchResult{Event: store.Cursor{Epoch: 1, ID: store.EventID(b.Seq)}}
		for range b.Replacements {
			answer.Results = append(answer.Results, store.Result{Status: store.Applied})
		}
		if err := d.Answer(t.Context(), b.Seq, answer); err != nil {
			t.Fatal(err)
		}
		if b, err = d.NextBatch(t.Context(), store.MaxBatch); err != nil || (b != nil) != (want == 2) {
			t.Fatalf("%+v, %v", b, err)
		}
	}
}
