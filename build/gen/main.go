// Command gen writes what is made from store/kind/kinds.yaml: Go structs and
// the types and tables of the page. It is run at the root of the repository and
// writes the same bytes from the same kinds.
//
//	go run ./build/gen          writes
//	go run ./build/gen -check   writes nothing, and exits 1 when a file differs
//
// It is our own because oapi-codegen v2.8.2, which reads the file well, points
// at every optional field (also at maps), sorts the fields by name, takes a
// quantity for a float32 and a map's keys for texts, and drops unknown fields.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"inglenook/store/kind"
	"inglenook/store/kind/schema"
)

const source = "store/kind/kinds.yaml"

func main() {
	root := flag.String("root", ".", "the root of the repository")
	check := flag.Bool("check", false, "only tell which files differ")
	flag.Parse()
	stale, err := run(*root, *check)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
	for _, path := range stale {
		fmt.Fprintf(os.Stderr, "gen: %s is not what %s says; run: go run ./build/gen\n", path, source)
	}
	if len(stale) > 0 {
		os.Exit(1)
	}
}

// run writes the generated files, or, when it only checks, returns those that
// differ.
func run(root string, check bool) (stale []string, err error) {
	text, err := os.ReadFile(filepath.Join(root, source))
	if err != nil {
		return nil, err
	}
	files, err := generate(text)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(root, f.path)
		if check {
			if old, err := os.ReadFile(path); err != nil || !bytes.Equal(old, f.text) {
				stale = append(stale, f.path)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return nil, err
		}
	}
	return stale, nil
}

type file struct {
	path string
	text []byte
}

// generate makes every file from the text of kinds.yaml.
func generate(text []byte) ([]file, error) {
	doc, err := schema.Parse(text)
	if err != nil {
		return nil, err
	}
	kinds, err := kind.New(doc)
	if err != nil {
		return nil, err
	}
	structs, err := golang(doc)
	if err != nil {
		return nil, fmt.Errorf("write Go: %w", err)
	}
	return []file{
		{"store/kind/kinds.gen.go", structs},
		{"frontend/src/lib/api/gen/kinds.ts", typescript(doc, kinds)},
	}, nil
}
