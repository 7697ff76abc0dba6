package imports

import (
	"context"
	"strconv"
	"strings"

	"inglenook/store"
	"inglenook/store/household"
)

// Here is what a device shows.
type Here interface {
	Get(ctx context.Context, ref store.Ref) (store.Entity, store.EventID, error)
	Each(ctx context.Context, kind store.Kind, after store.Ref, yield func(household.Shown) error) error
}

// names finds what is known by its name, whatever its case: places, labels and
// people. A name that two people have finds nobody.
type names map[store.Kind]map[string]store.ID

func namesOf(ctx context.Context, here Here) (names, error) {
	out := names{"place": {}, "category": {}, "user": {}}
	for k, known := range out {
		err := here.Each(ctx, k, store.Ref{}, func(shown household.Shown) error {
			e, err := shown.Entity()
			if err != nil || e.Deleted || k == "category" && e.String("use") == "aisle" {
				return err
			}
			name := fold(e.String("name"))
			if _, twice := known[name]; twice && k == "user" {
				known[name] = 0
				return nil
			}
			known[name] = e.ID
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// named returns the thing of a name, which it adds when there is none.
func (c *collect) named(line int, k store.Kind, name string, e store.Entity) (store.ID, error) {
	name = strings.TrimSpace(name)
	if id, ok := c.names[k][fold(name)]; ok {
		return id, nil
	}
	set(&e, "name", name)
	id, err := c.add(line, k, e, fold(name))
	if err == nil {
		c.names[k][fold(name)] = id
	}
	return id, err
}

// identify sets the id of a thing, and tells whether it was imported before.
// What was deleted since comes again as another one: so that undo finds it.
func (c *collect) identify(k store.Kind, e *store.Entity, key []string) (here bool, err error) {
	if id, ok := c.kinds.DerivedID(k, *e); ok {
		e.ID = id
		_, living, err := c.look(store.Ref{Kind: k, ID: id})
		return living, err
	}
	name := strings.Join(append([]string{string(k)}, key...), "\x00")
	for n := c.next[name]; ; n++ {
		// Two devices that import the same before they have exchanged make one
		// thing.
		e.ID = store.DerivedID(k, append([]string{"import", strconv.Itoa(n)}, key...)...)
		ref := store.Ref{Kind: k, ID: e.ID}
		known, living, err := c.look(ref)
		if err != nil {
			return false, err
		}
		if living || !known {
			c.next[name] = n + 1
			return living, nil
		}
	}
}

// look tells whether the device, or an earlier file, knows a thing.
func (c *collect) look(ref store.Ref) (known, living bool, err error) {
	if c.made[ref] {
		return true, true, nil
	}
	e, _, err := c.here.Get(c.ctx, ref)
	if store.CodeOf(err) == store.CodeNotFound {
		return false, false, nil
	}
	return err == nil, err == nil && !e.Deleted, err
}
