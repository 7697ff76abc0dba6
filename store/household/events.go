package household

import (
	"context"

	"inglenook/store"
	"inglenook/store/kv"
)

// CheckCursor tells whether the events after a cursor can be given.
//
// Errors: store.CodeReset with Field "epoch", "beyond-head" or "trimmed".
func (s *Store) CheckCursor(c store.Cursor) error {
	switch {
	case c.Epoch != s.epoch:
		return store.Errorf(store.CodeReset, "epoch", "the cursor is of another epoch")
	case c.ID > s.Head().ID:
		return store.Errorf(store.CodeReset, "beyond-head", "the cursor lies beyond the newest event")
	}
	return nil
}

// Events yields the events after one, in order, until yield says stop. The
// record is valid during the call only. What lies beyond the Head of when it
// begins is left for later: sight may not know of it yet.
func (s *Store) Events(ctx context.Context, after store.EventID, yield func(*EventRecord) (more bool, err error)) error {
	head := s.Head().ID
	return s.db.View(ctx, func(r kv.Reader) error {
		var decoder eventDecoder
		n := 0
		for pair, err := range r.Scan([]byte{prefixEvent}, eventKey(after+1)) {
			if err != nil {
				return err
			}
			if n++; n%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			id, _ := cutNum(pair.Key[1:])
			if store.EventID(id) > head {
				return nil
			}
			event, err := decoder.decode(store.EventID(id), pair.Value)
			if err != nil {
				return err
			}
			if more, err := yield(&event); err != nil || !more {
				return err
			}
		}
		return nil
	})
}

// EventsOfAct yields the events of one act after an event, in order.
func (s *Store) EventsOfAct(ctx context.Context, act string, after store.EventID, yield func(*EventRecord) (more bool, err error)) error {
	if act == "" || !actName.MatchString(act) {
		return store.Errorf(store.CodeInvalid, "act", "is 1 to 64 letters, digits and . _ : -")
	}
	head := s.Head().ID
	return s.db.View(ctx, func(r kv.Reader) error {
		prefix := newKey(prefixAct).name(act).kind("")
		for pair, err := range r.Scan(prefix, actKey(act, after+1)) {
			if err != nil {
				return err
			}
			id, _ := cutNum(pair.Key[len(prefix):])
			if store.EventID(id) > head {
				return nil
			}
			event, err := readEvent(r, store.EventID(id))
			if err != nil {
				return err
			}
			if more, err := yield(&event); err != nil || !more {
				return err
			}
		}
		return nil
	})
}
