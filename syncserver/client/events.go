package client

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"inglenook/store"
)

// Frame is one frame of the stream. Data is valid during the call only.
type Frame struct {
	Event string       // session, replacements, forget, reset, bye
	ID    store.Cursor // zero when the frame moves no cursor
	Data  []byte
}

// Stream reads the events after a cursor and whatever comes later, frame by
// frame, until fn fails, ctx is done or the stream breaks: it never returns
// nil. Resuming is the caller's, who knows what has been applied. more tells
// that other frames have arrived already.
//
// Errors: those of fn and of every request; ErrCut when the server ended it, or
// said nothing for too long.
func (c *Client) Stream(ctx context.Context, after store.Cursor, fn func(f Frame, more bool) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(c.silence, func() { cancel(errSilent) })
	defer silent.Stop()
	resp, err := c.send(ctx, http.MethodGet, "/api/event", url.Values{"after": {after.String()}}, nil, "text/event-stream")
	if err != nil {
		return silence(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := newLines(resp.Body)
	var f Frame
	for {
		line, err := lines.next()
		if err != nil {
			return silence(ctx, cut(ctx, err))
		}
		silent.Reset(c.silence)
		if len(line) > 0 {
			if err := f.take(line); err != nil {
				return err
			}
			continue
		}
		if f.Event == "" && f.Data == nil {
			continue // a heartbeat
		}
		if err := fn(f, lines.from.Buffered() > 0); err != nil {
			return err
		}
		f = Frame{}
	}
}

var errSilent = fmt.Errorf("%w: the server says nothing any more", ErrCut)

func silence(ctx context.Context, err error) error {
	if context.Cause(ctx) == errSilent { //nolint:errorlint // the very cause
		return errSilent
	}
	return err
}

// take reads one field of a frame (HTML, Server-sent events, "Interpreting an
// event stream"). retry and unknown fields are ignored.
func (f *Frame) take(line []byte) error {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		f.Event = string(value)
	case "id":
		id, err := store.ParseCursor(string(value))
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
		f.ID = id
	case "data":
		if f.Data != nil {
			f.Data = append(f.Data, '\n')
		}
		if f.Data = append(f.Data, value...); len(f.Data) > maxLine {
			return store.Errorf(store.CodeTooLarge, "", "a frame has more than %d bytes", maxLine)
		}
	}
	return nil
}
