package main

import (
	"errors"
	"slices"
	"testing"
)

func TestParseVitest(t *testing.T) {
	o := parseVitest([]byte(`{"testResults":[
		{"name":"/x/merge.test.ts","status":"failed","assertionResults":[
			{"fullName":"merge keeps both","status":"passed"},
			{"fullName":"merge marks","status":"failed","failureMessages":["expected 1"]},
			{"fullName":"merge later","status":"todo"}]},
		{"name":"/x/broken.test.ts","status":"failed","message":"Unexpected token","assertionResults":[]}]}`),
		nil, errors.New("exit status 1"))
	if o.passed != 1 {
		t.Errorf("passed %d, want 1", o.passed)
	}
	if want := []failure{{"merge.test.ts merge marks", "expected 1"}, {"broken.test.ts", "Unexpected token"}}; !slices.Equal(o.failures, want) {
		t.Errorf("failures %v, want %v", o.failures, want)
	}
	if want := []skip{{"merge.test.ts merge later", "marked todo in the file"}}; !slices.Equal(o.skips, want) {
		t.Errorf("skips %v, want %v", o.skips, want)
	}
}

func TestCountBrowser(t *testing.T) {
	for _, c := range []struct {
		name, printed   string
		err             error
		passed, failed  int
		skipped, reason string
	}{
		{name: "all pass", printed: "ok list\n3 passed, 0 failed\n", passed: 3},
		{name: "a skip with its reason", printed: "SKIP phone: no touch\n3 passed, 0 failed, 1 skipped\n", passed: 3, skipped: "phone", reason: "no touch"},
		{name: "a named failure", printed: "FAIL list\n3 passed, 1 failed, 0 skipped\n", err: errors.New("exit status 1"), passed: 3, failed: 1},
		{name: "an unnamed failure", printed: "3 passed, 2 failed\n", err: errors.New("exit status 1"), passed: 3, failed: 2},
		{name: "the command failed after all passed", printed: "3 passed, 0 failed\n", err: errors.New("exit status 1"), passed: 3, failed: 1},
		{name: "it never came to an end", printed: "ok list\n", failed: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := countBrowser([]byte(c.printed), c.err)
			if o.passed != c.passed || len(o.failures) != c.failed {
				t.Errorf("got %d passed and %v, want %d and %d failed", o.passed, o.failures, c.passed, c.failed)
			}
			var want []skip
			if c.skipped != "" {
				want = []skip{{c.skipped, c.reason}}
			}
			if !slices.Equal(o.skips, want) {
				t.Errorf("skips %v, want %v", o.skips, want)
			}
		})
	}
}
