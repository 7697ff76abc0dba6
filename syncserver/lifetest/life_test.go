package lifetest

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/syncserver/api"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"
)

var deviceYears = flag.Int("device-years", 8, "how many years of devices to live through in each test")

// devicesOfWorld are two of each kind.
const devicesOfWorld = 8

// populate lets people with devices of all kinds move in.
func (w *world) populate(kinds string) (owners []*owner) {
	for i := range devicesOfWorld {
		user := []string{"Anna", "Ben"}[i%2]
		name := fmt.Sprintf("%s %d", []string{"browser", "desktop", "bare browser", "script"}[i%4], i)
		switch bare := i%4 >= 2; {
		case bare && kinds == "bound", !bare && kinds == "bare":
		case i%4 == 0:
			owners = append(owners, w.newPage(name, user, true).owner)
		case i%4 == 1:
			owners = append(owners, w.newProgram(name, user, machine.Desktop, true).owner)
		case i%4 == 2:
			owners = append(owners, w.newPage(name, user, false).owner)
		default:
			owners = append(owners, w.newProgram(name, user, machine.Token, false).owner)
		}
	}
	return owners
}

// unrest lets the server restart now and then.
func (w *world) unrest() {
	w.after(w.between(day, 20*day), func() {
		w.restart()
		w.unrest()
	})
}

// span is how long a world lasts: long enough for the longest limit.
const span = 2 * 365 * day

// worlds runs as many as have the device-years, on all processors, and adds up
// what they came to. It returns why the first one broke.
func worlds(t *testing.T, name string, years int, v variant, live func(*world) []*owner) (all counts, broken string) {
	t.Helper()
	const each = devicesOfWorld * 2 // years of devices in one world
	n, long := (years+each-1)/each, span
	if years < each {
		long = span * time.Duration(years) / each
	}
	began := time.Now()
	var mu sync.Mutex
	var running sync.WaitGroup
	seeds := make(chan uint64)
	for range min(runtime.GOMAXPROCS(0), n) {
		running.Go(func() {
			for seed := range seeds {
				w := newWorld(t, seed, v)
				owners := live(w)
				w.pass(long)
				w.finish(owners)
				w.close()
				mu.Lock()
				all.add(w.counts)
				if w.broken != "" && broken == "" {
					broken = fmt.Sprintf("world %d: %s\n\t%s", seed, w.broken, strings.Join(w.told[max(0, len(w.told)-40):], "\n\t"))
				}
				mu.Unlock()
			}
		})
	}
	for seed := range n {
		seeds <- uint64(seed) + 1
	}
	close(seeds)
	running.Wait()
	t.Logf("%s: %d device-years in %d worlds, %.0f s: %+v", name, years, n, time.Since(began).Seconds(), all)
	return all, broken
}

// finish lets everybody come once more, so that what is to be noticed is.
func (w *world) finish(owners []*owner) {
	for range 2 {
		w.pass(time.Hour)
		for _, o := range owners {
			if w.broken == "" {
				o.act()
			}
		}
		w.pass(time.Hour)
	}
	for _, o := range owners {
		if w.broken == "" {
			o.settle()
		}
	}
}

// ordinary is a household of all kinds of devices.
func ordinary(w *world) []*owner {
	w.unrest()
	return w.populate("")
}

// robbed is one where each device is robbed now and then.
func robbed(kinds string) func(*world) []*owner {
	return func(w *world) []*owner {
		w.unrest()
		owners := w.populate(kinds)
		for _, o := range owners {
			w.rob(o)
		}
		return owners
	}
}

// In ordinary life nobody ever has to sign in, but for the longest a session may
// last, and every lost answer is made good.
func TestOrdinaryLife(t *testing.T) {
	all, broken := worlds(t, "ordinary life", *deviceYears, variant{}, ordinary)
	if broken != "" {
		t.Fatal(broken)
	}
	if all.rotations == 0 || all.recoveries == 0 || all.proofs == 0 || all.lost == 0 || all.late == 0 || all.crashes == 0 || all.restarts == 0 {
		t.Errorf("a life without incident shows nothing: %+v", all)
	}
}

// A thief of a session with a key is never given a further value, and never puts
// its owner out.
func TestThievesOfBoundSessions(t *testing.T) {
	all, broken := worlds(t, "thieves, with a key", *deviceYears, variant{}, robbed("bound"))
	if broken != "" {
		t.Fatal(broken)
	}
	if all.rotations == 0 || all.thefts != 0 {
		t.Errorf("%+v", all)
	}
}

// A thief who goes on with a session without a key is always noticed.
func TestThievesOfBearerSessions(t *testing.T) {
	all, broken := worlds(t, "thieves, without a key", *deviceYears, variant{}, robbed("bare"))
	if broken != "" {
		t.Fatal(broken)
	}
	if all.thefts == 0 || all.thefts != all.noticed {
		t.Errorf("%+v", all)
	}
}

// A simulation that breaks nothing may be blind: each of these servers is caught.
func TestBrokenServersAreCaught(t *testing.T) {
	refusal := func(change func(*answer)) variant {
		return variant{tamper: func(a *answer) {
			if a.status == http.StatusUnauthorized {
				change(a)
			}
		}}
	}
	for _, c := range []struct {
		name string
		variant
		live func(*world) []*owner
		want string // a pattern of what is said
	}{
		{"a refusal hands nothing out", refusal(func(a *answer) {
			a.header.Del("Set-Cookie")
			a.header.Del(api.HeaderValue)
		}), ordinary, "never gets an answer"},
		{"a refusal gives no nonce", refusal(func(a *answer) { a.header.Del(api.HeaderNonce) }), ordinary, "proof"},
		{"a failure clears the cookie", refusal(func(a *answer) {
			a.header.Add("Set-Cookie", "inglenook-x-1=; Max-Age=0")
		}), ordinary, "clears"},
		{"a stray request is judged", refusal(func(a *answer) {
			a.body = bytes.ReplaceAll(a.body, []byte("session-superseded"), []byte("session-taken"))
		}), ordinary, "has to sign in"},
		{"a day without a use is too long", variant{timers: func(t *session.Timers) {
			t.Browser.Idle, t.Desktop.Idle, t.Bearer.Idle = day, day, day
		}}, ordinary, "has to sign in"},
		{"a restart forgets the secret", variant{forgets: true}, ordinary, "has to sign in"},
		{"any proof will do", variant{trusts: true}, robbed("bound"), "a thief"},
		{"nobody is told", variant{tamper: func(a *answer) {
			a.body = bytes.ReplaceAll(a.body, []byte("maybe-taken"), []byte("good-news"))
			a.body = bytes.ReplaceAll(a.body, []byte("session-taken"), []byte("session-ended"))
		}}, robbed("bare"), "never told|has to sign in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, broken := worlds(t, c.name, devicesOfWorld*2, c.variant, c.live); !regexp.MustCompile(c.want).MatchString(broken) {
				t.Errorf("it passes, or breaks something else: %.300s", broken)
			}
		})
	}
}
