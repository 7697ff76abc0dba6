package household

import (
	"strings"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// renumber gives a new entity whose id another device had taken another id,
// and moves everything that waits and means it behind it: the writes of the
// entity itself, what refers to it, and what is named by it. p has left the
// outbox.
//
// What the server took together with the conflict already refers to the wrong
// entity; that is written again. What it rejected goes out once more instead.
func (t *draft) renumber(p pending) error {
	ids := map[store.Ref]store.ID{p.Replacement.Ref(): store.NewID()}
	if err := t.moveTo(p, ids); err != nil {
		return err
	}
	last := t.queue.Last
	for q, err := range allPending(t.tx, t.queue.Gone) {
		if err != nil {
			return err
		}
		if q.Seq >= last {
			break
		}
		_, same := ids[q.Replacement.Ref()]
		if !same && !t.meansAny(q.Replacement, ids) {
			continue
		}
		if q.Seq <= t.queue.taken() && !same && !t.rejected[q.Seq] {
			if err := t.correct(q, ids); err != nil {
				return err
			}
			continue
		}
		if err := t.take(q); err != nil {
			return err
		}
		if err := t.moveTo(q, ids); err != nil {
			return err
		}
	}
	return nil
}

// correct writes what the server took with a wrong reference again, as far as it
// refers.
func (t *draft) correct(p pending, ids map[store.Ref]store.ID) error {
	r := &p.Replacement
	right := t.rewrite(*r, ids)
	changed := store.Diff(r.Entity, right, t.rule(r.Kind))
	if r.Entity.Deleted || len(changed) == 0 {
		return nil
	}
	r.Changed, r.Base = changed, t.queue.Answered[len(t.queue.Answered)-1].Event
	return t.moveTo(p, ids)
}

// moveTo puts a replacement at the end of the outbox with the ids it is to have.
func (t *draft) moveTo(p pending, ids map[store.Ref]store.ID) error {
	r := &p.Replacement
	was := r.Ref()
	r.Entity = t.rewrite(*r, ids)
	if id, ok := ids[was]; ok {
		r.Entity.ID = id
	} else if id, ok := t.kinds.DerivedID(r.Kind, r.Entity); ok && id != r.Entity.ID && !r.Entity.Deleted {
		ids[was] = id
		r.Entity.ID = id
	}
	t.queue.Last++
	t.queue.Waiting++
	p.Seq = t.queue.Last
	t.touch(r.Ref())
	return t.put(p)
}

func (t *draft) meansAny(r store.Replacement, ids map[store.Ref]store.ID) bool {
	for _, ref := range t.kinds.Refs(r.Kind, r.Entity) {
		if _, ok := ids[ref]; ok {
			return true
		}
	}
	return false
}

// rewrite replaces references, wherever a field is one, names its kind too, or
// is a map by id.
func (t *draft) rewrite(r store.Replacement, ids map[store.Ref]store.ID) store.Entity {
	e := r.Entity.Clone()
	for path, ref := range t.kinds.Refs(r.Kind, r.Entity) {
		id, ok := ids[ref]
		if !ok {
			continue
		}
		field, entry, isMap := strings.Cut(path, "/")
		value := map[string]store.RawValue{}
		switch {
		case json.Unmarshal(e.Fields[field], &value) != nil:
			_ = e.Set(field, id) // a number always has a JSON form
			continue
		case isMap && entry == ref.ID.String():
			value[id.String()] = value[entry]
			delete(value, entry)
		case value["id"] != nil:
			value["id"] = store.RawValue(id.String())
		}
		_ = e.Set(field, value) // was JSON before
	}
	return e
}
