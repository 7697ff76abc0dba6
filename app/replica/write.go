package replica

import (
	"context"

	"inglenook/store"
)

// Write takes own replacements, each on its own merits, and returns what became
// of them with the place on the line behind them. They are durable and shown
// when it returns, and on their way to the server when there is one.
func (r *Replica) Write(ctx context.Context, act string, in []store.Replacement) (store.BatchResult, error) {
	results, err := r.device.Write(ctx, act, in)
	if err != nil {
		return store.BatchResult{}, err
	}
	r.written()
	return store.BatchResult{Event: r.line.Head(), Results: results}, nil
}

// WriteAll takes all of them or none.
func (r *Replica) WriteAll(ctx context.Context, act string, in []store.Replacement) error {
	return r.WriteAllCounted(ctx, act, in, nil)
}

// WriteAllCounted is WriteAll for very many: count is called with how many have
// been laid ready. It must not block.
func (r *Replica) WriteAllCounted(ctx context.Context, act string, in []store.Replacement, count func(ready int)) error {
	if err := r.device.WriteAllCounted(ctx, act, in, count); err != nil {
		return err
	}
	r.written()
	return nil
}

// Retry writes a parked replacement again. Errors: store.CodeNotFound, and the
// reason when it may not be written.
func (r *Replica) Retry(ctx context.Context, seq uint64) error {
	if err := r.device.Retry(ctx, seq); err != nil {
		return err
	}
	r.written()
	return nil
}

// Discard gives a parked replacement up. Errors: store.CodeNotFound.
func (r *Replica) Discard(ctx context.Context, seq uint64) error { return r.device.Discard(ctx, seq) }

// written lets what was written go out.
func (r *Replica) written() {
	poke(r.push)
	poke(r.wake)
}
