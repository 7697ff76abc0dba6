// Package kvtest is the conformance suite every engine behind store/kv passes.
package kvtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"inglenook/store/kv"
)

// Run tests an engine. open opens an empty store and closes it when the test
// ends, which may be after it was closed already.
func Run(t *testing.T, open func(t testing.TB) kv.DB) {
	t.Run("Get", func(t *testing.T) { testGet(t, open(t)) })
	t.Run("Limits", func(t *testing.T) { testLimits(t, open(t)) })
	t.Run("Copies", func(t *testing.T) { testCopies(t, open(t)) })
	t.Run("Scan", func(t *testing.T) { testScan(t, open) })
	t.Run("ScanWhileWriting", func(t *testing.T) { testScanWhileWriting(t, open(t)) })
	t.Run("ScanEndedEarly", func(t *testing.T) { testScanEndedEarly(t, open(t)) })
	t.Run("Isolation", func(t *testing.T) { testIsolation(t, open(t)) })
	t.Run("Rollback", func(t *testing.T) { testRollback(t, open(t)) })
	t.Run("Panic", func(t *testing.T) { testPanic(t, open(t)) })
	t.Run("Hooks", func(t *testing.T) { testHooks(t, open(t)) })
	t.Run("Cancelled", func(t *testing.T) { testCancelled(t, open(t)) })
	t.Run("Counter", func(t *testing.T) { testCounter(t, open(t)) })
	t.Run("Oversize", func(t *testing.T) { testOversize(t, open(t)) })
	t.Run("LargeValues", func(t *testing.T) { testLargeValues(t, open(t)) })
	t.Run("Closed", func(t *testing.T) { testClosed(t, open(t)) })
	t.Run("Model", func(t *testing.T) { testModel(t, func() kv.DB { return open(t) }, nil) })
}

// RunDurable tests an engine that keeps its store in a folder: everything of
// Run, and that what was written is there after the store is opened again. open
// opens the store in dir and closes it like Run's.
func RunDurable(t *testing.T, open func(t testing.TB, dir string) kv.DB) {
	Run(t, func(t testing.TB) kv.DB { return open(t, t.TempDir()) })
	t.Run("Reopen", func(t *testing.T) { testReopen(t, open) })
	t.Run("ModelReopen", func(t *testing.T) {
		var dir string
		testModel(t,
			func() kv.DB { dir = t.TempDir(); return open(t, dir) },
			func() kv.DB { return open(t, dir) })
	})
}

// update fails the test when the transaction fails.
func update(t testing.TB, db kv.DB, fn func(kv.Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// view runs fn on the test's goroutine, where it may end the test.
func view(t testing.TB, db kv.DB, fn func(kv.Reader)) {
	t.Helper()
	if err := db.View(context.Background(), func(r kv.Reader) error {
		fn(r)
		return nil
	}); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// write sets pairs in one transaction: key, value, key, value …
func write(t testing.TB, db kv.DB, pairs ...string) {
	t.Helper()
	update(t, db, func(tx kv.Tx) error {
		for pair := range slices.Chunk(pairs, 2) {
			if err := tx.Set([]byte(pair[0]), []byte(pair[1])); err != nil {
				return err
			}
		}
		return nil
	})
}

// expect compares one key. want is nil when it must not be there.
func expect(r kv.Reader, key string, want []byte) error {
	got, ok, err := r.Get([]byte(key))
	switch {
	case err != nil:
		return fmt.Errorf("get %q: %w", key, err)
	case ok != (want != nil):
		return fmt.Errorf("get %q: found is %v, want %v", key, ok, want != nil)
	case !ok && got != nil:
		return fmt.Errorf("get %q: not found, but with a value of %d bytes", key, len(got))
	case !bytes.Equal(got, want):
		return fmt.Errorf("get %q: %s, want %s", key, brief(got), brief(want))
	}
	return nil
}

func brief(b []byte) string {
	if len(b) <= 32 {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:32], len(b))
}

// pairsOf collects a scan.
func pairsOf(r kv.Reader, prefix, start []byte, back bool) ([]kv.Pair, error) {
	scan := r.Scan
	if back {
		scan = r.ScanBack
	}
	var pairs []kv.Pair
	for pair, err := range scan(prefix, start) {
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, kv.Pair{Key: bytes.Clone(pair.Key), Value: bytes.Clone(pair.Value)})
	}
	return pairs, nil
}

// inGroup runs Updates that wait together: the committer is held until all of
// fns have been handed over or are about to be.
func inGroup(db kv.DB, fns ...func(kv.Tx) error) []error {
	ctx := context.Background()
	held, release := make(chan struct{}), make(chan struct{})
	holder := make(chan error, 1)
	go func() {
		holder <- db.Update(ctx, func(kv.Tx) error {
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	errs := make([]error, len(fns))
	begun, done := make(chan struct{}), make(chan struct{})
	for i, fn := range fns {
		go func() {
			begun <- struct{}{}
			errs[i] = db.Update(ctx, fn)
			done <- struct{}{}
		}()
	}
	for range fns {
		<-begun
	}
	close(release)
	for range fns {
		<-done
	}
	return append(errs, <-holder)
}
