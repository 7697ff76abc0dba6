// Package schema reads the part of OpenAPI 3.1 in which the kinds are written.
//
// It knows exactly the keywords that kinds.yaml uses and refuses any other, so
// that no limit can be written down and then not be kept.
package schema

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Schema is one JSON Schema (2020-12). A limit that is nil does not exist.
type Schema struct {
	Description string         `json:"description"`
	Ref         string         `json:"$ref"`
	AllOf       []*Schema      `json:"allOf"`
	Type        string         `json:"type"` // empty: any value
	Format      string         `json:"format"`
	Pattern     string         `json:"pattern"`
	Enum        []string       `json:"enum"`
	Const       jsontext.Value `json:"const"`
	ReadOnly    bool           `json:"readOnly"`

	Minimum       *float64 `json:"minimum"`
	Maximum       *float64 `json:"maximum"`
	MaxLength     *int     `json:"maxLength"` // Unicode code points
	MaxItems      *int     `json:"maxItems"`
	MaxProperties *int     `json:"maxProperties"`

	Required             []string   `json:"required"`
	Properties           Properties `json:"properties"`
	PropertyNames        *Schema    `json:"propertyNames"`
	AdditionalProperties *Schema    `json:"additionalProperties"`
	Items                *Schema    `json:"items"`

	Merge     string   `json:"x-merge"`
	RefKind   string   `json:"x-ref"`
	Parent    string   `json:"x-parent"`
	Container bool     `json:"x-container"`
	DerivedID []string `json:"x-derived-id"`
}

// Named is a schema with its name.
type Named struct {
	Name string
	*Schema
}

// Properties are named schemas in the order of the file.
type Properties []Named

// UnmarshalJSONFrom keeps the order of the members.
func (p *Properties) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		named := Named{name.String(), new(Schema)}
		if err := json.UnmarshalDecode(dec, named.Schema); err != nil {
			return err
		}
		*p = append(*p, named)
	}
	_, err := dec.ReadToken()
	return err
}

// Get returns the schema with the name, nil when there is none.
func (p Properties) Get(name string) *Schema {
	for _, named := range p {
		if named.Name == name {
			return named.Schema
		}
	}
	return nil
}

// IsMap tells an object that is a map of entries from one with fixed members.
func (s *Schema) IsMap() bool { return s.Type == "object" && s.AdditionalProperties != nil }
