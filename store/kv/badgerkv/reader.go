package badgerkv

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"inglenook/store/kv"
)

// reader reads a Badger snapshot below an overlay.
type reader struct {
	txn  *badger.Txn
	over *overlay // nil in a View
	read reads    // nil in a View
}

// reads remembers what a group has got from the snapshot below it: its members,
// and the entries of a batch, mostly ask for the same few keys.
type reads map[string]found

type found struct {
	value []byte
	ok    bool
}

// maxReads bounds the keys a group remembers.
const maxReads = 4096

var badgerPrefix = []byte("!badger!")

// checkKey refuses what is too long and what belongs to the engine or Badger.
func checkKey(key []byte) error {
	switch {
	case len(key) == 0:
		return errors.New("a key has at least one byte")
	case len(key) > kv.MaxKeyBytes:
		return fmt.Errorf("a key has at most %d bytes, not %d", kv.MaxKeyBytes, len(key))
	case key[0] == 0 || bytes.HasPrefix(key, badgerPrefix):
		return fmt.Errorf("the key %q is reserved", key)
	}
	return nil
}

func (r *reader) Get(key []byte) ([]byte, bool, error) {
	if err := checkKey(key); err != nil {
		return nil, false, fmt.Errorf("get: %w", err)
	}
	if r.over != nil {
		if p, ok := r.over.writes[string(key)]; ok {
			return p.value, !p.deleted, nil
		}
	}
	if f, ok := r.read[string(key)]; ok {
		return f.value, f.ok, nil
	}
	value, ok, err := r.get(key)
	if err == nil && r.read != nil {
		if len(r.read) == maxReads {
			clear(r.read)
		}
		r.read[string(key)] = found{value, ok}
	}
	return value, ok, err
}

// get reads the snapshot.
func (r *reader) get(key []byte) ([]byte, bool, error) {
	item, err := r.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("get %q: %w", key, err)
	}
	value, err := valueOf(r.txn, item)
	if err != nil {
		return nil, false, fmt.Errorf("get %q: %w", key, err)
	}
	return value, true, nil
}

func (r *reader) Scan(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return r.scan(prefix, start, false)
}

func (r *reader) ScanBack(prefix, start []byte) iter.Seq2[kv.Pair, error] {
	return r.scan(prefix, start, true)
}

// scan merges the overlay over the snapshot. Where both have a key the overlay
// wins, and its deletions hide the key.
func (r *reader) scan(prefix, start []byte, back bool) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		bound, err := scanBound(prefix, start, back)
		if err != nil {
			yield(kv.Pair{}, err)
			return
		}
		base := newBaseCursor(r.txn, prefix, bound, back)
		defer base.close()
		over := &overlayCursor{}
		if r.over != nil && len(r.over.writes) > 0 {
			over = r.over.cursor(prefix, bound, back)
		}
		for base.valid() || over.valid {
			order := -1 // whose turn it is: -1 base, 1 overlay, 0 both stand at the same key
			switch {
			case !base.valid():
				order = 1
			case over.valid:
				order = bytes.Compare(base.key(), []byte(over.at.Key()))
				if back {
					order = -order
				}
			}
			if order < 0 {
				pair, err := base.pair()
				if !yield(pair, err) || err != nil {
					return
				}
				base.next()
				continue
			}
			p := over.at.Value()
			if !p.deleted && !yield(kv.Pair{Key: []byte(over.at.Key()), Value: p.value}, nil) {
				return
			}
			over.next()
			if order == 0 {
				base.next()
			}
		}
	}
}

// scanBound is the key a scan begins at.
func scanBound(prefix, start []byte, back bool) ([]byte, error) {
	switch {
	case len(prefix) > kv.MaxKeyBytes || len(start) > kv.MaxKeyBytes:
		return nil, fmt.Errorf("scan: a key has at most %d bytes", kv.MaxKeyBytes)
	case len(prefix) > 0 && prefix[0] == 0 || len(start) > 0 && start[0] == 0:
		return nil, errors.New("scan: keys that begin with 0x00 are reserved")
	case start != nil && !bytes.HasPrefix(start, prefix):
		return nil, fmt.Errorf("scan: start %q has not the prefix %q", start, prefix)
	case len(start) > 0:
		return start, nil
	case !back && len(prefix) > 0:
		return prefix, nil
	case !back:
		return []byte{1}, nil // past the reserved keys
	}
	// No key with the prefix comes after this.
	bound := bytes.Repeat([]byte{0xff}, kv.MaxKeyBytes+1)
	copy(bound, prefix)
	return bound, nil
}

// baseCursor walks the committed keys of a range. What it gives is Badger's own
// memory, which the next step uses again.
type baseCursor struct {
	txn *badger.Txn
	at  *badger.Iterator
}

func newBaseCursor(txn *badger.Txn, prefix, bound []byte, back bool) *baseCursor {
	// Values lie beside their keys: Badger's prefetching would only start a
	// goroutine each.
	at := txn.NewIterator(badger.IteratorOptions{Prefix: prefix, Reverse: back})
	at.Seek(bound)
	return &baseCursor{txn: txn, at: at}
}

func (c *baseCursor) valid() bool { return c.at.Valid() && c.key()[0] != 0 }
func (c *baseCursor) key() []byte { return c.at.Item().Key() }
func (c *baseCursor) next()       { c.at.Next() }
func (c *baseCursor) close()      { c.at.Close() }

func (c *baseCursor) pair() (pair kv.Pair, err error) {
	item := c.at.Item()
	pair.Key = slices.Clip(item.Key())
	if isSplit(item) {
		pair.Value, err = valueOf(c.txn, item)
	} else {
		err = item.Value(func(v []byte) error {
			pair.Value = slices.Clip(v)
			return nil
		})
	}
	if err != nil {
		return kv.Pair{}, fmt.Errorf("scan at %q: %w", pair.Key, err)
	}
	return pair, nil
}
