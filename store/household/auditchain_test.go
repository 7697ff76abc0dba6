package household_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"inglenook/store/household"
	"inglenook/store/kv"

	"pgregory.net/rapid"
)

// Records live as long as they are to, and what is left verifies.
func TestTrimmingTheAuditLog(t *testing.T) {
	h := open(t)
	const day = 24 * time.Hour
	trim := func() {
		t.Helper()
		if err := h.TrimAudit(t.Context(), household.KeptAudit); err != nil {
			t.Fatal(err)
		}
	}
	for range 1500 { // more than one transaction trims
		h.audit("session.rotated")
	}
	h.clock.Advance(300 * day)
	h.audit("session.taken")
	trim()
	if n := len(h.log()); n != 5+1500+1 {
		t.Fatalf("%d records after 300 days", n)
	}
	h.clock.Advance(100 * day)
	trim()
	if n := len(h.log()); n != 5+1500+1 {
		t.Errorf("%d records on the last day", n)
	}
	h.clock.Advance(day)
	trim()
	left := h.log()
	if len(left) != 1 || left[0].Kind != "session.taken" || left[0].N != 1506 {
		t.Fatalf("left are %+v", left)
	}
	if chain := h.chain(); chain.Broken != nil || chain.Trimmed != 1505 || chain.Records != 1 {
		t.Errorf("%+v", chain)
	}
	h.clock.Advance(400 * day)
	trim()
	if left, chain := h.log(), h.chain(); len(left) != 0 || chain.Broken != nil || chain.Trimmed != 1506 {
		t.Errorf("left are %+v, %+v", left, chain)
	}
	h.audit("session.started")
	if left, chain := h.log(), h.chain(); len(left) != 1 || left[0].N != 1507 || chain.Broken != nil {
		t.Errorf("left are %+v, %+v", left, chain)
	}

	// What was altered is evidence, and stays.
	h.audit("session.ended")
	h.set(func(tx kv.Tx) error { return tx.Set(auditKey(1507), bytes.Repeat([]byte{1}, 60)) })
	if left := h.log(); len(left) != 2 || left[0].Kind != "session.ended" || left[1].Kind != household.AuditDamaged {
		t.Errorf("with a damaged one: %+v", left)
	}
	h.clock.Advance(401 * day)
	if err := h.TrimAudit(t.Context(), household.KeptAudit); err == nil || len(h.pairs()) != 2 {
		t.Errorf("%d records, %v", len(h.pairs()), err)
	}
}

// What anybody does to the log in the store is found: a record altered, taken
// out, moved, doubled, the log cut at its end or its beginning.
func TestTamperingIsFound(t *testing.T) {
	h := open(t)
	for range 10 {
		h.audit("session.rotated")
	}
	h.clock.Advance(household.KeptAudit + time.Hour)
	if err := h.TrimAudit(t.Context(), household.KeptAudit); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(2, 5).Draw(t, "more") {
			h.audit(rapid.SampledFrom([]string{"session.rotated", "signin.failed"}).Draw(t, "kind"))
		}
		if chain := h.chain(); chain.Broken != nil {
			t.Fatalf("before: %+v", chain.Broken)
		}
		pairs := h.pairs()
		some := func(label string) kv.Pair { return pairs[rapid.IntRange(0, len(pairs)-1).Draw(t, label)] }
		one, n := some("one"), binary.BigEndian.Uint64
		var at uint64 // the break is found there; 0: anywhere
		var change func(tx kv.Tx) error
		how := rapid.SampledFrom([]string{"alter", "remove", "swap", "cut", "cut the beginning", "add", "alter a link", "remove the head"}).Draw(t, "how")
		switch how {
		case "alter":
			value := slices.Clone(one.Value)
			value[rapid.IntRange(0, len(value)-1).Draw(t, "byte")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
			change = func(tx kv.Tx) error { return tx.Set(one.Key, value) }
			at = n(one.Key[1:])
		case "remove":
			change = func(tx kv.Tx) error { return tx.Delete(one.Key) }
			at = n(one.Key[1:])
		case "swap":
			other := some("other")
			if bytes.Equal(one.Key, other.Key) {
				t.Skip("the same")
			}
			change = func(tx kv.Tx) error {
				if err := tx.Set(one.Key, other.Value); err != nil {
					return err
				}
				return tx.Set(other.Key, one.Value)
			}
			at = min(n(one.Key[1:]), n(other.Key[1:]))
		case "cut":
			cut := pairs[rapid.IntRange(0, len(pairs)-1).Draw(t, "from"):]
			change = func(tx kv.Tx) error { return deleteAll(tx, cut) }
			at = n(cut[0].Key[1:])
		case "cut the beginning":
			cut := pairs[:rapid.IntRange(1, len(pairs)-1).Draw(t, "to")]
			change = func(tx kv.Tx) error { return deleteAll(tx, cut) }
			at = n(cut[0].Key[1:])
		case "add":
			next := n(pairs[len(pairs)-1].Key[1:]) + 1
			change = func(tx kv.Tx) error { return tx.Set(auditKey(next), one.Value) }
			at = next
		case "alter a link":
			name := rapid.SampledFrom([]string{"maudit-head", "maudit-anchor"}).Draw(t, "link")
			i, bits := rapid.IntRange(0, 39).Draw(t, "byte"), byte(rapid.IntRange(1, 255).Draw(t, "bits"))
			change = func(tx kv.Tx) error {
				value, _, err := tx.Get([]byte(name))
				if err != nil {
					return err
				}
				value = slices.Clone(value)
				value[i] ^= bits
				return tx.Set([]byte(name), value)
			}
		case "remove the head":
			change = func(tx kv.Tx) error { return tx.Delete([]byte("maudit-head")) }
		}
		kinds[how]++
		before := h.pairs()
		links := h.links()
		h.set(change)
		chain := h.chain()
		if chain.Broken == nil || at != 0 && chain.Broken.N != at {
			t.Errorf("%s at %d: %+v", how, at, chain.Broken)
		}
		h.set(func(tx kv.Tx) error { // as it was
			if err := deleteAll(tx, h.pairsOf(tx, "b")); err != nil {
				return err
			}
			return setAll(tx, append(before, links...))
		})
	})
	if len(kinds) != 8 {
		t.Errorf("tried only %v", kinds)
	}
}

func auditKey(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("b"), n) }

func (h *house) set(fn func(kv.Tx) error) {
	h.t.Helper()
	if err := h.db.Update(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// pairs are the records as they lie in the store.
func (h *house) pairs() (out []kv.Pair) { return h.read("b") }

func (h *house) links() []kv.Pair { return h.read("maudit-") }

func (h *house) read(prefix string) (out []kv.Pair) {
	h.t.Helper()
	if err := h.db.View(h.t.Context(), func(r kv.Reader) error {
		out = h.pairsOf(r, prefix)
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) pairsOf(r kv.Reader, prefix string) (out []kv.Pair) {
	for pair, err := range r.Scan([]byte(prefix), nil) {
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, kv.Pair{Key: slices.Clone(pair.Key), Value: slices.Clone(pair.Value)})
	}
	return out
}

func deleteAll(tx kv.Tx, pairs []kv.Pair) error {
	for _, pair := range pairs {
		if err := tx.Delete(pair.Key); err != nil {
			return err
		}
	}
	return nil
}

func setAll(tx kv.Tx, pairs []kv.Pair) error {
	for _, pair := range pairs {
		if err := tx.Set(pair.Key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}
