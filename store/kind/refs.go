package kind

import (
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
)

// Parent returns the entity a child is visible with. It is false for a kind
// without a parent and for a tombstone.
func (r *Registry) Parent(kind store.Kind, e store.Entity) (store.Ref, bool) {
	spec, ok := r.specs[kind]
	if !ok || spec.Parent == "" {
		return store.Ref{}, false
	}
	id := e.IDField(spec.ParentField)
	return store.Ref{Kind: spec.Parent, ID: id}, id.Valid()
}

// Refs yields every entity that a valid entity refers to, its parent too, with
// the path of the reference: "listId", "participants/42". Fields that the server
// sets are left out. The order is that of the fields' names.
func (r *Registry) Refs(kind store.Kind, e store.Entity) iter.Seq2[string, store.Ref] {
	return func(yield func(string, store.Ref) bool) {
		spec, ok := r.specs[kind]
		if !ok {
			return
		}
		d := r.decoders.Get().(*decoder)
		defer r.decoders.Put(d)
		for _, name := range spec.refs {
			if value := e.Fields[name]; value != nil {
				d.read(value)
				if !spec.Fields[name].check.visit(d, name, yield) {
					return
				}
			}
		}
	}
}

// visit yields the references in the value the decoder stands before. It is
// false when no more are wanted or the value cannot be read.
func (c *check) visit(d *decoder, path string, yield func(string, store.Ref) bool) bool {
	if !c.refers {
		return d.SkipValue() == nil
	}
	switch d.PeekKind() {
	case jsontext.KindBeginObject:
		return c.visitObject(d, path, yield)
	case jsontext.KindNumber:
		value, err := d.ReadValue()
		if err != nil {
			return false
		}
		id, err := store.ParseID(string(value))
		return err != nil || c.ref == "" || yield(path, store.Ref{Kind: c.ref, ID: id})
	default:
		return d.SkipValue() == nil
	}
}

func (c *check) visitObject(d *decoder, path string, yield func(string, store.Ref) bool) bool {
	_, _ = d.ReadToken() // the '{' that was peeked
	var named store.Ref
	for d.PeekKind() != jsontext.KindEndObject {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		inside, at := c.members[name], path+"."+name
		if inside == nil && c.values != nil {
			inside, at = c.values, path+"/"+name
		}
		if c.keys != nil && c.keys.ref != "" {
			if id, err := store.ParseID(name); err == nil && !yield(at, store.Ref{Kind: c.keys.ref, ID: id}) {
				return false
			}
		}
		switch {
		case c.ref == AnyKind && (name == "kind" || name == "id"):
			token, err := d.ReadToken()
			if err != nil {
				return false
			}
			if name == "kind" {
				named.Kind = store.Kind(token.String())
			} else {
				named.ID, _ = store.ParseID(token.String())
			}
		case inside == nil:
			if d.SkipValue() != nil {
				return false
			}
		case !inside.visit(d, at, yield):
			return false
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return false
	}
	return !named.Kind.Valid() || !named.ID.Valid() || yield(path, named)
}
