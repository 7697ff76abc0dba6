package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"inglenook/store"
)

func TestWaiting(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	w := newWaiting[int](func() time.Time { return now }, time.Minute)
	put := func(key, address string, content int) {
		t.Helper()
		if err := w.put(key, address, content); err != nil {
			t.Fatal(err)
		}
	}
	any := func(int) bool { return true }
	put("a", "192.0.2.1", 1)
	if err := w.put("a", "192.0.2.2", 2); !errors.Is(err, errTaken) {
		t.Errorf("put twice: %v", err)
	}
	if _, ok := w.take("a", func(n int) bool { return n == 2 }); ok {
		t.Error("taken by whom it does not suit")
	}
	if n, ok := w.take("a", any); !ok || n != 1 {
		t.Errorf("%d %t", n, ok)
	}
	if _, ok := w.take("a", any); ok {
		t.Error("taken twice")
	}
	put("a", "192.0.2.1", 1)
	now = now.Add(time.Minute)
	if _, ok := w.get("a"); ok || w.begun.Len() != 0 || len(w.byAddress) != 0 {
		t.Errorf("after its time: %t, %d kept", ok, w.begun.Len())
	}
}

// Nobody fills the memory, and who tries loses what they began themselves.
func TestWaitingIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	w := newWaiting[int](func() time.Time { return now }, time.Minute)
	if err := w.put("honest", "192.0.2.1", 0); err != nil {
		t.Fatal(err)
	}
	for i := range 10 * maxWaitingAddress {
		if err := w.put(fmt.Sprint(i), "2001:db8::"+fmt.Sprintf("%x", i), i); err != nil { // one line has them all
			t.Fatal(err)
		}
	}
	if _, ok := w.get("honest"); !ok || w.begun.Len() != maxWaitingAddress+1 {
		t.Errorf("%t, %d kept", ok, w.begun.Len())
	}
	// One customer has 65536 lines of version 6: who comes later finds a place.
	for i := range 2 * maxWaiting {
		if err := w.put(fmt.Sprint("many ", i), fmt.Sprintf("2001:db8:7:%x::1", i&0xffff), i); err != nil {
			t.Fatal(err)
		}
	}
	if w.begun.Len() != maxWaiting {
		t.Errorf("%d kept", w.begun.Len())
	}
	if err := w.put("later", "198.51.100.2", 0); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	full := error(nil)
	for i := 0; i < 2*maxWaiting && full == nil; i++ {
		full = w.put(fmt.Sprint("all over ", i), fmt.Sprintf("10.%d.%d.1", i>>8, i&255), i)
	}
	if store.CodeOf(full) != store.CodeRateLimited || w.begun.Len() != maxWaiting {
		t.Errorf("%v, %d kept", full, w.begun.Len())
	}
	if _, ok := w.get("honest"); !ok {
		t.Error("many others took its place")
	}
}
