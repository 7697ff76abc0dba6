package replica

import (
	"context"
	"errors"
	"slices"

	"inglenook/store"
	"inglenook/syncserver/client"
)

// pushAll pushes what waits, one batch in flight, until ctx is done or the
// server cannot be reached. Whatever else the server says to a batch, the
// stream stays open.
func (r *Replica) pushAll(ctx context.Context, server *client.Client) error {
	pause := backoff{random: r.cfg.Random}
	limit := store.MaxBatch
	for {
		b, err := r.device.NextBatch(ctx, limit)
		if err != nil {
			return err
		}
		if b == nil {
			r.busy(false)
			limit = store.MaxBatch
			select {
			case <-r.push:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r.busy(true)
		answer, err := server.Push(ctx, *b)
		switch {
		case err == nil:
			pause.reset()
			if err := r.learnOfOthers(ctx, server, answer); err != nil {
				return err
			}
			err := r.device.Answer(ctx, b.Seq, answer)
			if store.CodeOf(err) == store.CodeSeqStale {
				err = r.device.Renew(ctx)
			}
			if err != nil {
				return err
			}
			r.heard(answer.Event.ID)
		case needsSignIn(err), ctx.Err() != nil, store.CodeOf(err) == store.CodeServerUnreached:
			return err
		case store.CodeOf(err) == store.CodeSeqStale:
			if err := r.device.Renew(ctx); err != nil {
				return err
			}
		case refused(err):
			// Something in it the server does not even look at: find out what,
			// one by one.
			limit = 1
			if err := r.device.Refuse(ctx, b.Seq, reasonOf(err)); err != nil {
				return err
			}
		default:
			r.busy(false)
			r.cfg.Log.Warn().Str("code", string(store.CodeOf(err))).Msg("batch is to be repeated")
			if err := r.cfg.Sleep(ctx, pause.next(err)); err != nil {
				return err
			}
		}
	}
}

// learnOfOthers applies what the server has when ids were taken: the device is
// to know by what, and the stream may not have brought it yet.
func (r *Replica) learnOfOthers(ctx context.Context, server *client.Client, answer store.BatchResult) error {
	taken := func(result store.Result) bool { return result.Code == store.CodeIDConflict }
	if !slices.ContainsFunc(answer.Results, taken) {
		return nil
	}
	head, err := server.LastEventID(ctx)
	if err != nil {
		return err
	}
	cursor, err := r.device.Cursor(ctx)
	if err != nil {
		return err
	}
	_, err = r.catchUp(ctx, server, cursor, head)
	return err
}

func (r *Replica) busy(busy bool) { r.status.change(func(v *view) { v.busy = busy }) }

// refused tells an answer that a repetition of the same batch would only get
// again.
func refused(err error) bool {
	switch store.CodeOf(err) { //nolint:exhaustive // all others are worth another try
	case store.CodeInvalid, store.CodeMalformed, store.CodeTooLarge:
		return true
	}
	return false
}

func reasonOf(err error) *store.Error {
	var reason *store.Error
	if errors.As(err, &reason) {
		return reason
	}
	return store.Errorf(store.CodeInternal, "", "the server did not take it")
}
