package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

const ndjson = "application/x-ndjson"

// LastEventID returns the newest event.
func (c *Client) LastEventID(ctx context.Context) (at store.Cursor, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/last-event-id", nil, nil, &at)
	return at, err
}

// ErrCut is in the chain of the error of a stream that ended too early.
var ErrCut = errors.New("the stream ended too early")

// Snapshot streams everything this session may see, ordered by kind and id,
// behind after when it names an entity. at is the cursor of the first page when
// the snapshot is resumed, zero when it begins. begin learns the snapshot's
// cursor before the first entity; entities are valid during the call only, and
// come in chunks of about a megabyte.
//
// Errors: ErrCut when not everything came, those of begin and add, and those of
// every request.
func (c *Client) Snapshot(ctx context.Context, at store.Cursor, after store.Ref,
	begin func(store.Cursor) error, add func([]household.Received) error,
) error {
	query := url.Values{}
	if after.Kind != "" {
		query.Set("after", string(after.Kind)+"/"+after.ID.String())
		query.Set("at", at.String())
	}
	resp, err := c.send(ctx, http.MethodGet, "/api/entities", query, nil, ndjson)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := newLines(resp.Body)
	first, err := lines.next()
	if err != nil {
		return cut(ctx, err)
	}
	if err := json.Unmarshal(first, &at); err != nil {
		return fmt.Errorf("read the head of the snapshot: %w", err)
	}
	if err := begin(at); err != nil {
		return err
	}
	var count int
	var chunk []household.Received
	size := 0
	for {
		line, err := lines.next()
		if err != nil {
			return errors.Join(cut(ctx, err), hand(add, chunk))
		}
		if bytes.HasPrefix(line, []byte(`{"count":`)) {
			return end(line, count, hand(add, chunk))
		}
		entity, err := received(line)
		if err != nil {
			return fmt.Errorf("read entity %d of the snapshot: %w", count, err)
		}
		count++
		size += len(line)
		if chunk = append(chunk, entity); size < 1<<20 {
			continue
		}
		if err := add(chunk); err != nil {
			return err
		}
		chunk, size = chunk[:0], 0
	}
}

func hand(add func([]household.Received) error, chunk []household.Received) error {
	if len(chunk) == 0 {
		return nil
	}
	return add(chunk)
}

func end(line []byte, count int, err error) error {
	var e api.SnapshotEnd
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("read the end of the snapshot: %w", err)
	}
	if err == nil && e.Count != count {
		err = fmt.Errorf("%w: %d entities of %d", ErrCut, count, e.Count)
	}
	return err
}

// received reads {"kind":K,"entity":E,"event":N} as a server writes it without
// decoding E, which is copied; anything else is decoded.
func received(line []byte) (r household.Received, err error) {
	if rest, ok := bytes.CutPrefix(line, []byte(`{"kind":"`)); ok {
		kind, rest, ok := bytes.Cut(rest, []byte(`","entity":`))
		i := bytes.LastIndex(rest, []byte(`,"event":`))
		if ok && i > 0 && store.Kind(kind).Valid() && rest[i-1] == '}' && rest[len(rest)-1] == '}' {
			n, err := strconv.ParseUint(string(rest[i+len(`,"event":`):len(rest)-1]), 10, 53)
			if err == nil {
				return household.Received{Kind: store.Kind(kind), Entity: bytes.Clone(rest[:i]), Event: store.EventID(n)}, nil
			}
		}
	}
	err = json.Unmarshal(line, &r)
	return r, err
}

// lines reads NDJSON. A line is valid until the next one.
type lines struct {
	from *bufio.Reader
	long []byte
}

func newLines(body io.Reader) *lines { return &lines{from: bufio.NewReaderSize(body, 256<<10)} }

func (l *lines) next() ([]byte, error) {
	line, err := l.from.ReadSlice('\n')
	if err == nil {
		return line[:len(line)-1], nil
	}
	l.long = l.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if l.long = append(l.long, line...); len(l.long) > maxLine {
			return nil, store.Errorf(store.CodeTooLarge, "", "a line has more than %d bytes", maxLine)
		}
		line, err = l.from.ReadSlice('\n')
	}
	if err != nil {
		return nil, err
	}
	l.long = append(l.long, line[:len(line)-1]...)
	return l.long, nil
}

// cut says why a stream has no more lines.
func cut(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrCut, unreached(ctx, err))
}

// Digests are what a server says of its content.
type Digests struct {
	store.Cursor
	Kinds []household.Digest `json:"kinds"`
}

// Digest returns count and digest of every kind this session sees.
func (c *Client) Digest(ctx context.Context) (d Digests, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/digest", nil, nil, &d)
	return d, err
}
