package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A compaction or a large import leaves garbage that nobody collects while the
// server waits: Go's next collection comes with the next allocations, or after
// minutes. A small machine has better use for it.
const (
	restInterval = 3 * time.Second
	restQuiet    = 1 << 20  // bytes allocated in an interval: less is rest
	restWorth    = 16 << 20 // bytes allocated since memory was given back: less is not worth it
)

// giveBack gives memory back to the system when a burst is over, until ctx is
// done.
func giveBack(ctx context.Context) {
	ticker := time.NewTicker(restInterval)
	defer ticker.Stop()
	given, before := uint64(0), uint64(0)
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := allocated()
		if now-before < restQuiet && now-given > restWorth {
			debug.FreeOSMemory()
			now = allocated()
			given = now
		}
		before = now
	}
}

// allocated is how many bytes of the heap have ever been handed out.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
