// Package kind knows the kinds of entities: their fields, limits, references
// and merge rules, all from kinds.yaml. A kind or a field it does not know is
// kept and passed on.
package kind

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"inglenook/store"
	"inglenook/store/kind/schema"
)

//go:embed kinds.yaml
var kindsYAML []byte

// Registry is the kinds this program knows. It does not change and is safe for
// concurrent use.
type Registry struct {
	names    []store.Kind
	specs    map[store.Kind]*Spec
	decoders *sync.Pool // of *decoder
}

// Spec is what is known of one kind.
type Spec struct {
	Name        store.Kind
	Container   bool             // has an audience
	Parent      store.Kind       // the kind a child is visible with, "" when there is none
	ParentField string           // the field that holds the parent's id
	Derived     []string         // the fields that name an entity of this kind; nil: ids are random
	FixedID     store.ID         // the only id there is, 0 when there are many
	Required    []string         // fields that a living entity has, sorted
	Fields      map[string]Field // all but id, updatedAt and deleted

	refs []string // fields that hold references, sorted
}

// Field is what is known of one field.
type Field struct {
	Merge     store.Rule
	Ref       store.Kind // the value is the id of such an entity; AnyKind: an object {kind, id}
	RefKeys   store.Kind // the keys of the map are ids of such entities
	MaxLength int        // of a text, in Unicode code points; 0: no limit of its own
	ReadOnly  bool       // set by the server, which ignores what a device says

	check *check
}

// AnyKind is the Field.Ref of a field that says itself what kind it refers to.
const AnyKind store.Kind = "any"

// Load reads the kinds of this program.
func Load() (*Registry, error) {
	doc, err := schema.Parse(kindsYAML)
	if err != nil {
		return nil, err
	}
	return New(doc)
}

// New makes a registry of the kinds in a document. Errors: what the document
// says that no check keeps, with the kind and the field.
func New(doc *schema.Document) (*Registry, error) {
	r := &Registry{specs: map[store.Kind]*Spec{}, decoders: newDecoders()}
	c := compiler{doc, map[string]*regexp.Regexp{}, formats()}
	for _, s := range doc.Schemas {
		if !schema.IsKind(s.Name) {
			continue
		}
		spec, err := c.spec(s)
		if err != nil {
			return nil, fmt.Errorf("kind %s: %w", s.Name, err)
		}
		r.names = append(r.names, spec.Name)
		r.specs[spec.Name] = spec
	}
	return r, nil
}

// Schemas returns components.schemas as JSON, for the API document.
func Schemas() []byte {
	doc, err := schema.Parse(kindsYAML)
	if err != nil {
		panic(err) // the file is part of the program, and the tests read it
	}
	return doc.JSON
}

// Names returns the kinds in the order of kinds.yaml.
func (r *Registry) Names() []store.Kind { return slices.Clone(r.names) }

// Spec returns what is known of a kind.
func (r *Registry) Spec(kind store.Kind) (*Spec, bool) {
	spec, ok := r.specs[kind]
	return spec, ok
}

// Rule returns how two changes of a field are joined; an unknown one's later
// value wins.
func (r *Registry) Rule(kind store.Kind, field string) store.Rule {
	if spec, ok := r.specs[kind]; ok {
		return spec.Fields[field].Merge
	}
	return store.Last
}
