package main

import (
	"fmt"
	"os"
	"time"

	"github.com/dgraph-io/badger/v4"

	"inglenook/store"
)

// plain is Badger as it comes, what a device's store is held against.
type plain struct {
	db  *badger.DB
	dir string
}

func openPlain(dir string, options badger.Options) (*plain, error) {
	dir, err := os.MkdirTemp(dir, "plain-")
	if err != nil {
		return nil, err
	}
	db, err := badger.Open(options.WithDir(dir).WithValueDir(dir).WithLogger(nil))
	if err != nil {
		return nil, fmt.Errorf("open plain store: %w", err)
	}
	return &plain{db, dir}, nil
}

// commit writes one item and returns how long one synced commit took.
func (p *plain) commit(it item) (time.Duration, error) {
	began := time.Now()
	err := p.db.Update(func(txn *badger.Txn) error { return txn.Set(itemKey(it.id), it.json) })
	return time.Since(began), err
}

// load writes all items in one go, synced at the end.
func (p *plain) load(items []item) (time.Duration, error) {
	began := time.Now()
	all := p.db.NewWriteBatch()
	defer all.Cancel()
	for _, it := range items {
		if err := all.Set(itemKey(it.id), it.json); err != nil {
			return 0, err
		}
	}
	if err := all.Flush(); err != nil {
		return 0, err
	}
	err := p.db.Sync()
	return time.Since(began), err
}

func itemKey(id store.ID) []byte { return []byte("item/" + id.String()) }

func (p *plain) close() {
	_ = p.db.Close()
	_ = os.RemoveAll(p.dir)
}
