package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/storetest"
)

func newTestLimiter() (*limiter, *storetest.Clock) {
	clock := storetest.NewClock(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	return newLimiter(clock.Now), clock
}

// Tries at the same time count while they are on their way: a thousand at once
// are not a thousand free ones.
func TestTriesAtOnceCount(t *testing.T) {
	l, _ := newTestLimiter()
	allowed := 0
	for range 1000 {
		if l.try("name:anna", "address:192.0.2.1") == nil {
			allowed++
		}
	}
	if allowed != freeFailures {
		t.Errorf("%d tries at once", allowed)
	}
}

func TestDelaysGrowAndEnd(t *testing.T) {
	l, clock := newTestLimiter()
	for range freeFailures {
		if err := l.try("name:anna"); err != nil {
			t.Fatal(err)
		}
	}
	for _, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		clock.Advance(wait - time.Second)
		if err := l.try("name:anna"); store.CodeOf(err) != store.CodeRateLimited {
			t.Errorf("before %s: %v", wait, err)
		}
		clock.Advance(time.Second)
		if err := l.try("name:anna"); err != nil {
			t.Errorf("after %s: %v", wait, err)
		}
	}
	clock.Advance(forgiven)
	for range freeFailures {
		if err := l.try("name:anna"); err != nil {
			t.Errorf("a day later: %v", err)
		}
	}
}

// A success takes its own try back from the address, and forgives the name.
func TestSuccessesDoNotCount(t *testing.T) {
	l, _ := newTestLimiter()
	for range 200 {
		if err := l.try("name:anna", "address:192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		l.succeeded("name:anna", "address:192.0.2.1")
	}
	for i := range addressFree + 10 {
		err := l.try(fmt.Sprint("name:", i), "address:192.0.2.1")
		if (i >= addressFree) != (err != nil) {
			t.Fatalf("try %d from one address: %v", i, err)
		}
	}
}

// Who tries many names, or long ones, does not fill the memory.
func TestTheLimiterIsBounded(t *testing.T) {
	l, _ := newTestLimiter()
	for i := range limiterSize + 500 {
		_ = l.try(fmt.Sprint("name:", i))
	}
	if len(l.log) > limiterSize {
		t.Errorf("%d entries", len(l.log))
	}
	if key := accountKey(strings.Repeat("x", 60_000)); len(key) > 100 {
		t.Errorf("a key of %d bytes", len(key))
	}
	if accountKey(" Anna ") != accountKey("anna") || accountKey("anna") == accountKey("ben") {
		t.Error("names are not told apart as people do")
	}
}

// One line of the internet has 2^64 addresses of version 6.
func TestAddressesOfOneLine(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"", "", true},
	} {
		if (addressKey(tt.a) == addressKey(tt.b)) != tt.same {
			t.Errorf("%s and %s: %s, %s", tt.a, tt.b, addressKey(tt.a), addressKey(tt.b))
		}
	}
}
