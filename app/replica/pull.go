package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"

	"github.com/go-json-experiment/json"
)

// pageEvents is how many events are asked for at once when catching up.
const pageEvents = 10_000

// errReset asks for a snapshot.
var errReset = store.Errorf(store.CodeReset, "", "the server does not know the cursor")

// pull applies everything the server had when it was asked, and returns the
// cursor behind it.
func (r *Replica) pull(ctx context.Context, server *client.Client) (store.Cursor, error) {
	head, err := server.LastEventID(ctx)
	if err != nil {
		return head, err
	}
	r.heard(head.ID)
	cursor, err := r.device.Cursor(ctx)
	if err != nil {
		return cursor, err
	}
	if r.renew || cursor.Epoch != head.Epoch || cursor.ID > head.ID {
		if cursor, err = r.snapshot(ctx, server); err != nil {
			return cursor, err
		}
		r.renew = false
	}
	if cursor, err = r.catchUp(ctx, server, cursor, head); store.CodeOf(err) == store.CodeReset {
		r.renew = true
	}
	return cursor, err
}

// catchUp applies the events after a cursor up to the head, and returns the
// cursor behind them. That the stream brings the same events does no harm.
func (r *Replica) catchUp(ctx context.Context, server *client.Client, cursor, head store.Cursor) (store.Cursor, error) {
	for cursor.ID < head.ID {
		to, now, err := server.Changes(ctx, cursor, pageEvents, func(to store.Cursor, events []household.ReceivedEvent) error {
			return r.device.Apply(ctx, to, events)
		})
		if err != nil {
			return cursor, err
		}
		if to == cursor {
			return cursor, fmt.Errorf("the server's head is %d, and there is nothing after %s", head.ID, cursor)
		}
		cursor = to
		r.heard(now.ID)
	}
	return cursor, nil
}

// snapshots is how often a snapshot is resumed before it begins anew.
const snapshots = 5

// snapshot takes everything over, and resumes where it was cut.
func (r *Replica) snapshot(ctx context.Context, server *client.Client) (store.Cursor, error) {
	var at store.Cursor
	var loading *household.Loading
	begin := func(c store.Cursor) (err error) {
		if at = c; loading == nil {
			loading, err = r.device.Load(ctx, c)
		}
		return err
	}
	add := func(entities []household.Received) error { return loading.Add(ctx, entities) }
	for try := 1; ; try++ {
		var after store.Ref
		if loading != nil {
			after = loading.Last()
		}
		err := server.Snapshot(ctx, at, after, begin, add)
		if err == nil {
			return at, loading.Done(ctx)
		}
		if !errors.Is(err, client.ErrCut) || try == snapshots {
			return at, err
		}
	}
}

// heard notes that the server has answered, and its newest event.
func (r *Replica) heard(head store.EventID) {
	now := store.TimestampOf(r.cfg.Now())
	r.status.change(func(v *view) {
		v.there = max(v.there, head)
		v.heard = now
	})
}

// gather is how many events of a burst are applied in one transaction.
const gather = 256

// follow applies the stream behind a cursor as it comes, and says when it has
// opened. It never returns nil.
func (r *Replica) follow(ctx context.Context, server *client.Client, cursor store.Cursor, opened func(api.Session)) error {
	var events []household.ReceivedEvent
	return server.Stream(ctx, cursor, func(f client.Frame, more bool) error {
		switch f.Event {
		case "session":
			var s api.Session
			if err := json.Unmarshal(f.Data, &s); err != nil {
				return fmt.Errorf("read the session: %w", err)
			}
			opened(s)
			r.status.change(func(v *view) { v.session, v.known, v.phase, v.refusal = s, true, online, refusal{} })
		case "replacements":
			var event household.ReceivedEvent
			if err := json.Unmarshal(f.Data, &event); err != nil {
				return fmt.Errorf("read event %s: %w", f.ID, err)
			}
			cursor, event.ID = f.ID, f.ID.ID
			events = append(events, event)
		case "forget":
			var forget store.Forget
			if err := json.Unmarshal(f.Data, &forget); err != nil {
				return fmt.Errorf("read what to forget: %w", err)
			}
			events = append(events, household.ReceivedEvent{ID: cursor.ID, Forget: []store.Forget{forget}})
		case "reset":
			r.renew = true
			return errReset
		case "bye":
			return r.bye(f.Data)
		}
		if len(events) == 0 || more && len(events) < gather {
			return nil
		}
		if err := r.device.Apply(ctx, cursor, events); err != nil {
			return err
		}
		clear(events)
		events = events[:0]
		r.heard(cursor.ID)
		return nil
	})
}

// byeError is what the server said before it closed the stream.
type byeError struct {
	code  string
	retry time.Duration
}

func (e *byeError) Error() string { return "the server closed the stream: " + e.code }

// errOver says that the generation of the session that opened the stream is
// over. Whether there is another one, the next request finds out.
var errOver = errors.New("the session's generation is over")

func (r *Replica) bye(data []byte) error {
	var bye api.Bye
	if err := json.Unmarshal(data, &bye); err != nil {
		return fmt.Errorf("read bye: %w", err)
	}
	switch bye.Code {
	case "session-rotated", string(store.CodeSessionEnded), string(store.CodeSessionExpired):
		return errOver
	}
	return &byeError{code: bye.Code, retry: time.Duration(bye.RetryMs) * time.Millisecond}
}
