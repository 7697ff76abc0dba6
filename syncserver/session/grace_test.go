package session

import (
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/session/machine"
)

// opensToken is the code that a token is answered with, "" when it is served.
func (h *house) opensToken(token string) store.Code {
	h.t.Helper()
	answer, err := h.Open(h.t.Context(), Request{Value: token, Network: network})
	if err != nil {
		return store.CodeOf(err)
	}
	return answer.Output.Code
}

// A value of a bound session without its key is good until a proof is due and its
// grace is over; so is whatever was got with it. That the key was proved before
// the proof was due makes it no longer.
func TestNothingOutlivesTheGrace(t *testing.T) {
	h := open(t)
	owner := h.signInAs(anna, machine.Desktop, newSigner(t))
	owner.ask(machine.Ordinary)
	h.clock.Advance(8*time.Minute + 50*time.Second) // due at the earliest a little later
	owner.ask(machine.Ordinary)
	rotatesAt := owner.now().Table.Head().RotatesAt
	h.clock.Set(after(rotatesAt, 5*time.Minute-time.Second).Time())
	if answer := owner.send(owner.request(machine.Ordinary)); answer.Output.Mark != machine.RotateDue {
		t.Fatalf("within the grace: %+v", answer.Output)
	}
	token, _ := h.AccessToken(owner.now(), 1)
	if code := h.opensToken(token); code != "" {
		t.Errorf("a token within the grace: %s", code)
	}
	if out := h.Standing(ptr(owner.now()), 1); out.Code != "" {
		t.Errorf("a stream within the grace: %+v", out)
	}
	h.clock.Advance(time.Second)
	if code := h.opensToken(token); code != store.CodeTokenExpired {
		t.Errorf("a token after it: %q", code)
	}
	if out := h.Standing(ptr(owner.now()), 1); out.Code != store.CodeSessionProofRequired {
		t.Errorf("a stream after it: %+v", out)
	}
	if answer := owner.ask(machine.Ordinary); answer.Output.Mark != machine.Rotated {
		t.Fatalf("with a proof: %+v", answer.Output)
	}
	token, _ = h.AccessToken(owner.now(), 2)
	if code := h.opensToken(token); code != "" {
		t.Errorf("a token of the next value: %s", code)
	}
}

// While the disk is full no value can be changed: then it is the proof that what
// is open goes on with, for as long as a value would have been good.
func TestWhatIsOpenOnAFullDisk(t *testing.T) {
	h := open(t)
	d := h.signInAs(anna, machine.Desktop, newSigner(t))
	d.ask(machine.Ordinary)
	h.full.Store(true)
	stands := func(want store.Code) {
		t.Helper()
		token, _ := h.AccessToken(d.now(), 1)
		code := want
		if code == store.CodeSessionProofRequired {
			code = store.CodeTokenExpired
		}
		if got := h.opensToken(token); got != code {
			t.Errorf("a token: %q, want %q", got, code)
		}
		if out := h.Standing(ptr(d.now()), 1); out.Code != want {
			t.Errorf("a stream: %q, want %q", out.Code, want)
		}
	}
	h.clock.Advance(17 * time.Minute)
	stands(store.CodeSessionProofRequired)
	for range 3 {
		if answer := d.ask(machine.Ordinary); answer.Refused() || answer.Value != "" {
			t.Fatalf("with a proof: %+v", answer.Output)
		}
		stands("")
		h.clock.Advance(15*time.Minute - time.Second)
		stands("")
		h.clock.Advance(time.Second)
		stands(store.CodeSessionProofRequired)
	}
	d.ask(machine.Ordinary)
	h.clock.Advance(-3 * day) // it was ahead
	stands(store.CodeSessionProofRequired)
}
