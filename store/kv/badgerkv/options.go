package badgerkv

import (
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/rs/zerolog"
)

// DefaultMinFree is the room left on the disk below which Update refuses. A
// memtable, its log and one compaction fit into it: Badger writes through
// mapped pages, and a full disk would end the process with SIGBUS.
const DefaultMinFree int64 = 64 << 20

// Options say where a store lies and what it needs. Only Now is required.
type Options struct {
	// Dir is made when it does not exist. Empty means in memory.
	Dir string

	// Now is what Tx.Now answers, and the age of what is known of free space.
	Now func() time.Time

	// MinFree is in bytes; 0 means DefaultMinFree, less than 0 no guard.
	MinFree int64

	// FreeSpace answers the bytes free for us on the disk of dir. Nil asks the
	// system, and guards nothing in memory.
	FreeSpace func(dir string) (int64, error)

	// EncryptionKey has 16, 24 or 32 bytes (AES) or is empty. It must be the
	// same at every Open.
	EncryptionKey []byte

	// Log gets Badger's warnings and errors. The zero Logger is silent.
	Log zerolog.Logger

	// beforeWrite runs before every Badger commit. Tests stop the engine there.
	beforeWrite func(step string) error
}

func (o *Options) validate() error {
	switch len(o.EncryptionKey) {
	case 0, 16, 24, 32:
	default:
		return errors.New("open store: an encryption key has 16, 24 or 32 bytes")
	}
	if o.Now == nil {
		return errors.New("open store: Options.Now is missing")
	}
	if o.MinFree == 0 {
		o.MinFree = DefaultMinFree
	}
	if o.FreeSpace == nil && o.Dir != "" {
		o.FreeSpace = freeSpace
	}
	return nil
}

// badgerOptions are chosen for a Raspberry Pi with 1 GiB of memory and an SD
// card: some ten megabytes of memory, few and small files, little written twice.
func badgerOptions(o Options) badger.Options {
	b := badger.DefaultOptions(o.Dir).
		WithInMemory(o.Dir == "").
		WithLogger(badgerLog{o.Log}).
		// Acknowledged means on disk. Not configurable.
		WithSyncWrites(true).
		// One committer: there is nothing to conflict with, and the history is
		// ours to keep, not the engine's.
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		// 16 MiB is the smallest memtable that still takes a group of commits
		// (15 % of it, 2.4 MiB) and its log maps 32 MiB: a 32-bit Pi has room.
		// Two full ones may wait for the card before writers do.
		WithMemTableSize(16 << 20).
		// A compaction holds up to eight tables under construction, each twice its
		// size: 16 MiB, not the 32 of Badger's own choice.
		WithBaseTableSize(1 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(4).
		WithNumLevelZeroTablesStall(10).
		// Two is the least Badger works with: one for level 0, one for the rest.
		WithNumCompactors(2).
		WithNumGoroutines(2).
		// Above the largest part, so no value goes to the value log; its file
		// stays empty and only maps 128 MiB of addresses.
		WithValueThreshold(1 << 20).
		WithValueLogFileSize(64 << 20).
		// Snappy halves JSON: fewer bytes worn off the card for a few
		// microseconds a block. Zstandard costs four times that and twice the
		// memory for another tenth.
		WithCompression(options.Snappy).
		// A scan of a household's past reads a quarter of the blocks that 4 KiB
		// would make, and each costs more than its bytes. A single read unpacks
		// more, but what is read again and again is cached.
		WithBlockSize(16 << 10).
		// Decompressed blocks. Scans go through once and the household's hot
		// set is small; the system caches the compressed files besides.
		WithBlockCacheSize(4 << 20).
		// 0 keeps the indices of all tables in memory: 0.4 MiB for 100,000
		// entities, less than a cache for them.
		WithIndexCacheSize(0).
		WithMetricsEnabled(false)
	if o.Dir == "" {
		b = b.WithSyncWrites(false)
	}
	if len(o.EncryptionKey) > 0 {
		// Encrypted indices are not usable as they lie on disk: Badger insists.
		b = b.WithEncryptionKey(o.EncryptionKey).WithIndexCacheSize(4 << 20)
	}
	return b
}
