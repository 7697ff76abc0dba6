package kind

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/kind/schema"
)

// compiler turns schemas into specs. A pattern is compiled once, however many
// fields have it.
type compiler struct {
	doc      *schema.Document
	patterns map[string]*regexp.Regexp
	formats  map[string]func([]byte) bool
}

func (c compiler) spec(s schema.Named) (*Spec, error) {
	spec := &Spec{
		Name: store.Kind(s.Name), Container: s.Container, Derived: s.DerivedID,
		Required: slices.Sorted(slices.Values(s.Required)), Fields: map[string]Field{},
	}
	properties := s.Properties
	for _, part := range s.AllOf {
		shape, err := c.doc.Resolve(part)
		if err != nil {
			return nil, err
		}
		properties = append(slices.Clone(shape.Properties), properties...)
	}
	for _, p := range properties {
		switch p.Name {
		case "id":
			if p.Const != nil {
				id, err := store.ParseID(string(p.Const))
				if err != nil {
					return nil, err
				}
				spec.FixedID = id
			}
			continue
		case "updatedAt", "deleted":
			continue
		}
		field, err := c.field(p.Schema)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", p.Name, err)
		}
		if p.Parent != "" {
			spec.Parent, spec.ParentField = store.Kind(p.Parent), p.Name
		}
		if field.check.refers && !field.ReadOnly {
			spec.refs = append(spec.refs, p.Name)
		}
		spec.Fields[p.Name] = field
	}
	slices.Sort(spec.refs)
	for _, part := range append(slices.Clone(spec.Required), spec.Derived...) {
		name, _, _ := strings.Cut(part, "/")
		if _, ok := spec.Fields[name]; !ok {
			return nil, fmt.Errorf("there is no field %s", name)
		}
	}
	return spec, nil
}

func (c compiler) field(s *schema.Schema) (Field, error) {
	check, err := c.check(s)
	if err != nil {
		return Field{}, err
	}
	f := Field{Ref: check.ref, MaxLength: max(check.maxLength, 0), ReadOnly: s.ReadOnly, check: check}
	switch {
	case s.Merge == "text":
		f.Merge = store.Text
	case s.Merge != "":
		return Field{}, fmt.Errorf("there is no merge rule %s", s.Merge)
	case check.values != nil && check.keys != nil:
		f.Merge, f.RefKeys = store.Map, check.keys.ref
	}
	return f, nil
}

// check compiles the limits of one schema and what is in it.
func (c compiler) check(s *schema.Schema) (*check, error) {
	s, err := c.doc.Resolve(s)
	if err != nil {
		return nil, err
	}
	k := &check{
		typ: s.Type, enum: s.Enum, constant: s.Const, minimum: s.Minimum, maximum: s.Maximum,
		maxLength: limit(s.MaxLength), maxItems: limit(s.MaxItems), maxProperties: limit(s.MaxProperties),
		required: s.Required, reads: strings.TrimSuffix(s.Description, "."),
		ref: store.Kind(s.RefKind),
	}
	if s.Parent != "" {
		k.ref = store.Kind(s.Parent)
	}
	if s.Type == "" && (s.Format != "" || s.Pattern != "" || s.Enum != nil || s.Properties != nil) {
		return nil, fmt.Errorf("limits without a type")
	}
	if s.Pattern != "" {
		if k.pattern = c.patterns[s.Pattern]; k.pattern == nil {
			if k.pattern, err = regexp.Compile(s.Pattern); err != nil {
				return nil, err
			}
			c.patterns[s.Pattern] = k.pattern
		}
	}
	if s.Format != "" {
		if k.format = c.formats[s.Format]; k.format == nil {
			return nil, fmt.Errorf("there is no format %s", s.Format)
		}
	}
	k.refers = k.ref != ""
	for _, part := range []struct {
		from *schema.Schema
		to   **check
	}{{s.PropertyNames, &k.keys}, {s.AdditionalProperties, &k.values}, {s.Items, &k.items}} {
		if part.from == nil {
			continue
		}
		if *part.to, err = c.check(part.from); err != nil {
			return nil, err
		}
		k.refers = k.refers || (*part.to).refers
	}
	if len(s.Properties) > 0 {
		k.members = make(map[string]*check, len(s.Properties))
	}
	for _, p := range s.Properties {
		member, err := c.check(p.Schema)
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", p.Name, err)
		}
		k.members[p.Name] = member
		k.refers = k.refers || member.refers
	}
	for _, name := range k.required {
		if k.members[name] == nil {
			return nil, fmt.Errorf("there is no member %s among %v", name, slices.Sorted(maps.Keys(k.members)))
		}
	}
	return k, nil
}

// limit turns an absent limit into −1.
func limit(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
