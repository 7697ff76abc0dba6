package token

import (
	"crypto/sha256"
	"sync"
)

// maxOpened is how many tokens are remembered at most, twice. A token is shown
// with every request for ten minutes, and its signature takes longer to check
// than many a request to answer: see BenchmarkOpen.
const maxOpened = 1024

// content is what a rightly signed token says.
type content struct {
	access    Access
	expiresAt int64 // seconds
}

// opened remembers tokens whose signature was right, by their SHA-256: who
// reads the memory finds no token. What is in it is checked for its age at each
// use like any other.
//
// It has two halves. When the younger one is full the older one is forgotten,
// so that it needs neither clock nor clean-up; what is still in use moves over.
type opened struct {
	mu           sync.Mutex
	young, older map[[sha256.Size]byte]content
}

func (o *opened) get(token string) (content, bool) {
	sum := sha256.Sum256([]byte(token))
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.young[sum]
	if !ok {
		if c, ok = o.older[sum]; ok {
			o.add(sum, c)
		}
	}
	return c, ok
}

func (o *opened) put(token string, c content) {
	sum := sha256.Sum256([]byte(token))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(sum, c)
}

func (o *opened) add(sum [sha256.Size]byte, c content) {
	if o.young == nil || len(o.young) >= maxOpened {
		o.young, o.older = map[[sha256.Size]byte]content{}, o.young
	}
	o.young[sum] = c
}
