package main

import (
	"slices"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/client"
)

// stepsOf are what an act did to what is shown here, in the order in which it
// touched the things first: what the server knows of it, and what still waits.
func (s *session) stepsOf(act string) ([]household.Step, error) {
	device := s.Replica().Device()
	waiting, err := device.Steps(s.ctx, act)
	if err != nil {
		return nil, err
	}
	cursor, err := device.Cursor(s.ctx)
	if err != nil {
		return nil, err
	}
	var sent []household.Step
	if server := s.Replica().Server(); server != nil && cursor.Epoch != 0 {
		if sent, err = s.sentSteps(server, act, cursor.Epoch); err != nil {
			return nil, err
		}
	}
	at := map[store.Ref]int{}
	for i, step := range sent {
		at[step.Ref] = i
	}
	for _, step := range waiting {
		i, both := at[step.Ref]
		if !both {
			sent = append(sent, step)
			continue
		}
		sent[i].After = s.laid(sent[i].After, step)
	}
	return sent, nil
}

// laid is what the rest of an act, which still waits, makes of what the server
// has of it.
func (s *session) laid(sent store.Entity, rest household.Step) store.Entity {
	if rest.Before == nil || rest.Before.Deleted || rest.After.Deleted || sent.Deleted {
		return rest.After
	}
	rule := s.rule(rest.Ref.Kind)
	return store.Lay(sent, rest.After, store.Diff(*rest.Before, rest.After, rule), rule)
}

func (s *session) rule(k store.Kind) func(string) store.Rule {
	return func(field string) store.Rule { return s.Replica().Device().Kinds().Rule(k, field) }
}

// sent is what the server's events of one act do to one thing.
type sent struct {
	household.Step
	first, last store.EventID
	made        bool // as the one event alone tells
}

// actReader reads what one act did from the server.
type actReader struct {
	*session
	server *client.Client
	act    string
	epoch  store.Epoch
	found  []*sent
	at     map[store.Ref]*sent
	// newest is the last event read, and alone tells that no event of another
	// act before it was of the same millisecond.
	newest store.Event
	alone  bool
}

func (s *session) sentSteps(server *client.Client, act string, epoch store.Epoch) ([]household.Step, error) {
	r := &actReader{session: s, server: server, act: act, epoch: epoch, at: map[store.Ref]*sent{}}
	for after := (store.Cursor{Epoch: epoch}); ; {
		page, err := server.ChangesOfAct(s.ctx, act, after, 100)
		if err != nil {
			return nil, err
		}
		for _, event := range page.Events {
			if err := r.read(event); err != nil {
				return nil, err
			}
		}
		// A page may hold nothing this session may see, with more behind it.
		if page.ID <= after.ID {
			break
		}
		after.ID = page.ID
	}
	return r.steps()
}

// read notes what one event did.
func (r *actReader) read(event store.Event) error {
	alone, err := r.isAlone(event)
	if err != nil {
		return err
	}
	r.newest, r.alone = event, alone
	for _, change := range event.Replacements {
		ref := store.Ref{Kind: change.Kind, ID: change.Entity.ID}
		did := r.at[ref]
		if did == nil {
			did = &sent{Step: household.Step{Ref: ref}, first: event.ID}
			did.made = alone && change.Entity.String("created") == event.At.String()
			r.at[ref] = did
			r.found = append(r.found, did)
		}
		did.After, did.last = change.Entity, event.ID
	}
	return nil
}

// isAlone tells whether what has the event's time as that of its creation was
// made by this act for certain: no other event before it was of the same
// millisecond. When it is not certain, the history is asked.
func (r *actReader) isAlone(event store.Event) (bool, error) {
	switch {
	case event.ID == 1:
		return true, nil
	case r.newest.ID == event.ID-1:
		return r.alone || r.newest.At != event.At, nil
	}
	alone := false
	before := store.Cursor{Epoch: r.epoch, ID: event.ID - 2}
	_, _, err := r.server.Changes(r.ctx, before, 1, func(_ store.Cursor, events []household.ReceivedEvent) error {
		for _, e := range events {
			alone = e.ID == event.ID-1 && e.At != event.At
		}
		return nil
	})
	if store.CodeOf(err) == store.CodeReset {
		return false, nil // it may not be seen
	}
	return alone, err
}

// steps finds out what everything was before, as far as it is here.
func (r *actReader) steps() ([]household.Step, error) {
	refs := make([]store.Ref, len(r.found))
	for i, did := range r.found {
		refs[i] = did.Ref
	}
	var here []*sent
	trashed := map[store.EventID]bool{} // events of which something is deleted still
	err := r.Replica().Device().Look(r.ctx, refs, func(ref store.Ref, e *store.Entity) error {
		if e != nil {
			did := r.at[ref]
			here = append(here, did)
			trashed[did.last] = trashed[did.last] || did.first == did.last && did.After.Deleted && e.Deleted
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	was := map[store.Ref]household.TrashEntry{}
	for event, some := range trashed {
		if some {
			if err := r.trash(event, was); err != nil {
				return nil, err
			}
		}
	}
	bar := r.progress("looking", len(here))
	defer bar.end()
	var steps []household.Step
	for i, did := range here {
		entry, ok := was[did.Ref]
		switch {
		case did.made && did.first == did.last:
		case ok && did.first == did.last && entry.Base == did.last:
			did.Before = &entry.Last
		default:
			err := r.past(did)
			if store.CodeOf(err) == store.CodeNotFound {
				continue // it is out of sight by now
			}
			if err != nil {
				return nil, err
			}
		}
		steps = append(steps, did.Step)
		bar.set(i + 1)
	}
	return steps, nil
}

// trash reads what one event deleted and is in the trash still. A page ends
// between events, so one holds all of it.
func (r *actReader) trash(event store.EventID, into map[store.Ref]household.TrashEntry) error {
	page, err := r.server.Trash(r.ctx, event+1)
	for _, entry := range page.Entries {
		into[store.Ref{Kind: entry.Kind, ID: entry.Tombstone.ID}] = entry
	}
	return err
}

// past reads from a thing's history what it was before the act, and lays what
// the act did over that, without what others did in between.
func (r *actReader) past(did *sent) error {
	var own []household.HistoryVersion // newest first
	for before := did.last + 1; before != 0; {
		page, err := r.server.History(r.ctx, did.Ref, before)
		if err != nil {
			return err
		}
		before = page.Next
		for _, v := range page.Versions {
			if v.EventID < did.first {
				did.Before, before = &v.Entity, 0
				break
			}
			if v.Act == r.act {
				own = append(own, v)
			}
		}
	}
	rule := r.rule(did.Ref.Kind)
	for i, v := range slices.Backward(own) {
		if i == len(own)-1 || v.Entity.Deleted || did.After.Deleted {
			did.After = v.Entity
			continue
		}
		did.After = store.Lay(did.After, v.Entity, v.Changed, rule)
	}
	return nil
}
