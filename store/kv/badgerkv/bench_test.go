package badgerkv

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"inglenook/store/kv"
)

// BenchmarkWrite compares durable writes of 300-byte values through Update with
// plain Badger, one synced commit a write. The disk varies: each pair runs
// interleaved and only their ratio says something.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			var commits int // by the committer alone; read when nobody writes
			ours, err := Open(Options{Dir: b.TempDir(), Now: time.Now, beforeWrite: func(string) error {
				commits++
				return nil
			}})
			if err != nil {
				b.Fatal(err)
			}
			defer ours.Close() //nolint:errcheck // measured before
			plain, err := badger.Open(badger.DefaultOptions(b.TempDir()).WithSyncWrites(true).WithLogger(nil))
			if err != nil {
				b.Fatal(err)
			}
			defer plain.Close() //nolint:errcheck // measured before

			var next atomic.Uint64
			value := make([]byte, 300)
			for i := range value {
				value[i] = byte(rand.IntN(64)) //nolint:gosec // filler
			}
			key := func() []byte { return binary.BigEndian.AppendUint64([]byte("k"), next.Add(1)) }
			writeOurs := func() error {
				return ours.Update(context.Background(), func(tx kv.Tx) error { return tx.Set(key(), value) })
			}
			writePlain := func() error {
				return plain.Update(func(txn *badger.Txn) error { return txn.Set(key(), value) })
			}
			var spentOurs, spentPlain time.Duration
			records := 0
			for b.Loop() {
				const batch = 512
				spentPlain += spend(b, writers, batch, writePlain)
				spentOurs += spend(b, writers, batch, writeOurs)
				records += batch
			}
			const syncsPerCommit = 2 // Badger syncs the memtable's log and the value log
			b.ReportMetric(syncsPerCommit*float64(commits)/float64(records), "syncs/write")
			b.ReportMetric(float64(records)/spentOurs.Seconds(), "writes/s")
			b.ReportMetric(float64(records)/spentPlain.Seconds(), "plain-writes/s")
			b.ReportMetric(spentPlain.Seconds()/spentOurs.Seconds(), "ratio")
		})
	}
}

// spend runs n writes from several goroutines and returns how long they took.
func spend(b *testing.B, writers, n int, write func() error) time.Duration {
	begin := time.Now()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range n / writers {
				if err := write(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(begin)
}
