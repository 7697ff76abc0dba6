// Package apitest holds answers against the contract, and has one conformance
// suite for whatever serves it: the server, and the desktop's bridge.
package apitest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"inglenook/syncserver/api"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Contract checks answers against openapi.yaml.
type Contract struct {
	document map[string]any
	compiler *jsonschema.Compiler
}

const contractURL = "https://inglenook.example/openapi.json"

// Load reads the contract.
func Load(t testing.TB) *Contract {
	t.Helper()
	raw, err := yaml.YAMLToJSON(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := &Contract{document: document.(map[string]any), compiler: jsonschema.NewCompiler()}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := c.compiler.AddResource(contractURL, document); err != nil {
		t.Fatal(err)
	}
	return c
}

// Paths lists the operations as "GET /api/users/{id}".
func (c *Contract) Paths() map[string]bool {
	out := map[string]bool{}
	for path, item := range c.document["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			out[strings.ToUpper(method)+" "+path] = true
		}
	}
	return out
}

// Check holds one answer of an operation against what the contract says of it.
func (c *Contract) Check(t testing.TB, operation string, status int, contentType string, body []byte) {
	t.Helper()
	method, path, _ := strings.Cut(operation, " ")
	item, ok := c.document["paths"].(map[string]any)[path].(map[string]any)
	if !ok {
		t.Errorf("%s is not in the contract", operation)
		return
	}
	responses := item[strings.ToLower(method)].(map[string]any)["responses"].(map[string]any)
	pointer := "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + strings.ToLower(method) + "/responses/" + strconv.Itoa(status)
	response, ok := responses[strconv.Itoa(status)].(map[string]any)
	if !ok {
		pointer = "/components/responses/Problem"
		response = c.document["components"].(map[string]any)["responses"].(map[string]any)["Problem"].(map[string]any)
	}
	media, _, _ := strings.Cut(contentType, ";")
	content, _ := response["content"].(map[string]any)
	if content == nil {
		if len(body) > 0 {
			t.Errorf("%s: %d has a body: %.200s", operation, status, body)
		}
		return
	}
	if content[media] == nil {
		t.Errorf("%s: %d is %s: %.200s", operation, status, contentType, body)
		return
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	if err := c.validate(pointer+"/content/"+strings.ReplaceAll(media, "/", "~1")+"/schema", body); err != nil {
		t.Errorf("%s: %d: %v\n%.500s", operation, status, err, body)
	}
}

// CheckSchema holds a value against a component's schema: a frame's data, a line.
func (c *Contract) CheckSchema(t testing.TB, name string, body []byte) {
	t.Helper()
	if err := c.validate("/components/schemas/"+name, body); err != nil {
		t.Errorf("%s: %v\n%.500s", name, err, body)
	}
}

func (c *Contract) validate(pointer string, body []byte) error {
	schema, err := c.compiler.Compile(contractURL + "#" + pointer)
	if err != nil {
		return fmt.Errorf("compile %s: %w", pointer, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
