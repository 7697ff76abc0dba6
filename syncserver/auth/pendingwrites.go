package auth

import (
	"fmt"
	"time"

	"inglenook/store"
)

// PendingWrites is what a session that is nobody's yet may write in an hour: it is
// anybody's who has an account at a provider.
const PendingWrites = 20

// writes are those of a session since its first of an hour.
type writes struct {
	n     int
	until time.Time
}

// MayWrite counts a write of a session that is nobody's yet, from an address.
// Errors: store.CodeRateLimited.
func (m *Methods) MayWrite(pending store.SessionID, address string) error {
	key, now := fmt.Sprint(pending), m.pending.now()
	var left time.Duration // to wait
	counted := m.pending.change(key, func(w *writes) {
		if w.n++; w.n > PendingWrites {
			left = w.until.Sub(now)
		}
	})
	if !counted {
		return m.pending.put(key, address, writes{1, now.Add(m.pending.life)})
	}
	if left > 0 {
		return tooMany(left)
	}
	return nil
}
