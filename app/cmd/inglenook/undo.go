package main

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/household"
)

type undo struct {
	Act string `arg:"" help:"The act's name, as import printed it."`
}

// undone says what became of what an act did.
type undone struct {
	Act      string `json:"act,omitzero"` // that took it back, and can be undone itself
	Deleted  int    `json:"deleted"`      // it had made them
	PutBack  int    `json:"putBack"`      // it had changed them
	Restored int    `json:"restored"`     // it had deleted them
	Left     int    `json:"left"`         // somebody has changed them since, or something in them
}

// Run takes back what the act did, in an act of its own: what still waits here,
// and what the server knows of it. What somebody has changed since stays as it
// is.
func (c *undo) Run(s *session) error {
	steps, err := s.stepsOf(c.Act)
	if err != nil {
		return err
	}
	// Children before their parents, as they were made after them.
	slices.Reverse(steps)
	t := turn{session: s, now: map[store.Ref]*store.Entity{}, kept: map[store.Ref]bool{}}
	in, err := t.back(steps)
	if err != nil {
		return err
	}
	if len(in) == 0 && t.counts.Left == 0 {
		return store.Errorf(store.CodeNotFound, "act", "nothing that %s did is here", c.Act)
	}
	if len(in) > 0 {
		t.counts.Act = "undo-" + strings.ToLower(rand.Text()[:12])
		if err := s.Replica().WriteAll(s.ctx, t.counts.Act, in); err != nil {
			return ofOne(err, func(i int) string { return string(in[i].Kind) + " " + in[i].Entity.ID.String() })
		}
	}
	return s.print(t.counts)
}

// turn brings things from where an act left them to where they were before, by
// the same rule as the page's undo.
type turn struct {
	*session
	now    map[store.Ref]*store.Entity // as it is shown, nil when it is not here
	kept   map[store.Ref]bool          // stays, because it or something in it was changed since
	counts undone
}

// back returns what takes the steps back.
func (t *turn) back(steps []household.Step) (in []store.Replacement, err error) {
	refs := make([]store.Ref, len(steps))
	for i, step := range steps {
		refs[i] = step.Ref
	}
	err = t.Replica().Device().Look(t.ctx, refs, func(ref store.Ref, e *store.Entity) error {
		t.now[ref] = e
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if !living(step.Before) && t.isChanged(step) {
			if err := t.keep(step.Ref); err != nil {
				return nil, err
			}
		}
	}
	for _, step := range steps {
		if r := t.step(step); r != nil {
			in = append(in, *r)
		}
	}
	return in, nil
}

// step returns what takes one step back, nil when nothing does, and counts.
func (t *turn) step(step household.Step) *store.Replacement {
	now, rule := t.now[step.Ref], t.rule(step.Ref.Kind)
	r := &store.Replacement{Kind: step.Ref.Kind}
	switch {
	case now == nil:
		return nil
	case !living(step.Before):
		switch {
		case now.Deleted:
			return nil
		case t.kept[step.Ref]:
			t.counts.Left++
			return nil
		}
		t.counts.Deleted++
		r.Entity = store.Tombstone(step.Ref.ID, 1) // stamped when it is written
		return r
	case step.After.Deleted:
		if !now.Deleted {
			return nil
		}
		t.counts.Restored++
		r.Entity = *step.Before
		return r
	}
	if t.isChanged(step) {
		t.counts.Left++
	}
	if now.Deleted {
		return nil
	}
	r.Changed = slices.DeleteFunc(store.Diff(*step.Before, step.After, rule), func(unit string) bool {
		return !same(*now, step.After, unit, rule)
	})
	if len(r.Changed) == 0 {
		return nil
	}
	t.counts.PutBack++
	r.Entity = store.Lay(*now, *step.Before, r.Changed, rule)
	return r
}

// isChanged tells whether somebody, since the act, has changed what taking it
// back would change.
func (t *turn) isChanged(step household.Step) bool {
	now, rule := t.now[step.Ref], t.rule(step.Ref.Kind)
	switch {
	case !living(step.Before):
		return living(now) && (step.After.Deleted || len(store.Diff(step.After, *now, rule)) > 0)
	case step.After.Deleted:
		return false
	case !living(now):
		return true
	}
	return slices.ContainsFunc(store.Diff(*step.Before, step.After, rule), func(unit string) bool {
		return !same(*now, *step.Before, unit, rule) && !same(*now, step.After, unit, rule)
	})
}

// keep keeps a thing, and what it lies in and refers to.
func (t *turn) keep(ref store.Ref) error {
	if t.kept[ref] {
		return nil
	}
	t.kept[ref] = true
	now, known := t.now[ref]
	if !known {
		e, _, err := t.Replica().Device().Get(t.ctx, ref)
		if err != nil && store.CodeOf(err) != store.CodeNotFound {
			return err
		}
		now = &e
	}
	if now == nil {
		return nil
	}
	for _, parent := range t.Replica().Device().Kinds().Refs(ref.Kind, *now) {
		if err := t.keep(parent); err != nil {
			return err
		}
	}
	return nil
}

func living(e *store.Entity) bool { return e != nil && !e.Deleted }

func same(a, b store.Entity, unit string, rule func(string) store.Rule) bool {
	return bytes.Equal(store.Get(a, unit, rule), store.Get(b, unit, rule))
}
