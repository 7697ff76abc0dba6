package household

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Received is one entity as it came from the server, not decoded: a device
// stores far more than it shows.
type Received struct {
	Kind   store.Kind     `json:"kind"`
	Entity jsontext.Value `json:"entity"`
	Event  store.EventID  `json:"event,omitzero"` // the event it is from, 0 for the one it comes with
}

// ReceivedEvent is a store.Event with its entities not decoded.
type ReceivedEvent struct {
	ID           store.EventID   `json:"id,omitzero"`
	By           store.Author    `json:"by"`
	At           store.Timestamp `json:"at"`
	Act          string          `json:"act,omitempty"`
	Replacements []Received      `json:"replacements"`
	Forget       []store.Forget  `json:"forget,omitempty"`
}

// received is what a device needs to know of an entity it stores.
type received struct {
	ref       store.Ref
	updatedAt store.Timestamp
	deleted   bool
	json      []byte
}

// look reads the head of an entity in canonical form, which is what a server
// sends, and brings any other into it.
func (r Received) look() (received, error) {
	out := received{ref: store.Ref{Kind: r.Kind}, json: r.Entity}
	if !r.Kind.Valid() {
		return out, fmt.Errorf("take over %q: not the name of a kind", r.Kind)
	}
	if out.head() {
		return out, nil
	}
	var e store.Entity
	if err := json.Unmarshal(r.Entity, &e); err != nil {
		return out, fmt.Errorf("take over a %s: %w", r.Kind, err)
	}
	out.ref.ID, out.updatedAt, out.deleted, out.json = e.ID, e.UpdatedAt, e.Deleted, e.AppendJSON(nil)
	return out, nil
}

// head reads {"id":…,"updatedAt":"…" off the front; false when it is written
// in another way.
func (r *received) head() bool {
	rest, ok := bytes.CutPrefix(r.json, []byte(`{"id":`))
	if !ok {
		return false
	}
	digits, rest, ok := bytes.Cut(rest, []byte(`,"updatedAt":"`))
	if !ok {
		return false
	}
	id, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || !store.ID(id).Valid() {
		return false
	}
	stamp, rest, ok := bytes.Cut(rest, []byte(`"`))
	if !ok || r.updatedAt.UnmarshalText(stamp) != nil || len(rest) == 0 {
		return false
	}
	r.ref.ID, r.deleted = store.ID(id), string(rest) == `,"deleted":true}`
	return r.deleted || !bytes.Contains(rest, []byte(`"deleted":`)) && (rest[0] == ',' || rest[0] == '}')
}

// Apply takes over events in order and moves the cursor to to, in one
// transaction. Own replacements that these events answer leave the outbox. What
// has been applied before changes nothing.
//
// Errors: store.CodeReset when the cursor is of another epoch.
func (d *Device) Apply(ctx context.Context, to store.Cursor, events []ReceivedEvent) error {
	err := d.updateAhead(ctx, func(t *draft) error {
		at, err := readCursor(t.tx)
		if err != nil {
			return err
		}
		if at.Epoch != to.Epoch {
			return store.Errorf(store.CodeReset, "epoch", "the events are of another epoch")
		}
		for i := range events {
			if err := t.confirmEvent(&events[i]); err != nil {
				return fmt.Errorf("apply event %d: %w", events[i].ID, err)
			}
		}
		if len(events) == 1 {
			t.touched.By, t.touched.At, t.touched.Act = events[0].By, events[0].At, events[0].Act
		}
		if to.ID <= at.ID {
			return nil
		}
		if err := writeCursor(t.tx, to); err != nil {
			return err
		}
		return t.dropConfirmed(to)
	})
	if err != nil {
		return err
	}
	return d.settleSaid(ctx, to) // it may have been said during the transaction
}

// Forget drops what this session may no longer see.
func (d *Device) Forget(ctx context.Context, f store.Forget) error {
	return d.update(ctx, func(t *draft) error { return t.forget(f) })
}

func (t *draft) confirmEvent(event *ReceivedEvent) error {
	for _, c := range event.Replacements {
		r, err := c.look()
		if err != nil {
			return err
		}
		id := c.Event
		if id == 0 {
			id = event.ID
		}
		if err := t.confirm(r, id, event); err != nil {
			return err
		}
	}
	for _, f := range event.Forget {
		if err := t.forget(f); err != nil {
			return err
		}
	}
	return nil
}

// confirm stores one entity unless a later version is there already.
func (t *draft) confirm(r received, id store.EventID, event *ReceivedEvent) error {
	old, ok, err := readRecord(t.tx, r.ref)
	if err != nil {
		return err
	}
	if ok {
		if old.Event >= id {
			return nil
		}
		if err := t.keepLiving(r, old, event); err != nil {
			return err
		}
	}
	t.clock.Observe(r.updatedAt)
	t.touch(r.ref)
	return t.tx.Set(entityKey(r.ref), entityRecord{Event: id, JSON: r.json}.encode())
}

// living is what a tombstone was, and who deleted it when.
type living struct {
	Entity store.Entity    `json:"entity"`
	Event  store.EventID   `json:"event"` // of Entity
	At     store.Timestamp `json:"at"`
	By     store.Author    `json:"by"`
}

func livingKey(r store.Ref) key { return newKey(prefixLiving).ref(r) }

// keepLiving keeps the content of what becomes a tombstone, so that the trash
// works without a network.
func (t *draft) keepLiving(r received, old entityRecord, event *ReceivedEvent) error {
	switch was := isTombstone(old.JSON); {
	case was && !r.deleted:
		return t.tx.Delete(livingKey(r.ref))
	case was || !r.deleted:
		return nil
	}
	e, err := old.entity()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(living{Entity: e, Event: old.Event, At: event.At, By: event.By})
	if err != nil {
		return fmt.Errorf("keep %s %d: %w", r.ref.Kind, r.ref.ID, err)
	}
	return t.tx.Set(livingKey(r.ref), raw)
}

func readLiving(r kv.Reader, ref store.Ref) (l living, ok bool, err error) {
	raw, ok, err := r.Get(livingKey(ref))
	if err == nil && ok {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		return l, false, fmt.Errorf("read what %s %d was: %w", ref.Kind, ref.ID, err)
	}
	return l, ok, nil
}

func (t *draft) forget(f store.Forget) error {
	for _, id := range f.IDs {
		ref := store.Ref{Kind: f.Kind, ID: id}
		t.touch(ref)
		if err := t.tx.Delete(entityKey(ref)); err != nil {
			return err
		}
		if err := t.tx.Delete(livingKey(ref)); err != nil {
			return err
		}
	}
	return nil
}

// Trash returns what is shown as deleted and can be restored without asking
// the server, latest first: at most limit entries, deleted by events before one
// when it is not 0. Own deletions that wait come first, on the first page.
func (d *Device) Trash(ctx context.Context, before store.EventID, limit int) (out []TrashEntry, next store.EventID, err error) {
	err = d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		var all []TrashEntry
		for pair, err := range r.Scan([]byte{prefixLiving}, nil) {
			if err != nil {
				return err
			}
			ref, _ := cutRef(pair.Key[1:])
			f, err := d.fold(r, q, ref)
			if err != nil {
				return err
			}
			// A snapshot may have brought it back without a word.
			if !f.entity.Deleted || f.last != nil || before != 0 && f.event >= before {
				continue
			}
			l, _, err := readLiving(r, ref)
			if err != nil {
				return err
			}
			all = append(all, trashOf(ref, f, l.Entity, l.At, l.By))
		}
		slices.SortFunc(all, func(a, b TrashEntry) int { return int(b.Base) - int(a.Base) })
		if before == 0 {
			if out, err = d.ownTrash(r, q); err != nil {
				return err
			}
		}
		for i, entry := range all {
			if len(out) >= limit && entry.Base != all[max(i-1, 0)].Base {
				next = all[max(i-1, 0)].Base // a page ends between events
				break
			}
			out = append(out, entry)
		}
		return nil
	})
	return out, next, err
}

// ownTrash is what own waiting replacements delete, latest first.
func (d *Device) ownTrash(r kv.Reader, q queue) (out []TrashEntry, err error) {
	for ref, err := range waitingRefs(r, q, "", store.Ref{}) {
		if err != nil {
			return nil, err
		}
		f, err := d.fold(r, q, ref)
		if err != nil {
			return nil, err
		}
		if f.entity.Deleted && f.living != nil {
			out = append(out, trashOf(ref, f, *f.living, f.last.At, store.Author{}))
		}
	}
	slices.SortFunc(out, func(a, b TrashEntry) int { return int(b.At - a.At) })
	return out, nil
}

func trashOf(ref store.Ref, f folded, last store.Entity, at store.Timestamp, by store.Author) TrashEntry {
	return TrashEntry{
		Kind: ref.Kind, Tombstone: f.entity, Last: last, Base: f.event, At: at, By: by,
		Until: store.TimestampOf(at.Time().Add(Kept)),
	}
}
