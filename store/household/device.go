package household

import (
	"context"
	"fmt"
	"sync/atomic"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// Device is a device's side of a store: what the server has confirmed, and own
// replacements that wait for it. What is shown is the one laid over the other.
//
// It keeps entity records under the same keys as a server's store; beside them
// it has only keys of its own (o, p, x, l, z).
type Device struct {
	store  *Store
	db     kv.DB
	kinds  *kind.Registry
	clock  *store.Clock
	notify func(Touched)
	idle   atomic.Bool          // NextBatch has found nothing since the last write
	said   atomic.Pointer[said] // answer that the next transaction writes

	ahead       atomic.Pointer[layer] // what is shown before it is durable
	uncommitted atomic.Int32          // transactions that have run and are not durable
}

// Touched is what one transaction of a device changed, as far as it is shown.
// Reset tells that it was everything, and Refs is empty then.
type Touched struct {
	Refs  []store.Ref
	By    store.Author // zero for the device's own writes
	At    store.Timestamp
	Act   string
	Reset bool
}

// NewDevice returns the device's side of s. notify is called whenever what is
// shown has changed, in order: after the commit, and for what comes from the
// server before it. It must not block nor read.
func NewDevice(s *Store, clock *store.Clock, notify func(Touched)) *Device {
	return &Device{store: s, db: s.db, kinds: s.kinds, clock: clock, notify: notify}
}

// Names under prefixDevice.
const (
	deviceCursor  = "cursor"
	deviceReplica = "replica"
	deviceQueue   = "queue"
)

func deviceKey(name string) key { return newKey(prefixDevice).name(name) }

// Kinds is the schema own writes are checked against.
func (d *Device) Kinds() *kind.Registry { return d.kinds }

// Cursor is the newest event this device has applied, zero before the first
// snapshot is whole.
func (d *Device) Cursor(ctx context.Context) (c store.Cursor, err error) {
	err = d.db.View(ctx, func(r kv.Reader) error {
		c, err = readCursor(r)
		return err
	})
	return c, err
}

func readCursor(r kv.Reader) (store.Cursor, error) {
	raw, ok, err := r.Get(deviceKey(deviceCursor))
	if err != nil || !ok {
		return store.Cursor{}, err
	}
	epoch, rest := cutNum(raw)
	id, _ := cutNum(rest)
	return store.Cursor{Epoch: store.Epoch(epoch), ID: store.EventID(id)}, nil
}

func writeCursor(tx kv.Tx, c store.Cursor) error {
	return tx.Set(deviceKey(deviceCursor), key(nil).num(uint64(c.Epoch)).num(uint64(c.ID)))
}

// Digests digests what the server has confirmed, to be compared with the
// server's.
func (d *Device) Digests(ctx context.Context) (at store.Cursor, out []Digest, err error) {
	err = d.db.View(ctx, func(r kv.Reader) error {
		at, err = readCursor(r)
		return err
	})
	if err != nil {
		return at, nil, err
	}
	_, out, err = d.store.Digests(ctx, access.Person{Level: access.Admin})
	return at, out, err
}

// Clear forgets everything: what was confirmed, what waits and what is parked.
func (d *Device) Clear(ctx context.Context) error {
	err := d.db.Update(ctx, func(tx kv.Tx) error {
		for _, prefix := range []byte{prefixEntity, prefixOutbox, prefixWaiting, prefixParked, prefixLiving, prefixDevice} {
			for pair, err := range tx.Scan([]byte{prefix}, nil) {
				if err != nil {
					return err
				}
				if err := tx.Delete(pair.Key); err != nil {
					return err
				}
			}
		}
		tx.AfterCommit(func() {
			d.said.Store(nil)
			d.notify(Touched{Reset: true})
		})
		return nil
	})
	if err != nil {
		return fmt.Errorf("clear the device: %w", err)
	}
	return nil
}

// queue is the state of the outbox beside its entries.
//
// Entries up to the last of Answered have been taken by the server and wait for
// their event; those behind it up to Flight.To are the batch in flight, whose
// composition never changes; the rest waits.
type queue struct {
	Replica  store.ID   `json:"replica"`
	Last     uint64     `json:"last"`  // newest number of an entry
	Gone     uint64     `json:"gone"`  // no entry has this number or a lower one any more
	Batch    uint64     `json:"batch"` // newest number of a batch
	Waiting  int        `json:"waiting"`
	Flight   *flight    `json:"flight,omitempty"`
	Answered []answered `json:"answered,omitempty"`
}

// flight is a batch that may or may not have reached the server.
type flight struct {
	Batch uint64 `json:"batch"`
	To    uint64 `json:"to"`
}

// answered are entries that Event holds.
type answered struct {
	To    uint64        `json:"to"`
	Event store.EventID `json:"event"`
}

// sealed is the number of the newest entry that must not change any more.
func (q *queue) sealed() uint64 {
	if q.Flight != nil {
		return q.Flight.To
	}
	return q.taken()
}

// taken is the number of the newest entry the server has answered.
func (q *queue) taken() uint64 {
	if n := len(q.Answered); n > 0 {
		return q.Answered[n-1].To
	}
	return q.Gone
}

func readQueue(r kv.Reader) (queue, error) {
	var q queue
	raw, ok, err := r.Get(deviceKey(deviceQueue))
	if err != nil {
		return q, err
	}
	if !ok {
		return queue{Replica: store.NewID()}, nil
	}
	if err := json.Unmarshal(raw, &q); err != nil {
		return q, fmt.Errorf("read the outbox: %w", err)
	}
	return q, nil
}
