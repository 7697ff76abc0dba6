package syncserver

import (
	"context"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"
)

// keepStanding tells sessions what becomes of their users, until ctx is done:
// one whose level changes gets its access counted up, which voids the access
// tokens of before; one who is gone loses all sessions. Rights themselves are
// asked of the store at each request and do not wait for this. before is how
// they were when the server began to answer.
func (s *Server) keepStanding(ctx context.Context, before *household.Sight) {
	s.endStrangers(ctx) // who was removed while this was not told
	for {
		wake := s.feed.Wake()
		if now := s.store.Sight(); now != before { // it is made anew when somebody's access changes
			for user, level := range before.Levels {
				if present, ok := now.Levels[user]; !ok || present != level {
					s.moved(ctx, user, ok)
				}
			}
			before = now
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) moved(ctx context.Context, user store.ID, belongs bool) {
	var err error
	if belongs {
		err = s.sessions.ChangeAccess(ctx, user)
	} else {
		err = s.sessions.EndAll(ctx, user, 0, machine.UserRemoved, session.By{})
	}
	if err != nil && ctx.Err() == nil {
		s.config.Log.Warn().Err(err).Uint64("user", uint64(user)).Msg("sessions were not told of a change of access")
	}
}

// endStrangers ends the sessions of users who are not of the household.
func (s *Server) endStrangers(ctx context.Context) {
	gone := map[store.ID]bool{}
	sight := s.store.Sight()
	err := s.store.EachSession(ctx, func(d household.DeviceSession) {
		if _, ok := sight.Person(d.UserID); !ok && d.UserID != 0 && d.EndedAt == 0 {
			gone[d.UserID] = true
		}
	})
	if err != nil && ctx.Err() == nil {
		s.config.Log.Warn().Err(err).Msg("sessions could not be read")
	}
	for user := range gone {
		s.moved(ctx, user, false)
	}
}
