package session

import (
	"testing"
	"time"

	"inglenook/store"
)

// What nobody uses any more ends by itself, and is forgotten long after; who is
// still there is not touched.
func TestCleaningUp(t *testing.T) {
	s, clock := open(t)
	signIn := func() (store.SessionID, string) {
		d, value, err := s.SignIn(t.Context(), 101, Client{Kind: Browser, Name: "Firefox"})
		if err != nil {
			t.Fatal(err)
		}
		return d.ID, value
	}
	code := func(value string) store.Code {
		_, err := s.Recognise(t.Context(), value)
		return store.CodeOf(err)
	}
	cleanUp := func() {
		t.Helper()
		if err := s.CleanUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	idle, idleValue := signIn()
	_, used := signIn()
	ended, endedValue := signIn()
	if err := s.End(t.Context(), ended, "revoked"); err != nil {
		t.Fatal(err)
	}
	stream, stop := s.Watch(idle)
	defer stop()

	clock.Advance(29 * 24 * time.Hour)
	if got := code(used); got != "" {
		t.Fatal(got)
	}
	cleanUp()
	select {
	case <-stream:
		t.Error("a session ended before its time")
	default:
	}
	clock.Advance(2 * 24 * time.Hour)
	cleanUp()
	select {
	case <-stream:
	default:
		t.Error("a session that nobody used for a month goes on")
	}
	if idle, ended, used := code(idleValue), code(endedValue), code(used); idle != store.CodeSessionExpired || ended != store.CodeSessionEnded || used != "" {
		t.Errorf("idle: %q, ended: %q, used: %q", idle, ended, used)
	}

	for range 5 { // 100 days, the one in use comes by now and then
		clock.Advance(20 * 24 * time.Hour)
		if got := code(used); got != "" {
			t.Fatal(got)
		}
	}
	cleanUp()
	cleanUp() // what is forgotten already is no error
	for _, value := range []string{idleValue, endedValue} {
		if got := code(value); got != store.CodeSessionInvalid {
			t.Errorf("long after: %q", got)
		}
	}
	if got := code(used); got != "" {
		t.Errorf("used: %q", got)
	}
	fresh, err := New(s.store, []byte("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"), DefaultTimers(), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.Recognise(t.Context(), used); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestEndingTheOthers(t *testing.T) {
	s, _ := open(t)
	mine, value, _ := s.SignIn(t.Context(), 101, Client{Kind: Browser})
	_, other, _ := s.SignIn(t.Context(), 101, Client{Kind: Desktop})
	_, bens, _ := s.SignIn(t.Context(), 102, Client{Kind: Browser})
	if err := s.EndOthers(t.Context(), 101, mine.ID, "password-changed"); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]store.Code{value: "", other: store.CodeSessionEnded, bens: ""} {
		if _, err := s.Recognise(t.Context(), value); store.CodeOf(err) != want {
			t.Errorf("%v instead of %q", err, want)
		}
	}
}
