package badgerkv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"inglenook/store/kv"
)

const bigRecords, bigBytes = 8, 300 << 10 // with the split value some 3.5 MiB, 6 pieces

func bigKey(i int) []byte { return fmt.Appendf(nil, "big/%02d", i) }

// writeBig overwrites all big records with one letter, in one write-set above
// Badger's limit, beside a value that is kept in parts.
func writeBig(db *DB, letter byte) error {
	return db.Update(context.Background(), func(tx kv.Tx) error {
		for i := range bigRecords {
			if err := tx.Set(bigKey(i), bytes.Repeat([]byte{letter}, bigBytes)); err != nil {
				return err
			}
		}
		return tx.Set([]byte("big/split"), bytes.Repeat([]byte{letter}, 2*maxInlineBytes+int(letter)))
	})
}

// bigLetter returns the letter all big records have.
func bigLetter(t *testing.T, db *DB) (letter byte) {
	t.Helper()
	if err := db.View(context.Background(), func(r kv.Reader) error {
		n := 0
		for pair, err := range r.Scan([]byte("big/"), nil) {
			if err != nil {
				return err
			}
			if n++; n == 1 {
				letter = pair.Value[0]
			}
			if string(pair.Key) != "big/split" && len(pair.Value) != bigBytes ||
				bytes.Count(pair.Value, []byte{letter}) != len(pair.Value) {
				return fmt.Errorf("%q is not of the write-set %q", pair.Key, letter)
			}
		}
		if n != bigRecords+1 {
			return fmt.Errorf("%d records, want %d", n, bigRecords+1)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return letter
}

func openAt(t *testing.T, dir string, beforeWrite func(string) error) (*DB, error) {
	t.Helper()
	db, err := Open(Options{Dir: dir, Now: time.Now, beforeWrite: beforeWrite})
	if err == nil {
		t.Cleanup(func() { _ = db.Close() })
	}
	return db, err
}

// TestIntentStoppedAtEveryStep stops the engine before each of its writes: of
// the write-set, and again of what Open does about it.
func TestIntentStoppedAtEveryStep(t *testing.T) {
	stop := errors.New("stopped")
	for step := 0; ; step++ {
		dir := t.TempDir()
		db, err := openAt(t, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeBig(db, 'a'); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}

		var taken []string
		stopAt := func(n int) func(string) error {
			taken = nil
			return func(name string) error {
				if len(taken) == n {
					return stop
				}
				taken = append(taken, name)
				return nil
			}
		}
		if db, err = openAt(t, dir, stopAt(step)); err != nil {
			t.Fatal(err)
		}
		err = writeBig(db, 'b')
		finished := err == nil
		if !finished && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if got := bigLetter(t, db); !finished && got != 'a' || finished && got != 'b' {
			t.Fatalf("step %d: a View sees the write-set %q", step, got)
		}
		if !finished && !errors.Is(writeBig(db, 'c'), stop) {
			t.Fatalf("step %d: writing goes on after a commit that failed", step)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		want := byte('a')
		if len(taken) > 0 && taken[len(taken)-1] != "piece" {
			want = 'b'
		}

		// Open is interrupted too, one step further each time, until it gets through.
		for again := 0; ; again++ {
			if db, err = openAt(t, dir, stopAt(again)); err == nil {
				break
			}
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
		}
		if got := bigLetter(t, db); got != want {
			t.Fatalf("step %d: after opening again the write-set is %q, want %q", step, got, want)
		}
		if n := reserved(t, db); n != 3 { // the parts of big/split
			t.Fatalf("step %d: %d reserved keys are left, want 3", step, n)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if finished {
			if step < 10 {
				t.Fatalf("the write-set took %d steps: it was no intent", step)
			}
			return
		}
	}
}

// reserved counts the engine's own keys.
func reserved(t *testing.T, db *DB) (n int) {
	t.Helper()
	txn := db.engine.NewTransaction(false)
	defer txn.Discard()
	at := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{0}})
	defer at.Close()
	for at.Rewind(); at.Valid(); at.Next() {
		n++
	}
	return n
}

func FuzzDecodePiece(f *testing.F) {
	f.Add(encodePiece([]op{{key: []byte("k"), value: []byte("v"), mark: splitMark}, {key: []byte("gone"), delete: true}}))
	f.Add([]byte{0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		ops, err := decodePiece(b)
		if err != nil {
			return
		}
		again, err := decodePiece(encodePiece(ops))
		if err != nil || len(again) != len(ops) {
			t.Fatalf("%d ops became %d, %v", len(ops), len(again), err)
		}
		for i := range ops {
			if !bytes.Equal(ops[i].key, again[i].key) || !bytes.Equal(ops[i].value, again[i].value) ||
				ops[i].delete != again[i].delete || ops[i].mark != again[i].mark {
				t.Fatalf("op %d changed", i)
			}
		}
	})
}
