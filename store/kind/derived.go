package kind

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
)

// DerivedID returns the id that follows from an entity's fields. It is false for
// a kind whose ids are random, for a tombstone, and where a required part is
// missing or has no text form.
func (r *Registry) DerivedID(kind store.Kind, e store.Entity) (store.ID, bool) {
	spec, ok := r.specs[kind]
	if !ok {
		return 0, false
	}
	return spec.derive(e)
}

func (s *Spec) derive(e store.Entity) (store.ID, bool) {
	if s.Derived == nil || e.Deleted {
		return 0, false
	}
	var few [8]string
	parts := few[:0]
	for _, path := range s.Derived {
		part, ok := s.part(e, path)
		if !ok {
			return 0, false
		}
		parts = append(parts, part)
	}
	return store.DerivedID(s.Name, parts...), true
}

// part returns one part as text: a string as it stands, a number in decimal
// digits, an absent optional one as "".
func (s *Spec) part(e store.Entity, path string) (string, bool) {
	field, member, nested := strings.Cut(path, "/")
	value, required := e.Fields[field], slices.Contains(s.Required, field)
	if nested && value != nil {
		var members map[string]jsontext.Value
		if json.Unmarshal(value, &members) != nil {
			return "", false
		}
		value, required = members[member], slices.Contains(s.Fields[field].check.required, member)
	}
	switch value.Kind() {
	case jsontext.KindString:
		var text string
		return text, json.Unmarshal(value, &text) == nil
	case jsontext.KindNumber:
		return string(value), true
	default:
		return "", value == nil && !required
	}
}
