package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// What `go test -json` prints for a package with a parent of two subtests (one
// skipped), a parent that fails by its subtest, and one that does not compile.
const goPrinted = `
{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/one"}
{"Action":"run","Package":"p","Test":"TestA/two"}
{"Action":"output","Package":"p","Test":"TestA/two","Output":"    a_test.go:9: no display\n"}
{"Action":"output","Package":"p","Test":"TestA/two","Output":"--- SKIP: TestA/two (0.00s)\n"}
{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"skip","Package":"p","Test":"TestA/two"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"run","Package":"p","Test":"TestB/deep/down"}
{"Action":"output","Package":"p","Test":"TestB/deep/down","Output":"    b_test.go:3: 1 != 2\n"}
{"Action":"fail","Package":"p","Test":"TestB/deep/down"}
{"Action":"fail","Package":"p","Test":"TestB/deep"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}
{"ImportPath":"q","Action":"build-output","Output":"q/q.go:1: undefined: x\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
{"Action":"skip","Package":"empty"}
`

func TestCountGoCountsLeaves(t *testing.T) {
	o := countGo([]byte(goPrinted), errors.New("exit status 1"))
	if o.passed != 1 {
		t.Errorf("passed %d, want 1", o.passed)
	}
	if want := []skip{{"p TestA/two", "no display"}}; !slices.Equal(o.skips, want) {
		t.Errorf("skips %v, want %v", o.skips, want)
	}
	var failed []string
	for _, f := range o.failures {
		failed = append(failed, f.test)
	}
	if want := []string{"p TestB/deep/down", "q"}; !slices.Equal(failed, want) {
		t.Fatalf("failures %v, want %v", failed, want)
	}
	if got := o.failures[0].output; !strings.Contains(got, "1 != 2") {
		t.Errorf("the test's words are lost: %q", got)
	}
	if got := o.failures[1].output; !strings.Contains(got, "undefined: x") {
		t.Errorf("the compiler's words are lost: %q", got)
	}
}

func TestCountGoCountsAParentThatFailsByItself(t *testing.T) {
	o := countGo([]byte(`{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/one"}
{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`), errors.New("exit status 1"))
	if o.passed != 1 || len(o.failures) != 1 || o.failures[0].test != "p TestA" {
		t.Errorf("got %+v", o)
	}
}

func TestCountGoNeverHidesAFailedCommand(t *testing.T) {
	o := countGo([]byte("go: cannot find main module\n"), errors.New("exit status 1"))
	if len(o.failures) != 1 || !strings.Contains(o.failures[0].output, "cannot find main module") {
		t.Errorf("got %+v", o)
	}
}
