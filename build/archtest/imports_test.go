package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// only allows the packages of an import path to be imported from some folders.
func only(imported string, folders ...string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			for _, p := range s.imports() {
				if under(p, imported) && !under(s.dir(), folders...) {
					broken = append(broken, s.path+": imports "+p)
				}
			}
		}
		return broken
	}
}

// inside limits what the packages of a folder import from this module.
func inside(folder string, allowed ...string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if !under(s.dir(), folder) {
				continue
			}
			for _, p := range s.imports() {
				own, ok := strings.CutPrefix(p, module+"/")
				if ok && !under(own, allowed...) {
					broken = append(broken, s.path+": imports "+p)
				}
			}
		}
		return broken
	}
}

// plain limits one package, without those below it, to the standard library
// and what is allowed. net and the packages of net/http count as a framework.
// Tests may use what they like.
func plain(folder string, allowed ...string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if s.dir() != folder || s.test() {
				continue
			}
			for _, p := range s.imports() {
				// Import paths outside the standard library begin with a host, ours with the module.
				first, _, _ := strings.Cut(p, "/")
				foreign := strings.Contains(first, ".") || first == module || under(p, "net", "database")
				if foreign && !slices.Contains(allowed, p) {
					broken = append(broken, s.path+": imports "+p)
				}
			}
		}
		return broken
	}
}

// handedIn allows a package only to programs and tests, and to some folders:
// whoever else wants what it gives is handed an interface.
func handedIn(imported string, folders ...string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if s.test() || s.main() || under(s.dir(), folders...) {
				continue
			}
			if slices.Contains(s.imports(), imported) {
				broken = append(broken, s.path+": imports "+imported)
			}
		}
		return broken
	}
}

// frameworkFree allows Svelte in the TypeScript of some folders only in files
// whose names say so.
func frameworkFree(folders ...string) check {
	return func(tree []source) (broken []string) {
		for _, s := range tree {
			if path.Ext(s.path) != ".ts" || !under(s.dir(), folders...) || strings.HasSuffix(s.path, ".svelte.ts") {
				continue
			}
			for number, line := range strings.Split(s.text, "\n") {
				if sveltePackage.MatchString(line) {
					broken = append(broken, fmt.Sprintf("%s:%d: imports Svelte", s.path, number+1))
				}
			}
		}
		return broken
	}
}
