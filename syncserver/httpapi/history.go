package httpapi

import (
	"inglenook/store"
	"inglenook/store/household"

	"github.com/gin-gonic/gin"
)

// Answers that are lists with a way to go on.
type (
	history struct {
		Versions []household.HistoryVersion `json:"versions"`
		Next     store.EventID              `json:"next,omitzero"`
	}
	trash struct {
		Entries []household.TrashEntry `json:"entries"`
		Next    store.EventID          `json:"next,omitzero"`
	}
	digests struct {
		store.Cursor
		Kinds []household.Digest `json:"kinds"`
	}
)

func (a *API) getHistory(c *gin.Context) error {
	id, err := store.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	kind := store.Kind(c.Param("kind"))
	if !kind.Valid() {
		return store.Errorf(store.CodeNotFound, "kind", "there is no such kind")
	}
	before, limit, err := page(c)
	if err != nil {
		return err
	}
	versions, next, err := a.Store.History(c.Request.Context(), a.person(c),
		store.Ref{Kind: kind, ID: id}, before, limit)
	if err != nil {
		return err
	}
	return reply(c, history{Versions: versions, Next: next})
}

func (a *API) getTrash(c *gin.Context) error {
	before, limit, err := page(c)
	if err != nil {
		return err
	}
	entries, next, err := a.Store.Trash(c.Request.Context(), a.person(c), before, limit)
	if err != nil {
		return err
	}
	return reply(c, trash{Entries: entries, Next: next})
}

func page(c *gin.Context) (before store.EventID, limit int, err error) {
	b, err := number(c, "before", 1, uint64(store.MaxID), 0)
	if err != nil {
		return 0, 0, err
	}
	l, err := number(c, "limit", 1, 1000, 100)
	return store.EventID(b), int(l), err
}
