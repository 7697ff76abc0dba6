package main

import (
	"fmt"
	"io"
	"slices"

	"inglenook/store"
	"inglenook/store/household"
)

type ls struct {
	Kind string `arg:"" help:"The kind: list, item, event, …"`
	JSON bool   `help:"Whole entities as lines of JSON." name:"json"`
}

// Run lists what is living.
func (c *ls) Run(s *session) error {
	kind, err := s.kind(c.Kind)
	if err != nil {
		return err
	}
	return s.Replica().Device().Each(s.ctx, kind, store.Ref{}, func(shown household.Shown) error {
		e, err := shown.Entity()
		if err != nil || e.Deleted {
			return err
		}
		if c.JSON {
			_, err = fmt.Fprintf(s.out, "%s\n", shown.JSON)
			return err
		}
		mark := ""
		if shown.Pending {
			mark = "  (not sent)"
		}
		_, err = fmt.Fprintf(s.out, "%d  %s%s\n", e.ID, nameOf(e), mark)
		return err
	})
}

func nameOf(e store.Entity) string {
	if title := e.String("title"); title != "" {
		return title
	}
	return e.String("name")
}

type put struct {
	Kind string   `arg:"" help:"The kind: list, item, event, …"`
	JSON []string `arg:"" optional:"" help:"Objects; with an id that is here the fields given are changed, null takes one away."`
	Act  string   `help:"A name that joins what belongs together."`
}

// Run writes all objects or none, and prints them as they are then.
func (c *put) Run(s *session) error {
	kind, err := s.kind(c.Kind)
	if err != nil {
		return err
	}
	things, err := c.read(s)
	if err != nil {
		return err
	}
	var in []store.Replacement
	for i, thing := range things {
		r, err := s.replacement(kind, thing)
		if err != nil {
			return fmt.Errorf("object %d: %w", i+1, err)
		}
		in = append(in, r)
	}
	if err := s.Replica().WriteAll(s.ctx, c.Act, in); err != nil {
		return ofOne(err, func(i int) string { return fmt.Sprintf("object %d", i+1) })
	}
	for _, r := range in {
		e, _, err := s.Replica().Device().Get(s.ctx, r.Ref())
		if err != nil {
			return err
		}
		if err := s.line(e); err != nil {
			return err
		}
	}
	return nil
}

// read reads the objects: arguments, or stdin with objects one after the other
// or arrays of them.
func (c *put) read(s *session) (out []object, err error) {
	if len(c.JSON) == 0 {
		raw, err := io.ReadAll(s.in)
		if err != nil {
			return nil, fmt.Errorf("read stdin: %w", err)
		}
		return objects("stdin", raw)
	}
	for i, text := range c.JSON {
		several, err := objects(fmt.Sprintf("argument %d", i+1), []byte(text))
		if err != nil {
			return nil, err
		}
		out = append(out, several...)
	}
	return out, nil
}

// replacement makes a replacement of an object: new without a known id, else a
// change of the fields it has.
func (s *session) replacement(k store.Kind, thing object) (store.Replacement, error) {
	r := store.Replacement{Kind: k}
	if raw, ok := thing["id"]; ok {
		id, err := parseID(string(raw))
		if err != nil {
			return r, err
		}
		r.Entity, _, err = s.Replica().Device().Get(s.ctx, store.Ref{Kind: k, ID: id})
		switch {
		case store.CodeOf(err) == store.CodeNotFound || err == nil && r.Entity.Deleted:
			r.Entity = store.Entity{ID: id}
		case err != nil:
			return r, err
		default:
			r.Changed = []string{}
		}
	}
	for name, value := range thing {
		switch {
		case name == "id" || name == "updatedAt" || name == "deleted":
			continue
		case value.Kind() == 'n':
			delete(r.Entity.Fields, name)
		default:
			if err := r.Entity.Set(name, value); err != nil {
				return r, err
			}
		}
		if r.Changed != nil {
			r.Changed = append(r.Changed, name)
		}
	}
	slices.Sort(r.Changed)
	if r.Entity.ID == 0 {
		var derived bool
		if r.Entity.ID, derived = s.Replica().Device().Kinds().DerivedID(k, r.Entity); !derived {
			r.Entity.ID = store.NewID()
		}
	}
	r.Entity.UpdatedAt = 1 // stamped when it is written
	return r, nil
}

type rm struct {
	Kind string   `arg:"" help:"The kind."`
	IDs  []string `arg:"" name:"id" help:"The ids."`
	Act  string   `help:"A name that joins what belongs together."`
}

// Run deletes all or none.
func (c *rm) Run(s *session) error {
	kind, err := s.kind(c.Kind)
	if err != nil {
		return err
	}
	var in []store.Replacement
	for _, text := range c.IDs {
		id, err := parseID(text)
		if err != nil {
			return err
		}
		in = append(in, store.Replacement{Kind: kind, Entity: store.Tombstone(id, 1)})
	}
	err = s.Replica().WriteAll(s.ctx, c.Act, in)
	return ofOne(err, func(i int) string { return c.Kind + " " + c.IDs[i] })
}

type restore struct {
	Kind string `arg:"" help:"The kind."`
	ID   string `arg:"" name:"id" help:"The id."`
}

// Run writes the last living version again: from here, or from the server's
// history.
func (c *restore) Run(s *session) error {
	kind, err := s.kind(c.Kind)
	if err != nil {
		return err
	}
	id, err := parseID(c.ID)
	if err != nil {
		return err
	}
	ref := store.Ref{Kind: kind, ID: id}
	last, err := s.lastLiving(ref)
	if err != nil {
		return err
	}
	if err := s.Replica().WriteAll(s.ctx, "", []store.Replacement{{Kind: ref.Kind, Entity: last}}); err != nil {
		return ofOne(err, func(int) string { return c.Kind + " " + c.ID })
	}
	e, _, err := s.Replica().Device().Get(s.ctx, ref)
	if err != nil {
		return err
	}
	return s.line(e)
}

func (s *session) lastLiving(ref store.Ref) (store.Entity, error) {
	e, _, err := s.Replica().Device().Get(s.ctx, ref)
	if err != nil || !e.Deleted {
		return e, err
	}
	trash, _, err := s.Replica().Device().Trash(s.ctx, 0, int(store.MaxID))
	if err != nil {
		return e, err
	}
	for _, t := range trash {
		if t.Kind == ref.Kind && t.Tombstone.ID == ref.ID {
			return t.Last, nil
		}
	}
	server, err := s.server()
	if err != nil {
		return e, err
	}
	for before := store.EventID(0); ; {
		page, err := server.History(s.ctx, ref, before)
		if err != nil {
			return e, err
		}
		for _, v := range page.Versions {
			if !v.Entity.Deleted {
				return v.Entity, nil
			}
		}
		if before = page.Next; before == 0 {
			return e, store.Errorf(store.CodeNotFound, "id", "nothing is known of what it was")
		}
	}
}
