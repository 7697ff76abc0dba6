package session

import (
	"context"
	"time"

	"inglenook/store"
	"inglenook/store/household"
)

// KeptEnded is how long an ended session is kept whole, so that its owner can
// see when it ended and why. Its name stays, for the history.
const KeptEnded = 90 * 24 * time.Hour

// CleanUp ends the sessions whose time is over, also of devices that never come
// again, and forgets those that ended long ago.
func (s *Sessions) CleanUp(ctx context.Context) error {
	var late []store.SessionID
	var forgotten []uint64
	err := s.store.CleanSessions(ctx, func(d household.DeviceSession, now store.Timestamp) bool {
		if d.EndedAt == 0 && s.timeIsOver(d, now) {
			late = append(late, d.ID)
		}
		if d.EndedAt == 0 || now.Time().Sub(d.EndedAt.Time()) <= KeptEnded {
			return false
		}
		forgotten = append(forgotten, d.Head)
		return true
	})
	s.drop(forgotten)
	if err != nil {
		return err
	}
	for _, id := range late { // with what End does for streams
		if err := s.End(ctx, id, expired); err != nil {
			return err
		}
	}
	return nil
}

// EndOthers ends all sessions of a user but one: whoever knew the old password
// is out.
func (s *Sessions) EndOthers(ctx context.Context, user store.ID, but store.SessionID, reason string) error {
	devices, err := s.Devices(ctx, user)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID == but {
			continue
		}
		if err := s.End(ctx, d.ID, reason); err != nil {
			return err
		}
	}
	return nil
}

// drop drops what is remembered of generations, and what is being read of them.
func (s *Sessions) drop(generations []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends++
	for _, id := range generations {
		delete(s.known, id)
	}
}
