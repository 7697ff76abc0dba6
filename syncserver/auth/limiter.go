package auth

import (
	"sync"
	"time"

	"inglenook/store"
)

// limiter slows guessing down: after five failures for one name or address each
// further try must wait, twice as long each time, up to a quarter of an hour. A
// success forgives the name, not the address.
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
	limiterSize = 10_000
)

func newLimiter(now Now) *limiter { return &limiter{now: now, log: map[string]failures{}} }

// allow asks for every key whether one more try is due.
// Errors: store.CodeRateLimited.
func (l *limiter) allow(keys ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		f := l.log[k]
		if wait := f.last.Add(delay(k, f.n)).Sub(l.now()); f.n > 0 && wait > 0 {
			return store.Errorf(store.CodeRateLimited, "", "too many tries; wait %s", wait.Round(time.Second))
		}
	}
	return nil
}

func delay(key string, n int) time.Duration {
	free := freeFailures
	if len(key) > 8 && key[:8] == "address:" {
		free = addressFree
	}
	if n < free {
		return 0
	}
	return min(firstDelay<<min(n-free, 12), longestDelay)
}

func (l *limiter) failed(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.log) > limiterSize { // somebody tries many names: forget the old ones
		for k, f := range l.log {
			if l.now().Sub(f.last) > longestDelay {
				delete(l.log, k)
			}
		}
	}
	for _, k := range keys {
		l.log[k] = failures{l.log[k].n + 1, l.now()}
	}
}

func (l *limiter) succeeded(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.log, key)
}
