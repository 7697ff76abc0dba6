package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"inglenook/store/kv"
)

func testGet(t *testing.T, db kv.DB) {
	write(t, db, "a", "1", "empty", "", "b", "2")
	update(t, db, func(tx kv.Tx) error {
		if err := tx.Set([]byte("b"), []byte("3")); err != nil {
			return err
		}
		if err := tx.Delete([]byte("a")); err != nil {
			return err
		}
		if err := tx.Delete([]byte("never there")); err != nil {
			return err
		}
		return errors.Join(
			expect(tx, "b", []byte("3")),
			expect(tx, "a", nil),
			expect(tx, "empty", []byte{}),
			expect(tx, "never there", nil),
		)
	})
	view(t, db, func(r kv.Reader) {
		if err := errors.Join(
			expect(r, "b", []byte("3")),
			expect(r, "a", nil),
			expect(r, "empty", []byte{}),
			expect(r, "never there", nil),
		); err != nil {
			t.Error(err)
		}
	})
}

// scanKeys are the keys of testScan: neighbours in every way that goes wrong.
var scanKeys = []string{
	"\x01", "a", "a\x00", "a\x00\x00", "a\x01", "aa", "ab", "ab\xff", "ab\xff\xff", "abc",
	"ac", "b", "b\xff", "b\xff\xff", "c", "\xfe", "\xff", "\xff\x00", "\xff\xff", "\xff\xff\xff",
	strings.Repeat("\xff", kv.MaxKeyBytes),
}

// testScan asks for every prefix from every start, in both directions, of the
// same pairs: all committed, all in the transaction, and half of each with
// deletions and overwritten values.
func testScan(t *testing.T, open func(t testing.TB) kv.DB) {
	set := func(tx kv.Tx, keys ...string) error {
		for _, key := range keys {
			if err := tx.Set([]byte(key), []byte("value of "+key)); err != nil {
				return err
			}
		}
		return nil
	}
	t.Run("Committed", func(t *testing.T) {
		db := open(t)
		update(t, db, func(tx kv.Tx) error { return set(tx, scanKeys...) })
		view(t, db, func(r kv.Reader) {
			if err := checkScans(r); err != nil {
				t.Error(err)
			}
		})
		update(t, db, func(tx kv.Tx) error { return checkScans(tx) })
	})
	t.Run("Pending", func(t *testing.T) {
		update(t, open(t), func(tx kv.Tx) error {
			if err := set(tx, scanKeys...); err != nil {
				return err
			}
			return checkScans(tx)
		})
	})
	t.Run("Mixed", func(t *testing.T) {
		db := open(t)
		update(t, db, func(tx kv.Tx) error {
			for i, key := range scanKeys {
				value := "value of " + key
				switch i % 4 {
				case 0:
					continue // only pending
				case 1:
					value = "old" // overwritten
				}
				if err := tx.Set([]byte(key), []byte(value)); err != nil {
					return err
				}
			}
			return set(tx, "a\x00gone", "abgone", "b\xffgone", "\xff\xffgone")
		})
		update(t, db, func(tx kv.Tx) error {
			for i, key := range scanKeys {
				if i%4 < 2 {
					if err := set(tx, key); err != nil {
						return err
					}
				}
			}
			for _, key := range []string{"a\x00gone", "abgone", "b\xffgone", "\xff\xffgone", "a\x00never", "zz"} {
				if err := tx.Delete([]byte(key)); err != nil {
					return err
				}
			}
			return checkScans(tx)
		})
		view(t, db, func(r kv.Reader) {
			if err := checkScans(r); err != nil {
				t.Error(err)
			}
		})
	})
}

func checkScans(r kv.Reader) error {
	sorted := slices.Sorted(slices.Values(scanKeys))
	starts := append(slices.Clone(sorted), "a\x00\x00\x00", "aaa", "abb", "ad", "b\x00", "d", "\xfe\xff")
	for _, prefix := range append([]string{"", "nothing here"}, sorted...) {
		var all []string
		for _, key := range sorted {
			if strings.HasPrefix(key, prefix) {
				all = append(all, key)
			}
		}
		for _, start := range append([]string{""}, starts...) {
			if !strings.HasPrefix(start, prefix) && start != "" || len(start) > kv.MaxKeyBytes {
				continue
			}
			var from []byte
			forward, backward := slices.Clone(all), slices.Clone(all)
			if start != "" {
				from = []byte(start)
				forward = slices.DeleteFunc(forward, func(key string) bool { return key < start })
				backward = slices.DeleteFunc(backward, func(key string) bool { return key > start })
			}
			slices.Reverse(backward)
			if err := errors.Join(
				checkScan(r, prefix, from, false, forward),
				checkScan(r, prefix, from, true, backward),
			); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkScan(r kv.Reader, prefix string, start []byte, back bool, want []string) error {
	pairs, err := pairsOf(r, []byte(prefix), start, back)
	if err != nil {
		return fmt.Errorf("scan %q from %q, back %v: %w", prefix, start, back, err)
	}
	got := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		got = append(got, string(pair.Key))
		if string(pair.Value) != "value of "+string(pair.Key) {
			return fmt.Errorf("scan %q: %q has the value %s", prefix, pair.Key, brief(pair.Value))
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("scan %q from %q, back %v: %q, want %q", prefix, start, back, got, want)
	}
	return nil
}

// testScanWhileWriting: a loop sees what was there when it began.
func testScanWhileWriting(t *testing.T, db kv.DB) {
	write(t, db, "k1", "1", "k3", "3")
	update(t, db, func(tx kv.Tx) error {
		if err := tx.Set([]byte("k2"), []byte("2")); err != nil {
			return err
		}
		var seen []string
		for pair, err := range tx.Scan([]byte("k"), nil) {
			if err != nil {
				return err
			}
			seen = append(seen, string(pair.Key))
			if err := errors.Join(
				tx.Delete(pair.Key),
				tx.Delete([]byte("k3")),
				tx.Set(append(pair.Key, 'x'), pair.Value),
			); err != nil {
				return err
			}
		}
		if want := []string{"k1", "k2", "k3"}; !slices.Equal(seen, want) {
			return fmt.Errorf("the loop saw %q, want %q", seen, want)
		}
		return nil
	})
	view(t, db, func(r kv.Reader) {
		pairs, err := pairsOf(r, []byte("k"), nil, false)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"k1x", "k2x", "k3x"} {
			if len(pairs) != 3 || string(pairs[i].Key) != want {
				t.Fatalf("afterwards there is %q", pairs)
			}
		}
	})
}

// testScanEndedEarly: a loop may break, and loops may nest.
func testScanEndedEarly(t *testing.T, db kv.DB) {
	write(t, db, "k1", "1", "k2", "2", "k3", "3")
	view(t, db, func(r kv.Reader) {
		var seen []byte
		for outer, err := range r.Scan([]byte("k"), nil) {
			if err != nil {
				t.Fatal(err)
			}
			for inner, err := range r.ScanBack([]byte("k"), outer.Key) {
				if err != nil {
					t.Fatal(err)
				}
				seen = append(append(seen, outer.Value...), inner.Value...)
				break
			}
			if bytes.Equal(outer.Key, []byte("k2")) {
				break
			}
		}
		if string(seen) != "1122" {
			t.Errorf("the loops saw %s, want 1122", seen)
		}
	})
}
