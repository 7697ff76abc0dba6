package household

import (
	"bytes"
	"context"
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// draft is a device's transaction: what it changes in the queue, and what it
// touches of what is shown.
type draft struct {
	*Device
	tx      kv.Tx
	queue   queue
	touched Touched
	seen    map[store.Ref]bool

	rejected map[uint64]bool // entries of the batch that is being answered
}

func (t *draft) touch(ref store.Ref) {
	if !t.seen[ref] {
		t.seen[ref] = true
		t.touched.Refs = append(t.touched.Refs, ref)
	}
}

// update runs fn in a transaction and tells afterwards what it touched.
func (d *Device) update(ctx context.Context, fn func(*draft) error) error {
	ran := false
	err := d.db.Update(ctx, func(tx kv.Tx) error {
		t, err := d.run(tx, fn)
		if err != nil {
			return err
		}
		ran = true
		if t.touches() {
			tx.AfterCommit(func() { d.notify(t.touched) })
		}
		return nil
	})
	return d.left(ran, err)
}

// updateAhead is update for what is safe already with the server: it is shown,
// and told, as soon as it is on its way to the disk. Behind others that are not
// durable it waits with them: what it has written is written over theirs.
func (d *Device) updateAhead(ctx context.Context, fn func(*draft) error) error {
	ran := false
	var ahead *layer
	err := d.db.Update(ctx, func(tx kv.Tx) error {
		rec := recorder{tx, map[string][]byte{}}
		first := d.uncommitted.Load() == 0
		t, err := d.run(rec, fn)
		if err != nil {
			return err
		}
		ran = true
		switch {
		case !t.touches():
		case first:
			ahead = rec.layer()
			d.ahead.Store(ahead)
			tx.AfterCommit(func() { d.ahead.CompareAndSwap(ahead, nil) })
			d.notify(t.touched)
		default:
			tx.AfterCommit(func() { d.notify(t.touched) })
		}
		return nil
	})
	if err != nil && ahead != nil {
		d.ahead.CompareAndSwap(ahead, nil)
		d.notify(Touched{Reset: true})
	}
	return d.left(ran, err)
}

// left ends what run has begun, when its commit has failed.
func (d *Device) left(ran bool, err error) error {
	if ran && err != nil {
		d.uncommitted.Add(-1)
	}
	return err
}

// run runs fn over the outbox.
func (d *Device) run(tx kv.Tx, fn func(*draft) error) (*draft, error) {
	q, err := readQueue(tx)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("write the outbox: %w", err)
	}
	t := &draft{Device: d, tx: tx, queue: q, seen: map[store.Ref]bool{}}
	t.touched.At = store.TimestampOf(tx.Now())
	if err := t.answerSaid(); err != nil {
		return nil, err
	}
	if err := fn(t); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(t.queue)
	if err != nil {
		return nil, fmt.Errorf("write the outbox: %w", err)
	}
	// What changes nothing costs no sync: the next batch is asked for after
	// every one.
	if !bytes.Equal(raw, before) {
		if err := tx.Set(deviceKey(deviceQueue), raw); err != nil {
			return nil, err
		}
	}
	d.uncommitted.Add(1)
	tx.AfterCommit(func() { d.uncommitted.Add(-1) })
	return t, nil
}

// touches tells whether what is shown may be another now.
func (t *draft) touches() bool { return len(t.touched.Refs) > 0 || t.touched.Reset }
