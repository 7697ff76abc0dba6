package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// checkout is a folder with the kinds and what run makes of them.
func checkout(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", source))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	write(t, root, source, text)
	if _, err := run(root, false); err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, root, path string, text []byte) {
	t.Helper()
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCommittedFilesAreFresh(t *testing.T) {
	stale, err := run("../..", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(stale) > 0 {
		t.Errorf("stale: %v; run: go run ./build/gen", stale)
	}
}

func TestSameKindsSameBytes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("../..", source))
	if err != nil {
		t.Fatal(err)
	}
	first, err := generate(text)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := generate(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range first {
			if !bytes.Equal(first[i].text, again[i].text) {
				t.Errorf("%s differs", first[i].path)
			}
		}
	}
}

func TestCheckFindsWhatIsStale(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, root string) []string{
		"nothing": func(*testing.T, string) []string { return nil },
		"a changed file": func(t *testing.T, root string) []string {
			write(t, root, "store/kind/kinds.gen.go", []byte("package kind\n"))
			return []string{"store/kind/kinds.gen.go"}
		},
		"a missing file": func(t *testing.T, root string) []string {
			if err := os.Remove(filepath.Join(root, "frontend/src/lib/api/gen/kinds.ts")); err != nil {
				t.Fatal(err)
			}
			return []string{"frontend/src/lib/api/gen/kinds.ts"}
		},
		"a changed kind": func(t *testing.T, root string) []string {
			text, err := os.ReadFile(filepath.Join(root, source))
			if err != nil {
				t.Fatal(err)
			}
			write(t, root, source, bytes.ReplaceAll(text, []byte("        quantity:\n"), []byte("        amount:\n")))
			return []string{"store/kind/kinds.gen.go", "frontend/src/lib/api/gen/kinds.ts"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := checkout(t)
			want := change(t, root)
			stale, err := run(root, true)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(stale, want) {
				t.Errorf("got %v, want %v", stale, want)
			}
		})
	}
}

// Kinds that cannot be read change no file.
func TestBrokenKindsChangeNothing(t *testing.T) {
	root := checkout(t)
	write(t, root, source, []byte("components: {schemas: {tree: {type: object, properties: {field: {type: string, minLength: 1}}}}}"))
	before, err := os.ReadFile(filepath.Join(root, "store/kind/kinds.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(root, false); err == nil {
		t.Error("was read")
	}
	after, err := os.ReadFile(filepath.Join(root, "store/kind/kinds.gen.go"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("changed a file (%v)", err)
	}
}
