package httpapi

import (
	"sync"

	"inglenook/store"
)

// DefaultSessionStreams is as many connections as a browser opens to one server.
const DefaultSessionStreams = 6

// places counts the connections of each session that wait for events: a client
// that opens one after the other does not take those of everybody else.
type places struct {
	limit int
	mu    sync.Mutex
	taken map[store.SessionID]int
}

func newPlaces(limit int) *places {
	if limit == 0 {
		limit = DefaultSessionStreams
	}
	return &places{limit: limit, taken: map[store.SessionID]int{}}
}

// take takes a place, to be left when the connection no longer waits. Errors:
// store.CodeRateLimited.
func (p *places) take(id store.SessionID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[id] >= p.limit {
		return store.Errorf(store.CodeRateLimited, "", "this session has %d streams open already", p.limit)
	}
	p.taken[id]++
	return nil
}

func (p *places) leave(id store.SessionID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[id]--; p.taken[id] == 0 {
		delete(p.taken, id)
	}
}
