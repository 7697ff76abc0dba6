package household

import (
	"context"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"
)

// Answer takes the server's answer to the batch in flight. Entries that were
// taken leave the outbox with their event; those that were rejected are parked;
// those whose id was taken get another one, unless the id comes from what they
// are and that has been applied: then somebody else has made the same thing.
//
// Errors: store.CodeSeqStale when the server remembers another batch by this
// number.
//
// That everything was taken is kept in mind until the next transaction, which
// mostly is that of the event: whoever stops before sends the batch again and
// is told the same.
func (d *Device) Answer(ctx context.Context, seq uint64, answer store.BatchResult) error {
	later, err := d.tookAll(ctx, seq, answer)
	if err != nil {
		return err
	}
	if !later {
		return d.update(ctx, func(t *draft) error { return t.answer(seq, answer) })
	}
	d.said.Store(&said{seq, answer})
	cursor, err := d.Cursor(ctx)
	if err != nil {
		return err
	}
	return d.settleSaid(ctx, cursor)
}

// said is an answer that is not written yet.
type said struct {
	batch  uint64
	answer store.BatchResult
}

// tookAll tells whether an answer is one to the batch in flight, and the server
// took all of that.
func (d *Device) tookAll(ctx context.Context, seq uint64, answer store.BatchResult) (all bool, err error) {
	if answer.Event.ID == 0 {
		return false, nil
	}
	for _, result := range answer.Results {
		if result.Status != store.Applied && result.Status != store.Merged {
			return false, nil
		}
	}
	err = d.db.View(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil || q.Flight == nil || q.Flight.Batch != seq {
			return err
		}
		b, err := inFlight(r, q)
		all = err == nil && len(b.Replacements) == len(answer.Results)
		return err
	})
	return all, err
}

// settleSaid writes the answer kept in mind when its event has been applied: no
// other transaction may come for long.
func (d *Device) settleSaid(ctx context.Context, applied store.Cursor) error {
	if s := d.said.Load(); s == nil || s.answer.Event.ID > applied.ID {
		return nil
	}
	return d.update(ctx, func(*draft) error { return nil })
}

// answerSaid begins a transaction with the answer kept in mind.
func (t *draft) answerSaid() error {
	s := t.said.Load()
	if s == nil {
		return nil
	}
	t.tx.AfterCommit(func() { t.said.CompareAndSwap(s, nil) })
	return t.answer(s.batch, s.answer)
}

func (t *draft) answer(seq uint64, answer store.BatchResult) error {
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
		return store.Errorf(store.CodeSeqStale, "results", "%d answer batch %d, which has %d replacements", len(answer.Results), seq, len(batch))
	}
	to := t.queue.Flight.To
	t.queue.Flight = nil
	t.queue.Answered = append(t.queue.Answered, answered{To: to, Event: answer.Event.ID})
	t.rejected = map[uint64]bool{}
	for i, p := range batch {
		t.rejected[p.Seq] = answer.Results[i].Status == store.Rejected
	}
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
}

// advance moves the base of what waits behind a write that was applied, with
// nobody else's between: it is known then what the later ones are written over,
// whichever session sends them.
func (t *draft) advance(p pending, event store.EventID) error {
	for q, err := range pendingOf(t.tx, t.queue, p.Replacement.Ref()) {
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
	if result.Code == store.CodeIDConflict && p.Replacement.Base == 0 {
		if same, err := t.becomeTheirs(p); same || err != nil {
			return err
		}
		return t.renumber(p)
	}
	if follows, err := t.follows(p, result.Code); err != nil || follows {
		if err == nil {
			err = t.moveTo(p, map[store.Ref]store.ID{})
		}
		return err
	}
	if result.Code == "" {
		result.Code, result.Message = store.CodeForbidden, "waits for an admin"
	}
	return t.park(Parked{
		Seq: p.Seq, At: p.At, Act: p.Act, Replacement: p.Replacement,
		Code: result.Code, Message: result.Message, Field: result.Field,
	})
}

// follows tells that a new thing was rejected only because what it refers to
// has moved behind it: an occurrence whose event waits for its calendar.
func (t *draft) follows(p pending, reason store.Code) (bool, error) {
	if p.Replacement.Base != 0 || reason != store.CodeNotFound && reason != store.CodeUnknownRef {
		return false, nil
	}
	for _, ref := range t.kinds.Refs(p.Replacement.Kind, p.Replacement.Entity) {
		for q, err := range pendingOf(t.tx, t.queue, ref) {
			if err != nil {
				return false, err
			}
			if q.Seq > p.Seq && q.Replacement.Base == 0 && !q.Replacement.Entity.Deleted {
				return true, nil
			}
		}
	}
	return false, nil
}

// becomeTheirs gives up a thing that another device has made as well: an id of
// the derived range names the same thing everywhere. Theirs stays as it is, and
// what waits behind is written over theirs. It is false when theirs is deleted,
// or not to be seen here. p has left the outbox.
func (t *draft) becomeTheirs(p pending) (same bool, err error) {
	ref := p.Replacement.Ref()
	if !ref.ID.Derived() {
		return false, nil
	}
	theirs, err := confirmedOf(t.tx, ref)
	if err != nil || !theirs.exists || theirs.entity.Deleted {
		return false, err
	}
	return true, t.advance(p, theirs.event)
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
