package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// row is a step with what it came to.
type row struct {
	name string
	outcome
	took time.Duration
}

// A failure is shown by its last lines; the whole is in the step's log.
const shownLines = 40

// printFailures shows what failed, indented, so that no line of it can be
// taken for the closing one.
func printFailures(w io.Writer, s step, o outcome) {
	for _, f := range o.failures {
		fmt.Fprintf(w, "  FAILED %s\n", f.test)
		lines := strings.Split(strings.TrimSpace(f.output), "\n")
		if len(lines) > shownLines {
			fmt.Fprintf(w, "    … (all of it in %s)\n", s.logPath())
			lines = lines[len(lines)-shownLines:]
		}
		for _, line := range lines {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}

// printReport prints the table, what failed, what was skipped and why, and the
// closing line. It returns the status to exit with.
func printReport(w io.Writer, rows []row) int {
	var passed, failed, skipped int
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STEP\tPASSED\tFAILED\tSKIPPED\tTOOK")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\n",
			r.name, r.passed, len(r.failures), len(r.skips), r.took.Round(100*time.Millisecond))
		passed += r.passed
		failed += len(r.failures)
		skipped += len(r.skips)
	}
	_ = table.Flush() // standard output: there is nobody to tell
	fmt.Fprintln(w)
	for _, r := range rows {
		for _, f := range r.failures {
			fmt.Fprintf(w, "failed: %s: %s\n", r.name, f.test)
		}
	}
	for _, r := range rows {
		for _, s := range r.skips {
			fmt.Fprintf(w, "skipped: %s: %s\n", s.test, s.reason)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 || passed == 0 {
		return 1 // a run that tested nothing has not passed
	}
	return 0
}
