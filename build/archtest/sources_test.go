package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

var sveltePackage = regexp.MustCompile(`(from|import)\s*\(?\s*['"]svelte(/[^'"]*)?['"]`)

// packageComments wants exactly one package comment a package.
func packageComments(tree []source) (broken []string) {
	comments := map[string]int{}
	for _, s := range tree {
		if s.syntax == nil || s.test() {
			continue
		}
		comments[s.dir()] += 0
		if s.syntax.Doc.Text() != "" {
			comments[s.dir()]++
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(comments)) {
		if n := comments[dir]; n != 1 {
			broken = append(broken, fmt.Sprintf("%s: has %d package comments", dir, n))
		}
	}
	return broken
}

// clockUses are the names of package time that ask the machine's clock, as
// the file uses them.
func clockUses(s source) (uses []string) {
	name := s.localName("time")
	if name == "" {
		return nil
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			uses = append(uses, sel.Sel.Name)
		}
		return true
	})
	return uses
}

// injectedClock finds who asks the machine's clock below the programs.
func injectedClock(allowed map[string]string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if s.syntax == nil || s.test() || s.main() || !under(s.dir(), "store", "syncserver", "app") {
				continue
			}
			if _, ok := allowed[s.path]; ok {
				continue
			}
			for _, use := range clockUses(s) {
				broken = append(broken, s.path+": uses time."+use)
			}
		}
		return broken
	}
}

// staleExceptions finds who is allowed the clock and makes no use of it.
func staleExceptions(allowed map[string]string) check {
	return func(tree []source) (broken []string) {
		for _, p := range slices.Sorted(maps.Keys(allowed)) {
			used := slices.ContainsFunc(tree, func(s source) bool {
				return s.path == p && len(clockUses(s)) > 0
			})
			if !used {
				broken = append(broken, p+": is allowed the clock but does not use it")
			}
		}
		return broken
	}
}

// noInit finds init functions, in tests too.
func noInit(tree []source) (broken []string) {
	for _, s := range tree {
		if s.syntax == nil || s.generated() {
			continue
		}
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				broken = append(broken, s.path+": has an init function")
			}
		}
	}
	return broken
}

// linesAtMost limits the files that people write and read.
func linesAtMost(limit int) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if s.syntax == nil || s.test() || s.generated() {
				continue
			}
			if n := strings.Count(s.text, "\n"); n > limit {
				broken = append(broken, fmt.Sprintf("%s: has %d lines", s.path, n))
			}
		}
		return broken
	}
}

// generatedNames wants a generated file to be known by its name, and a file
// with such a name to be generated.
func generatedNames(tree []source) (broken []string) {
	for _, s := range tree {
		if s.syntax == nil || under(s.path, "build") {
			continue
		}
		named := strings.HasSuffix(s.path, ".gen.go")
		switch {
		case s.generated() && !named && path.Base(s.dir()) != "gen":
			broken = append(broken, s.path+": is generated, but not named so")
		case named && !s.generated():
			broken = append(broken, s.path+": is named as generated, but is not")
		}
	}
	return broken
}
