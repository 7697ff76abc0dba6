package main

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"inglenook/store"
)

// itemBytes is the JSON of one item: what a household's things have, more or
// less.
const itemBytes = 300

// item is one entity; for the reference it is a value. base is the event it was
// seen at, 0 for a new one; changed the fields that are meant, nil for all.
type item struct {
	id      store.ID
	json    []byte
	base    uint64
	changed []string
}

// newItem makes an item on a list.
func newItem(list store.ID, title string) item {
	return itemOf(store.NewID(), list, title)
}

func itemOf(id, list store.ID, title string) item {
	b := append([]byte(`{"id":`), id.String()...)
	b = append(append(b, `,"updatedAt":"`...), store.TimestampOf(time.Now()).String()...)
	b = append(append(b, `","description":"`...), words(itemBytes-200)...)
	b = append(append(b, `","done":false,"listId":`...), list.String()...)
	b = append(append(b, `,"orderKey":"`...), strconv.FormatUint(uint64(id), 36)...)
	b = append(append(b, `","quantity":2.5,"title":"`...), title...)
	for len(b) < itemBytes-len(`","unit":"kg"}`) {
		b = append(b, '.')
	}
	return item{id: id, json: append(b, `","unit":"kg"}`...)}
}

// newItems makes n of them.
func newItems(list store.ID, n int) []item {
	items := make([]item, n)
	for i := range items {
		items[i] = newItem(list, "Something to buy")
	}
	return items
}

// words is text of n bytes that does not compress to nothing.
func words(n int) string {
	var b strings.Builder
	for b.Len() < n {
		for range 2 + rand.IntN(8) { //nolint:gosec // filler
			b.WriteByte(byte('a' + rand.IntN(26))) //nolint:gosec // filler
		}
		b.WriteByte(' ')
	}
	return b.String()[:n]
}
