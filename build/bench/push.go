package main

import (
	"context"
	"fmt"

	"inglenook/store"
)

// push measures changes made offline that arrive in batches. Six tenths of them
// are new, three are edits, and one is edits of what somebody else has changed
// meanwhile, which are merged. To the reference they are all values.
func (b *bench) push(ctx context.Context) ([]row, error) {
	p, err := b.pair(ctx)
	if err != nil {
		return nil, err
	}
	defer p.end()
	turns, err := compare(b.sizes.rounds,
		func() (float64, error) { return b.pushTo(ctx, p.reference) },
		func() (float64, error) { return b.pushTo(ctx, p.ours) })
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%d offline changes pushed", b.sizes.batch*b.sizes.batches)
	return []row{against(name, "1/s", turns).atLeast(0.25)}, nil
}

func (b *bench) pushTo(ctx context.Context, s *server) (perSecond float64, err error) {
	w, err := s.writer(ctx)
	if err != nil {
		return 0, err
	}
	defer w.close()
	list := s.lists()[0]
	edits := b.sizes.batches * 3 / 10
	stale := (b.sizes.batches + 9) / 10
	var known [][]item
	for range edits + stale {
		items := newItems(list, b.sizes.batch)
		event, err := w.send(w.message(items))
		if err != nil {
			return 0, err
		}
		for i := range items {
			items[i].base = event
		}
		known = append(known, items)
	}
	for _, items := range known[:stale] {
		if _, err := w.send(w.message(edited(items, "title"))); err != nil {
			return 0, err
		}
	}
	var messages []message
	for _, items := range known {
		messages = append(messages, w.message(edited(items, "description")))
	}
	for len(messages) < b.sizes.batches {
		messages = append(messages, w.message(newItems(list, b.sizes.batch)))
	}
	took, err := w.sendAll(messages)
	return float64(b.sizes.batch*len(messages)) / took.Seconds(), err
}

// edited are the items once more, with one field meant to change.
func edited(items []item, field string) []item {
	out := make([]item, len(items))
	for i, it := range items {
		list := numberAfter(it.json, `"listId":`)
		out[i] = itemOf(it.id, store.ID(list), "Something else to buy")
		out[i].base, out[i].changed = it.base, []string{field}
	}
	return out
}
