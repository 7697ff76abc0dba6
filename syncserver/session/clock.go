package session

import (
	"context"
	"sync"
	"time"

	"inglenook/store"
)

// Limits of a clock.
const (
	maxJump  = 24 * time.Hour   // a step of more than this is doubted
	settling = 10 * time.Minute // for so long: enough for a clock to be set from the network
)

// clock is the time of sessions. It never goes backwards, also not from one
// start to the next. While it is suspect no session reaches a limit: a small
// machine without a clock of its own may begin with any time.
type clock struct {
	wall  func() time.Time
	built store.Timestamp // a time before the program was made is wrong

	mu         sync.Mutex
	high       store.Timestamp // the latest that was seen
	suspect    bool
	doubtedAt  store.Timestamp // on the wall, when it became suspect
	lastWall   store.Timestamp
	everLooked bool
}

// now is the time, never earlier than before but for a step back of more than a
// day: then the clock had been wrong, and to stand still for long is worse. It is
// asked hourly at least, so that a step of more than a day is one of the clock,
// or the machine has slept.
func (c *clock) now() (now store.Timestamp, suspect bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := store.TimestampOf(c.wall())
	last := c.lastWall
	if !c.everLooked {
		last = c.high // of the start before, 0 at the first
	}
	if last != 0 && (wall > after(last, maxJump) || wall < after(last, -maxJump)) {
		c.suspect, c.doubtedAt = true, wall
		c.high = wall
	}
	c.everLooked, c.lastWall = true, wall
	if c.suspect && wall >= after(c.doubtedAt, settling) {
		c.suspect = false
	}
	c.high = max(c.high, wall)
	return c.high, c.suspect || wall < c.built
}

// Now is the server's time.
func (s *Sessions) Now() store.Timestamp {
	now, _ := s.clock.now()
	return now
}

// clockSuspect tells whether nothing is to expire now.
func (s *Sessions) clockSuspect() bool {
	_, suspect := s.clock.now()
	return suspect
}

// noteClock keeps the time for the next start.
func (s *Sessions) noteClock(ctx context.Context) error { return s.store.NoteClock(ctx, s.Now()) }
