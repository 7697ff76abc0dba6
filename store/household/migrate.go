package household

import (
	"context"
	"crypto/rand"
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"
)

// format is the version of the key layout. A program opens what it or an older
// one wrote, never what a newer one did.
const format = 2

// migrate makes an empty store ours, brings an older one up to date, and reads
// who the store is.
func (s *Store) migrate(ctx context.Context) error {
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		found, err := readNum(tx, metaKey("format"))
		switch {
		case err != nil:
			return err
		case found > format:
			return store.Errorf(store.CodeFormatNewer, "", "this household was written by a newer Inglenook (format %d, this one knows %d)", found, format)
		case found == 0:
			return create(tx)
		case found < 2:
			return fmt.Errorf("this household is of format %d, which no release has written", found)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.View(ctx, func(r kv.Reader) error {
		epoch, err := readNum(r, metaKey("epoch"))
		if err != nil {
			return err
		}
		instance, ok, err := r.Get(metaKey("instance"))
		if err == nil && (!ok || epoch == 0) {
			err = fmt.Errorf("open household: epoch or instance is missing")
		}
		s.epoch, s.instance = store.Epoch(epoch), string(instance)
		return err
	})
}

func create(tx kv.Tx) error {
	for _, pair := range []struct {
		name  string
		value []byte
	}{
		{"format", num(format)},
		{"epoch", num(uint64(store.NewEpoch()))},
		{"instance", []byte(rand.Text()[:12])},
		{"head", num(0)},
	} {
		if err := tx.Set(metaKey(pair.name), pair.value); err != nil {
			return err
		}
	}
	return nil
}
