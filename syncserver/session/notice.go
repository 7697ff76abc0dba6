package session

import (
	"context"
	"slices"

	"inglenook/store"
	"inglenook/store/household"
)

// NoticeJoinRequest tells admins that people ask to be let in. There is one for
// all of them: anybody may ask, and must not push off what else was told.
const NoticeJoinRequest = "join-request"

// maxNotices is how many a session keeps.
const maxNotices = 20

// notify adds a notice to a session. One that says the same and was not
// acknowledged is counted, not repeated.
func (s *Session) notify(n household.Notice, now store.Timestamp) {
	s.Notices = slices.Clone(s.Notices)
	n.At, n.Count = now, 1
	for i, other := range s.Notices {
		if alike(other, n) {
			n.ID, n.Count = other.ID, other.Count+1
			s.Notices = append(slices.Delete(s.Notices, i, i+1), n)
			return
		}
	}
	s.LastNotice++
	n.ID = s.LastNotice
	s.Notices = append(s.Notices, n)
	if len(s.Notices) > maxNotices {
		s.fold()
	}
}

// alike tells whether two notices say the same.
func alike(a, b household.Notice) bool {
	return a.Kind == b.Kind && (a.SessionID == b.SessionID || a.Kind == NoticeJoinRequest)
}

// fold counts the two oldest notices of the kind that has the most as one, the
// newer of them: whoever causes many of a kind pushes no other off.
func (s *Session) fold() {
	of := map[string][]int{}
	most := s.Notices[0].Kind
	for i, n := range s.Notices {
		of[n.Kind] = append(of[n.Kind], i)
		if len(of[n.Kind]) > len(of[most]) {
			most = n.Kind
		}
	}
	if len(of[most]) < 2 { // there are not that many kinds
		return
	}
	first, second := of[most][0], of[most][1]
	s.Notices[second].Count += s.Notices[first].Count
	s.Notices = slices.Delete(s.Notices, first, first+1)
}

// tellAll adds a notice to all sessions of a user.
func (t *tx) tellAll(user store.ID, n household.Notice) error { return t.tell(user, n, 0) }

// tell adds a notice to all sessions of a user but one, 0 for none.
func (t *tx) tell(user store.ID, n household.Notice, but store.SessionID) error {
	if user == 0 {
		return nil
	}
	devices, err := t.ofUser(user)
	if err != nil {
		return err
	}
	for i := range devices {
		if devices[i].ID == but {
			continue
		}
		devices[i].notify(n, t.now())
		if err := t.put(&devices[i]); err != nil {
			return err
		}
	}
	return nil
}

// Notify tells a user something on all their devices, but for the one that it is
// about when it is theirs: who did it there knows.
func (s *Sessions) Notify(ctx context.Context, user store.ID, n household.Notice) error {
	return s.update(ctx, func(tx *tx) error { return tx.tell(user, n, n.SessionID) })
}

// Acknowledge takes a notice off all devices of its reader: it is one person who
// has read it. One that is not there is no error.
func (s *Sessions) Acknowledge(ctx context.Context, id store.SessionID, notice uint64) error {
	return s.update(ctx, func(tx *tx) error {
		reader, err := tx.session(id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(reader.Notices, func(n household.Notice) bool { return n.ID == notice })
		if at < 0 {
			return nil
		}
		read := reader.Notices[at]
		if reader.UserID == 0 { // those of nobody are not one person's
			reader.Notices = slices.Delete(slices.Clone(reader.Notices), at, at+1)
			return tx.put(&reader)
		}
		devices, err := tx.ofUser(reader.UserID)
		if err != nil {
			return err
		}
		for i := range devices {
			left := slices.DeleteFunc(slices.Clone(devices[i].Notices), func(n household.Notice) bool {
				return alike(n, read) && n.At <= read.At
			})
			if len(left) == len(devices[i].Notices) {
				continue
			}
			devices[i].Notices = left
			if err := tx.put(&devices[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
