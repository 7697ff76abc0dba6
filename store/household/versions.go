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
		prefix := newKey(prefixHistory).ref(ref)
		var start []byte
		if before != 0 {
			start = historyKey(ref, before-1)
		}
		for pair, err := range o.ScanBack(prefix, start) {
			if err != nil {
				yield(past{}, err)
				return
			}
			id, _ := cutNum(pair.Key[len(prefix):])
			v, err := o.past(ref, store.EventID(id), pair.Value)
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// past joins a history record with its content in the event.
func (o *versions) past(ref store.Ref, id store.EventID, raw []byte) (v past, err error) {
	var h historyRecord
	if err := json.Unmarshal(raw, &h); err != nil {
		return v, fmt.Errorf("read history of %s %d at event %d: %w", ref.Kind, ref.ID, id, err)
	}
	event, err := o.event(id)
	if err != nil {
		return v, fmt.Errorf("read history of %s %d: %w", ref.Kind, ref.ID, err)
	}
	if h.Index >= len(event.Entries) || event.Entries[h.Index].Ref != ref {
		return v, fmt.Errorf("read history of %s %d: event %d does not hold it", ref.Kind, ref.ID, id)
	}
	var c store.Change
	if err := json.Unmarshal(event.Change(&event.Entries[h.Index]), &c); err != nil {
		return v, fmt.Errorf("read history of %s %d at event %d: %w", ref.Kind, ref.ID, id, err)
	}
	return past{
		Version: store.Version{EventID: id, By: event.By, Stamp: h.Stamp, Changed: h.Changed, Entity: c.Entity},
		At:      event.At, Act: event.Act, Superseded: h.Superseded, Revived: h.Revived,
	}, nil
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
