package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
)

// limiter slows guessing down: after a few failures each further try must wait,
// twice as long each time, up to a bound. A try counts from its beginning, so that
// many at once gain nothing.
//
// Tries for a name are counted for each network they come from, so that nobody
// keeps its owner out from elsewhere, and more loosely for all networks together,
// so that many of them gain little. That second count does not hold up a network
// from which the owner has signed in before. Who proves themselves within a session
// is counted by the session. Nobody is ever shut out for good.
type limiter struct {
	now Now
	mu  sync.Mutex
	log map[string]failures
}

type failures struct {
	n     int
	last  time.Time
	known bool // somebody has succeeded here: the owner's own network
}

// Tries that are free, and how far apart those after them are at most.
const (
	FreeTries = 5 // for a name from one network, and within a session
	// FreeTriesEverywhere is for a name from all networks together.
	FreeTriesEverywhere = 100
	// FreeTriesAddress is for an address: behind a proxy a whole household is one.
	FreeTriesAddress = 30

	LongestWait           = 15 * time.Minute
	LongestWaitEverywhere = time.Minute
)

const (
	firstDelay = 2 * time.Second
	// forgiven is after how long without a failure all are.
	forgiven = 24 * time.Hour
	// knownLife is how long the network of a success is known.
	knownLife   = 90 * 24 * time.Hour
	limiterSize = 10_000
)

const (
	addressPrefix    = "address:"
	everywherePrefix = "everywhere "
	userPrefix       = "user:"
	nobodyPrefix     = "name:"
)

func newLimiter(now Now) *limiter { return &limiter{now: now, log: map[string]failures{}} }

// TooMany refuses a try that comes too early. Its code is store.CodeRateLimited.
type TooMany struct{ Wait time.Duration } // whole seconds

func tooMany(wait time.Duration) error {
	return &TooMany{max(wait.Round(time.Second), time.Second)}
}

func (e *TooMany) Error() string { return e.Unwrap().Error() }

// Unwrap is the error as every layer knows it.
func (e *TooMany) Unwrap() error {
	return store.Errorf(store.CodeRateLimited, "", "too many tries; wait %s", e.Wait)
}

// accountKey stands for a name nobody has; it is short whatever was sent.
func accountKey(name string) string {
	sum := sha256.Sum256([]byte(household.FoldName(name)))
	return nobodyPrefix + hex.EncodeToString(sum[:])
}

func userKey(id store.ID) string { return userPrefix + id.String() }

// triesOf are the keys of a try for an account, by its key, from somewhere. The one
// of the network comes before the one of all.
func triesOf(account string, from From) []string {
	if from.SessionID != 0 {
		return []string{fmt.Sprint("session:", from.SessionID)}
	}
	return []string{account + " " + household.Network(from.Address), everywherePrefix + account}
}

// addressKey stands for a network address; of version 6 for all of one line,
// which has 2^64.
func addressKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return addressPrefix
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		line, _ := ip.Prefix(64) // the length is valid
		return addressPrefix + line.String()
	}
	return addressPrefix + ip.String()
}

// try asks for every key whether one more try is due, and counts it as failed
// until it has succeeded. Errors: store.CodeRateLimited.
func (l *limiter) try(keys ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, known := l.now(), false
	for _, k := range keys {
		f := l.log[k]
		known = known || f.known
		if known && strings.HasPrefix(k, everywherePrefix) {
			continue
		}
		if d := delay(k, f.n); d > 0 && f.last.Add(d).After(now) {
			return tooMany(f.last.Add(d).Sub(now))
		}
	}
	if len(l.log)+len(keys) > limiterSize {
		l.sweep(now)
	}
	for _, k := range keys {
		f := l.log[k]
		if now.Sub(f.last) >= forgiven {
			f.n = 0
		}
		l.log[k] = failures{f.n + 1, now, f.known}
	}
	return nil
}

// sweep makes room when somebody tries many names from many addresses: first by
// forgetting what makes nobody wait, then the oldest. What is counted for a user
// of all networks is never forgotten for others, and there are few of them: who
// floods the list gains no tries. Neither are the networks users come from.
func (l *limiter) sweep(now time.Time) {
	var others []string
	for k, f := range l.log {
		quiet := now.Sub(f.last)
		switch {
		case f.known:
			if quiet > knownLife {
				delete(l.log, k)
			}
		case strings.HasPrefix(k, everywherePrefix) && !strings.HasPrefix(k, everywherePrefix+nobodyPrefix):
			if quiet > forgiven {
				delete(l.log, k)
			}
		case quiet > forgiven || delay(k, f.n) == 0 || quiet > LongestWait:
			delete(l.log, k)
		default:
			others = append(others, k)
		}
	}
	const room = limiterSize * 9 / 10
	if len(l.log) < room {
		return
	}
	slices.SortFunc(others, func(a, b string) int { return l.log[a].last.Compare(l.log[b].last) })
	for _, k := range others[:min(len(others), len(l.log)-room)] {
		delete(l.log, k)
	}
}

func bounds(key string) (free int, longest time.Duration) {
	switch {
	case strings.HasPrefix(key, addressPrefix):
		return FreeTriesAddress, LongestWait
	case strings.HasPrefix(key, everywherePrefix):
		return FreeTriesEverywhere, LongestWaitEverywhere
	}
	return FreeTries, LongestWait
}

func delay(key string, n int) time.Duration {
	free, longest := bounds(key)
	if n < free {
		return 0
	}
	return min(firstDelay<<min(n-free, 12), longest)
}

// succeeded takes this one try back where others are counted too, and forgives the
// rest: the network a user came from, which is known from now on.
func (l *limiter) succeeded(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		f, ok := l.log[k]
		switch {
		case strings.HasPrefix(k, userPrefix):
			l.log[k] = failures{last: l.now(), known: true}
		case !strings.HasPrefix(k, addressPrefix) && !strings.HasPrefix(k, everywherePrefix):
			delete(l.log, k)
		case ok:
			f.n = max(f.n-1, 0)
			l.log[k] = f
		}
	}
}
