package session

import (
	"context"
	"time"

	"inglenook/store"
	"inglenook/store/household"
)

// Verified notes that the user of a session has proved who they are.
func (s *Sessions) Verified(ctx context.Context, id store.SessionID) error {
	return s.Change(ctx, id, func(d *household.DeviceSession, now store.Timestamp) (bool, error) {
		d.VerifiedAt = now
		return true, nil
	})
}

// StepUpLeft is for how long a session's user needs no further proof of who
// they are; 0 when they do.
func (s *Sessions) StepUpLeft(d Session) time.Duration {
	now := s.Now()
	if d.VerifiedAt == 0 || d.VerifiedAt > now {
		return 0
	}
	return max(0, after(d.VerifiedAt, s.timers.StepUp).Time().Sub(now.Time()))
}

func after(at store.Timestamp, d time.Duration) store.Timestamp {
	return at + store.Timestamp(d.Milliseconds())
}
