package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inglenook/store/kv"
)

// testModel runs random transactions on a store and on a map, and compares every
// read. open and reopen begin with an empty store and open the last one again;
// reopen is nil when the store forgets.
func testModel(t *testing.T, open, reopen func() kv.DB) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{committed: map[string]string{}}
		db := open()
		defer func() {
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}()
		actions := map[string]func(*rapid.T){
			"update": func(t *rapid.T) { m.update(t, db) },
			"":       func(t *rapid.T) { m.compare(t, db) },
		}
		if reopen != nil {
			actions["reopen"] = func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "rarely") != 0 {
					return // opening costs as much as a hundred updates
				}
				if err := db.Close(); err != nil {
					t.Fatalf("close: %v", err)
				}
				db = reopen()
			}
		}
		t.Repeat(actions)
	})
}

type model struct {
	committed map[string]string
}

// step is one thing a transaction does. All are drawn before it runs: rapid
// ends goroutines that draw what is not there.
type step struct {
	kind       string
	key, start string
	value      string
}

// Few keys, so that steps meet; \x01 and \xff lie at the ends of what is allowed.
var (
	drawKey  = rapid.StringMatching(`[\x01ab]{1,3}`)
	drawStep = rapid.Custom(func(t *rapid.T) step {
		s := step{
			kind: rapid.SampledFrom([]string{"set", "set", "delete", "get", "scan", "scan back"}).Draw(t, "kind"),
			key:  drawKey.Draw(t, "key"),
		}
		switch s.kind {
		case "set":
			s.value = rapid.StringN(0, 20, -1).Draw(t, "value")
			if rapid.IntRange(0, 199).Draw(t, "large") == 199 {
				s.value = strings.Repeat(s.value, 50_000)
			}
		case "scan", "scan back":
			s.key = s.key[:rapid.IntRange(0, len(s.key)).Draw(t, "prefix length")]
			if rapid.Bool().Draw(t, "with start") {
				s.start = s.key + drawKey.Draw(t, "start")
			}
		}
		return s
	})
)

func (m *model) update(t *rapid.T, db kv.DB) {
	steps := rapid.SliceOfN(drawStep, 1, 12).Draw(t, "steps")
	fails := rapid.IntRange(0, 3).Draw(t, "fails") == 0
	own := errors.New("own error")
	pending := maps.Clone(m.committed)
	err := db.Update(context.Background(), func(tx kv.Tx) error {
		for i, s := range steps {
			if err := s.run(tx, pending); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
		}
		if fails {
			return own
		}
		return nil
	})
	switch {
	case fails && err != own: //nolint:errorlint // as it is
		t.Fatalf("update: %v, want the function's own error", err)
	case !fails && err != nil:
		t.Fatalf("update: %v", err)
	case !fails:
		m.committed = pending
	}
}

func (s step) run(tx kv.Tx, pending map[string]string) error {
	switch s.kind {
	case "set":
		pending[s.key] = s.value
		return tx.Set([]byte(s.key), []byte(s.value))
	case "delete":
		delete(pending, s.key)
		return tx.Delete([]byte(s.key))
	case "get":
		var want []byte
		if value, ok := pending[s.key]; ok {
			want = []byte(value)
		}
		return expect(tx, s.key, want)
	}
	return sameScan(tx, pending, s.key, s.start, s.kind == "scan back")
}

func (m *model) compare(t *rapid.T, db kv.DB) {
	if err := db.View(context.Background(), func(r kv.Reader) error {
		return errors.Join(sameScan(r, m.committed, "", "", false), sameScan(r, m.committed, "", "", true))
	}); err != nil {
		t.Fatal(err)
	}
}

func sameScan(r kv.Reader, want map[string]string, prefix, start string, back bool) error {
	var from []byte
	if start != "" {
		from = []byte(start)
	}
	pairs, err := pairsOf(r, []byte(prefix), from, back)
	if err != nil {
		return err
	}
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		beyond := start != "" && (!back && key < start || back && key > start)
		if strings.HasPrefix(key, prefix) && !beyond {
			keys = append(keys, key)
		}
	}
	if back {
		slices.Reverse(keys)
	}
	if len(keys) != len(pairs) {
		return fmt.Errorf("scan %q from %q, back %v: %d pairs, want %d", prefix, start, back, len(pairs), len(keys))
	}
	for i, pair := range pairs {
		if string(pair.Key) != keys[i] || !bytes.Equal(pair.Value, []byte(want[keys[i]])) {
			return fmt.Errorf("scan %q from %q, back %v: %q is %s, want %q with %s", prefix, start, back,
				pair.Key, brief(pair.Value), keys[i], brief([]byte(want[keys[i]])))
		}
	}
	return nil
}
