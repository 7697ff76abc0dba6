package storetest_test

import (
	"context"
	"testing"
	"time"

	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
)

// TestClock: a transaction carries what the clock shows, forwards and back.
func TestClock(t *testing.T) {
	start := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	clock := storetest.NewClock(start)
	db := storetest.OpenWith(t, badgerkv.Options{Now: clock.Now})
	now := func() (now time.Time) {
		if err := db.Update(context.Background(), func(tx kv.Tx) error {
			now = tx.Now()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return now
	}
	if got := now(); !got.Equal(start) {
		t.Errorf("at first: %v", got)
	}
	if got := clock.Advance(time.Hour); !got.Equal(start.Add(time.Hour)) || !now().Equal(got) {
		t.Errorf("an hour later: %v", got)
	}
	clock.Set(start)
	if got := now(); !got.Equal(start) {
		t.Errorf("set back: %v", got)
	}
}
