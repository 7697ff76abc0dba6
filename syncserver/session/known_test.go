package session

import (
	"context"
	"sync"
	"testing"
	"time"

	"inglenook/store"
)

// A session that was ended stays ended, whatever was on its way meanwhile: a
// request that had read it before must not make it known again after.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	for range 300 {
		s, clock := open(t)
		d, value, err := s.SignIn(t.Context(), 101, Client{Kind: Token})
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(2 * time.Hour) // the use is noted on disk
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _, _ = s.Recognise(context.Background(), value) })
		}
		all.Go(func() {
			if err := s.End(context.Background(), d.ID, "revoked"); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionEnded {
			t.Fatalf("after it was ended: %v", err)
		}
	}
}

// What was read before the end and is kept after it would be known for ever.
func TestWhatWasReadBeforeTheEndIsNotKept(t *testing.T) {
	s, clock := open(t)
	d, value, err := s.SignIn(t.Context(), 101, Client{Kind: Token})
	if err != nil {
		t.Fatal(err)
	}
	id, _, _ := parse(value)
	stale, err := s.lookUp(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), d.ID, "revoked"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(2 * time.Hour)
	if _, err := s.use(t.Context(), id, stale); store.CodeOf(err) != store.CodeSessionEnded {
		t.Errorf("its use is noted: %v", err)
	}
	if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionEnded {
		t.Errorf("then: %v", err)
	}
	if devices, _ := s.Devices(t.Context(), 101); len(devices) != 0 {
		t.Errorf("%d devices", len(devices))
	}
}

// An open stream is no use: its session expires as if it were not there.
func TestCheckingIsNoUse(t *testing.T) {
	s, clock := open(t)
	_, value, err := s.SignIn(t.Context(), 101, Client{Kind: Token})
	if err != nil {
		t.Fatal(err)
	}
	for range 14 {
		if err := s.Check(t.Context(), value); err != nil {
			t.Fatalf("at %s: %v", clock.Now(), err)
		}
		clock.Advance(24 * time.Hour)
	}
	clock.Advance(time.Hour)
	if err := s.Check(t.Context(), value); store.CodeOf(err) != store.CodeSessionExpired {
		t.Errorf("idle for two weeks: %v", err)
	}
	if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != store.CodeSessionExpired {
		t.Errorf("then: %v", err)
	}
	if err := s.Check(t.Context(), "v1.9.x"); store.CodeOf(err) != store.CodeSessionInvalid {
		t.Errorf("half a value: %v", err)
	}
}
