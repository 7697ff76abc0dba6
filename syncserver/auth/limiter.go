package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"inglenook/store"
)

// limiter slows guessing down: after five failures for one name or address each
// further try must wait, twice as long each time, up to a quarter of an hour. A
// try counts from its beginning, so that many at once gain nothing. A success
// forgives the name, and takes back no more than itself from the address. Nobody
// is ever shut out for good: the longest wait is the same for all.
type limiter struct {
	now Now
	mu  sync.Mutex
	log map[string]failures
}

type failures struct {
	n    int
	last time.Time
}

const (
	freeFailures = 5
	firstDelay   = 2 * time.Second
	longestDelay = 15 * time.Minute
	// addressFree is higher: behind a proxy a whole household is one address.
	addressFree = 30
	// forgiven is after how long without a failure all are.
	forgiven    = 24 * time.Hour
	limiterSize = 10_000
)

const (
	addressPrefix = "address:"
	userPrefix    = "user:"
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
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(name))))
	return "name:" + hex.EncodeToString(sum[:])
}

func userKey(id store.ID) string { return userPrefix + id.String() }

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
	now := l.now()
	for _, k := range keys {
		f := l.log[k]
		if wait := f.last.Add(delay(k, f.n)).Sub(now); f.n >= free(k) && wait > 0 {
			return tooMany(wait)
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
		l.log[k] = failures{f.n + 1, now}
	}
	return nil
}

// sweep makes room when somebody tries many names from many addresses: first by
// forgetting what makes nobody wait, then the oldest names that nobody has and
// the oldest addresses. Users of the household are never forgotten for others,
// and there are few of them: who floods the list gains no tries.
func (l *limiter) sweep(now time.Time) {
	for k, f := range l.log {
		users := strings.HasPrefix(k, userPrefix)
		if quiet := now.Sub(f.last); quiet > forgiven || !users && (f.n < free(k) || quiet > longestDelay) {
			delete(l.log, k)
		}
	}
	const room = limiterSize * 9 / 10
	if len(l.log) < room {
		return
	}
	var others []string
	for k := range l.log {
		if !strings.HasPrefix(k, userPrefix) {
			others = append(others, k)
		}
	}
	slices.SortFunc(others, func(a, b string) int { return l.log[a].last.Compare(l.log[b].last) })
	for _, k := range others[:min(len(others), len(l.log)-room)] {
		delete(l.log, k)
	}
}

func free(key string) int {
	if strings.HasPrefix(key, addressPrefix) {
		return addressFree
	}
	return freeFailures
}

func delay(key string, n int) time.Duration {
	if n < free(key) {
		return 0
	}
	return min(firstDelay<<min(n-free(key), 12), longestDelay)
}

func (l *limiter) succeeded(account string, others ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.log, account)
	for _, k := range others {
		if f, ok := l.log[k]; ok {
			l.log[k] = failures{max(f.n-1, 0), f.last}
		}
	}
}
