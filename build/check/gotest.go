package main

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
)

// goEvent is a line of `go test -json` (see `go doc test2json`).
type goEvent struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

type goTest struct{ pkg, test string }

// where a test logged a line, in front of what it said.
var loggedAt = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// countGo counts the leaves: a test that has subtests is counted only when it
// failed by itself. A package that failed without a failed test (it did not
// compile, it exited, it timed out) counts as one failure.
func countGo(printed []byte, err error) outcome {
	var (
		o       outcome
		ended   []goEvent
		said    = map[goTest]*strings.Builder{}
		parents = map[goTest]bool{}
		broken  = map[goTest]bool{} // failed itself or in one of its subtests, or a package that has such a test
		stray   strings.Builder     // the compiler's words, and what is not JSON at all
	)
	lines := bufio.NewScanner(bytes.NewReader(printed))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e goEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			stray.WriteString(lines.Text() + "\n")
			continue
		}
		key := goTest{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			stray.WriteString(e.Output)
		case "output":
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			said[key].WriteString(e.Output)
		case "run":
			for at := strings.LastIndexByte(e.Test, '/'); at >= 0; at = strings.LastIndexByte(e.Test[:at], '/') {
				parents[goTest{e.Package, e.Test[:at]}] = true
			}
		case "pass", "fail", "skip":
			ended = append(ended, e) // subtests end before their parents, tests before their package
		}
	}

	text := func(key goTest) string {
		if b := said[key]; b != nil {
			return b.String()
		}
		return ""
	}
	for _, e := range ended {
		key := goTest{e.Package, e.Test}
		switch {
		case e.Action == "fail" && !broken[key]:
			output := text(key)
			if e.Test == "" {
				output = stray.String() + output
			}
			o.failures = append(o.failures, failure{strings.TrimSpace(e.Package + " " + e.Test), output})
			broken[goTest{e.Package, ""}] = true
			for at := strings.LastIndexByte(e.Test, '/'); at >= 0; at = strings.LastIndexByte(e.Test[:at], '/') {
				broken[goTest{e.Package, e.Test[:at]}] = true
			}
		case e.Test == "" || parents[key]:
		case e.Action == "pass":
			o.passed++
		case e.Action == "skip":
			o.skips = append(o.skips, skip{e.Package + " " + e.Test, skipReason(text(key))})
		}
	}
	if err != nil && len(o.failures) == 0 {
		o.failures = append(o.failures, failure{"go test", stray.String() + err.Error()})
	}
	return o
}

// skipReason is what the test said last: t.Skip logs its reason.
func skipReason(output string) string {
	reason := "no reason given"
	for line := range strings.Lines(output) {
		if loggedAt.MatchString(line) {
			reason = strings.TrimSpace(loggedAt.ReplaceAllString(line, ""))
		}
	}
	return reason
}
