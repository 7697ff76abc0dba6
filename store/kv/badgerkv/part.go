package badgerkv

import (
	"encoding/binary"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// A value above maxInlineBytes is kept in parts, which lie inline beside their
// keys like every other value:
//
//	key                            number of parts, length (uvarint), marked splitMark
//	0x00 "part/" key index(4, BE)  up to maxInlineBytes each
//
// In Badger's value log it would not be safe: an error of syncing that is only
// logged, and so is an error of reading from it.
const (
	maxInlineBytes = 512 << 10
	splitMark      = 1
	partPrefix     = "\x00part/"
)

func partKey(key []byte, index uint32) []byte {
	k := make([]byte, 0, len(partPrefix)+len(key)+4)
	k = append(append(k, partPrefix...), key...)
	return binary.BigEndian.AppendUint32(k, index)
}

// layOut turns an overlay into Badger's writes, and tells how the numbers of
// parts change.
func (db *DB) layOut(over *overlay) (ops []op, parts map[string]uint32) {
	ops = make([]op, 0, len(over.writes))
	parts = map[string]uint32{}
	for name, p := range over.writes {
		key, had := p.key, db.parts[name]
		var has uint32
		switch {
		case p.deleted:
			ops = append(ops, op{key: key, delete: true})
		case len(p.value) <= maxInlineBytes:
			ops = append(ops, op{key: key, value: p.value})
		default:
			rest := p.value
			for len(rest) > 0 {
				n := min(len(rest), maxInlineBytes)
				ops = append(ops, op{key: partKey(key, has), value: rest[:n]})
				rest, has = rest[n:], has+1
			}
			head := binary.AppendUvarint(nil, uint64(has))
			head = binary.AppendUvarint(head, uint64(len(p.value)))
			ops = append(ops, op{key: key, value: head, mark: splitMark})
		}
		for i := has; i < had; i++ {
			ops = append(ops, op{key: partKey(key, i), delete: true})
		}
		if had != has {
			parts[name] = has
		}
	}
	return ops, parts
}

// noteParts remembers what layOut told, once it is committed.
func (db *DB) noteParts(parts map[string]uint32) {
	for name, n := range parts {
		if n == 0 {
			delete(db.parts, name)
		} else {
			db.parts[name] = n
		}
	}
}

// countParts finds the split values of a store. They are few: everything of
// Inglenook but attachments is far smaller.
func countParts(engine *badger.DB) (map[string]uint32, error) {
	parts := map[string]uint32{}
	txn := engine.NewTransaction(false)
	defer txn.Discard()
	at := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(partPrefix)})
	defer at.Close()
	for at.Rewind(); at.Valid(); at.Next() {
		k := at.Item().Key()[len(partPrefix):]
		if len(k) < 4 {
			return nil, fmt.Errorf("malformed key %q", at.Item().Key())
		}
		parts[string(k[:len(k)-4])]++
	}
	return parts, nil
}

func isSplit(item *badger.Item) bool { return item.UserMeta() == splitMark }

// valueOf returns an item's value, put together when it is split.
func valueOf(txn *badger.Txn, item *badger.Item) ([]byte, error) {
	value, err := item.ValueCopy(nil)
	if err != nil || !isSplit(item) {
		return value, err
	}
	n, used := binary.Uvarint(value)
	length, usedToo := binary.Uvarint(value[max(used, 0):])
	if used <= 0 || usedToo <= 0 {
		return nil, fmt.Errorf("malformed head of a split value")
	}
	whole := make([]byte, 0, length)
	key := item.KeyCopy(nil)
	for i := range uint32(n) {
		part, err := txn.Get(partKey(key, i))
		if err != nil {
			return nil, fmt.Errorf("part %d of %d: %w", i+1, n, err)
		}
		if err := part.Value(func(v []byte) error {
			whole = append(whole, v...)
			return nil
		}); err != nil {
			return nil, fmt.Errorf("part %d of %d: %w", i+1, n, err)
		}
	}
	if uint64(len(whole)) != length {
		return nil, fmt.Errorf("a split value has %d bytes instead of %d", len(whole), length)
	}
	return whole, nil
}
