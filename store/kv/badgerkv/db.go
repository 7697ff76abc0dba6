package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/ristretto/v2/z"

	"inglenook/store"
	"inglenook/store/kv"
)

// ErrClosed is returned by View and Update after Close has begun.
var ErrClosed = errors.New("the store is closed")

// DB is a kv.DB on Badger.
type DB struct {
	options   Options
	engine    *badger.DB
	snapshots snapshots
	space     space

	queue   chan *request
	closing chan struct{}
	owned   sync.WaitGroup // the committer and the collector
	close   func() error

	// Only the committer uses these, and Open before it starts.
	parts  map[string]uint32 // how many parts the split values have, by key
	broken error             // why writing ended
}

var _ kv.DB = (*DB)(nil)

// Open opens or makes a store, finishes what a crash left half applied, and
// starts its committer.
//
// Errors: store.CodeStoreLocked when another process, or another DB of this
// one, has it open.
func Open(o Options) (*DB, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	engine, err := openEngine(o)
	if err != nil {
		return nil, err
	}
	db := &DB{
		options: o,
		engine:  engine,
		space:   space{options: o},
		queue:   make(chan *request),
		closing: make(chan struct{}),
	}
	db.close = sync.OnceValue(db.closeOnce)
	if err := db.repair(); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	db.snapshots.publish(engine.NewTransaction(false))
	db.owned.Go(db.commitLoop)
	if o.Dir != "" {
		db.owned.Go(db.collectLoop)
	}
	return db, nil
}

// openEngine opens Badger, a second time when the first died on a log file that
// a crash left made but without a size: that attempt gave it one
// (dgraph-io/badger#2207).
func openEngine(o Options) (*badger.DB, error) {
	engine, err := badger.Open(badgerOptions(o))
	if err != nil && strings.Contains(err.Error(), z.NewFile.Error()) {
		engine, err = badger.Open(badgerOptions(o))
	}
	if err == nil {
		return engine, nil
	}
	// Badger has no error value for this one.
	if strings.Contains(err.Error(), "Another process is using this Badger database") {
		return nil, store.Errorf(store.CodeStoreLocked, "",
			"the folder %s is in use by another Inglenook; close that one first", o.Dir)
	}
	return nil, fmt.Errorf("open store %s: %w", o.Dir, err)
}

// repair brings the store to the state after the last whole write-set.
func (db *DB) repair() error {
	if err := db.finishIntent(); err != nil {
		return fmt.Errorf("finish interrupted write-set: %w", err)
	}
	parts, err := countParts(db.engine)
	if err != nil {
		return fmt.Errorf("find split values: %w", err)
	}
	db.parts = parts
	return nil
}

// View runs fn over the state after the last committed group. It waits for
// nothing. Close waits for it.
func (db *DB) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	snapshot, ok := db.snapshots.borrow()
	if !ok {
		return ErrClosed
	}
	defer db.snapshots.giveBack(snapshot)
	return fn(&reader{txn: snapshot.txn})
}

// Update hands fn to the committer. fn runs on the committer's goroutine: in a
// test it must not end its goroutine (t.Fatal). A panic of fn becomes the error
// of this Update alone.
func (db *DB) Update(ctx context.Context, fn func(kv.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case <-db.closing:
		return ErrClosed
	default:
	}
	select {
	case db.queue <- r:
		return <-r.done
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return ErrClosed
	}
}

// Sizes counts the blocks the files occupy, not their mapped length. In memory
// it counts what has left the memtable. Free is 0 when nobody knows it.
func (db *DB) Sizes() kv.Sizes {
	var s kv.Sizes
	if free, err := db.space.free(); err == nil {
		s.Free = free
	}
	if db.options.Dir == "" {
		for _, level := range db.engine.Levels() {
			s.Tables += level.Size
		}
		return s
	}
	entries, err := os.ReadDir(db.options.Dir)
	if err != nil {
		return s
	}
	for _, entry := range entries {
		file, err := entry.Info()
		if err != nil {
			continue // compacted away meanwhile
		}
		switch filepath.Ext(entry.Name()) {
		case ".sst", ".mem":
			s.Tables += occupied(file)
		case ".vlog":
			s.ValueLog += occupied(file)
		}
	}
	return s
}

// Close refuses new work, waits for the running group and all Views, and closes
// the engine. A second Close returns the result of the first.
func (db *DB) Close() error { return db.close() }

func (db *DB) closeOnce() error {
	close(db.closing)
	db.owned.Wait()
	db.snapshots.end()
	if err := db.engine.Close(); err != nil {
		return fmt.Errorf("close store %s: %w", db.options.Dir, err)
	}
	return nil
}
