package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "inglenook"

// source is one file of the tree; syntax is nil for TypeScript.
type source struct {
	path   string
	text   string
	syntax *ast.File
}

func (s source) dir() string     { return path.Dir(s.path) }
func (s source) test() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return s.syntax != nil && ast.IsGenerated(s.syntax) }
func (s source) main() bool      { return s.syntax != nil && s.syntax.Name.Name == "main" }

// imports are the paths as written.
func (s source) imports() []string {
	if s.syntax == nil {
		return nil
	}
	var paths []string
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// localName is how the file calls an imported package, "" when it does not
// import it.
func (s source) localName(imported string) string {
	for _, spec := range s.syntax.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

// under tells whether p is one of the folders or inside one.
func under(p string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		return p == f || strings.HasPrefix(p, f+"/")
	})
}

// read parses every Go and TypeScript file of the tree, in the order of their
// paths. What is not ours is left out.
func read(tree fs.FS) ([]source, error) {
	var sources []source
	files := token.NewFileSet()
	err := fs.WalkDir(tree, ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if p == "build/bin" || slices.Contains([]string{".git", "node_modules", "testdata", "dist"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(p); ext != ".go" && ext != ".ts" {
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		s := source{path: p, text: string(text)}
		if path.Ext(p) == ".go" {
			if s.syntax, err = parser.ParseFile(files, p, text, parser.ParseComments); err != nil {
				return err
			}
		}
		sources = append(sources, s)
		return nil
	})
	return sources, err
}
