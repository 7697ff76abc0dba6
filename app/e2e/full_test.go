package e2e

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

// TestFullDisk: what comes does not fit on the device's disk. The page, which
// was shown it already, begins anew, and with room again it comes once more.
func TestFullDisk(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	var full atomic.Bool
	r := newRigOver(t, s, "Anna", storetest.OpenWith(t, badgerkv.Options{
		Now: s.Clock.Now,
		FreeSpace: func(string) (int64, error) {
			s.Clock.Advance(2 * time.Second) // what is known of free space is old by the next time
			if full.Load() {
				return badgerkv.DefaultMinFree + 1<<20, nil
			}
			return 1 << 40, nil
		},
	}))
	other := newRig(t, s, "Anna")
	r.synced(s)
	other.synced(s)
	full.Store(true)
	r.net.with(lost("/api/replacements", 1<<30))
	r.note(50, "own") // little fits still
	page, shown := r.Line().Head(), store.Ref{Kind: "note", ID: 1500}
	var in []store.Replacement
	for i := range store.ID(900) { // more than one transaction of the engine holds
		in = append(in, store.Replacement{Kind: "note", Entity: entity(t, 1000+i, "title", fmt.Sprint(i), "body", strings.Repeat("x", 3000))})
	}
	if err := other.WriteAll(t.Context(), "", in); err != nil {
		t.Fatal(err)
	}
	other.until("sent", func(st api.Status) bool { return st.Waiting == 0 })
	r.until("told to begin anew", func(api.Status) bool {
		_, _, err := r.Line().After(page, 1)
		return store.CodeOf(err) == store.CodeReset
	})
	anna, _ := s.SignIn(t, "Anna")
	history, err := anna.History(t.Context(), shown, 0)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := r.Device().Cursor(t.Context()); err != nil || at.ID >= history.Versions[0].EventID {
		t.Errorf("the cursor is %s, %v, and event %d is not on the disk", at, err, history.Versions[0].EventID)
	}

	full.Store(false)
	r.net.with(nil)
	r.SyncNow()
	r.synced(s)
	r.sees("note", 50, true)
	r.sees(shown.Kind, shown.ID, true)
	r.sameAs(s, "Anna")
}
