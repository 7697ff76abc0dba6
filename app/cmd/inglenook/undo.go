package main

import (
	"slices"

	"inglenook/store"
)

type undo struct {
	Act string `arg:"" help:"The act's name, as import printed it."`
}

// Run deletes what the act made: what still waits here, and what the server
// knows of it. Things the act changed but did not make stay; their history has
// what they were.
func (c *undo) Run(s *session) error {
	made, err := s.Replica().Device().MadeBy(s.ctx, c.Act)
	if err != nil {
		return err
	}
	cursor, err := s.Replica().Device().Cursor(s.ctx)
	if err != nil {
		return err
	}
	if server := s.Replica().Server(); server != nil && cursor.Epoch != 0 {
		after := store.Cursor{Epoch: cursor.Epoch}
		for {
			page, err := server.ChangesOfAct(s.ctx, c.Act, after, 100)
			if err != nil {
				return err
			}
			for _, event := range page.Events {
				made = append(made, madeBy(event)...)
			}
			if page.ID <= after.ID || len(page.Events) == 0 {
				break
			}
			after.ID = page.ID
		}
	}
	// Children before their parents, as they were made after them.
	slices.Reverse(made)
	undone := 0
	var in []store.Replacement
	seen := map[store.Ref]bool{}
	err = s.Replica().Device().Look(s.ctx, made, func(ref store.Ref, e *store.Entity) error {
		if e != nil && !e.Deleted && !seen[ref] {
			seen[ref] = true
			in = append(in, store.Replacement{Kind: ref.Kind, Entity: store.Tombstone(ref.ID, 1)})
			undone++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if undone == 0 {
		return store.Errorf(store.CodeNotFound, "act", "nothing that %s made is here", c.Act)
	}
	if err := s.Replica().WriteAll(s.ctx, "undo-"+c.Act, in); err != nil {
		return err
	}
	return s.print(map[string]any{"deleted": undone})
}

// madeBy names what an event made: its things were created by it.
func madeBy(event store.Event) (made []store.Ref) {
	for _, change := range event.Replacements {
		if change.Entity.String("created") == event.At.String() {
			made = append(made, store.Ref{Kind: change.Kind, ID: change.Entity.ID})
		}
	}
	return made
}
