package access

import (
	"slices"
	"strings"

	"inglenook/store"
)

// Change is one replacement as the rules see it, after merging: what was, what
// is to be, and where it lies.
type Change struct {
	Kind    store.Kind
	Before  *store.Entity // newest living version, nil for a new thing
	After   store.Entity
	Changed []string // units that are to differ

	Contained bool     // the thing is a container or lies in one
	Container bool     // the thing is a container
	From      Audience // of the container it lies in now
	To        Audience // of the container it is to lie in
}

// Check answers nil when p may make the change. Errors: CodeForbidden, and
// CodeNotFound when p may not even see the thing.
func (p Person) Check(c Change) error {
	if err := p.checkPlace(c); err != nil {
		return err
	}
	switch c.Kind {
	case "user":
		return p.checkUser(c)
	case "household", "category", "place", "calendar", "chore":
		if p.Level == Admin || p.Level == Member && c.Kind != "household" {
			return nil
		}
		if p.Level == Child && c.Kind == "calendar" && p.own(c) {
			return nil
		}
		return forbidden(c, "only grown-ups change this")
	}
	switch p.Level {
	case Admin, Member:
		return nil
	case Child:
		return p.checkChild(c)
	case Guest:
		shares := c.Container && (c.Before == nil || slices.ContainsFunc(c.Changed, func(unit string) bool {
			return unit == "audience" || strings.HasPrefix(unit, "audience/")
		}))
		if c.Contained && !shares {
			return nil // checkPlace has asked the audience
		}
		return forbidden(c, "guests change only what was shared with them")
	case Display:
		return p.checkDisplay(c)
	}
	return forbidden(c, "this user may change nothing")
}

// checkPlace: nothing is written into, taken out of, or known to be in a
// container one may not write.
func (p Person) checkPlace(c Change) error {
	if !c.Contained {
		if !p.SeesKind(c.Kind) {
			return store.Errorf(store.CodeNotFound, "entity.id", "there is no such %s", c.Kind)
		}
		return nil
	}
	if c.Before != nil {
		if !p.SeesContainer(c.From) {
			return store.Errorf(store.CodeNotFound, "entity.id", "there is no such %s", c.Kind)
		}
		if !p.writesIn(c.From) {
			return forbidden(c, "it may only be read")
		}
	}
	if !c.After.Deleted && !p.writesIn(c.To) {
		return forbidden(c, "it may only be read")
	}
	return nil
}

// checkUser: everybody keeps their own profile, admins everybody's; nobody
// changes their own access. Who comes, goes and may do what takes a fresh proof of
// who the admin is, as every other way to let somebody in does.
func (p Person) checkUser(c Change) error {
	self := c.After.ID == p.UserID
	access := slices.Contains(c.Changed, "access") || slices.Contains(c.Changed, "deleted") || c.Before == nil || c.After.Deleted
	switch {
	case self && access:
		return forbidden(c, "nobody changes their own access")
	case p.Level == Admin && access && !p.Verified:
		return store.Errorf(store.CodeStepUpRequired, "entity.access", "verify who you are, then write it again")
	case p.Level == Admin, self && p.Level != Display && p.Level != Guest:
		return nil
	}
	return forbidden(c, "only an admin changes other people")
}

// checkChild: children add, tick and change what is shared; they delete only
// what they made themselves.
func (p Person) checkChild(c Change) error {
	switch c.Kind {
	case "item", "completion", "ack":
		if c.deletes() && !p.own(c) {
			return forbidden(c, "children delete only what they made")
		}
		return nil
	}
	if c.Before == nil || p.own(c) {
		return nil
	}
	return forbidden(c, "children change only what they made")
}

// checkDisplay: the tablet on the wall adds and ticks.
func (p Person) checkDisplay(c Change) error {
	switch c.Kind {
	case "item":
		ticks := !slices.ContainsFunc(c.Changed, func(unit string) bool {
			return unit != "done" && unit != "doneAt" && unit != "doneBy" && !strings.HasPrefix(unit, "checklist/")
		})
		if !c.deletes() && (c.Before == nil || ticks) {
			return nil
		}
	case "completion", "ack":
		if !c.deletes() {
			return nil
		}
	}
	return forbidden(c, "a display only adds and ticks")
}

// deletes tells a deletion from what comes after one and changes nothing.
func (c Change) deletes() bool { return c.After.Deleted && slices.Contains(c.Changed, "deleted") }

func (p Person) own(c Change) bool {
	return c.Before == nil || c.Before.IDField("createdBy") == p.UserID
}

func forbidden(c Change, message string) error {
	return store.Errorf(store.CodeForbidden, string(c.Kind), "%s", message)
}
