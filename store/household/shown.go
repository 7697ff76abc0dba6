package household

import (
	"context"
	"fmt"
	"iter"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// Shown is an entity as a device shows it: own pending replacements laid over
// what the server confirmed, unit by unit.
type Shown struct {
	Ref     store.Ref
	Event   store.EventID // the confirmed version's, 0 when there is none
	Pending bool          // an own write of it is not confirmed
	JSON    []byte        // canonical; valid during the call only
}

// Entity decodes it.
func (s Shown) Entity() (e store.Entity, err error) {
	if err = json.Unmarshal(s.JSON, &e); err != nil {
		return e, fmt.Errorf("decode %s %d: %w", s.Ref.Kind, s.Ref.ID, err)
	}
	return e, nil
}

// Get returns an entity as it is shown, a tombstone too.
//
// Errors: store.CodeNotFound.
func (d *Device) Get(ctx context.Context, ref store.Ref) (e store.Entity, event store.EventID, err error) {
	err = d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		f, err := d.fold(r, q, ref)
		if err == nil && !f.exists {
			err = store.Errorf(store.CodeNotFound, "id", "there is no such %s", ref.Kind)
		}
		e, event = f.entity, f.event
		return err
	})
	return e, event, err
}

// Look yields the entities that refs name as they are shown, and nil for those
// that are not there, from one state.
func (d *Device) Look(ctx context.Context, refs []store.Ref, yield func(ref store.Ref, e *store.Entity) error) error {
	return d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			f, err := d.fold(r, q, ref)
			if err != nil {
				return err
			}
			var e *store.Entity
			if f.exists {
				e = &f.entity
			}
			if err := yield(ref, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Each yields everything shown behind after, tombstones too, ordered by kind
// and id, from one state. kind "" means all.
func (d *Device) Each(ctx context.Context, kind store.Kind, after store.Ref, yield func(Shown) error) error {
	return d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		next, stop := iter.Pull2(waitingRefs(r, q, kind, after))
		defer stop()
		waiting, err, more := next()
		laid := func() error { // the entity waiting, and on to the next
			f, err2 := d.fold(r, q, waiting)
			if err2 != nil {
				return err2
			}
			shown := Shown{Ref: waiting, Event: f.event, Pending: true, JSON: f.entity.AppendJSON(nil)}
			waiting, err, more = next()
			return yield(shown)
		}
		if err != nil {
			return err
		}
		err2 := eachEntity(ctx, r, kind, after, func(ref store.Ref, rec entityRecord) error {
			for more && before(waiting, ref) {
				if err := laid(); err != nil {
					return err
				}
			}
			if err != nil {
				return err
			}
			if more && waiting == ref {
				return laid()
			}
			return yield(Shown{Ref: ref, Event: rec.Event, JSON: rec.JSON})
		})
		for err2 == nil && err == nil && more {
			err2 = laid()
		}
		if err2 == nil {
			err2 = err
		}
		return err2
	})
}

// before is the order of the keys.
func before(a, b store.Ref) bool { return string(newKey(0).ref(a)) < string(newKey(0).ref(b)) }

// waitingRefs yields the entities that have pending replacements, in the order
// of Each, each once.
func waitingRefs(r kv.Reader, q queue, kind store.Kind, after store.Ref) iter.Seq2[store.Ref, error] {
	return func(yield func(store.Ref, error) bool) {
		if q.Waiting == 0 {
			return
		}
		prefix := newKey(prefixWaiting)
		if kind != "" {
			prefix = prefix.kind(kind)
		}
		var start []byte
		if after.Kind != "" {
			start = newKey(prefixWaiting).ref(store.Ref{Kind: after.Kind, ID: after.ID + 1})
		}
		var last store.Ref
		for pair, err := range r.Scan(prefix, start) {
			if err != nil {
				yield(store.Ref{}, err)
				return
			}
			ref, _ := cutRef(pair.Key[1:])
			if ref == last {
				continue
			}
			last = ref
			if !yield(ref, nil) {
				return
			}
		}
	}
}

// folded is what laying the outbox over the confirmed version gives.
type folded struct {
	exists bool
	entity store.Entity
	event  store.EventID // of the confirmed version
	living *store.Entity // the newest living version on the way, nil when there is none
	last   *pending      // the newest own replacement, nil when none waits
}

// fold computes what is shown of one entity.
func (d *Device) fold(r kv.Reader, q queue, ref store.Ref) (folded, error) {
	f, err := confirmedOf(r, ref)
	if err != nil {
		return f, err
	}
	for p, err := range pendingOf(r, q, ref) {
		if err != nil {
			return f, err
		}
		f.lay(&p, d.rule(ref.Kind))
	}
	return f, nil
}

// confirmedOf reads an entity without what waits.
func confirmedOf(r kv.Reader, ref store.Ref) (f folded, err error) {
	rec, ok, err := readRecord(r, ref)
	if err != nil {
		return f, fmt.Errorf("read %s %d: %w", ref.Kind, ref.ID, err)
	}
	if !ok {
		return f, nil
	}
	e, err := rec.entity()
	if err != nil {
		return f, err
	}
	f.event = rec.Event
	f.become(e)
	return f, nil
}

// lay lays an own replacement over what the ones before it gave.
func (f *folded) lay(p *pending, rule func(string) store.Rule) {
	f.last = p
	in := p.Replacement
	switch {
	case !f.exists || in.Entity.Deleted || in.Changed == nil:
		f.become(in.Entity)
	case f.entity.Deleted:
		// Edited in ignorance of the deletion: whether that revives it is the
		// server's to say.
	default:
		f.become(store.Lay(f.entity, in.Entity, in.Changed, rule))
	}
}

func (f *folded) become(e store.Entity) {
	f.exists, f.entity = true, e
	if !e.Deleted {
		f.living = &e
	}
}

func (d *Device) rule(k store.Kind) func(string) store.Rule {
	return func(field string) store.Rule { return d.kinds.Rule(k, field) }
}
