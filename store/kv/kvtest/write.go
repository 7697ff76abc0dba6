package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"inglenook/store/kv"
)

// testLimits: what is too long or reserved is refused, and what just fits is
// kept.
func testLimits(t *testing.T, db kv.DB) {
	longest := bytes.Repeat([]byte("k"), kv.MaxKeyBytes)
	for name, key := range map[string][]byte{
		"nil":         nil,
		"empty":       {},
		"too long":    append(bytes.Clone(longest), 'k'),
		"reserved":    []byte("\x00intent/whole"),
		"zero":        {0},
		"engine's":    []byte("!badger!txn"),
		"much longer": bytes.Repeat([]byte("k"), 70_000),
	} {
		err := db.Update(context.Background(), func(tx kv.Tx) error { return tx.Set(key, []byte("v")) })
		if err == nil {
			t.Errorf("a key that is %s was written", name)
		}
		err = db.Update(context.Background(), func(tx kv.Tx) error { return tx.Delete(key) })
		if err == nil {
			t.Errorf("a key that is %s was deleted", name)
		}
		view(t, db, func(r kv.Reader) {
			if _, _, err := r.Get(key); err == nil {
				t.Errorf("a key that is %s was read", name)
			}
		})
	}
	view(t, db, func(r kv.Reader) {
		if _, err := pairsOf(r, []byte{0}, nil, false); err == nil {
			t.Error("reserved keys were scanned")
		}
		if _, err := pairsOf(r, []byte("a"), []byte("b"), false); err == nil {
			t.Error("a scan began outside its prefix")
		}
	})
	err := db.Update(context.Background(), func(tx kv.Tx) error {
		return tx.Set([]byte("large"), make([]byte, kv.MaxValueBytes+1))
	})
	if err == nil {
		t.Error("a value above the limit was written")
	}
	value := bytes.Repeat([]byte("0123456789abcdef"), kv.MaxValueBytes/16)
	update(t, db, func(tx kv.Tx) error {
		return errors.Join(tx.Set(longest, value), expect(tx, string(longest), value))
	})
	view(t, db, func(r kv.Reader) {
		if err := expect(r, string(longest), value); err != nil {
			t.Error(err)
		}
	})
}

// testCopies: buffers may be used again after Set.
func testCopies(t *testing.T, db kv.DB) {
	update(t, db, func(tx kv.Tx) error {
		key, value := []byte("k1"), []byte("v1")
		if err := tx.Set(key, value); err != nil {
			return err
		}
		key[1], value[1] = '2', '2'
		return tx.Set(key, value)
	})
	view(t, db, func(r kv.Reader) {
		if err := errors.Join(expect(r, "k1", []byte("v1")), expect(r, "k2", []byte("v2"))); err != nil {
			t.Error(err)
		}
	})
}

// testOversize: a write-set of some 30 MiB, with new, overwritten and deleted
// keys, is there whole or not at all, for everybody at any time.
func testOversize(t *testing.T, db kv.DB) {
	const records = 70_000
	key := func(i int) []byte { return fmt.Appendf(nil, "record/%06d", i) }
	value := bytes.Repeat([]byte("v"), 300)
	update(t, db, func(tx kv.Tx) error {
		for i := range 100 {
			if err := tx.Set(key(records+i), []byte("to be deleted")); err != nil {
				return err
			}
		}
		return tx.Set(key(0), []byte("to be overwritten"))
	})
	fill := func(tx kv.Tx) error {
		for i := range records {
			if err := tx.Set(key(i), value); err != nil {
				return err
			}
		}
		for i := range 100 {
			if err := tx.Delete(key(records + i)); err != nil {
				return err
			}
		}
		return tx.Set([]byte("large"), bytes.Repeat(value, kv.MaxValueBytes/len(value)))
	}
	count := func() (n int) {
		view(t, db, func(r kv.Reader) {
			for pair, err := range r.Scan([]byte("record/"), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Equal(pair.Value, value) {
					n++
				} else {
					n--
				}
			}
		})
		return n
	}

	refused := errors.New("refused")
	if err := db.Update(context.Background(), func(tx kv.Tx) error {
		return errors.Join(fill(tx), refused)
	}); !errors.Is(err, refused) {
		t.Fatalf("update: %v, want the function's own error", err)
	}
	if n := count(); n != -101 {
		t.Fatalf("a failed write-set changed the store: %d", n)
	}

	done := make(chan error, 1)
	go func() { done <- db.Update(context.Background(), fill) }()
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("update: %v", err)
			}
			running = false
		default:
		}
		if n := count(); n != -101 && n != records {
			t.Fatalf("a View saw %d of %d records", n, records)
		}
	}
	if n := count(); n != records {
		t.Fatalf("%d of %d records are there", n, records)
	}
	update(t, db, func(tx kv.Tx) error { return tx.Set([]byte("next"), nil) })
}

// testLargeValues: growing, shrinking and deleting a large value leaves nothing
// of the one before, and it does not get mixed up with its neighbours.
func testLargeValues(t *testing.T, db kv.DB) {
	sizes := []int{3 << 20, 700 << 10, 10, 2 << 20, kv.MaxValueBytes, 600 << 10, 0, 1 << 20, 512 << 10, 512<<10 + 1}
	for i, size := range sizes {
		value := bytes.Repeat([]byte{byte('a' + i)}, size)
		write(t, db, "large", string(value), "large\x00\x00\x00\x00", "neighbour")
		view(t, db, func(r kv.Reader) {
			pairs, err := pairsOf(r, nil, nil, i%2 == 0)
			if err != nil || len(pairs) != 2 {
				t.Fatalf("a scan found %d pairs, %v", len(pairs), err)
			}
			if err := errors.Join(
				expect(r, "large", value),
				expect(r, "large\x00\x00\x00\x00", []byte("neighbour")),
			); err != nil {
				t.Fatal(err)
			}
		})
	}
	update(t, db, func(tx kv.Tx) error { return tx.Delete([]byte("large")) })
	view(t, db, func(r kv.Reader) {
		if err := expect(r, "large", nil); err != nil {
			t.Error(err)
		}
	})
}
