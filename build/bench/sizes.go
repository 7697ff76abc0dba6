package main

import "time"

// sizes say how much is measured.
type sizes struct {
	rounds    int // how often ours and the reference take turns
	alone     int // writes of one client in a round
	together  int // writes of each of clients in a round
	clients   int
	batch     int // entities in a batch
	batches   int // pushed in a round
	behind    int // events to catch up with, and entities in the full stores
	entities  int // of a snapshot
	streams   []int
	announces int // events sent to open streams
	exchanges int // writes from device to device
	requests  int // with a session and without, in a round
	sessions  int // in a store
	rest      time.Duration
}

var (
	whole = sizes{
		rounds: 15, alone: 200, together: 50, clients: 64, batch: 1000, batches: 10, behind: 100_000, entities: 53_000,
		streams: []int{1000, 5000}, announces: 25, exchanges: 300, requests: 4000, sessions: 100_000, rest: 10 * time.Second,
	}
	quickly = sizes{
		rounds: 5, alone: 100, together: 20, clients: 64, batch: 1000, batches: 5, behind: 20_000, entities: 20_000,
		streams: []int{1000}, announces: 7, exchanges: 60, requests: 1000, sessions: 10_000, rest: 5 * time.Second,
	}
	tiny = sizes{
		rounds: 1, alone: 3, together: 2, clients: 3, batch: 10, batches: 2, behind: 30, entities: 30,
		streams: []int{6}, announces: 1, exchanges: 2, requests: 3, sessions: 20, rest: 100 * time.Millisecond,
	}
)
