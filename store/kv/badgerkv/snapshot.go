package badgerkv

import (
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// snapshot is a Badger read transaction that many Views share: reading changes
// nothing in it.
type snapshot struct {
	txn   *badger.Txn
	users int // Views, and one for being the current
}

// snapshots hands out the state after the last committed group. A View that
// began its own Badger transaction would wait for the commit under way, and see
// a large write-set half applied.
type snapshots struct {
	mu      sync.Mutex
	current *snapshot // nil before the first and after end
	views   sync.WaitGroup
}

// publish makes txn what borrow returns from now on.
func (s *snapshots) publish(txn *badger.Txn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.current
	s.current = &snapshot{txn: txn, users: 1}
	old.leave()
}

// borrow returns the current snapshot; giveBack must follow. It is false after
// end.
func (s *snapshots) borrow() (*snapshot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return nil, false
	}
	s.current.users++
	s.views.Add(1)
	return s.current, true
}

func (s *snapshots) giveBack(b *snapshot) {
	s.mu.Lock()
	b.leave()
	s.mu.Unlock()
	s.views.Done()
}

// end refuses new borrowers and waits for the others.
func (s *snapshots) end() {
	s.mu.Lock()
	s.current.leave()
	s.current = nil
	s.mu.Unlock()
	s.views.Wait()
}

func (b *snapshot) leave() {
	if b == nil {
		return
	}
	if b.users--; b.users == 0 {
		b.txn.Discard()
	}
}
