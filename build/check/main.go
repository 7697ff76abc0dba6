// Command check runs every test and check of the repository, goes on when one
// fails, and ends with one line that counts them.
//
// Usage: go run ./build/check [GROUP…], from the root of the repository; the
// groups are lint, unit and e2e. `make test` installs first what it needs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// stepLimit ends a step that hangs. The longest, the Go tests from cold under
// the race detector on two cores, takes a third of it.
const stepLimit = 20 * time.Minute

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, flag.Args())
	stop()
	os.Exit(status)
}

func run(ctx context.Context, groups []string) int {
	for _, g := range groups {
		if !slices.ContainsFunc(steps, func(s step) bool { return s.group == g }) {
			fmt.Fprintf(os.Stderr, "check: there is no group %q\n", g)
			return 2
		}
	}
	if err := os.MkdirAll(reports, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		return 2
	}
	var rows []row
	for _, s := range steps {
		if len(groups) > 0 && !slices.Contains(groups, s.group) {
			continue
		}
		fmt.Printf("%s …\n", s.name)
		began := time.Now()
		o := s.do(ctx)
		printFailures(os.Stdout, s, o)
		rows = append(rows, row{s.name, o, time.Since(began)})
	}
	return printReport(os.Stdout, rows)
}
