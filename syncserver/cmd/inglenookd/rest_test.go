package main

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// What a burst has left is with the system again soon after.
func TestMemoryIsGivenBack(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for some seconds of rest")
	}
	held := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64() + sample[1].Value.Uint64() + sample[2].Value.Uint64()
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); giveBack(ctx) }()
	defer func() { stop(); <-done }()
	peak := func() uint64 {
		var burst [64][]byte
		for i := range burst {
			burst[i] = make([]byte, 1<<20)
		}
		at := held()
		runtime.KeepAlive(&burst)
		return at
	}()
	deadline := time.After(time.Minute)
	for held() > peak/2 {
		select {
		case <-time.After(restInterval / 10):
		case <-deadline:
			t.Fatalf("%d MiB are held, %d at the peak", held()>>20, peak>>20)
		}
	}
}
