package household

import (
	"bytes"
	"iter"
	"testing"

	"inglenook/store/kv"
	"inglenook/store/storetest"

	"pgregory.net/rapid"
)

// TestLayer: a layer over a state reads as the state after the commit.
func TestLayer(t *testing.T) {
	db := storetest.Open(t)
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 1, 4, -1)
		writes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) [2]string {
			return [2]string{keys.Draw(t, "key"), rapid.SampledFrom([]string{"", "x", "delete"}).Draw(t, "value")}
		}))
		write := func(tx kv.Tx, all [][2]string) error {
			for _, w := range all {
				var err error
				if w[1] == "delete" {
					err = tx.Delete([]byte(w[0]))
				} else {
					err = tx.Set([]byte(w[0]), []byte(w[1]))
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
		before, after := writes.Draw(t, "before"), writes.Draw(t, "after")
		prefix := []byte(rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 0, 2, -1).Draw(t, "prefix"))
		var start []byte
		if rapid.Bool().Draw(t, "starts") {
			start = append(bytes.Clone(prefix), keys.Draw(t, "start")...)
		}
		var over *layer
		read := func(r kv.Reader) (out string) {
			for _, pairs := range []iter.Seq2[kv.Pair, error]{r.Scan(prefix, start), r.ScanBack(prefix, start)} {
				for pair, err := range pairs {
					if err != nil {
						t.Fatal(err)
					}
					value, ok, err := r.Get(pair.Key)
					if err != nil || !ok || !bytes.Equal(value, pair.Value) {
						t.Fatalf("%s is %q in a scan and %q, %v, %v alone", pair.Key, pair.Value, value, ok, err)
					}
					out += string(pair.Key) + "=" + string(pair.Value) + " "
				}
				out += "| "
			}
			return out
		}
		var seen, want string
		err := db.Update(t.Context(), func(tx kv.Tx) error {
			for pair, err := range tx.Scan(nil, nil) {
				if err != nil {
					return err
				}
				if err := tx.Delete(pair.Key); err != nil {
					return err
				}
			}
			return write(tx, before)
		})
		if err == nil {
			err = db.Update(t.Context(), func(tx kv.Tx) error {
				rec := recorder{tx, map[string][]byte{}}
				defer func() { over = rec.layer() }()
				return write(rec, after)
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		// Over the state after, which has it already, and over the one before.
		if err := db.View(t.Context(), func(r kv.Reader) error {
			want = read(r)
			seen = read(laidOver{r, over})
			return nil
		}); err != nil || seen != want {
			t.Fatalf("over the state after: %s, want %s, %v", seen, want, err)
		}
		err = db.Update(t.Context(), func(tx kv.Tx) error {
			for pair, err := range tx.Scan(nil, nil) {
				if err != nil {
					return err
				}
				if err := tx.Delete(pair.Key); err != nil {
					return err
				}
			}
			if err := write(tx, before); err != nil {
				return err
			}
			seen = read(laidOver{tx, over})
			return nil
		})
		if err != nil || seen != want {
			t.Fatalf("over the state before: %s, want %s, %v", seen, want, err)
		}
	})
}
