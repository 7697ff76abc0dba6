// Package kv is the seam between Inglenook and its embedded engine: an ordered,
// transactional map of bytes with one committer.
package kv

import (
	"context"
	"iter"
	"time"
)

// Limits every engine keeps. A key has at least one byte, and none begins with
// 0x00 or "!badger!": those are the engine's. A value may be empty.
const (
	MaxKeyBytes   = 1 << 10
	MaxValueBytes = 8 << 20
)

// DB is an ordered, durable key-value store.
//
// Writes are serialised: a DB has one committer, which runs the functions of
// all waiting Updates one after the other, each over its own buffer and seeing
// what those before it wrote, commits the whole group with one sync, and then
// answers them all. A function that fails takes back its own buffer only.
type DB interface {
	// View runs fn over a consistent snapshot. fn's error is returned as it is.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn in the committer and returns after what it wrote is synced
	// to disk. fn runs at most once, must not block, and must not call View or
	// Update itself. When fn fails nothing of it is written and its error is
	// returned as it is; when it panics, an error. A write-set of any size
	// commits atomically, also across a crash.
	//
	// Errors: those of fn, context errors before fn ran (never after), and
	// store.CodeStorageFull when the disk has too little room left. When the
	// commit itself fails, everybody in the group gets its error, and whether
	// the group is durable is known after the next open only.
	Update(ctx context.Context, fn func(Tx) error) error

	// Sizes returns what the store occupies, for the status page and metrics.
	Sizes() Sizes

	// Close waits for the running group and for all Views, syncs and closes the
	// engine. Updates that have not begun fail.
	Close() error
}

// Reader reads one consistent state. The value of a Get is valid until the
// function that was given the Reader returns, the pair of a scan until the next
// step of the loop. Neither may be changed.
type Reader interface {
	// Get returns the value of a key, and nil and false when there is none.
	Get(key []byte) (value []byte, ok bool, err error)

	// Scan yields all pairs with the prefix in ascending order of their keys,
	// beginning at start when start is not nil (it must have the prefix). The
	// empty prefix means all. An engine error ends it as its last pair: check
	// err in the loop. Within an Update it yields what was there when the loop
	// began: the loop may write.
	Scan(prefix, start []byte) iter.Seq2[Pair, error]

	// ScanBack is Scan in descending order, beginning at or before start.
	ScanBack(prefix, start []byte) iter.Seq2[Pair, error]
}

// Tx reads and writes within an Update. It sees its own writes.
type Tx interface {
	Reader

	// Set writes a copy of key and value.
	Set(key, value []byte) error

	// Delete removes a key; one that is not there is no error.
	Delete(key []byte) error

	// Now is the instant of this transaction: no code below main asks the
	// machine's clock.
	Now() time.Time

	// AfterCommit registers what is to be done once the write-set is durable,
	// in the order of registration, before Update returns. Never run when the
	// function failed. A View sees the write-set from then on. The hook must
	// not block and must not call Update.
	AfterCommit(func())
}

// Pair is one key with its value.
type Pair struct{ Key, Value []byte }

// Sizes are bytes on disk and free bytes on the disk.
type Sizes struct{ Tables, ValueLog, Free int64 }
