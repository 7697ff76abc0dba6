// Package storetest opens real stores for tests, strict about how long what they
// give is valid, and gives them a clock that stands still until it is told
// otherwise.
package storetest

import (
	"testing"
	"time"

	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
)

// Open opens an empty store in memory, closed when the test ends. Its Tx.Now is
// the machine's: use OpenWith for virtual time.
func Open(t testing.TB) kv.DB {
	t.Helper()
	return OpenWith(t, badgerkv.Options{})
}

// OpenDir opens the store in dir, closed when the test ends. A test that opens
// dir again closes it before.
func OpenDir(t testing.TB, dir string) kv.DB {
	t.Helper()
	return OpenWith(t, badgerkv.Options{Dir: dir})
}

// OpenWith opens a store with options, closed when the test ends. Now is the
// machine's clock when it is nil.
func OpenWith(t testing.TB, o badgerkv.Options) kv.DB {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	db, err := badgerkv.Open(o)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return strict{db}
}
