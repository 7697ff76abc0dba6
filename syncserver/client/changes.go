package client

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// Changes streams at most limit events after a cursor. Events come in chunks of
// about a megabyte with the cursor behind them. It returns the cursor behind
// the page and the server's head.
//
// Errors: store.CodeReset when the cursor is not known; ErrCut; those of add.
func (c *Client) Changes(ctx context.Context, after store.Cursor, limit int,
	add func(to store.Cursor, events []household.ReceivedEvent) error,
) (to, head store.Cursor, err error) {
	query := url.Values{"after": {after.String()}, "limit": {strconv.Itoa(limit)}}
	resp, err := c.send(ctx, http.MethodGet, "/api/changes", query, nil, ndjson)
	if err != nil {
		return after, after, err
	}
	defer func() { _ = resp.Body.Close() }()
	to = after
	lines := newLines(resp.Body)
	var chunk []household.ReceivedEvent
	size := 0
	for {
		line, err := lines.next()
		if err != nil {
			return to, to, cut(ctx, err)
		}
		if bytes.HasPrefix(line, []byte(`{"epoch":`)) {
			var last api.Changes
			if err := json.Unmarshal(line, &last); err != nil {
				return to, to, fmt.Errorf("read the end of the changes after %s: %w", after, err)
			}
			to, head = store.Cursor{Epoch: last.Epoch, ID: last.ID}, store.Cursor{Epoch: last.Epoch, ID: last.Head}
			if to != after {
				err = add(to, chunk)
			}
			return to, head, err
		}
		var event household.ReceivedEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return to, to, fmt.Errorf("read the changes after %s: %w", to, err)
		}
		to.ID = event.ID
		size += len(line)
		if chunk = append(chunk, event); size < 1<<20 {
			continue
		}
		if err := add(to, chunk); err != nil {
			return to, to, err
		}
		chunk, size = chunk[:0], 0
	}
}

// ChangesOfAct returns at most limit events of one act after a cursor, and the
// cursor behind them.
func (c *Client) ChangesOfAct(ctx context.Context, act string, after store.Cursor, limit int) (page api.Changes, err error) {
	query := url.Values{"after": {after.String()}, "limit": {strconv.Itoa(limit)}, "act": {act}}
	err = c.ask(ctx, http.MethodGet, "/api/changes", query, nil, &page)
	return page, err
}

// Push sends one batch.
func (c *Client) Push(ctx context.Context, b store.Batch) (result store.BatchResult, err error) {
	err = c.ask(ctx, http.MethodPost, "/api/replacements", nil, b, &result)
	return result, err
}
