package proof

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"sync"
	"time"
)

// NonceLife is how long a nonce can be spent after it was issued.
const NonceLife = 60 * time.Second

// maxSpent is how many spent nonces are remembered at most: 65536 in a minute
// are more proofs than a household makes in a year. They take about 4 MiB.
const maxSpent = 1 << 16

// A nonce is base64url of: the millisecond it was issued in, 8 bytes; chance, 8
// bytes; and an HMAC-SHA-256 over both, cut to 16 bytes (RFC 2104 §5).
const (
	stampSize = 8
	bodySize  = stampSize + 8
	nonceSize = bodySize + 16
)

// Nonces issues nonces and takes each back once. None is stored before it is
// spent, so that strangers who ask for many fill nothing; the key is made anew
// by NewNonces, so that those of an earlier start of the server are stale.
// Nonces may be used concurrently.
type Nonces struct {
	key [32]byte
	now func() time.Time

	mu    sync.Mutex
	high  int64                                 // the latest millisecond seen: a clock put back makes no spent nonce new
	floor int64                                 // what was issued in this second or before is not taken any more
	spent map[int64]map[[bodySize]byte]struct{} // by the second of issue
	count int                                   // of spent
}

// NewNonces returns nonces under a new key.
func NewNonces(now func() time.Time) *Nonces {
	n := &Nonces{now: now, floor: -1, spent: map[int64]map[[bodySize]byte]struct{}{}}
	_, _ = rand.Read(n.key[:]) // never fails: crypto/rand aborts the process instead
	return n
}

// Issue returns a new nonce of 43 characters.
func (n *Nonces) Issue() string {
	var b [nonceSize]byte
	_, _ = rand.Read(b[stampSize:bodySize])
	n.mu.Lock()
	stamp := max(n.clock(), (n.floor+1)*1000)
	n.mu.Unlock()
	binary.BigEndian.PutUint64(b[:stampSize], uint64(stamp))
	mac := n.mac(b[:bodySize])
	copy(b[bodySize:], mac[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Spend tells whether a nonce was issued here less than NonceLife ago and not
// spent before; it is spent then. Call it only for a good proof.
func (n *Nonces) Spend(nonce string) bool {
	b, ok := decode(nonce)
	if !ok || len(b) != nonceSize {
		return false
	}
	body := [bodySize]byte(b)
	mac := n.mac(body[:])
	if !hmac.Equal(mac[:nonceSize-bodySize], b[bodySize:]) {
		return false
	}
	stamp := int64(binary.BigEndian.Uint64(body[:stampSize]))
	second := stamp / 1000

	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	n.prune(now)
	if second <= n.floor || now-stamp >= NonceLife.Milliseconds() {
		return false
	}
	if _, again := n.spent[second][body]; again {
		return false
	}
	if n.spent[second] == nil {
		n.spent[second] = map[[bodySize]byte]struct{}{}
	}
	n.spent[second][body] = struct{}{}
	n.count++
	return true
}

func (n *Nonces) mac(body []byte) (out [sha256.Size]byte) {
	h := hmac.New(sha256.New, n.key[:])
	h.Write(body)
	h.Sum(out[:0])
	return out
}

// clock is now in milliseconds, never less than before.
func (n *Nonces) clock() int64 {
	n.high = max(n.high, n.now().UnixMilli())
	return n.high
}

// prune forgets the spent nonces that have expired, and the oldest when they
// are too many: those of their second that were not spent are stale with them,
// which costs a client one repetition. Forgetting alone would make them good
// again.
func (n *Nonces) prune(now int64) {
	n.floor = max(n.floor, (now-NonceLife.Milliseconds())/1000-1)
	for second := range n.spent {
		n.forget(second)
	}
	for n.count >= maxSpent {
		n.floor = slices.Min(slices.Collect(maps.Keys(n.spent)))
		n.forget(n.floor)
	}
}

// forget forgets the nonces of a second when they are not taken any more.
func (n *Nonces) forget(second int64) {
	if second <= n.floor {
		n.count -= len(n.spent[second])
		delete(n.spent, second)
	}
}
