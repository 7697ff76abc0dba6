package auth

import (
	"context"
	"errors"
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
	if allowed != FreeTries {
		t.Errorf("%d tries at once", allowed)
	}
}

func TestDelaysGrowAndEnd(t *testing.T) {
	l, clock := newTestLimiter()
	for range FreeTries {
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
	for range FreeTries {
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
	for i := range FreeTriesAddress + 10 {
		err := l.try(fmt.Sprint("name:", i), "address:192.0.2.1")
		if (i >= FreeTriesAddress) != (err != nil) {
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
	if accountKey(" Anna ") != accountKey("anna") || accountKey("Dori\u017f") != accountKey("doris") || accountKey("anna") == accountKey("ben") {
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

// Nobody is shut out: not by somebody else's thousands of tries, and not for
// longer than the longest wait.
func TestNobodyIsShutOut(t *testing.T) {
	l, clock := newTestLimiter()
	anna := everywherePrefix + userKey(101)
	for range 1000 {
		_ = l.try(anna)
	}
	clock.Advance(LongestWaitEverywhere)
	if err := l.try(anna); err != nil {
		t.Errorf("after the longest wait: %v", err)
	}
	for range 2 * FreeTriesEverywhere { // the waits of the first few are shorter
		clock.Advance(LongestWaitEverywhere)
		_ = l.try(anna)
	}
	for i := range 3 * limiterSize { // each is at its limit
		clock.Advance(time.Millisecond)
		for range FreeTries {
			_ = l.try(fmt.Sprint("name:", i), fmt.Sprint("address:", i))
		}
	}
	if err := l.try(userKey(102), "address:192.0.2.1"); err != nil {
		t.Errorf("somebody else meanwhile: %v", err)
	}
	// Who floods the list gains no tries for a name of the household.
	clock.Advance(time.Second)
	if err := l.try(anna); store.CodeOf(err) != store.CodeRateLimited {
		t.Errorf("the tries for Anna are forgotten: %v", err)
	}
}

// Somebody elsewhere, however often they try, does not keep a user from their
// password, and many of them gain little and keep nobody from it who has signed in
// there before.
func TestOthersTriesHoldNobodyUp(t *testing.T) {
	at := func(network int) From { return From{Address: fmt.Sprintf("10.%d.%d.9", network>>8, network&255)} }
	anna := userKey(101)
	for _, tt := range []struct {
		name      string
		attackers int
		known     bool // Anna has signed in from her network before
		most      int  // tries of the attackers in a day
	}{
		{"one", 1, false, 120},
		{"one, and a known network", 1, true, 120},
		{"a hundred, and a known network", 100, true, FreeTriesEverywhere + 24*60 + 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, clock := newTestLimiter()
			home := triesOf(anna, From{Address: "192.168.0.7"})
			if tt.known {
				l.succeeded(home...)
			}
			counted := 0
			for i := range 24 * 720 {
				clock.Advance(5 * time.Second)
				for range min(tt.attackers, 3) {
					if l.try(triesOf(anna, at(i%tt.attackers+1))...) == nil {
						counted++
					}
				}
				if i%60 != 0 {
					continue
				}
				if err := l.try(home...); err != nil {
					t.Fatalf("Anna after %d tries of others: %v", counted, err)
				}
				l.succeeded(home...)
			}
			if counted > tt.most {
				t.Errorf("%d tries in a day", counted)
			}
		})
	}
}

// Within a session tries are its own: they hold up nobody's sign-in, nor do
// sign-ins hold up a proof of who one is.
func TestASessionsTriesAreItsOwn(t *testing.T) {
	l, _ := newTestLimiter()
	anna, outside := userKey(101), From{Address: "192.0.2.1"}
	within := outside
	within.SessionID, within.UserID = 7, 101
	for range FreeTries {
		if err := l.try(triesOf(anna, within)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.try(triesOf(anna, within)...); store.CodeOf(err) != store.CodeRateLimited {
		t.Errorf("the sixth: %v", err)
	}
	if err := l.try(triesOf(anna, outside)...); err != nil {
		t.Errorf("outside: %v", err)
	}
	within.SessionID++
	if err := l.try(triesOf(anna, within)...); err != nil {
		t.Errorf("another session: %v", err)
	}
}

// A refusal says how long to wait, and that is enough.
func TestTheWaitIsTold(t *testing.T) {
	l, clock := newTestLimiter()
	for range 3 * FreeTries {
		err := l.try("name:anna")
		var early *TooMany
		if errors.As(err, &early) {
			clock.Advance(early.Wait)
			err = l.try("name:anna")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if wait := delay("name:anna", 1000); wait != LongestWait {
		t.Errorf("after 1000 failures: %s", wait)
	}
}

// Only two hashes are made at a time: the others wait, or go away.
func TestHashesAreBounded(t *testing.T) {
	p := &Password{slots: make(chan struct{}, 2)}
	p.slots <- struct{}{}
	phc := p.hash("correct horse")
	p.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	for range 10 {
		go func() {
			_, err := p.verify(ctx, phc, "correct horse")
			waiting <- err
		}()
	}
	cancel()
	for range 10 {
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("a third hash: %v", err)
		}
	}
	<-p.slots
	if right, err := p.verify(t.Context(), phc, "correct horse"); !right || err != nil {
		t.Errorf("then: %t, %v", right, err)
	}
}
