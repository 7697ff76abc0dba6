package household

import (
	"context"
	"iter"
	"slices"
	"strings"

	"inglenook/store/kv"
)

// layer is what a transaction has written, over a state that does not have it
// yet: what came from the server is shown while the disk still works on it. It
// is not lost when the device stops meanwhile, as the cursor is part of it and
// the server has the events.
type layer struct {
	keys   []string          // ascending
	values map[string][]byte // nil where the key is deleted
}

// recorder notes what a transaction writes.
type recorder struct {
	kv.Tx
	values map[string][]byte
}

func (r recorder) Set(k, value []byte) error {
	r.values[string(k)] = append([]byte{}, value...)
	return r.Tx.Set(k, value)
}

func (r recorder) Delete(k []byte) error {
	r.values[string(k)] = nil
	return r.Tx.Delete(k)
}

func (r recorder) layer() *layer {
	l := &layer{values: r.values}
	for k := range r.values {
		l.keys = append(l.keys, k)
	}
	slices.Sort(l.keys)
	return l
}

// view is the engine's View of what is shown, with the layer that is ahead.
func (d *Device) view(ctx context.Context, fn func(kv.Reader) error) error {
	for {
		ahead, changed := d.ahead.Load(), false
		err := d.db.View(ctx, func(r kv.Reader) error {
			// A layer belongs to the states around its own commit only.
			if changed = d.ahead.Load() != ahead; changed {
				return nil
			}
			if ahead != nil {
				r = laidOver{r, ahead}
			}
			return fn(r)
		})
		if !changed {
			return err
		}
	}
}

// laidOver reads a state with a layer over it.
type laidOver struct {
	under kv.Reader
	over  *layer
}

func (r laidOver) Get(k []byte) (value []byte, ok bool, err error) {
	if value, over := r.over.values[string(k)]; over {
		return value, value != nil, nil
	}
	return r.under.Get(k)
}

func (r laidOver) Scan(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	keys := r.over.within(prefix)
	if start != nil {
		keys = slices.DeleteFunc(keys, func(k string) bool { return k < string(start) })
	}
	return r.merge(r.under.Scan(prefix, start), keys, strings.Compare)
}

func (r laidOver) ScanBack(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	keys := r.over.within(prefix)
	if start != nil {
		keys = slices.DeleteFunc(keys, func(k string) bool { return k > string(start) })
	}
	slices.Reverse(keys)
	return r.merge(r.under.ScanBack(prefix, start), keys, func(a, b string) int { return strings.Compare(b, a) })
}

// within returns the keys with a prefix, for the caller to change.
func (l *layer) within(prefix []byte) (keys []string) {
	from, _ := slices.BinarySearch(l.keys, string(prefix))
	for _, k := range l.keys[from:] {
		if !strings.HasPrefix(k, string(prefix)) {
			break
		}
		keys = append(keys, k)
	}
	return keys
}

// merge yields the pairs of both in order; where both have one, the layer's.
func (r laidOver) merge(under iter.Seq2[kv.Pair, error], keys []string, order func(a, b string) int) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		over := func() bool { // the next of the layer
			k := keys[0]
			keys = keys[1:]
			value := r.over.values[k]
			return value == nil || yield(kv.Pair{Key: []byte(k), Value: value}, nil)
		}
		for pair, err := range under {
			if err != nil {
				yield(pair, err)
				return
			}
			for len(keys) > 0 && order(keys[0], string(pair.Key)) < 0 {
				if !over() {
					return
				}
			}
			if len(keys) > 0 && keys[0] == string(pair.Key) {
				if !over() {
					return
				}
				continue
			}
			if !yield(pair, nil) {
				return
			}
		}
		for len(keys) > 0 {
			if !over() {
				return
			}
		}
	}
}
