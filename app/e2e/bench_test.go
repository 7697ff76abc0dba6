package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kv"
	"inglenook/store/storetest"
	"inglenook/syncserver/servertest"
)

// many is a month of shopping, without the real data.
func many(t testing.TB, n int) []store.Replacement {
	var in []store.Replacement
	var list store.ID
	for i := range n {
		if i%5 == 0 {
			list = store.NewID()
			in = append(in, store.Replacement{Kind: "list", Entity: entity(t, list, "title", fmt.Sprint("Basket ", i), "use", "shopping")})
			continue
		}
		in = append(in, store.Replacement{Kind: "item", Entity: entity(t, store.NewID(),
			"listId", list, "title", fmt.Sprint("whole milk ", i), "done", true, "orderKey", "a0")})
	}
	return in
}

// BenchmarkSnapshot: a device that joins takes 53,000 entities over. The ratio is
// to plainly writing the same values in the same run.
func BenchmarkSnapshot(b *testing.B) {
	server := servertest.Start(b, servertest.Options{})
	a := newDevice(b, "A", server.Clock.Now)
	a.join(server, "Anna")
	a.online()
	started := time.Now()
	a.write("", many(b, 53_000)...)
	wrote := time.Since(started)
	a.synced(0)
	b.ReportMetric(wrote.Seconds(), "s/local-write")
	b.ReportMetric((time.Since(started) - wrote).Seconds(), "s/push")
	head := server.Store().Head().ID
	for b.Loop() {
		b.StopTimer()
		d := newDevice(b, "B", server.Clock.Now)
		d.join(server, "Anna")
		b.StartTimer()
		started := time.Now()
		d.online()
		d.synced(head)
		took := time.Since(started)
		b.StopTimer()
		b.ReportMetric(took.Seconds()/plainly(b, d).Seconds(), "x-plain")
		d.shut()
		b.StartTimer()
	}
}

// plainly writes what a device shows into another store, and nothing else.
func plainly(b *testing.B, d *device) time.Duration {
	var pairs []kv.Pair
	for _, kind := range []store.Kind{"list", "item"} {
		for _, e := range d.shown(kind) {
			pairs = append(pairs, kv.Pair{Key: []byte(string(kind) + e.ID.String()), Value: e.AppendJSON(nil)})
		}
	}
	db := storetest.OpenDir(b, b.TempDir())
	started := time.Now()
	for chunk := range slices.Chunk(pairs, 4000) {
		err := db.Update(b.Context(), func(tx kv.Tx) error {
			for _, p := range chunk {
				if err := tx.Set(p.Key, p.Value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(started)
}

// BenchmarkWriteToAcknowledged: one write, durable here, taken by the server,
// confirmed by its event.
func BenchmarkWriteToAcknowledged(b *testing.B) {
	server := servertest.Start(b, servertest.Options{Dir: b.TempDir()})
	d := newDevice(b, "A", server.Clock.Now)
	d.join(server, "Anna")
	d.online()
	d.synced(0)
	i := 0
	for b.Loop() {
		i++
		d.write("", store.Replacement{Kind: "note", Entity: entity(b, 5, "title", fmt.Sprint(i))})
		d.synced(0)
	}
}
