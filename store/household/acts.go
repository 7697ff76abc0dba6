package household

import (
	"context"

	"inglenook/store"
	"inglenook/store/kv"
)

// Step is one entity before and after an act.
type Step struct {
	Ref    store.Ref
	Before *store.Entity // nil when the act made it
	After  store.Entity  // what the act made of Before, whatever others did meanwhile
}

// Steps are what waiting replacements of an act do, in the order in which they
// touch the entities first.
func (d *Device) Steps(ctx context.Context, act string) (steps []Step, err error) {
	err = d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		seen := map[store.Ref]bool{}
		for p, err := range allPending(r, q.Gone) {
			if err != nil {
				return err
			}
			ref := p.Replacement.Ref()
			if p.Act != act || seen[ref] {
				continue
			}
			seen[ref] = true
			step, err := d.step(r, q, ref, act)
			if err != nil {
				return err
			}
			steps = append(steps, step)
		}
		return nil
	})
	return steps, err
}

// step lays the outbox over one confirmed entity up to the act, and the act
// alone from there on.
func (d *Device) step(r kv.Reader, q queue, ref store.Ref, act string) (Step, error) {
	step, began := Step{Ref: ref}, false
	f, err := confirmedOf(r, ref)
	if err != nil {
		return step, err
	}
	for p, err := range pendingOf(r, q, ref) {
		switch {
		case err != nil:
			return step, err
		case p.Act == act && !began:
			began = true
			if f.exists {
				before := f.entity
				step.Before = &before
			}
		case p.Act != act && began:
			continue
		}
		f.lay(&p, d.rule(ref.Kind))
	}
	step.After = f.entity
	return step, nil
}
