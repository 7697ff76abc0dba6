package main

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"inglenook/store/kind/schema"
)

// typ is a type as both languages can write it. One with a name is declared
// once and elsewhere meant by its name.
type typ struct {
	name        string
	description string
	form        form
	scalar      string   // the JSON type of a scalar, "" for any value
	enum        []string // of an enumeration
	members     []member // of an object
	key, value  *typ     // of a mapping; value also of a list
	kind        string   // the kind whose fields it holds, "" for a shape
}

type form uint8

const (
	scalar form = iota
	enumeration
	object
	mapping
	list
)

// member is one field of an object.
type member struct {
	name, description string
	required          bool
	typ               *typ
}

// model collects the types of a document in the order in which to declare them.
type model struct {
	doc      *schema.Document
	declared []*typ
}

func modelOf(doc *schema.Document) []*typ {
	m := model{doc: doc}
	for _, s := range doc.Schemas {
		t := m.declare(upperFirst(s.Name), s.Schema)
		if schema.IsKind(s.Name) {
			t.kind = s.Name
		}
	}
	return m.declared
}

// declare adds a type, and after it those that stand within it.
func (m *model) declare(name string, s *schema.Schema) *typ {
	t := &typ{name: name, description: s.Description, form: formOf(s), scalar: s.Type, enum: s.Enum}
	m.declared = append(m.declared, t)
	switch t.form {
	case mapping:
		t.key, t.value = m.use(s.PropertyNames, name), m.use(s.AdditionalProperties, name)
	case list:
		t.value = m.use(s.Items, name)
	case object:
		for _, p := range s.Properties {
			if p.Name == "id" && s.AllOf != nil {
				continue // a limit on what is declared in Entity
			}
			t.members = append(t.members, member{
				p.Name, p.Description, slices.Contains(s.Required, p.Name), m.use(p.Schema, name+upperFirst(p.Name)),
			})
		}
	default: // what has no parts
	}
	return t
}

// use returns the type of what is written at a place. What has to be declared
// and has no name is called after the place.
func (m *model) use(s *schema.Schema, place string) *typ {
	if s.Ref != "" {
		shape := m.doc.Schemas.Get(schema.RefName(s.Ref))
		return &typ{name: schema.RefName(s.Ref), form: formOf(shape), scalar: shape.Type}
	}
	t := &typ{form: formOf(s), scalar: s.Type}
	switch t.form {
	case enumeration, object:
		return m.declare(place, s)
	case mapping:
		t.key, t.value = m.use(s.PropertyNames, place), m.use(s.AdditionalProperties, place)
	case list:
		t.value = m.use(s.Items, place)
	default: // a scalar has no parts
	}
	return t
}

func formOf(s *schema.Schema) form {
	switch {
	case s.Enum != nil:
		return enumeration
	case s.IsMap():
		return mapping
	case s.Type == "object":
		return object
	case s.Type == "array":
		return list
	}
	return scalar
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}
