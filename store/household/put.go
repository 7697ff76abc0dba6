package household

import (
	"errors"
	"fmt"

	"inglenook/store"
	"inglenook/store/access"
)

// finish writes everything staged and the event. It returns the cursor of the
// event, of id 0 when nothing was taken.
func (w *writer) finish() (store.Cursor, error) {
	if len(w.staged) == 0 {
		return store.Cursor{Epoch: w.store.epoch}, nil
	}
	w.follow()
	changes, notes, size := make([][]byte, len(w.staged)), make([][]byte, len(w.staged)), 0
	for i := range w.staged {
		size += len(w.staged[i].record.JSON) + len(w.staged[i].entry.Ref.Kind) + changeBytes
	}
	all := make([]byte, 0, size) // so that a thousand changes are one piece of memory
	for i := range w.staged {
		st := &w.staged[i]
		w.event.Entries = append(w.event.Entries, st.entry)
		begin := len(all)
		all = appendChange(all, st.entry.Ref.Kind, st.record.JSON, 0)
		changes[i] = all[begin:]
		var err error
		if notes[i], err = st.note(); err == nil {
			err = w.write(st)
		}
		if err != nil {
			return store.Cursor{}, fmt.Errorf("write event %d: %w", w.event.ID, err)
		}
	}
	for _, pair := range []struct {
		key   key
		value []byte
	}{
		{eventKey(w.event.ID), encodeEvent(&w.event, changes, notes)},
		{metaKey("head"), num(uint64(w.event.ID))},
	} {
		if err := w.tx.Set(pair.key, pair.value); err != nil {
			return store.Cursor{}, fmt.Errorf("write event %d: %w", w.event.ID, err)
		}
	}
	if w.event.Act != "" {
		if err := w.tx.Set(actKey(w.event.Act, w.event.ID), nil); err != nil {
			return store.Cursor{}, fmt.Errorf("write event %d: %w", w.event.ID, err)
		}
	}
	if err := errors.Join(w.auditAccess(), w.afterCommit()); err != nil {
		return store.Cursor{}, fmt.Errorf("write event %d: %w", w.event.ID, err)
	}
	return store.Cursor{Epoch: w.store.epoch, ID: w.event.ID}, nil
}

// changeBytes is what a change has around kind and entity.
const changeBytes = len(`{"kind":"","entity":}`)

// appendChange appends {"kind":…,"entity":…}, with the event when it is not 0.
func appendChange(b []byte, k store.Kind, entity []byte, event store.EventID) []byte {
	b = append(b, `{"kind":"`...)
	b = append(b, k...) // letters and digits: needs no quoting
	b = append(b, `","entity":`...)
	b = append(b, entity...)
	if event != 0 {
		b = append(b, `,"event":`...)
		b = append(b, store.ID(event).String()...)
	}
	return append(b, '}')
}

// afterCommit tells the filters and the streams.
func (w *writer) afterCommit() error {
	var changes []func(*Sight)
	moved := false
	for i := range w.staged {
		st := &w.staged[i]
		e := st.outcome.Version.Entity
		moved = moved || st.moves()
		switch {
		case st.entry.Ref.Kind == "user":
			changes = append(changes, func(v *Sight) {
				delete(v.Levels, e.ID)
				if !e.Deleted {
					v.Levels[e.ID] = access.Level(e.String("access"))
				}
			})
		case st.entry.Container == st.entry.Ref && !e.Deleted && touches(st.outcome.Version.Changed, "audience"):
			ref := st.entry.Ref
			changes = append(changes, func(v *Sight) {
				delete(v.Audiences, ref)
				if raw := e.Fields["audience"]; raw != nil {
					v.Audiences[ref] = access.AudienceOf(raw)
				}
			})
		}
	}
	if moved {
		changes = append(changes, func(v *Sight) { v.Moved = w.event.ID })
		if err := w.tx.Set(metaKey("moved"), num(uint64(w.event.ID))); err != nil {
			return err
		}
	}
	w.tx.AfterCommit(func() {
		if len(changes) > 0 {
			w.store.updateSight(w.event.ID, func(v *Sight) {
				for _, change := range changes {
					change(v)
				}
			})
		}
		w.store.committed(&w.event)
	})
	if len(changes) == 0 {
		return nil
	}
	return w.tx.Set(metaKey("sight"), num(uint64(w.event.ID)))
}

// moves tells that it lies elsewhere from now on, or is hidden from somebody
// else.
func (st *staged) moves() bool {
	return st.entry.From.Kind != "" || st.before != nil && st.before.ForUser != st.entry.ForUser
}

// note is what the history will know of it.
func (st *staged) note() ([]byte, error) {
	n := note{
		Stamp: st.outcome.Version.Stamp, Changed: st.outcome.Version.Changed,
		Superseded: st.outcome.Superseded, Revived: st.outcome.Revived,
	}
	if st.before != nil {
		n.Before = st.before.Event
	}
	return n.encode()
}

// write puts one entity's keys.
func (w *writer) write(st *staged) error {
	ref, e := st.entry.Ref, st.outcome.Version.Entity
	if err := errors.Join(
		w.tx.Set(entityKey(ref), st.record.encode()),
		w.indexTrash(st),
		w.indexChild(st),
	); err != nil {
		return err
	}
	if st.entry.Container != ref || e.Deleted {
		return nil
	}
	if raw := e.Fields["audience"]; raw != nil {
		return w.tx.Set(audienceKey(ref), raw)
	}
	if st.was != nil && st.was.Fields["audience"] != nil {
		return w.tx.Delete(audienceKey(ref))
	}
	return nil
}

func (w *writer) indexTrash(st *staged) error {
	if st.before != nil && isTombstone(st.before.JSON) {
		if err := w.tx.Delete(trashKey(st.before.Event, st.entry.Ref)); err != nil {
			return err
		}
	}
	if st.outcome.Version.Entity.Deleted {
		return w.tx.Set(trashKey(w.event.ID, st.entry.Ref), nil)
	}
	return nil
}

// indexChild keeps the children index. A tombstone stays its parent's child, so
// that who loses sight of the parent forgets it too.
func (w *writer) indexChild(st *staged) error {
	e := st.outcome.Version.Entity
	if e.Deleted || st.spec == nil {
		return nil
	}
	parent, has := w.store.kinds.Parent(st.entry.Ref.Kind, e)
	if st.was != nil {
		old, had := w.store.kinds.Parent(st.entry.Ref.Kind, *st.was)
		switch {
		case had && has && old == parent:
			return nil
		case had:
			if err := w.tx.Delete(childKey(old, st.entry.Ref)); err != nil {
				return err
			}
		}
	}
	if !has {
		return nil
	}
	if st.entry.From.Kind != "" {
		if err := w.recontain(st.entry.Ref, st.entry.Container); err != nil {
			return err
		}
	}
	return w.tx.Set(childKey(parent, st.entry.Ref), nil)
}

// recontain moves the children of what moved into its new container.
func (w *writer) recontain(parent, container store.Ref) error {
	children, err := childrenOf(w.tx, parent)
	if err != nil {
		return err
	}
	for _, child := range children {
		if _, staged := w.place[child]; staged {
			continue // has followed
		}
		rec, ok, err := w.recordOf(child)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		rec.Container = container
		if err := w.tx.Set(entityKey(child), rec.encode()); err != nil {
			return err
		}
	}
	return nil
}
