package main

import (
	"slices"
	"strings"
	"testing"
)

func TestReportEndsWithTheCount(t *testing.T) {
	for _, c := range []struct {
		name   string
		rows   []row
		want   string
		status int
	}{
		{"good", []row{{name: "a", outcome: outcome{passed: 2, skips: []skip{{"x", "no display"}}}}}, "skipped: x: no display\n2 passed, 0 failed, 1 skipped\n", 0},
		{"bad", []row{{name: "a", outcome: outcome{passed: 2, failures: []failure{{"y", ""}}}}}, "failed: a: y\n2 passed, 1 failed, 0 skipped\n", 1},
		{"nothing was tested", []row{{name: "a"}}, "0 passed, 0 failed, 0 skipped\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if status := printReport(&b, c.rows); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if !strings.HasSuffix(b.String(), "\n"+c.want) {
				t.Errorf("printed %q, want it to end with %q", b.String(), c.want)
			}
		})
	}
}

func TestAStepWithoutItsInputIsASkipWithAReason(t *testing.T) {
	o := step{name: "window", needs: []string{"no/such/path"}}.do(t.Context())
	if want := []skip{{"window", "no/such/path does not exist"}}; !slices.Equal(o.skips, want) {
		t.Errorf("skips %v, want %v", o.skips, want)
	}
}
