package household

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

func outboxKey(seq uint64) key { return newKey(prefixOutbox).num(seq) }

func waitingKey(r store.Ref, seq uint64) key { return newKey(prefixWaiting).ref(r).num(seq) }

// pending is an own replacement the server has not confirmed.
type pending struct {
	Seq         uint64            `json:"-"`
	Replacement store.Replacement `json:"replacement"`
	At          store.Timestamp   `json:"at"`
	Act         string            `json:"act,omitempty"`
}

func readPending(r kv.Reader, seq uint64) (pending, error) {
	raw, ok, err := r.Get(outboxKey(seq))
	if err == nil && !ok {
		err = fmt.Errorf("it is missing")
	}
	p := pending{Seq: seq}
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return p, fmt.Errorf("read pending replacement %d: %w", seq, err)
	}
	return p, nil
}

// pendingOf yields an entity's pending replacements, oldest first.
func pendingOf(r kv.Reader, q queue, ref store.Ref) iter.Seq2[pending, error] {
	return func(yield func(pending, error) bool) {
		if q.Waiting == 0 {
			return
		}
		prefix := newKey(prefixWaiting).ref(ref)
		for pair, err := range r.Scan(prefix, waitingKey(ref, q.Gone+1)) {
			var p pending
			if err == nil {
				seq, _ := cutNum(pair.Key[len(prefix):])
				p, err = readPending(r, seq)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// allPending yields the outbox behind a number, oldest first. The number is not
// lower than the queue's Gone: the engine steps over each entry that was once
// there.
func allPending(r kv.Reader, after uint64) iter.Seq2[pending, error] {
	return func(yield func(pending, error) bool) {
		for pair, err := range r.Scan([]byte{prefixOutbox}, outboxKey(after+1)) {
			var p pending
			if err == nil {
				p.Seq, _ = cutNum(pair.Key[1:])
				if err = json.Unmarshal(pair.Value, &p); err != nil {
					err = fmt.Errorf("read pending replacement %d: %w", p.Seq, err)
				}
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Write takes own replacements: each is checked, stamped, and laid over what is
// shown, then waits for the server. What it touches is durable and shown when
// Write returns. What is rejected does not block the others.
//
// Base is the device's to know and is ignored; Changed means the same as for
// the server, against what is shown. The results' entities are absent.
func (d *Device) Write(ctx context.Context, act string, in []store.Replacement) ([]store.Result, error) {
	return d.writeEach(ctx, act, in, false, nil)
}

// WriteAll is Write that takes all or nothing.
//
// Errors: the reason of the first rejection, with Field replacements[i].….
func (d *Device) WriteAll(ctx context.Context, act string, in []store.Replacement) error {
	return d.WriteAllCounted(ctx, act, in, nil)
}

// WriteAllCounted is WriteAll for very many: count is called with how many have
// been laid ready. It must not block.
func (d *Device) WriteAllCounted(ctx context.Context, act string, in []store.Replacement, count func(ready int)) error {
	_, err := d.writeEach(ctx, act, in, true, count)
	return err
}

func (d *Device) writeEach(ctx context.Context, act string, in []store.Replacement, whole bool, count func(int)) ([]store.Result, error) {
	if !actName.MatchString(act) {
		return nil, store.Errorf(store.CodeInvalid, "act", "is at most 64 letters, digits and . _ : -")
	}
	results := make([]store.Result, len(in))
	err := d.update(ctx, func(t *draft) error {
		t.touched.Act = act
		for i, r := range in {
			rejected, err := t.write(act, r)
			switch {
			case err != nil:
				return err
			case rejected == nil:
				results[i] = store.Result{Status: store.Applied}
			case whole:
				field := fmt.Sprintf("replacements[%d]", i)
				if rejected.Field != "" {
					field += "." + rejected.Field
				}
				return &store.Error{Code: rejected.Code, Message: rejected.Message, Field: field}
			default:
				results[i] = store.Result{
					Status: store.Rejected, Code: rejected.Code, Message: rejected.Message, Field: rejected.Field,
				}
			}
			if count != nil {
				count(i + 1)
			}
		}
		return t.composeNow()
	})
	return results, err
}

// write takes one replacement. The first result is the reason when it may not
// be taken, the second an error of the engine.
func (t *draft) write(act string, r store.Replacement) (*store.Error, error) {
	if !r.Kind.Valid() || !r.Entity.ID.Valid() {
		return store.Errorf(store.CodeInvalid, "kind", "an entity has a kind and an id"), nil
	}
	f, err := t.fold(t.tx, t.queue, r.Ref())
	if err != nil {
		return nil, err
	}
	next, reason, err := t.intend(r, f)
	if reason != nil || err != nil || next == nil {
		return reason, err
	}
	if f.exists {
		t.clock.Observe(f.entity.UpdatedAt)
	}
	next.Entity.UpdatedAt = t.clock.Now()
	if err := t.kinds.Validate(next.Kind, next.Entity); err != nil {
		return asReason(err)
	}
	p := pending{Replacement: *next, At: t.touched.At, Act: act}
	if t.coalesces(f.last, p) {
		p = coalesced(*f.last, p)
	} else {
		t.queue.Last++
		t.queue.Waiting++
		p.Seq = t.queue.Last
	}
	t.touch(next.Ref())
	return nil, t.put(p)
}

// asReason sets apart what the writer can be told from what is ours.
func asReason(err error) (*store.Error, error) {
	var reason *store.Error
	if errors.As(err, &reason) {
		return reason, nil
	}
	return nil, err
}

// intend brings what the writer asks for into the form in which it is sent:
// whole, with the base the device knows, and with the units that really change.
// It is nil when nothing would.
func (t *draft) intend(r store.Replacement, f folded) (*store.Replacement, *store.Error, error) {
	out := &store.Replacement{Kind: r.Kind, Entity: r.Entity, Base: f.event}
	rule := t.rule(r.Kind)
	switch {
	case r.Entity.Deleted && !f.exists:
		return nil, store.Errorf(store.CodeUnknownID, "entity.id", "there is no %s %d to delete", r.Kind, r.Entity.ID), nil
	case r.Entity.Deleted && f.entity.Deleted:
		return nil, nil, nil
	case r.Entity.Deleted:
		out.Entity = store.Tombstone(r.Entity.ID, 0)
	case !f.exists:
	case f.entity.Deleted && r.Changed == nil: // a restore
	case f.entity.Deleted:
		// An edit by somebody who had not seen the deletion: the base is what
		// they saw, and the server decides whether it revives the entity.
		last, ok, err := readLiving(t.tx, r.Ref())
		if err != nil {
			return nil, nil, err
		}
		if ok && f.last == nil {
			out.Base, out.Changed = last.Event, r.Changed
			out.Entity = store.Lay(last.Entity, r.Entity, r.Changed, rule)
		}
	default:
		units := expand(r, f.entity, rule)
		out.Entity = store.Lay(f.entity, r.Entity, units, rule)
		if out.Changed = store.Diff(f.entity, out.Entity, rule); len(out.Changed) == 0 {
			return nil, nil, nil
		}
	}
	return out, nil, nil
}

// expand names the units a replacement means to change in what is shown.
func expand(r store.Replacement, shown store.Entity, rule func(string) store.Rule) []string {
	differing := store.Diff(shown, r.Entity, rule)
	if r.Changed == nil {
		return differing
	}
	var units []string
	for _, unit := range r.Changed {
		if field, entry := store.SplitUnit(unit, rule); entry != "" || rule(field) != store.Map {
			units = append(units, unit)
			continue
		}
		for _, entry := range differing {
			if strings.HasPrefix(entry, unit+"/") {
				units = append(units, entry)
			}
		}
	}
	return units
}

// coalesces tells whether a write may become part of the one before it: that
// has not been sent, both leave the entity living, they belong to one act, and
// nothing is referred to that may itself still wait behind the earlier one.
func (t *draft) coalesces(last *pending, p pending) bool {
	if last == nil || last.Seq <= t.queue.sealed() || last.Replacement.Entity.Deleted || p.Replacement.Entity.Deleted {
		return false
	}
	if last.Act != p.Act {
		return false
	}
	if p.Replacement.Changed == nil && last.Replacement.Changed != nil {
		return false // a restore is more than an edit
	}
	known := map[store.Ref]bool{}
	for _, ref := range t.kinds.Refs(last.Replacement.Kind, last.Replacement.Entity) {
		known[ref] = true
	}
	for _, ref := range t.kinds.Refs(p.Replacement.Kind, p.Replacement.Entity) {
		if !known[ref] {
			return false
		}
	}
	return true
}

func coalesced(last, p pending) pending {
	out := last
	out.At = p.At
	out.Replacement.Entity = p.Replacement.Entity
	if last.Replacement.Changed != nil {
		out.Replacement.Changed = union(last.Replacement.Changed, p.Replacement.Changed)
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *draft) put(p pending) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write pending replacement %d: %w", p.Seq, err)
	}
	if err := t.tx.Set(outboxKey(p.Seq), raw); err != nil {
		return err
	}
	return t.tx.Set(waitingKey(p.Replacement.Ref(), p.Seq), nil)
}

// take removes an entry from the outbox.
func (t *draft) take(p pending) error {
	t.queue.Waiting--
	t.touch(p.Replacement.Ref())
	if err := t.tx.Delete(outboxKey(p.Seq)); err != nil {
		return err
	}
	return t.tx.Delete(waitingKey(p.Replacement.Ref(), p.Seq))
}

// Waiting is how many own replacements the server has not confirmed, and how
// many it did not take.
func (d *Device) Waiting(ctx context.Context) (waiting, parked int, err error) {
	err = d.view(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		waiting = q.Waiting
		for _, err := range r.Scan([]byte{prefixParked}, nil) {
			if err != nil {
				return err
			}
			parked++
		}
		return nil
	})
	return waiting, parked, err
}
