package session_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver/session"
)

// Cleaning up trims the audit log, but not by a clock that may be wrong: by that
// all of it might look old.
func TestTrimmingTheAuditLog(t *testing.T) {
	clock := storetest.NewClock(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	db := storetest.OpenWith(t, badgerkv.Options{Now: clock.Now})
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	home, err := household.Open(t.Context(), db, kinds)
	if err != nil {
		t.Fatal(err)
	}
	cleanUp := func() (left []int) { // at once, and when the clock has settled
		t.Helper()
		s, err := session.New(t.Context(), session.Config{
			Store: home, Secret: []byte(strings.Repeat("k", 32)), Timers: session.DefaultTimers(), Now: clock.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.CleanUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			records, err := home.AuditPage(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, len(records))
			clock.Advance(time.Hour)
		}
		return left
	}
	if err := home.Audit(t.Context(), household.AuditRecord{Kind: "session.ended"}); err != nil {
		t.Fatal(err)
	}
	if left := cleanUp(); !slices.Equal(left, []int{1, 1}) {
		t.Errorf("a fresh record: %v", left)
	}
	clock.Advance(401 * 24 * time.Hour) // between two starts: is it the clock?
	if left := cleanUp(); !slices.Equal(left, []int{1, 0}) {
		t.Errorf("after a leap of 401 days, and an hour later: %v", left)
	}
}
