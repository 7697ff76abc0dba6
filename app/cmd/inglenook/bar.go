package main

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A bar is for what takes longer than patience.
const patience, repaint = time.Second, 100 * time.Millisecond

// bar shows on stderr how much of something is done, in a line that goes away.
// Where stderr is no terminal, nothing is shown.
type bar struct {
	done        atomic.Int64
	stop, ended chan struct{}
}

// progress begins a bar.
func (s *session) progress(what string, total int) *bar {
	b := &bar{stop: make(chan struct{}), ended: make(chan struct{})}
	stat, err := s.errors.Stat()
	if err != nil || stat.Mode()&os.ModeCharDevice == 0 {
		close(b.ended)
		return b
	}
	go func() {
		defer close(b.ended)
		b.show(progressbar.NewOptions(total, progressbar.OptionSetWriter(s.errors),
			progressbar.OptionSetDescription(what), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish()))
	}()
	return b
}

// show paints, also when nothing moves, until end is called. What it paints with
// fails only where the terminal has gone.
func (b *bar) show(on *progressbar.ProgressBar) {
	next := time.NewTimer(patience)
	defer next.Stop()
	for shown := false; ; shown = true {
		select {
		case <-b.stop:
			if shown {
				_ = on.Clear()
			}
			return
		case <-next.C:
			_ = on.Set64(b.done.Load())
			next.Reset(repaint)
		}
	}
}

func (b *bar) set(done int) { b.done.Store(int64(done)) }

// end takes the bar away.
func (b *bar) end() {
	close(b.stop)
	<-b.ended
}
