package household

import (
	"bytes"
	"context"
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"
)

// Loading is a snapshot on its way into a device's store. It comes sorted by
// kind and id, so what the store has between two neighbours of it is known to be
// gone. The cursor is set when it is whole: a device that stops before begins
// again.
type Loading struct {
	device  *Device
	at      store.Cursor
	renewed bool   // the store held events of another epoch
	fresh   bool   // the store held nothing
	last    []byte // newest key taken over
}

// Load begins to take over the snapshot at a cursor.
func (d *Device) Load(ctx context.Context, at store.Cursor) (*Loading, error) {
	l := &Loading{device: d, at: at, fresh: true, last: []byte{prefixEntity}}
	err := d.db.Update(ctx, func(tx kv.Tx) error {
		had, err := readCursor(tx)
		if err != nil {
			return err
		}
		for _, err := range tx.Scan([]byte{prefixEntity}, nil) {
			if err != nil {
				return err
			}
			l.fresh = false
			break
		}
		l.renewed = had.Epoch != at.Epoch
		return tx.Delete(deviceKey(deviceCursor))
	})
	if err != nil {
		return nil, fmt.Errorf("begin to load the snapshot at %s: %w", at, err)
	}
	return l, nil
}

// Last is the newest entity taken over, to resume behind it.
func (l *Loading) Last() store.Ref {
	ref, _ := cutRef(l.last[1:])
	return ref
}

// Add takes over the next entities of the snapshot, in one transaction.
func (l *Loading) Add(ctx context.Context, entities []Received) error {
	last := l.last
	err := l.device.db.Update(ctx, func(tx kv.Tx) error {
		last = l.last
		for _, c := range entities {
			r, err := c.look()
			if err != nil {
				return err
			}
			k := entityKey(r.ref)
			if bytes.Compare(k, last) <= 0 {
				return fmt.Errorf("%s %d is out of order", r.ref.Kind, r.ref.ID)
			}
			if !l.fresh {
				if err := dropBetween(tx, last, k); err != nil {
					return err
				}
			}
			last = k
			l.device.clock.Observe(r.updatedAt)
			if err := tx.Set(k, entityRecord{Event: c.Event, JSON: r.json}.encode()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the snapshot at %s: %w", l.at, err)
	}
	l.last = last
	return nil
}

// dropBetween deletes the entities behind one key and before another; to nil
// means to the end.
func dropBetween(tx kv.Tx, from, to []byte) error {
	for pair, err := range tx.Scan([]byte{prefixEntity}, append(bytes.Clone(from), 0)) {
		if err != nil {
			return err
		}
		if to != nil && bytes.Compare(pair.Key, to) >= 0 {
			return nil
		}
		ref, _ := cutRef(pair.Key[1:])
		if err := tx.Delete(livingKey(ref)); err != nil {
			return err
		}
		if err := tx.Delete(pair.Key); err != nil {
			return err
		}
	}
	return nil
}

// Done ends the loading: what came no more is gone, the cursor is set, and what
// waits is brought in line with a new epoch.
func (l *Loading) Done(ctx context.Context) error {
	err := l.device.update(ctx, func(t *draft) error {
		if err := dropBetween(t.tx, l.last, nil); err != nil {
			return err
		}
		if err := writeCursor(t.tx, l.at); err != nil {
			return err
		}
		t.touched.Reset = true
		if l.renewed {
			return t.rebase()
		}
		return t.dropConfirmed(l.at)
	})
	if err != nil {
		return fmt.Errorf("end loading the snapshot at %s: %w", l.at, err)
	}
	return nil
}

// rebase offers everything that waits again to a server of another epoch: what
// it once answered it may have lost. An entity it does not have is new to it.
func (t *draft) rebase() error {
	t.queue.Flight, t.queue.Answered = nil, nil
	for p, err := range allPending(t.tx, t.queue.Gone) {
		if err != nil {
			return err
		}
		ref := p.Replacement.Ref()
		rec, ok, err := readRecord(t.tx, ref)
		if err != nil {
			return err
		}
		switch {
		case ok:
			p.Replacement.Base = rec.Event
		case p.Replacement.Entity.Deleted:
			if err := t.take(p); err != nil {
				return err
			}
			continue
		default:
			p.Replacement.Base, p.Replacement.Changed = 0, nil
		}
		if err := t.put(p); err != nil {
			return err
		}
	}
	return nil
}
