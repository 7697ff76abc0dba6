package session

import (
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"
)

// Another server's secret, or another session's or generation's, opens nothing,
// and is counted against whoever shows it.
func TestForgedValues(t *testing.T) {
	h := open(t)
	first, second := h.signIn(anna), h.signIn(ben)
	secret := first.value[strings.LastIndex(first.value, "."):]
	for _, forged := range []string{
		"v1", "v1.", "v1..", "v1...", "v1.1.1", "v2" + first.value[2:], first.value + "A", first.value[:len(first.value)-1], " " + first.value,
		"v1.1" + secret, "v1.1.2" + secret, "v1.2.1" + secret, "v1.99.1" + secret, "v1.1.0" + secret, "v1.-1.1" + secret,
		"v1.1.9007199254740993" + secret, second.value[:5] + secret + "\n",
	} {
		answer := second.send(Request{Value: forged, Cookie: true, Network: network})
		if answer.Output.Code != store.CodeSessionInvalid || !answer.Output.Counted || answer.Value != "" {
			t.Errorf("%q: %+v", forged, answer.Output)
		}
		if _, _, ok, err := h.Shown(t.Context(), forged); ok || err != nil {
			t.Errorf("%q belongs to somebody: %v", forged, err)
		}
		if answer, err := h.Open(t.Context(), Request{Value: forged}); err != nil || answer.Output.Code != store.CodeSessionInvalid || !answer.Output.Counted {
			t.Errorf("%q as an access token: %+v, %v", forged, answer.Output, err)
		}
	}
	if answer := second.send(Request{}); answer.Output.Code != store.CodeSessionMissing || answer.Output.Counted {
		t.Errorf("no value: %+v", answer.Output)
	}
	other := h.start(Config{Secret: []byte(strings.Repeat("x", 32))})
	if answer, err := other.Ask(t.Context(), first.request(machine.Ordinary)); err != nil || answer.Output.Code != store.CodeSessionInvalid {
		t.Errorf("with another secret: %+v, %v", answer.Output, err)
	}
	token, _ := h.AccessToken(first.now(), 1)
	if answer, err := other.Open(t.Context(), Request{Value: token}); err != nil || answer.Output.Code != store.CodeSessionInvalid {
		t.Errorf("a token of another secret: %+v, %v", answer.Output, err)
	}
	if _, err := New(t.Context(), Config{Store: h.home, Secret: make([]byte, 31), Timers: DefaultTimers(), Now: h.clock.Now}); err == nil {
		t.Error("a secret of 31 bytes is taken")
	}
}

// A value is derived of a salt that is the session's alone: who reads a store
// has none of the secrets, and the same successor is handed out twice.
func TestValuesAreDerived(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	of := d.now().DeviceSession
	once := h.write(of, 7)
	if again := h.write(of, 7); once != again || once == h.write(of, 8) {
		t.Error("a value is not that of its generation")
	}
	salted := of
	salted.Salt = []byte("another")
	if h.write(of, 7) == h.write(salted, 7) {
		t.Error("the salt is not in it")
	}
	if v, ok := parse(h.write(of, 7)); !ok || v.session != of.ID || v.generation != 7 || !h.fits(v, of) || h.fits(v, salted) {
		t.Errorf("read back: %+v", v)
	}
	if got := h.write(household.DeviceSession{ID: 1<<53 - 1, Salt: of.Salt}, 1<<53-1); !IsValue(got) {
		t.Errorf("%q is no value", got)
	}
}

func FuzzValue(f *testing.F) {
	f.Add("v1.1.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("v1.1.0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("v1.1.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")
	f.Add("v1.0.1.000000000000000000000000000000\n\n\n0000000000")
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := parse(s)
		if !ok {
			return
		}
		if v.session >= 1<<53 || v.generation >= 1<<53 || v.generation == 0 {
			t.Fatalf("%q: session %d, generation %d", s, v.session, v.generation)
		}
		if strings.ContainsAny(s, "\r\n =") || !IsValue(s) {
			t.Fatalf("%q is a value", s)
		}
	})
}
