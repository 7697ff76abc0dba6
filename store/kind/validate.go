package kind

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
)

// Validate checks an entity against its kind. A tombstone has nothing to check,
// an unknown kind only its size, and an unknown field passes. Fields that the
// server sets pass too, as it overwrites what a device says there.
//
// Errors: CodeInvalid and CodeTooLarge, with the path of what is wrong: a member
// after a dot, an entry after a slash, "entity.participants/42.status".
func (r *Registry) Validate(kind store.Kind, e store.Entity) error {
	if e.Deleted {
		return nil
	}
	if tooLarge(e) {
		return store.Errorf(store.CodeTooLarge, "entity", "is larger than %d KiB", store.MaxEntityBytes>>10)
	}
	spec, ok := r.specs[kind]
	if !ok {
		return nil
	}
	if err := r.fields(spec, e); err != nil {
		return err
	}
	return spec.id(e)
}

// fields checks every field. When several are wrong the first by name is
// reported, so that the same entity always gets the same answer.
func (r *Registry) fields(spec *Spec, e store.Entity) error {
	d := r.decoders.Get().(*decoder)
	defer r.decoders.Put(d)
	for name, value := range e.Fields {
		if spec.field(d, name, value) == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
			if err := spec.field(d, name, e.Fields[name]); err != nil {
				return within("entity.", err)
			}
		}
	}
	for _, name := range spec.Required {
		if e.Fields[name] == nil {
			return store.Errorf(store.CodeInvalid, "entity."+name, "is missing")
		}
	}
	return nil
}

func (s *Spec) field(d *decoder, name string, value jsontext.Value) *store.Error {
	field, ok := s.Fields[name]
	if !ok || field.ReadOnly {
		return nil
	}
	if kind := value.Kind(); kind != jsontext.KindBeginObject && kind != jsontext.KindBeginArray {
		return within(name, field.check.scalar(value))
	}
	d.read(value)
	return within(name, field.check.next(d))
}

// id checks an id that is fixed or follows from the fields.
func (s *Spec) id(e store.Entity) error {
	if s.FixedID != 0 && e.ID != s.FixedID {
		return store.Errorf(store.CodeInvalid, "entity.id", "a %s has the id %d", s.Name, s.FixedID)
	}
	if want, ok := s.derive(e); ok && e.ID != want {
		return store.Errorf(store.CodeInvalid, "entity.id", "the id of this %s follows from its fields and is %d", s.Name, want)
	}
	return nil
}

// tooLarge tells whether the canonical form exceeds the limit. It is only
// written out when a look at the lengths leaves a doubt.
func tooLarge(e store.Entity) bool {
	const envelope, quoting = 96, 4 // id, updatedAt and braces; quotes, colon and comma
	size := envelope
	for name, value := range e.Fields {
		size += len(name)*6 + quoting + len(value) // a character is escaped by at most six
	}
	return size > store.MaxEntityBytes && len(e.AppendJSON(nil)) > store.MaxEntityBytes
}
