package bridge

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Frame is one frame of the stream to the page. N counts from 1 with every
// listening, so that the page notices when one was lost on the way.
type Frame struct {
	N     uint64         `json:"n"`
	Event string         `json:"event"` // session, replacements, forget, reset, status
	ID    string         `json:"id,omitempty"`
	Data  jsontext.Value `json:"data"`
}

// postListen ends the present listening and begins another one behind a cursor,
// "" for the head.
func (b *Bridge) postListen(r *http.Request, at *replica.Replica) (any, error) {
	var in struct {
		After string `json:"after"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	after, err := cursorOf(at, in.After)
	if err != nil {
		return nil, err
	}
	b.listen(func() func() { return b.follow(r.Context(), after, b.cfg.Emit) })
	return nil, nil
}

// cursorOf reads a cursor; "" is the head.
func cursorOf(at *replica.Replica, text string) (store.Cursor, error) {
	if text == "" {
		return at.Line().Head(), nil
	}
	return store.ParseCursor(text)
}

// listen replaces the present listening; begin nil is none. Frames of two
// listenings never mix: the old one has ended before the new one begins.
func (b *Bridge) listen(begin func() (stop func())) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		b.stop()
		b.stop = nil
	}
	if begin != nil {
		b.stop = begin()
	}
}

// Listen calls emit with the frames behind a cursor, "" for the head, one at a
// time, until stop is called, which waits for the last one.
//
// Errors: store.CodeCursorInvalid.
func (b *Bridge) Listen(ctx context.Context, after string, emit func(Frame)) (stop func(), err error) {
	var cursor store.Cursor
	err = b.cfg.Device.With(ctx, func(_ context.Context, at *replica.Replica) (err error) {
		cursor, err = cursorOf(at, after)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b.follow(ctx, cursor, emit), nil
}

// follow goes on when the request that began it is done.
func (b *Bridge) follow(ctx context.Context, after store.Cursor, emit func(Frame)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &listening{bridge: b, emit: emit, cursor: after}
	var running sync.WaitGroup
	running.Go(func() { l.run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// listening is one page's place on the line.
type listening struct {
	bridge  *Bridge
	emit    func(Frame)
	n       uint64
	cursor  store.Cursor
	session []byte // as last sent
	status  []byte
	lost    bool // the page must begin anew: only the status goes on
}

// run follows whoever is active. The line of another person has another epoch:
// the page is sent a reset.
func (l *listening) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.bridge.cfg.Device.With(ctx, l.follow)
		if err != nil && ctx.Err() == nil && store.CodeOf(err) != store.CodeDraining {
			l.bridge.cfg.Log.Error().Err(err).Msg("bridge cannot read the line")
			return
		}
	}
}

// follow sends what is new at one person's replica until ctx is done.
func (l *listening) follow(ctx context.Context, at *replica.Replica) error {
	for {
		line, status := at.Line().Wake(), at.Watch()
		if err := l.tell(ctx, at); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-line:
		case <-status:
		}
	}
}

// tell sends everything that is new.
func (l *listening) tell(ctx context.Context, at *replica.Replica) error {
	if session, ok := l.bridge.cfg.Device.Session(); ok {
		if err := l.sendNew("session", session, &l.session); err != nil {
			return err
		}
	}
	if err := l.forward(ctx, at); err != nil {
		return err
	}
	status, err := l.bridge.cfg.Device.Status(ctx)
	if err != nil {
		return err
	}
	return l.sendNew("status", status, &l.status)
}

// forward sends the entries behind the cursor.
func (l *listening) forward(ctx context.Context, at *replica.Replica) error {
	for !l.lost && ctx.Err() == nil {
		entries, _, err := at.Line().After(l.cursor, 64)
		if reason, ok := err.(*store.Error); ok { //nolint:errorlint // After returns it bare
			l.lost = true
			return l.send("reset", "", api.Reset{Reason: reason.Field})
		}
		if len(entries) == 0 {
			return nil
		}
		for _, entry := range entries {
			event, err := l.bridge.event(ctx, at, entry)
			if err != nil {
				return err
			}
			for _, f := range event.Forget {
				if err := l.send("forget", "", f); err != nil {
					return err
				}
			}
			l.cursor.ID, event.Forget = entry.ID, nil
			if err := l.send("replacements", l.cursor.String(), event); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendNew sends a value unless it is the one sent last.
func (l *listening) sendNew(event string, value any, last *[]byte) error {
	data, err := json.Marshal(value, json.Deterministic(true))
	if err != nil || bytes.Equal(data, *last) {
		return err
	}
	*last = data
	return l.send(event, "", jsontext.Value(data))
}

func (l *listening) send(event, id string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	l.n++
	l.emit(Frame{N: l.n, Event: event, ID: id, Data: data})
	return nil
}
