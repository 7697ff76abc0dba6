//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"inglenook/app"
	"inglenook/store"
	"inglenook/syncserver/api"
)

// manyEntities is what a household has after some years.
const manyEntities = 20_000

// furnish makes the data folder of a device that hosts a household of many
// entities.
func furnish(t testing.TB, dir string) {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{Dir: dir, Name: "bench", Version: "test", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	d := &device{App: a, t: t, name: "bench"}
	defer d.shut()
	d.online()
	if err := d.Start(t.Context(), api.Start{Household: "Lindenhof", Name: "Zofia"}); err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(many(t, manyEntities), store.MaxBatch) {
		d.write("", batch...)
	}
	d.synced(0)
}

// BenchmarkFirstPaint starts the release build on a household of 20,000
// entities. first-paint is the first pixel with something on it, household the
// first look at which the household was there; both count from the start of
// the process.
func BenchmarkFirstPaint(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	furnish(b, dir)
	var paints, households []float64
	for b.Loop() {
		p := begin(b, dir)
		p.inspector = inspect(b, p.cmd.Args[len(p.cmd.Args)-1])
		p.until("painted", "performance.getEntriesByName('first-contentful-paint').length && document.querySelector('main h1')")
		start := float64(p.started.UnixMicro()) / 1000
		households = append(households, p.number("performance.timeOrigin + performance.now()")-start)
		paints = append(paints, p.number("performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime")-start)
		p.end(syscall.SIGTERM)
	}
	b.ReportMetric(median(paints), "ms/first-paint")
	b.ReportMetric(median(households), "ms/household")
	b.ReportMetric(0, "ns/op") // starting and ending is not what is measured
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
