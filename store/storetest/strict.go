package storetest

import (
	"context"
	"iter"

	"inglenook/store/kv"
)

// strict is a store that keeps no longer than it must what it gives away: the
// pair of a scan is overwritten at the next step. Who kept it fails a test here
// instead of reading another's bytes from a real store.
type strict struct{ kv.DB }

func (s strict) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.DB.View(ctx, func(r kv.Reader) error { return fn(strictReader{r}) })
}

func (s strict) Update(ctx context.Context, fn func(kv.Tx) error) error {
	return s.DB.Update(ctx, func(tx kv.Tx) error { return fn(strictTx{tx}) })
}

type strictReader struct{ kv.Reader }

func (r strictReader) Scan(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return overwriting(r.Reader.Scan(prefix, start))
}

func (r strictReader) ScanBack(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return overwriting(r.Reader.ScanBack(prefix, start))
}

type strictTx struct{ kv.Tx }

func (t strictTx) Scan(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return overwriting(t.Tx.Scan(prefix, start))
}

func (t strictTx) ScanBack(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return overwriting(t.Tx.ScanBack(prefix, start))
}

func overwriting(pairs iter.Seq2[kv.Pair, error]) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		for pair, err := range pairs {
			lent := kv.Pair{Key: append([]byte{}, pair.Key...), Value: append([]byte{}, pair.Value...)}
			more := yield(lent, err)
			for _, b := range [][]byte{lent.Key, lent.Value} {
				for i := range b {
					b[i] = 0xee
				}
			}
			if !more {
				return
			}
		}
	}
}
