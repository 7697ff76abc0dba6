package schema_test

import (
	"strings"
	"testing"

	"inglenook/store/kind"
	"inglenook/store/kind/schema"
)

// What the file says and nothing would keep is an error, not a comment.
func TestRefuses(t *testing.T) {
	for _, row := range []struct{ name, field, want string }{
		{"a keyword nobody knows", "{type: string, minLength: 1}", "minLength"},
		{"a limit beside a reference", `{$ref: "#/components/schemas/Id", maximum: 5}`, "beside $ref"},
		{"a reference to nothing", `{$ref: "#/components/schemas/Nothing"}`, "Nothing"},
		{"a reference to another file", `{$ref: "other.yaml#/Id"}`, "other.yaml"},
		{"a format nobody knows", "{type: string, format: email}", "format email"},
		{"a merge rule nobody knows", "{type: string, x-merge: vote}", "merge rule vote"},
		{"a pattern that does not compile", `{type: string, pattern: "("}`, "missing closing"},
		{"a limit without a type", "{enum: [a, b]}", "without a type"},
		{"a required member that is not there", "{type: object, required: [a], properties: {b: {type: string}}}", "no member a"},
		{"a map of another map's shape", `{type: object, propertyNames: {$ref: "#/components/schemas/Nothing"}, additionalProperties: {}}`, "Nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := "openapi: 3.1.1\ncomponents:\n  schemas:\n    Id: {type: integer}\n    tree:\n      type: object\n      properties:\n        field: " + row.field + "\n"
			doc, err := schema.Parse([]byte(text))
			if err == nil {
				_, err = kind.New(doc)
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want something about %q", err, row.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"", "openapi: [", "- a", "openapi: 3.1.1\n", "openapi: 3.1.1\nservers: []\n", "components: {schemas: {a: *b}}"} {
		if doc, err := schema.Parse([]byte(text)); err == nil {
			t.Errorf("%q was read as %s", text, doc.JSON)
		}
	}
}

// The order of the file is the order of everything made from it.
func TestKeepsOrder(t *testing.T) {
	doc, err := schema.Parse([]byte("components: {schemas: {zoo: {type: object, properties: {z: {}, a: {}, m: {}}}, Ant: {type: string}}}"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"zoo":{"type":"object","properties":{"z":{},"a":{},"m":{}}},"Ant":{"type":"string"}}`; string(doc.JSON) != want {
		t.Errorf("got %s", doc.JSON)
	}
	var names []string
	for _, p := range doc.Schemas.Get("zoo").Properties {
		names = append(names, p.Name)
	}
	if strings.Join(names, " ") != "z a m" {
		t.Errorf("got %v", names)
	}
}
