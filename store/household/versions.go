package household

import (
	"bytes"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// isTombstone looks at canonical JSON without decoding it.
func isTombstone(canonical []byte) bool {
	return bytes.HasSuffix(canonical, []byte(`,"deleted":true}`))
}

// versions reads what entities were. It keeps the events it has read: a batch
// made offline asks a thousand times for the same few.
type versions struct {
	kv.Reader
	events map[store.EventID]EventRecord
	bytes  int
}

// maxKeptBytes bounds the bodies of the events that versions keeps.
const maxKeptBytes = 8 << 20

func newVersions(r kv.Reader) *versions {
	return &versions{Reader: r, events: map[store.EventID]EventRecord{}}
}

// around returns the newest version at or below base and those after it, oldest
// first; of other sessions' but the last without their fields: after long they
// are many.
func (o *versions) around(ref store.Ref, base store.EventID, session store.SessionID) (at *store.Version, since []store.Version, err error) {
	for v, err := range o.back(ref, 0) {
		if err != nil {
			return nil, nil, err
		}
		if v.EventID <= base {
			at = &v.Version
			break
		}
		if len(since) > 0 && v.By.SessionID != session {
			v.Entity.Fields = nil
		}
		since = append(since, v.Version)
	}
	slices.Reverse(since)
	return at, since, nil
}

// lastLiving returns the newest living version, nil when there never was one.
func (o *versions) lastLiving(ref store.Ref) (*store.Version, error) {
	for v, err := range o.back(ref, 0) {
		if err != nil {
			return nil, err
		}
		if !v.Entity.Deleted {
			return &v.Version, nil
		}
	}
	return nil, nil
}

// past is one version with what the history adds.
type past struct {
	store.Version
	At         store.Timestamp
	Act        string
	Superseded []store.Superseded
	Revived    bool
}

// back yields an entity's versions, newest first, those of events before one
// when it is not 0.
func (o *versions) back(ref store.Ref, before store.EventID) func(yield func(past, error) bool) {
	return func(yield func(past, error) bool) {
		rec, _, err := readRecord(o, ref)
		if err != nil {
			yield(past{}, err)
			return
		}
		for id := rec.Event; id != 0; {
			v, earlier, err := o.past(ref, id)
			if err == nil && earlier >= id {
				err = fmt.Errorf("read history of %s %d: event %d follows event %d", ref.Kind, ref.ID, id, earlier)
			}
			if err != nil {
				yield(past{}, err)
				return
			}
			if (before == 0 || id < before) && !yield(v, nil) {
				return
			}
			id = earlier
		}
	}
}

// past returns the version an event made of an entity, and the event of the one
// before it, 0 when there is none.
func (o *versions) past(ref store.Ref, id store.EventID) (v past, earlier store.EventID, err error) {
	event, err := o.event(id)
	if err != nil {
		return v, 0, fmt.Errorf("read history of %s %d: %w", ref.Kind, ref.ID, err)
	}
	i := slices.IndexFunc(event.Entries, func(e Entry) bool { return e.Ref == ref })
	if i < 0 {
		return v, 0, fmt.Errorf("read history of %s %d: event %d does not hold it", ref.Kind, ref.ID, id)
	}
	n, err := event.note(i)
	if err != nil {
		return v, 0, fmt.Errorf("read history of %s %d at event %d: %w", ref.Kind, ref.ID, id, err)
	}
	var c store.Change
	if err := json.Unmarshal(event.Change(&event.Entries[i]), &c); err != nil {
		return v, 0, fmt.Errorf("read history of %s %d at event %d: %w", ref.Kind, ref.ID, id, err)
	}
	return past{
		Version: store.Version{EventID: id, By: event.By, Stamp: n.Stamp, Changed: n.Changed, Entity: c.Entity},
		At:      event.At, Act: event.Act, Superseded: n.Superseded, Revived: n.Revived,
	}, n.Before, nil
}

func (o *versions) event(id store.EventID) (EventRecord, error) {
	if event, ok := o.events[id]; ok {
		return event, nil
	}
	event, err := readEvent(o, id)
	if err != nil {
		return event, err
	}
	if o.bytes += len(event.Body); o.bytes > maxKeptBytes {
		clear(o.events)
		o.bytes = len(event.Body)
	}
	o.events[id] = event
	return event, nil
}

// readEvent reads one event that is known to exist.
func readEvent(r kv.Reader, id store.EventID) (EventRecord, error) {
	raw, ok, err := r.Get(eventKey(id))
	if err != nil {
		return EventRecord{}, err
	}
	if !ok {
		return EventRecord{}, fmt.Errorf("event %d is missing", id)
	}
	return decodeEvent(id, raw)
}

// childrenOf returns everything below a parent, at every depth.
func childrenOf(r kv.Reader, parent store.Ref) ([]store.Ref, error) {
	var out []store.Ref
	prefix := newKey(prefixChild).ref(parent)
	for pair, err := range r.Scan(prefix, nil) {
		if err != nil {
			return nil, err
		}
		child, _ := cutRef(pair.Key[len(prefix):])
		out = append(out, child)
	}
	for _, child := range slices.Clone(out) {
		below, err := childrenOf(r, child)
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	return out, nil
}
