package lifetest

import (
	"crypto/ed25519"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"
)

// owner is what every device has: a session, and what is to be true of it.
type owner struct {
	w        *world
	name     string
	user     string
	signer   *proof.Signer // nil without a key
	absolute time.Duration
	sleep    time.Duration // the longest; shorter than any session may be idle
	session  store.SessionID
	since    time.Time       // the sign-in
	handed   map[uint64]bool // generations that were given to it, perhaps in vain
	robbedAt time.Time       // when a thief has copied its value; zero for never
	illicit  bool            // and was served with a generation it was never given
	noticed  bool            // and it was told
	signIn   func()          // anew
	value    func() string   // the newest it has
	act      func()          // does what people do
}

func (w *world) newOwner(name, user string, kind machine.Kind, bound bool) *owner {
	o := &owner{w: w, name: name, user: user}
	promised := session.DefaultTimers() // whatever the server's are
	limits := promised.Bearer
	switch {
	case bound && kind == machine.Browser:
		limits = promised.Browser
	case bound:
		limits = promised.Desktop
	}
	o.absolute, o.sleep = limits.Absolute, min(limits.Idle-2*day, 45*day)
	if bound {
		seed := make([]byte, ed25519.SeedSize)
		for i := range seed {
			seed[i] = byte(w.rand.UintN(256))
		}
		signer, err := proof.NewEd25519(seed)
		if err != nil {
			w.t.Fatal(err)
		}
		o.signer = signer
	}
	return o
}

func (o *owner) bound() bool { return o.signer != nil }

// begins notes a sign-in.
func (o *owner) begins(id store.SessionID, value string) {
	o.session, o.since = id, o.w.now()
	o.handed = map[uint64]bool{generation(value): true}
	o.robbedAt, o.illicit, o.noticed = time.Time{}, false, false
}

// given notes what an answer brought, whether or not it will arrive.
func (o *owner) given(a answer) {
	if a.handed != 0 {
		o.handed[a.handed] = true
	}
}

// live is a day, or a month, in the life of a device.
func (o *owner) live() {
	if o.w.broken != "" {
		return
	}
	o.act()
	pause := o.w.between(2*time.Hour, 14*time.Hour)
	switch {
	case o.w.chance(40):
		pause = o.w.within(o.sleep)
	case o.w.chance(8):
		pause = o.w.between(day, 4*day)
	}
	o.w.after(pause, o.live)
}

// sees reads what the session says to its owner.
func (o *owner) sees(notices []api.Notice) {
	for _, n := range notices {
		if n.Session != o.session {
			continue
		}
		if kind := machine.Notice(n.Kind); kind == machine.NoticeTaken || kind == machine.NoticeMaybeTaken {
			o.noticed = o.noticed || o.robbed() && !n.At.Time().Before(o.robbedAt)
		}
		if o.bound() && !o.robbed() {
			o.w.fail("%s is told %+v although nobody else has its session", o.name, n)
		}
	}
}

func (o *owner) robbed() bool { return !o.robbedAt.IsZero() }

// refused is called with a code after which a person has to do something.
func (o *owner) refused(code store.Code) {
	w := o.w
	switch age := w.now().Sub(o.since); {
	case code == store.CodeSessionExpired && age >= o.absolute:
		w.counts.limits++
	case code == store.CodeSessionTaken && o.robbed() && !o.bound():
		o.noticed = true
	default:
		w.fail("%s has to sign in after %s: %s", o.name, age, code)
		return
	}
	o.settle()
	w.tell("%s signs in again: %s", o.name, code)
	o.signIn()
}

// settle counts a theft that is over.
func (o *owner) settle() {
	if !o.illicit {
		return
	}
	o.w.counts.thefts++
	if o.noticed {
		o.w.counts.noticed++
	} else {
		o.w.fail("%s was never told that a thief went on with its session", o.name)
	}
	o.illicit = false
}
