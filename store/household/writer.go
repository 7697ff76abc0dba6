package household

import (
	"errors"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// writer is one event in the making, within one transaction.
type writer struct {
	store *Store
	tx    kv.Tx
	by    store.Author
	now   store.Timestamp
	event EventRecord
	// staged are the outcomes in order; place finds them by entity, for a batch
	// that replaces one entity twice.
	staged []staged
	place  map[store.Ref]int
	// founding: the household itself writes, see Found.
	founding bool
}

// staged is one entity's new version.
type staged struct {
	entry   Entry
	spec    *kind.Spec // nil for a kind this program does not know
	before  *entityRecord
	was     *store.Entity // newest living version before, nil for a new thing
	record  entityRecord
	outcome store.Outcome

	base  *store.Version  // as Merge saw them, for a second replacement of the
	since []store.Version // same entity in this batch
}

func (s *Store) newWriter(tx kv.Tx, by store.Author, act string) (*writer, error) {
	head, err := readNum(tx, metaKey("head"))
	if err != nil {
		return nil, err
	}
	now := store.TimestampOf(tx.Now())
	return &writer{
		store: s, tx: tx, by: by, now: now, place: map[store.Ref]int{},
		event: EventRecord{ID: store.EventID(head + 1), By: by, At: now, Act: act},
	}, nil
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
	if i, twice := w.place[r.Ref()]; twice {
		first := &w.staged[i]
		st.before, st.was = first.before, first.was
		st.outcome.Version.Changed = union(first.outcome.Version.Changed, st.outcome.Version.Changed)
		st.outcome.Superseded = append(first.outcome.Superseded, st.outcome.Superseded...)
		st.outcome.Revived = st.outcome.Revived || first.outcome.Revived
		if st.entry.From.Kind == "" {
			st.entry.From = first.entry.From
		}
		if first.entry.Sight {
			st.entry.Sight, st.entry.Was = true, first.entry.Was
		}
		w.staged[i] = *st
	} else {
		w.place[r.Ref()] = len(w.staged)
		w.staged = append(w.staged, *st)
	}
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
	st.base, st.since = m.Base, m.Since
	var err error
	if st.outcome, err = store.Merge(m); err != nil {
		return nil, err
	}
	if err := w.sign(st); err != nil {
		return nil, err
	}
	if st.outcome.Status == store.Merged && !st.outcome.Version.Entity.Deleted {
		if err := w.store.kinds.Validate(r.Kind, st.outcome.Version.Entity); err != nil {
			return nil, err
		}
	}
	if err := w.locate(st); err != nil {
		return nil, err
	}
	if err := w.checkRights(st, person); err != nil {
		return nil, err
	}
	st.record.Event = w.event.ID
	st.record.JSON = st.outcome.Version.Entity.AppendJSON(nil)
	st.record.Container, st.record.ForUser = st.entry.Container, st.entry.ForUser
	return st, nil
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
	return w.store.kinds.Validate(r.Kind, r.Entity)
}

func (w *writer) rule(k store.Kind) func(string) store.Rule {
	return func(field string) store.Rule { return w.store.kinds.Rule(k, field) }
}

// load reads what Merge needs. The common case, a base that is the newest
// version, costs one read.
func (w *writer) load(st *staged, m *store.Merging) error {
	ref := st.entry.Ref
	if i, twice := w.place[ref]; twice {
		st.before, st.was = &w.staged[i].record, w.staged[i].was
		v := w.staged[i].outcome.Version
		v.EventID = w.event.ID
		if !v.Entity.Deleted {
			st.was = &v.Entity
		}
		m.Base, m.Since = w.staged[i].base, append(slices.Clone(w.staged[i].since), v)
		if st.was != nil {
			m.Living = &store.Version{Entity: *st.was}
		}
		return nil
	}
	raw, ok, err := w.tx.Get(entityKey(ref))
	if err != nil || !ok {
		return err
	}
	rec, err := decodeEntityRecord(raw)
	if err != nil {
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
	} else if m.Base, m.Since, err = versionsAround(w.tx, ref, m.Replacement.Base); err != nil {
		return err
	}
	if current.Deleted {
		if m.Living, err = lastLiving(w.tx, ref); err != nil {
			return err
		}
		if m.Living != nil {
			st.was = &m.Living.Entity
		}
	}
	return nil
}

// visible tells whether the person may know of the entity at all.
func (w *writer) visible(p access.Person, k store.Kind, rec *entityRecord) bool {
	if rec.ForUser != 0 && rec.ForUser == p.UserID {
		return false
	}
	if rec.Container.Kind == "" {
		return p.SeesKind(k)
	}
	a, err := w.audience(rec.Container)
	return err == nil && p.SeesContainer(a)
}

// sign sets the fields that are the server's to set.
func (w *writer) sign(st *staged) error {
	e := &st.outcome.Version.Entity
	if e.Deleted {
		return nil
	}
	*e = e.Clone()
	for _, field := range []string{"created", "createdBy"} {
		if st.was != nil && st.was.Fields[field] != nil {
			e.Fields[field] = st.was.Fields[field]
			continue
		}
		value := any(w.now)
		if field == "createdBy" {
			value = w.by.UserID
		}
		if err := e.Set(field, value); err != nil {
			return err
		}
	}
	return e.Set("updatedBy", w.by.UserID)
}

// locate finds the container and checks that what is referred to exists.
func (w *writer) locate(st *staged) error {
	ref, e := st.entry.Ref, st.outcome.Version.Entity
	if e.Deleted || st.spec == nil {
		if st.before != nil {
			st.entry.Container, st.entry.ForUser = st.before.Container, st.before.ForUser
		}
		return nil
	}
	for field, target := range w.store.kinds.Refs(ref.Kind, e) {
		if !touches(st.outcome.Version.Changed, field) {
			continue
		}
		if _, ok, err := w.recordOf(target); err != nil {
			return err
		} else if !ok {
			return store.Errorf(store.CodeUnknownRef, "entity."+field, "there never was a %s %d", target.Kind, target.ID)
		}
	}
	st.entry.ForUser = e.IDField("forUserId")
	if st.spec.Container {
		st.entry.Container = ref
	} else if parent, ok := w.store.kinds.Parent(ref.Kind, e); ok {
		rec, ok, err := w.recordOf(parent)
		if err != nil {
			return err
		}
		if ok {
			st.entry.Container = rec.Container
		}
	}
	if st.before != nil && st.before.Container != st.entry.Container {
		st.entry.From = st.before.Container
	}
	return nil
}

// touches tells whether one of the changed units lies in the field.
func touches(changed []string, field string) bool {
	return slices.ContainsFunc(changed, func(unit string) bool {
		return unit == field || len(unit) > len(field) && unit[:len(field)] == field && unit[len(field)] == '/' ||
			len(field) > len(unit) && field[:len(unit)] == unit && field[len(unit)] == '/'
	})
}

// recordOf reads an entity's record, as staged or as stored.
func (w *writer) recordOf(ref store.Ref) (rec entityRecord, ok bool, err error) {
	if i, found := w.place[ref]; found {
		return w.staged[i].record, true, nil
	}
	raw, ok, err := w.tx.Get(entityKey(ref))
	if err != nil || !ok {
		return rec, false, err
	}
	rec, err = decodeEntityRecord(raw)
	return rec, err == nil, err
}

// audience reads a container's audience, as staged or as stored.
func (w *writer) audience(container store.Ref) (access.Audience, error) {
	if container.Kind == "" {
		return nil, nil
	}
	if i, found := w.place[container]; found && !w.staged[i].outcome.Version.Entity.Deleted {
		return access.AudienceOf(w.staged[i].outcome.Version.Entity.Fields["audience"]), nil
	}
	raw, _, err := w.tx.Get(audienceKey(container))
	if err != nil {
		return nil, fmt.Errorf("read audience of %s %d: %w", container.Kind, container.ID, err)
	}
	return access.AudienceOf(raw), nil
}

// checkRights asks the rules, and notes what changes who sees what.
func (w *writer) checkRights(st *staged, person access.Person) error {
	e := st.outcome.Version.Entity
	c := access.Change{
		Kind: st.entry.Ref.Kind, Before: st.was, After: e, Changed: st.outcome.Version.Changed,
		Contained: st.entry.Container.Kind != "",
	}
	from := st.entry.Container
	if st.entry.From.Kind != "" {
		from = st.entry.From
	}
	var err error
	if c.From, err = w.audience(from); err != nil {
		return err
	}
	if c.To, err = w.audience(st.entry.Container); err != nil {
		return err
	}
	if st.entry.Container == st.entry.Ref && !e.Deleted {
		c.To = access.AudienceOf(e.Fields["audience"])
		if st.was != nil && touches(c.Changed, "audience") {
			st.entry.Sight, st.entry.Was = true, st.was.Fields["audience"]
		}
	}
	if w.founding {
		return nil
	}
	if err := person.Check(c); err != nil {
		return err
	}
	if c.Kind == "user" {
		return w.checkLastAdmin(st)
	}
	return nil
}

// checkLastAdmin: the household always has an admin.
func (w *writer) checkLastAdmin(st *staged) error {
	e := st.outcome.Version.Entity
	if st.was == nil || st.was.String("access") == e.String("access") && !e.Deleted {
		return nil
	}
	st.entry.Sight = true
	if access.Level(st.was.String("access")) != access.Admin {
		return nil
	}
	for pair, err := range w.tx.Scan(newKey(prefixEntity).kind("user"), nil) {
		if err != nil {
			return err
		}
		ref, _ := cutRef(pair.Key[1:])
		if ref == st.entry.Ref {
			continue
		}
		rec, _, err := w.recordOf(ref)
		if err != nil {
			return err
		}
		other, err := rec.entity()
		if err != nil {
			return err
		}
		if !other.Deleted && access.Level(other.String("access")) == access.Admin {
			return nil
		}
	}
	return store.Errorf(store.CodeLastAdmin, "entity.access", "the household needs an admin: make somebody else one first")
}

// finish writes everything staged and the event. It returns the cursor of the
// event, of id 0 when nothing was taken.
func (w *writer) finish() (store.Cursor, error) {
	if len(w.staged) == 0 {
		return store.Cursor{Epoch: w.store.epoch}, nil
	}
	changes := make([][]byte, len(w.staged))
	for i := range w.staged {
		st := &w.staged[i]
		w.event.Entries = append(w.event.Entries, st.entry)
		changes[i] = appendChange(nil, st.entry.Ref.Kind, st.record.JSON, 0)
		if err := w.write(i, st); err != nil {
			return store.Cursor{}, fmt.Errorf("write event %d: %w", w.event.ID, err)
		}
	}
	for _, pair := range []struct {
		key   key
		value []byte
	}{
		{eventKey(w.event.ID), encodeEvent(&w.event, changes)},
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
	w.afterCommit()
	return store.Cursor{Epoch: w.store.epoch, ID: w.event.ID}, nil
}

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
func (w *writer) afterCommit() {
	var changes []func(*Sight)
	for i := range w.staged {
		st := &w.staged[i]
		e := st.outcome.Version.Entity
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
	w.tx.AfterCommit(func() {
		if len(changes) > 0 {
			w.store.updateSight(func(v *Sight) {
				for _, change := range changes {
					change(v)
				}
			})
		}
		w.store.committed(&w.event)
	})
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// write puts one entity's keys.
func (w *writer) write(index int, st *staged) error {
	ref, e := st.entry.Ref, st.outcome.Version.Entity
	history, err := json.Marshal(historyRecord{
		Index: index, Stamp: st.outcome.Version.Stamp, Changed: st.outcome.Version.Changed,
		Superseded: st.outcome.Superseded, Revived: st.outcome.Revived,
	})
	if err != nil {
		return err
	}
	if err := errors.Join(
		w.tx.Set(entityKey(ref), st.record.encode()),
		w.tx.Set(historyKey(ref, w.event.ID), history),
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
		if i, found := w.place[child]; found {
			w.staged[i].record.Container = container
			continue
		}
		rec, ok, err := w.recordOf(child)
		if err != nil || !ok {
			return err
		}
		rec.Container = container
		if err := w.tx.Set(entityKey(child), rec.encode()); err != nil {
			return err
		}
	}
	return nil
}
