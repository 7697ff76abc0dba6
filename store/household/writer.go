package household

import (
	"errors"
	"fmt"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json/jsontext"
)

// writer is one event in the making, within one transaction.
type writer struct {
	store *Store
	tx    kv.Tx
	past  *versions
	by    store.Author
	now   store.Timestamp
	event EventRecord

	nowJSON, byJSON jsontext.Value // as fields hold them

	// staged are the outcomes in order; place finds them by entity, each is there
	// once.
	staged []staged
	place  map[store.Ref]int
	// founding: the household itself writes, see Found.
	founding bool
	bytes    int // of what the batch has written so far
}

// maxWrittenBytes bounds what one batch writes, and so its event, its answer and
// its history: each is one value of the engine. The rest is for what is not
// counted.
const maxWrittenBytes = kv.MaxValueBytes - 1<<20

// staged is one entity's new version.
type staged struct {
	entry   Entry
	spec    *kind.Spec // nil for a kind this program does not know
	before  *entityRecord
	was     *store.Entity // newest living version before, nil for a new thing
	record  entityRecord
	outcome store.Outcome
}

func (s *Store) newWriter(tx kv.Tx, by store.Author, act string) (*writer, error) {
	head, err := readNum(tx, metaKey("head"))
	if err != nil {
		return nil, err
	}
	now := store.TimestampOf(tx.Now())
	return &writer{
		store: s, tx: tx, past: newVersions(tx), by: by, now: now, place: map[store.Ref]int{},
		event:   EventRecord{ID: store.EventID(head + 1), By: by, At: now, Act: act},
		nowJSON: jsontext.Value(`"` + now.String() + `"`), byJSON: jsontext.Value(by.UserID.String()),
	}, nil
}

// takeAll takes replacements in order and returns the cursor of the event, of id
// 0 when nothing was taken. An entity that comes a second time begins another
// event, so that each of its versions stays in the history: a thing that was
// made and deleted in one batch can be restored.
func (s *Store) takeAll(tx kv.Tx, by store.Author, act string, in []store.Replacement, person access.Person, founding bool) ([]store.Result, store.Cursor, error) {
	results, at := make([]store.Result, len(in)), store.Cursor{Epoch: s.epoch}
	var w *writer
	bytes := 0
	finish := func() error {
		event, err := w.finish()
		if event.ID != 0 {
			at = event
		}
		return err
	}
	for i, r := range in {
		if w != nil {
			if _, twice := w.place[r.Ref()]; twice {
				if err := finish(); err != nil {
					return nil, at, err
				}
				w = nil
			}
		}
		var err error
		if w == nil {
			if w, err = s.newWriter(tx, by, act); err != nil {
				return nil, at, err
			}
			w.founding, w.bytes = founding, bytes
		}
		if results[i], err = w.take(r, person); err != nil {
			return nil, at, err
		}
		bytes = w.bytes
	}
	return results, at, finish()
}

// take decides one replacement. The result says what became of it; the error is
// the engine's. A rejected one has left no trace.
func (w *writer) take(r store.Replacement, person access.Person) (store.Result, error) {
	st, err := w.decide(r, person)
	var rejected *store.Error
	switch {
	case errors.As(err, &rejected):
		return store.Result{Status: store.Rejected, Code: rejected.Code, Message: rejected.Message, Field: rejected.Field}, nil
	case err != nil:
		return store.Result{}, fmt.Errorf("take %s %d: %w", r.Kind, r.Entity.ID, err)
	}
	w.place[r.Ref()] = len(w.staged)
	w.staged = append(w.staged, *st)
	result := store.Result{Status: st.outcome.Status}
	if result.Status == store.Merged {
		e := st.outcome.Version.Entity.Clone()
		result.Entity = &e
	}
	return result, nil
}

// decide is everything up to writing: validity, merge, references, rights.
func (w *writer) decide(r store.Replacement, person access.Person) (*staged, error) {
	if err := w.checkForm(r); err != nil {
		return nil, err
	}
	m := store.Merging{Replacement: r, By: w.by, Now: w.now, Rule: w.rule(r.Kind)}
	st := &staged{entry: Entry{Ref: r.Ref()}}
	st.spec, _ = w.store.kinds.Spec(r.Kind)
	m.Derived = st.spec != nil && len(st.spec.Derived) > 0
	if err := w.load(st, &m); err != nil {
		return nil, err
	}
	if st.before != nil && !w.visible(person, r.Kind, st.before) {
		if r.Base == 0 && !m.Derived {
			return nil, store.Errorf(store.CodeIDConflict, "entity.id", "the id %d is taken", r.Entity.ID)
		}
		return nil, store.Errorf(store.CodeNotFound, "entity.id", "there is no such %s", r.Kind)
	}
	var err error
	if st.outcome, err = store.Merge(m); err != nil {
		return nil, err
	}
	w.sign(st)
	if err := w.locate(st, person); err != nil {
		return nil, err
	}
	if err := w.checkRights(st, person); err != nil {
		return nil, err
	}
	st.record.Event = w.event.ID
	st.record.JSON = st.outcome.Version.Entity.AppendJSON(nil)
	st.record.Container, st.record.ForUser = st.entry.Container, st.entry.ForUser
	return st, w.checkOutcome(st, r)
}

// checkOutcome holds the outcome against the limits where it is more than what
// came in, and what is to be written against those of one event.
func (w *writer) checkOutcome(st *staged, r store.Replacement) error {
	e := st.outcome.Version.Entity
	switch {
	case len(e.Fields) > store.MaxFields:
		return store.Errorf(store.CodeTooLarge, "entity", "more than %d fields, with those the server sets", store.MaxFields)
	case len(st.record.JSON) > store.MaxEntityBytes:
		return store.Errorf(store.CodeTooLarge, "entity", "is larger than %d KiB", store.MaxEntityBytes>>10)
	case st.outcome.Status == store.Merged || r.Changed != nil:
		if err := w.store.kinds.Validate(r.Kind, e); err != nil {
			return err
		}
	}
	const header = 256 // of an entry, in an event
	size := header + len(st.record.JSON) + len(st.entry.Was)
	for _, s := range st.outcome.Superseded {
		size += header + len(s.Unit) + len(s.Value)
	}
	for _, unit := range st.outcome.Version.Changed {
		size += len(unit)
	}
	if w.bytes+size > maxWrittenBytes {
		return store.Errorf(store.CodeTooLarge, "replacements", "make more than %d MiB together; send fewer at once", maxWrittenBytes>>20)
	}
	w.bytes += size
	return nil
}

func (w *writer) checkForm(r store.Replacement) error {
	switch {
	case !r.Kind.Valid():
		return store.Errorf(store.CodeInvalid, "kind", "a kind is a letter, then letters and digits, at most %d", store.MaxKindBytes)
	case r.Base >= w.event.ID:
		return store.Errorf(store.CodeBaseUnknown, "base", "there is no event %d yet", r.Base)
	case len(r.Changed) > store.MaxChanged:
		return store.Errorf(store.CodeTooLarge, "changed", "more than %d names", store.MaxChanged)
	}
	names := 0
	for _, unit := range r.Changed {
		names += len(unit)
	}
	if names > store.MaxEntityBytes {
		return store.Errorf(store.CodeTooLarge, "changed", "more than %d KiB of names", store.MaxEntityBytes>>10)
	}
	if spec, ok := w.store.kinds.Spec(r.Kind); ok && spec.Container && string(r.Entity.Fields["audience"]) == "{}" {
		// Entry by entry it would end as no audience at all, and that is everybody.
		return store.Errorf(store.CodeForbidden, "entity.audience", "names nobody")
	}
	return w.store.kinds.Validate(r.Kind, r.Entity)
}

func (w *writer) rule(k store.Kind) func(string) store.Rule {
	return func(field string) store.Rule { return w.store.kinds.Rule(k, field) }
}

// load reads what Merge needs. The common case, a base that is the newest
// version, costs one read.
func (w *writer) load(st *staged, m *store.Merging) error {
	ref := st.entry.Ref
	rec, ok, err := readRecord(w.tx, ref)
	if err != nil || !ok {
		return err
	}
	current, err := rec.entity()
	if err != nil {
		return err
	}
	st.before = &rec
	if !current.Deleted {
		st.was = &current
	}
	if m.Replacement.Base >= rec.Event {
		m.Base = &store.Version{EventID: rec.Event, Entity: current}
	} else if m.Base, m.Since, err = w.past.around(ref, m.Replacement.Base, w.by.SessionID); err != nil {
		return err
	}
	if current.Deleted {
		if m.Living, err = w.past.lastLiving(ref); err != nil {
			return err
		}
		if m.Living != nil {
			st.was = &m.Living.Entity
		}
	}
	return nil
}

// sign sets the fields that are the server's to set.
func (w *writer) sign(st *staged) {
	e := &st.outcome.Version.Entity
	if e.Deleted {
		return
	}
	*e = e.Clone()
	created, createdBy := w.nowJSON, w.byJSON
	if st.was != nil {
		if v := st.was.Fields["created"]; v != nil {
			created = v
		}
		if v := st.was.Fields["createdBy"]; v != nil {
			createdBy = v
		}
	}
	if e.Fields == nil {
		e.Fields = store.Fields{}
	}
	e.Fields["created"], e.Fields["createdBy"], e.Fields["updatedBy"] = created, createdBy, w.byJSON
}
