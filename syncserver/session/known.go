package session

import (
	"context"

	"inglenook/store"
	"inglenook/store/household"
)

// maxKnown is how many sessions are remembered that nobody watches: a household
// has tens of devices.
const maxKnown = 4096

// known is what is remembered of a session.
type known struct {
	session  *Session
	changed  chan struct{} // closed when there is a newer one; nil while nobody waits
	watchers int
	vouched  store.Timestamp // when the device last proved its key and the disk was full
}

// lookUp returns the session of an id as last committed, nil when it is unknown
// or was forgotten.
func (s *Sessions) lookUp(ctx context.Context, id store.SessionID) (*Session, error) {
	found, forgotten := s.remembered(id)
	if found != nil {
		return found, nil
	}
	d, ok, err := s.store.Session(ctx, id)
	if err != nil || !ok || d.State == nil {
		return nil, err
	}
	return s.learn(d, forgotten)
}

// remembered is a session that is known, and how often any was forgotten.
func (s *Sessions) remembered(id store.SessionID) (found *Session, forgotten uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.known[id]; k != nil {
		found = k.session
	}
	return found, s.forgotten
}

// learn remembers what was read or committed, unless something newer is known
// already: two may come in the wrong order. forgotten is that of before it was
// read: what was forgotten since may have been newer too, and then nothing is
// remembered.
func (s *Sessions) learn(d household.DeviceSession, forgotten uint64) (*Session, error) {
	read, err := load(d)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.known[d.ID]
	switch {
	case k == nil && s.forgotten == forgotten:
		s.makeRoom()
		s.known[d.ID] = &known{session: &read}
		return &read, nil
	case k == nil:
		return &read, nil
	case k.session.Revision >= d.Revision:
		return k.session, nil
	}
	k.session = &read
	if k.changed != nil {
		close(k.changed)
		k.changed = nil
	}
	return &read, nil
}

// makeRoom forgets half of what nobody watches when there is too much.
func (s *Sessions) makeRoom() {
	if len(s.known) < maxKnown {
		return
	}
	left := maxKnown / 2
	s.forgotten++
	for id, k := range s.known {
		if k.watchers > 0 {
			continue
		}
		delete(s.known, id)
		if left--; left == 0 {
			return
		}
	}
}

// drop forgets a session that is no longer kept. Who watches it has been told
// that it has ended.
func (s *Sessions) drop(id store.SessionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
	s.forgotten++
}

// Watch follows one session.
type Watch struct {
	sessions *Sessions
	known    *known
}

// Watch begins to follow a session; call Stop when nobody looks any more. Ask
// for Changed before Session, so that no change falls between.
func (s *Sessions) Watch(ctx context.Context, id store.SessionID) (*Watch, error) {
	for {
		found, err := s.lookUp(ctx, id)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, invalid()
		}
		if w := s.watch(id); w != nil {
			return w, nil
		}
	}
}

// watch is a Watch of a session that is remembered, nil of one that is not.
func (s *Sessions) watch(id store.SessionID) *Watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.known[id]
	if k == nil {
		return nil
	}
	k.watchers++
	return &Watch{s, k}
}

// Changed returns a channel that is closed when the session changes.
func (w *Watch) Changed() <-chan struct{} {
	w.sessions.mu.Lock()
	defer w.sessions.mu.Unlock()
	if w.known.changed == nil {
		w.known.changed = make(chan struct{})
	}
	return w.known.changed
}

// Session is the session as it is now. It is shared: it must not be changed.
func (w *Watch) Session() *Session {
	w.sessions.mu.Lock()
	defer w.sessions.mu.Unlock()
	return w.known.session
}

// Stop ends the watch.
func (w *Watch) Stop() {
	w.sessions.mu.Lock()
	defer w.sessions.mu.Unlock()
	w.known.watchers--
}

func invalid() error {
	return store.Errorf(store.CodeSessionInvalid, "", "this session is not known here")
}

// vouch notes that the device of a session has proved its key although its value
// could not be changed: the disk is full.
func (s *Sessions) vouch(id store.SessionID) {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.known[id]; k != nil {
		k.vouched = now
	}
}

// vouched tells whether that was no longer ago than a rotation and its grace
// take: so long what the session has open goes on.
func (s *Sessions) vouched(id store.SessionID) bool {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.known[id]
	return k != nil && now >= k.vouched && now < after(k.vouched, s.timers.RotateBound+s.timers.ProofGrace)
}
