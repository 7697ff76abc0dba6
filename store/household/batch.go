package household

import (
	"context"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"
)

// NextBatch returns the batch to push: the one that was composed before and has
// no answer yet, again with the same content; else a new one of at most limit
// replacements of one act. No entity is in it twice, so that every version has
// an event of its own in the history. Its composition is durable when NextBatch
// returns. It is nil when nothing waits.
func (d *Device) NextBatch(ctx context.Context, limit int) (*store.Batch, error) {
	var b *store.Batch
	err := d.db.View(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		b, err = inFlight(r, q)
		return err
	})
	if b != nil || err != nil {
		return b, err
	}
	err = d.update(ctx, func(t *draft) error {
		b, err = t.compose(limit)
		return err
	})
	d.idle.Store(b == nil && err == nil)
	return b, err
}

// compose makes a batch of what waits, nil when nothing does.
func (t *draft) compose(limit int) (b *store.Batch, err error) {
	bytes := 256 // the batch around its replacements
	in := map[store.Ref]bool{}
	for p, err := range allPending(t.tx, t.queue.sealed()) {
		if err != nil {
			return nil, err
		}
		size := sizeOf(p.Replacement)
		full := len(in) >= limit || bytes+size > store.MaxBatchBytes || in[p.Replacement.Ref()]
		if b != nil && (full || p.Act != b.Act) {
			break
		}
		in[p.Replacement.Ref()] = true
		if b == nil {
			t.queue.Batch++
			t.queue.Flight = &flight{Batch: t.queue.Batch}
			b = &store.Batch{Replica: t.queue.Replica, Seq: t.queue.Batch, Act: p.Act}
		}
		bytes += size
		t.queue.Flight.To = p.Seq
		b.Replacements = append(b.Replacements, p.Replacement)
	}
	return b, nil
}

// composeNow makes a batch of what was just written when somebody has found
// nothing to push: it goes out at once, and one sync does for both.
func (t *draft) composeNow() error {
	if t.queue.Flight != nil || !t.idle.Swap(false) {
		return nil
	}
	_, err := t.compose(store.MaxBatch)
	return err
}

func inFlight(r kv.Reader, q queue) (*store.Batch, error) {
	if q.Flight == nil {
		return nil, nil
	}
	b := &store.Batch{Replica: q.Replica, Seq: q.Flight.Batch}
	for p, err := range allPending(r, q.taken()) {
		if err != nil {
			return nil, err
		}
		if p.Seq > q.Flight.To {
			break
		}
		b.Act = p.Act
		b.Replacements = append(b.Replacements, p.Replacement)
	}
	return b, nil
}

// sizeOf is the replacement's size in a batch, in bytes, or a little more.
func sizeOf(r store.Replacement) int {
	n := 64 + len(r.Entity.AppendJSON(nil))
	for _, unit := range r.Changed {
		n += 2*len(unit) + 3
	}
	return n
}

// Answer takes the server's answer to the batch in flight. Entries that were
// taken leave the outbox with their event; those that were rejected are parked;
// those whose id was taken get another one.
func (d *Device) Answer(ctx context.Context, seq uint64, answer store.BatchResult) error {
	return d.update(ctx, func(t *draft) error {
		if t.queue.Flight == nil || t.queue.Flight.Batch != seq {
			return nil // a second answer to a batch that was repeated
		}
		var batch []pending
		for p, err := range allPending(t.tx, t.queue.taken()) {
			if err != nil {
				return err
			}
			if p.Seq > t.queue.Flight.To {
				break
			}
			batch = append(batch, p)
		}
		if len(batch) != len(answer.Results) {
			return fmt.Errorf("answer to batch %d: %d results for %d replacements", seq, len(answer.Results), len(batch))
		}
		to := t.queue.Flight.To
		t.queue.Flight = nil
		t.queue.Answered = append(t.queue.Answered, answered{To: to, Event: answer.Event.ID})
		for i, p := range batch {
			if err := t.settle(p, answer.Results[i]); err != nil {
				return err
			}
			if answer.Results[i].Status == store.Applied {
				if err := t.advance(p, answer.Event.ID); err != nil {
					return err
				}
			}
		}
		cursor, err := readCursor(t.tx)
		if err != nil {
			return err
		}
		return t.dropConfirmed(cursor)
	})
}

// advance moves the base of what waits behind a write that was applied, with
// nobody else's between: it is known then what the later ones are written over,
// whichever session sends them.
func (t *draft) advance(p pending, event store.EventID) error {
	for q, err := range pendingOf(t.tx, p.Replacement.Ref()) {
		if err != nil {
			return err
		}
		if q.Seq <= t.queue.taken() {
			continue
		}
		q.Replacement.Base = event
		if err := t.put(q); err != nil {
			return err
		}
	}
	return nil
}

// settle does what one result asks for.
func (t *draft) settle(p pending, result store.Result) error {
	switch result.Status {
	case store.Applied, store.Merged:
		return nil
	case store.Rejected, store.Held:
	}
	// An earlier conflict in this batch may have moved it already.
	if _, ok, err := t.tx.Get(outboxKey(p.Seq)); err != nil || !ok {
		return err
	}
	if err := t.take(p); err != nil {
		return err
	}
	if result.Code == store.CodeIDConflict && p.Replacement.Base == 0 && !p.Replacement.Entity.ID.Derived() {
		return t.renumber(p)
	}
	if result.Code == "" {
		result.Code, result.Message = store.CodeForbidden, "waits for an admin"
	}
	return t.park(Parked{
		Seq: p.Seq, At: p.At, Act: p.Act, Replacement: p.Replacement,
		Code: result.Code, Message: result.Message, Field: result.Field,
	})
}

// dropConfirmed drops the entries whose event has been applied.
func (t *draft) dropConfirmed(cursor store.Cursor) error {
	n := 0
	for n < len(t.queue.Answered) && t.queue.Answered[n].Event <= cursor.ID {
		n++
	}
	if n == 0 {
		return nil
	}
	to := t.queue.Answered[n-1].To
	for p, err := range allPending(t.tx, t.queue.Gone) {
		if err != nil {
			return err
		}
		if p.Seq > to {
			break
		}
		if err := t.take(p); err != nil {
			return err
		}
	}
	t.queue.Gone = to
	t.queue.Answered = slices.Delete(t.queue.Answered, 0, n)
	return nil
}

// Refuse takes apart the batch in flight, which the server would not look at as
// a whole. When it was a single replacement, that is parked.
func (d *Device) Refuse(ctx context.Context, seq uint64, reason *store.Error) error {
	return d.update(ctx, func(t *draft) error {
		if t.queue.Flight == nil || t.queue.Flight.Batch != seq {
			return nil
		}
		b, err := inFlight(t.tx, t.queue)
		if err != nil {
			return err
		}
		to := t.queue.Flight.To
		t.queue.Flight = nil
		if len(b.Replacements) > 1 {
			return nil
		}
		p, err := readPending(t.tx, to)
		if err != nil {
			return err
		}
		return t.settle(p, store.Result{
			Status: store.Rejected, Code: reason.Code, Message: reason.Message, Field: reason.Field,
		})
	})
}

// Renew gives the device another replica number, for when the server remembers
// later batches of this one than the device does: it was restored or cloned.
func (d *Device) Renew(ctx context.Context) error {
	return d.update(ctx, func(t *draft) error {
		t.queue.Replica, t.queue.Flight = store.NewID(), nil
		return nil
	})
}
