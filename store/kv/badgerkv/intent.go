package badgerkv

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// A write-set above Badger's limit is written down before it is applied:
//
//  1. its pieces, one Badger transaction each, under 0x00 "intent/piece/"
//  2. their number under 0x00 "intent/whole": from here on it is committed
//  3. each piece applied, one Badger transaction each
//  4. the number and the pieces removed, in one transaction
//
// A crash before 2 leaves pieces that Open removes, one after it leaves an
// intent that Open applies again from the start: applying is idempotent, and
// nothing else is written before it is finished.
const (
	piecePrefix = "\x00intent/piece/"
	wholeKey    = "\x00intent/whole"

	maxPieceBytes = 768 << 10 // below Badger's inline limit of 1 MiB
	maxPieceOps   = 8192      // below its limit of entries, 26,214

	// intentCopies is how often a write-set lies on the disk before compaction:
	// pieces and applied, each in a log and in a table.
	intentCopies = 4
)

func pieceKey(index int) []byte {
	return binary.BigEndian.AppendUint32([]byte(piecePrefix), uint32(index)) //nolint:gosec // as many pieces do not fit into memory
}

// writeIntent commits ops of any number.
func (db *DB) writeIntent(ops []op) error {
	pieces := cut(ops)
	for i, piece := range pieces {
		if err := db.write("piece", []op{{key: pieceKey(i), value: encodePiece(piece)}}); err != nil {
			return fmt.Errorf("write piece %d of %d: %w", i+1, len(pieces), err)
		}
	}
	whole := op{key: []byte(wholeKey), value: binary.AppendUvarint(nil, uint64(len(pieces)))}
	if err := db.write("whole", []op{whole}); err != nil {
		return fmt.Errorf("commit %d pieces: %w", len(pieces), err)
	}
	for i, piece := range pieces {
		if err := db.write("apply", piece); err != nil {
			return fmt.Errorf("apply piece %d of %d: %w", i+1, len(pieces), err)
		}
	}
	return db.removeIntent(len(pieces))
}

// finishIntent applies the intent a crash has left, or removes what there is of
// it.
func (db *DB) finishIntent() error {
	txn := db.engine.NewTransaction(false)
	defer txn.Discard()
	item, err := txn.Get([]byte(wholeKey))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return db.removePieces(txn)
	}
	if err != nil {
		return err
	}
	value, err := item.ValueCopy(nil)
	if err != nil {
		return err
	}
	n, used := binary.Uvarint(value)
	if used <= 0 {
		return errors.New("malformed number of pieces")
	}
	for i := range int(n) { //nolint:gosec // written by writeIntent
		item, err := txn.Get(pieceKey(i))
		if err != nil {
			return fmt.Errorf("read piece %d of %d: %w", i+1, n, err)
		}
		value, err := item.ValueCopy(nil)
		if err != nil {
			return fmt.Errorf("read piece %d of %d: %w", i+1, n, err)
		}
		piece, err := decodePiece(value)
		if err != nil {
			return fmt.Errorf("read piece %d of %d: %w", i+1, n, err)
		}
		if err := db.write("apply again", piece); err != nil {
			return fmt.Errorf("apply piece %d of %d: %w", i+1, n, err)
		}
	}
	return db.removeIntent(int(n)) //nolint:gosec // as above
}

func (db *DB) removeIntent(pieces int) error {
	ops := []op{{key: []byte(wholeKey), delete: true}}
	for i := range pieces {
		ops = append(ops, op{key: pieceKey(i), delete: true})
	}
	if err := db.write("remove", ops); err != nil {
		return fmt.Errorf("remove %d applied pieces: %w", pieces, err)
	}
	return nil
}

// removePieces removes the pieces of an intent that was never whole.
func (db *DB) removePieces(txn *badger.Txn) error {
	var ops []op
	at := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(piecePrefix)})
	for at.Rewind(); at.Valid(); at.Next() {
		ops = append(ops, op{key: at.Item().KeyCopy(nil), delete: true})
	}
	at.Close()
	if len(ops) == 0 {
		return nil
	}
	if err := db.write("remove", ops); err != nil {
		return fmt.Errorf("remove %d pieces: %w", len(ops), err)
	}
	return nil
}

// cut divides ops into pieces that each fit one Badger transaction.
func cut(ops []op) [][]op {
	var pieces [][]op
	from, bytes := 0, 0
	for i, o := range ops {
		n := len(o.key) + len(o.value) + 2*binary.MaxVarintLen32 + 2
		if i > from && (bytes+n > maxPieceBytes || i-from == maxPieceOps) {
			pieces = append(pieces, ops[from:i])
			from, bytes = i, 0
		}
		bytes += n
	}
	return append(pieces, ops[from:])
}

// A piece is a row of ops: a byte that is 1 for a deletion, Badger's user byte,
// and key and value, each after its length as uvarint.
func encodePiece(ops []op) []byte {
	var b []byte
	for _, o := range ops {
		kind := byte(0)
		if o.delete {
			kind = 1
		}
		b = append(b, kind, o.mark)
		b = append(binary.AppendUvarint(b, uint64(len(o.key))), o.key...)
		b = append(binary.AppendUvarint(b, uint64(len(o.value))), o.value...)
	}
	return b
}

func decodePiece(b []byte) ([]op, error) {
	var ops []op
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, errors.New("a piece ends within an op")
		}
		o := op{delete: b[0] == 1, mark: b[1]}
		b = b[2:]
		for _, field := range []*[]byte{&o.key, &o.value} {
			n, used := binary.Uvarint(b)
			if used <= 0 || n > uint64(len(b)-used) {
				return nil, errors.New("a piece ends within an op")
			}
			*field = b[used : used+int(n)] //nolint:gosec // not beyond len(b)
			b = b[used+int(n):]            //nolint:gosec // not beyond len(b)
		}
		ops = append(ops, o)
	}
	return ops, nil
}
