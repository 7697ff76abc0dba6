package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// linked returns the packages that a program links beyond what it may: those
// with cgo outside the standard library, and Wails.
func linked(t *testing.T, dir, program string) []string {
	t.Helper()
	list := func(env string, format string) []string {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, program)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), env, "GOWORK=off")
		cmd.Stderr = t.Output()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v", program, err)
		}
		return strings.Fields(string(out))
	}
	// With cgo switched on, so that files with import "C" are seen at all. The
	// standard library has some, and a pure Go version of each.
	tooMany := list("CGO_ENABLED=1", "{{if and (not .Standard) .CgoFiles}}{{.ImportPath}}{{end}}")
	for _, p := range list("CGO_ENABLED=0", "{{.ImportPath}}") {
		if under(p, "github.com/wailsapp/wails", "runtime/cgo") {
			tooMany = append(tooMany, p)
		}
	}
	slices.Sort(tooMany)
	return slices.Compact(tooMany)
}

// The household's machine is a Raspberry Pi or a container without a display,
// and the programs are cross-compiled from anywhere.
func TestHeadlessProgramsLinkNeitherCgoNorWails(t *testing.T) {
	for _, program := range []string{"syncserver/cmd/inglenookd", "app/cmd/inglenook"} {
		t.Run(filepath.Base(program), func(t *testing.T) {
			if _, err := os.Stat(filepath.Join("../..", program, "main.go")); err != nil {
				t.Skipf("%s has no main.go", program)
			}
			if got := linked(t, "../..", "./"+program); len(got) > 0 {
				t.Errorf("links %q", got)
			}
		})
	}
}

func TestLinkedFindsCgoAndWails(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example\n\ngo 1.26\n\nrequire github.com/wailsapp/wails/v2 v2.0.0\n\nreplace github.com/wailsapp/wails/v2 => ./wails\n",
		"main.go":      "package main\n\nimport (\n\t_ \"example/c\"\n\t_ \"github.com/wailsapp/wails/v2\"\n)\n\nfunc main() {}\n",
		"c/c.go":       "package c\n\nimport \"C\"\n",
		"c/pure.go":    "package c\n",
		"wails/go.mod": "module github.com/wailsapp/wails/v2\n\ngo 1.26\n",
		"wails/w.go":   "package wails\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"example/c", "github.com/wailsapp/wails/v2"}
	if got := linked(t, dir, "."); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
