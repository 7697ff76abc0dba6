package badgerkv

import (
	"fmt"
	"sync"
	"time"

	"inglenook/store"
)

// maxSpaceAge is how old what is known of free space may be: groups come faster
// than a disk fills.
const maxSpaceAge = time.Second

// space knows how much room the disk has.
type space struct {
	options Options
	mu      sync.Mutex
	asked   time.Time
	bytes   int64
}

// free returns the free bytes, at most a second old; 0 when nobody can tell.
func (s *space) free() (int64, error) {
	if s.options.FreeSpace == nil {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	if age := now.Sub(s.asked); !s.asked.IsZero() && age >= 0 && age < maxSpaceAge {
		return s.bytes, nil
	}
	bytes, err := s.options.FreeSpace(s.options.Dir)
	if err != nil {
		return 0, fmt.Errorf("ask for free space of %s: %w", s.options.Dir, err)
	}
	s.asked, s.bytes = now, bytes
	return bytes, nil
}

// check tells whether the disk still has MinFree after another n bytes.
// Errors: store.CodeStorageFull.
func (s *space) check(n int64) error {
	if s.options.MinFree < 0 || s.options.FreeSpace == nil {
		return nil
	}
	free, err := s.free()
	if err != nil {
		return err
	}
	if free-n < s.options.MinFree {
		return store.Errorf(store.CodeStorageFull, "",
			"the disk is nearly full: %d MiB are free, %d MiB must stay free", free>>20, (s.options.MinFree+n)>>20)
	}
	return nil
}
