package session

import (
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
)

func open(t *testing.T) (*Sessions, *storetest.Clock) {
	t.Helper()
	clock := storetest.NewClock(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	home, err := household.Open(t.Context(), storetest.OpenWith(t, badgerkv.Options{Now: clock.Now}), kinds)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(home, []byte(strings.Repeat("k", 32)), DefaultTimers(), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

func TestASessionLivesAsLongAsItIsUsed(t *testing.T) {
	s, clock := open(t)
	_, value, err := s.SignIn(t.Context(), 101, Client{Kind: Browser, Name: "Firefox"})
	if err != nil {
		t.Fatal(err)
	}
	for range 17 { // every ten days for 170 days
		clock.Advance(10 * 24 * time.Hour)
		if _, err := s.Recognise(t.Context(), value); err != nil {
			t.Fatalf("at %s: %v", clock.Now(), err)
		}
	}
	clock.Advance(11 * 24 * time.Hour)
	if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionExpired {
		t.Errorf("after 181 days: %v", err)
	}
	_, idle, err := s.SignIn(t.Context(), 101, Client{Kind: Browser})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(31 * 24 * time.Hour)
	if _, err := s.Recognise(t.Context(), idle); store.CodeOf(err) != store.CodeSessionExpired {
		t.Errorf("idle for 31 days: %v", err)
	}
}

func TestVisits(t *testing.T) {
	s, clock := open(t)
	d, value, err := s.SignIn(t.Context(), 101, Client{Kind: Desktop})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(20 * time.Minute)
	same, _ := s.Recognise(t.Context(), value)
	clock.Advance(3 * time.Hour)
	later, _ := s.Recognise(t.Context(), value)
	if same.LatestVisitAt != d.FirstVisitAt || later.LatestVisitAt != store.TimestampOf(clock.Now()) {
		t.Errorf("visits %s, %s", same.LatestVisitAt, later.LatestVisitAt)
	}
}

func TestEndingASession(t *testing.T) {
	s, _ := open(t)
	d, value, err := s.SignIn(t.Context(), 101, Client{Kind: Token})
	if err != nil {
		t.Fatal(err)
	}
	_, other, _ := s.SignIn(t.Context(), 101, Client{Kind: Token})
	ended, stop := s.Watch(d.ID)
	defer stop()
	if err := s.End(t.Context(), d.ID, "revoked"); err != nil {
		t.Fatal(err)
	}
	<-ended
	if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionEnded {
		t.Errorf("ended: %v", err)
	}
	if _, err := s.Recognise(t.Context(), other); err != nil {
		t.Errorf("the other device: %v", err)
	}
	if devices, _ := s.Devices(t.Context(), 101); len(devices) != 1 {
		t.Errorf("%d devices", len(devices))
	}
}

// Another server's secret, or another session's, opens nothing.
func TestForgedValues(t *testing.T) {
	s, _ := open(t)
	_, value, _ := s.SignIn(t.Context(), 101, Client{Kind: Token})
	_, second, _ := s.SignIn(t.Context(), 102, Client{Kind: Token})
	secret := value[strings.LastIndex(value, "."):]
	for _, forged := range []string{"", "v1", "v1..", "v2" + value[2:], value + "A", value[:len(value)-1], "v1.2" + secret, second[:4] + secret, "v1.99" + secret} {
		if forged == value {
			continue
		}
		_, err := s.Recognise(t.Context(), forged)
		if code := store.CodeOf(err); code != store.CodeSessionInvalid && code != store.CodeSessionMissing {
			t.Errorf("%q: %v", forged, err)
		}
	}
	other, err := New(s.store, []byte(strings.Repeat("x", 32)), DefaultTimers(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionInvalid {
		t.Errorf("with another secret: %v", err)
	}
}

func FuzzValue(f *testing.F) {
	f.Add("v1.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("v1.0.000000000000000000000000000000\n\n\n0000000000")
	f.Fuzz(func(t *testing.T, s string) {
		if id, secret, ok := parse(s); ok && (id > 1<<53 || len(secret) != 32) {
			t.Fatalf("%q: %d, %d bytes", s, id, len(secret))
		}
	})
}
