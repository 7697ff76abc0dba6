package household

import (
	"context"

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
	none := false
	err := d.db.View(ctx, func(r kv.Reader) error {
		q, err := readQueue(r)
		if err != nil {
			return err
		}
		if s := d.said.Load(); q.Flight != nil && (s == nil || s.batch != q.Flight.Batch) {
			b, err = inFlight(r, q)
		}
		none = q.Last == q.sealed()
		return err
	})
	if b != nil || err != nil {
		return b, err
	}
	if !none {
		err = d.update(ctx, func(t *draft) error {
			b, err = t.compose(limit)
			return err
		})
	}
	d.idle.Store(b == nil && err == nil)
	return b, err
}

// compose makes a batch of what waits, nil when nothing does. One that is in
// flight stays: a write may have composed it since somebody looked.
func (t *draft) compose(limit int) (b *store.Batch, err error) {
	if t.queue.Flight != nil {
		return inFlight(t.tx, t.queue)
	}
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
