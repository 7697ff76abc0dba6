package household

import (
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/access"
)

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

// locate finds the container and checks that what is referred to exists.
func (w *writer) locate(st *staged, person access.Person) error {
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
		rec, ok, err := w.recordOf(target)
		if err != nil {
			return err
		}
		if !ok || !w.founding && !w.visible(person, target.Kind, &rec) {
			return store.Errorf(store.CodeUnknownRef, "entity."+field, "there never was a %s %d", target.Kind, target.ID)
		}
	}
	if st.spec.Fields["forUserId"].Ref == "user" {
		st.entry.ForUser = e.IDField("forUserId")
	}
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
	if st.before != nil && st.before.ForUser != st.entry.ForUser {
		st.entry.Sight = true
	}
	st.leaves()
	return nil
}

// leaves notes the container it is taken from.
func (st *staged) leaves() {
	st.entry.From = store.Ref{}
	if st.before != nil && st.before.Container != st.entry.Container {
		st.entry.From = st.before.Container
	}
}

// follow puts what lies below something that this batch moves where that lies
// now: a batch may name an occurrence before its event.
func (w *writer) follow() {
	for i := range w.staged {
		st := &w.staged[i]
		e := &st.outcome.Version.Entity
		if e.Deleted {
			e = st.was
		}
		if e == nil || st.spec == nil || st.spec.Container {
			continue
		}
		parent, _ := w.store.kinds.Parent(st.entry.Ref.Kind, *e)
		if j, found := w.place[parent]; found && w.staged[j].record.Container != st.record.Container {
			st.record.Container = w.staged[j].record.Container
			st.entry.Container = st.record.Container
			st.leaves()
		}
	}
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
	return readRecord(w.tx, ref)
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
		Contained: st.entry.Container.Kind != "", Container: st.spec != nil && st.spec.Container,
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
