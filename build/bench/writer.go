package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"inglenook/store"
)

// writer is one client that writes.
type writer struct {
	*wire
	server  *server
	replica store.ID
	seq     uint64
}

func (s *server) writer(ctx context.Context) (*writer, error) {
	w, err := dial(ctx, s, s.bearer(0))
	if err != nil {
		return nil, err
	}
	return &writer{wire: w, server: s, replica: store.NewID()}, nil
}

// message is a write, encoded before anybody looks at the clock.
type message struct {
	path string
	body []byte
}

func (w *writer) message(items []item) message {
	w.seq++
	path, body := w.server.batch(w.replica, w.seq, items)
	return message{path, body}
}

// send returns the event when the server says that it is durable.
func (w *writer) send(m message) (event uint64, err error) {
	answer, err := w.ask(http.MethodPost, m.path, m.body)
	if err != nil {
		return 0, err
	}
	return w.server.event(answer)
}

// sendAll sends them one after the other and returns how long it took.
func (w *writer) sendAll(messages []message) (time.Duration, error) {
	began := time.Now()
	for _, m := range messages {
		if _, err := w.send(m); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// writers are clients that write at the same time.
type writers []*writer

func (s *server) writers(ctx context.Context, n int) (all writers, err error) {
	for range n {
		w, err := s.writer(ctx)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

func (all writers) close() {
	for _, w := range all {
		w.close()
	}
}

// write writes n new items a client, each on its own, and returns how many in a
// second.
func (all writers) write(n int) (perSecond float64, err error) {
	messages := make([][]message, len(all))
	for i, w := range all {
		for range n {
			messages[i] = append(messages[i], w.message(newItems(w.server.lists()[0], 1)))
		}
	}
	errs := make(chan error, len(all))
	var done sync.WaitGroup
	began := time.Now()
	for i, w := range all {
		done.Go(func() {
			if _, err := w.sendAll(messages[i]); err != nil {
				errs <- err
			}
		})
	}
	done.Wait()
	took := time.Since(began)
	select {
	case err := <-errs:
		return 0, err
	default:
		return float64(n*len(all)) / took.Seconds(), nil
	}
}

// fill writes n new items in batches.
func (s *server) fill(ctx context.Context, n, batch int) error {
	w, err := s.writer(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	for n > 0 {
		if _, err := w.send(w.message(newItems(s.lists()[0], min(n, batch)))); err != nil {
			return err
		}
		n -= batch
	}
	return nil
}
