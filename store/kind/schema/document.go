package schema

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

const refPrefix = "#/components/schemas/"

// Document is what stands under components.schemas, in the order of the file.
type Document struct {
	Schemas Properties
	JSON    jsontext.Value // the same as JSON, for the API document
}

// Parse reads an OpenAPI document in YAML and resolves nothing yet.
func Parse(text []byte) (*Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("read the kinds: %w", err)
	}
	var whole struct {
		OpenAPI    string         `json:"openapi"`
		Info       jsontext.Value `json:"info"`
		Paths      jsontext.Value `json:"paths"`
		Components struct {
			Schemas jsontext.Value `json:"schemas"`
		} `json:"components"`
	}
	strict := json.RejectUnknownMembers(true)
	raw, err := appendNode(nil, &root)
	if err != nil {
		return nil, fmt.Errorf("read the kinds: %w", err)
	}
	if err := json.Unmarshal(raw, &whole, strict); err != nil {
		return nil, fmt.Errorf("read the kinds: %w", err)
	}
	doc := &Document{JSON: whole.Components.Schemas}
	if err := json.Unmarshal(doc.JSON, &doc.Schemas, strict); err != nil {
		return nil, fmt.Errorf("read the kinds: %w", err)
	}
	return doc, nil
}

// IsKind tells the name of a kind from that of a shape that kinds share.
func IsKind(name string) bool { return name[0] >= 'a' && name[0] <= 'z' }

// RefName returns the name a $ref refers to.
func RefName(ref string) string { return strings.TrimPrefix(ref, refPrefix) }

// Resolve returns what a schema means: itself, or the shape it refers to with
// the keywords of ours that stand beside the $ref. Limits beside a $ref are an
// error: they would be easy to overlook.
func (d *Document) Resolve(s *Schema) (*Schema, error) {
	if s.Ref == "" {
		return s, nil
	}
	shape := d.Schemas.Get(RefName(s.Ref))
	if shape == nil || !strings.HasPrefix(s.Ref, refPrefix) {
		return nil, fmt.Errorf("there is no schema %s", s.Ref)
	}
	if s.Type != "" || s.Format != "" || s.Pattern != "" || s.Enum != nil || s.Const != nil || s.Minimum != nil ||
		s.Maximum != nil || s.MaxLength != nil || s.MaxItems != nil || s.MaxProperties != nil || s.Required != nil ||
		s.Properties != nil || s.PropertyNames != nil || s.AdditionalProperties != nil || s.Items != nil || s.AllOf != nil {
		return nil, fmt.Errorf("beside $ref %s stands a limit", s.Ref)
	}
	shape, err := d.Resolve(shape)
	if err != nil {
		return nil, err
	}
	meant := *shape
	meant.Merge, meant.RefKind, meant.Parent, meant.ReadOnly = s.Merge, s.RefKind, s.Parent, s.ReadOnly
	return &meant, nil
}

// appendNode appends YAML as JSON, members in the order of the file.
func appendNode(dst []byte, n *yaml.Node) ([]byte, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return appendNode(dst, n.Content[0])
	case yaml.MappingNode:
		return appendAll(dst, n.Content, '{', '}')
	case yaml.SequenceNode:
		return appendAll(dst, n.Content, '[', ']')
	case yaml.ScalarNode:
		if n.ShortTag() == "!!str" {
			return jsontext.AppendQuote(dst, n.Value)
		}
		return append(dst, n.Value...), nil
	default:
		return nil, fmt.Errorf("line %d: neither an object, a list nor a value", n.Line)
	}
}

func appendAll(dst []byte, nodes []*yaml.Node, begin, end byte) ([]byte, error) {
	dst = append(dst, begin)
	for i, n := range nodes {
		switch {
		case i == 0:
		case begin == '{' && i%2 == 1:
			dst = append(dst, ':')
		default:
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendNode(dst, n); err != nil {
			return nil, err
		}
	}
	return append(dst, end), nil
}
