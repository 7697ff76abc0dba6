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
	restAgain    = 10       // intervals of rest after which it is given back once more
)

// giveBack gives memory back to the system when a burst is over, and once more
// when the engine has let go of its own buffers, until ctx is done.
func giveBack(ctx context.Context) {
	ticker := time.NewTicker(restInterval)
	defer ticker.Stop()
	given, before, rest := uint64(0), uint64(0), 0
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := allocated()
		if rest++; now-before >= restQuiet {
			rest = 0
		}
		before = now
		switch {
		case rest > 0 && now-given > restWorth:
			given = now
			debug.FreeOSMemory()
		case rest == restAgain && given > 0:
			debug.FreeOSMemory()
		}
	}
}

// allocated is how many bytes of the heap have ever been handed out.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
