package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"inglenook/store"
	"inglenook/store/household"
)

// History is a page of an entity's versions, newest first. Next is to be passed
// as before, 0 at the end.
type History struct {
	Versions []household.HistoryVersion `json:"versions"`
	Next     store.EventID              `json:"next,omitzero"`
}

// History returns versions of an entity, of events before one when it is not 0.
//
// Errors: store.CodeNotFound.
func (c *Client) History(ctx context.Context, ref store.Ref, before store.EventID) (h History, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/history/"+string(ref.Kind)+"/"+ref.ID.String(), page(before), nil, &h)
	return h, err
}

// Trash is a page of what is deleted and can be restored, latest first.
type Trash struct {
	Entries []household.TrashEntry `json:"entries"`
	Next    store.EventID          `json:"next,omitzero"`
}

// Trash returns what was deleted, by events before one when it is not 0.
func (c *Client) Trash(ctx context.Context, before store.EventID) (t Trash, err error) {
	err = c.ask(ctx, http.MethodGet, "/api/trash", page(before), nil, &t)
	return t, err
}

func page(before store.EventID) url.Values {
	query := url.Values{}
	if before != 0 {
		query.Set("before", strconv.FormatUint(uint64(before), 10))
	}
	return query
}
