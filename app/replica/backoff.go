package replica

import (
	"errors"
	"time"
)

// Between two tries passes a random part of a time that doubles (full jitter):
// a household whose server comes back does not call it all at once.
const (
	firstPause = 500 * time.Millisecond
	maxPause   = 60 * time.Second
)

type backoff struct {
	random func() float64
	limit  time.Duration
}

func (b *backoff) reset() { b.limit = 0 }

// next is how long to wait after a failure.
func (b *backoff) next(err error) time.Duration {
	var said *byeError
	if errors.As(err, &said) && said.retry > 0 {
		return said.retry
	}
	b.limit = min(max(2*b.limit, firstPause), maxPause)
	return max(time.Duration(b.random()*float64(b.limit)), time.Millisecond)
}
