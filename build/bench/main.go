// Command bench measures the server and the device against a raw reference,
// build/bench/reference, and prints ratios. It asserts nothing: the disk of one
// machine may vary five times within a minute, so ours and the reference take
// turns, and what counts is the median of the ratios of neighbours.
//
// Usage: go run ./build/bench [-quick] [-only NAME,…] [-json] [-dir DIR], from
// the root of the repository. Everything it starts listens on loopback, and
// ends with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// step is one part of the benchmark, by the name -only takes.
type step struct {
	name string
	do   func(*bench, context.Context) ([]row, error)
}

var steps = []step{
	{"writes", (*bench).writes},
	{"push", (*bench).push},
	{"catchup", (*bench).catchUp},
	{"start", (*bench).start},
	{"snapshot", (*bench).snapshot},
	{"streams", (*bench).streams},
	{"authenticated", (*bench).authenticated},
	{"sessions", (*bench).sessions},
	{"device", (*bench).device},
	{"paint", (*bench).paint},
}

// bench is one run.
type bench struct {
	dir     string // everything it writes, removed at the end
	sizes   sizes
	bin     programs
	full    *pair // two servers with many entities, made when first asked for
	running []*process
}

func main() {
	quick := flag.Bool("quick", false, "measure less, in three minutes")
	only := flag.String("only", "", "measure only these, by name: "+strings.Join(names(), ", "))
	asJSON := flag.Bool("json", false, "print JSON instead of a table")
	dir := flag.String("dir", filepath.Join("build", "bin"), "where to put the stores: the disk that is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	size := whole
	if *quick {
		size = quickly
	}
	rows, err := run(ctx, *dir, size, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if *asJSON {
		err = printJSON(os.Stdout, rows)
	} else {
		err = printTable(os.Stdout, rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

func names() []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.name)
	}
	return out
}

// run measures the named steps, all when none is named. A step that fails is a
// row that says why.
func run(ctx context.Context, dir string, size sizes, only []string) (rows []row, err error) {
	for _, name := range only {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("there is nothing called %q, only %s", name, strings.Join(names(), ", "))
		}
	}
	b := &bench{sizes: size}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(dir, "bench-"); err != nil {
		return nil, err
	}
	defer func() {
		b.stopAll()
		_ = os.RemoveAll(b.dir) // what is left is in a folder git ignores
	}()
	if b.bin, err = build(ctx, b.dir); err != nil {
		return nil, err
	}
	for _, s := range steps {
		if ctx.Err() != nil || len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		began := time.Now()
		measured, err := s.do(b, ctx)
		rows = append(rows, measured...)
		if err != nil {
			rows = append(rows, row{Measure: s.name, Note: "not measured: " + err.Error()})
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", s.name, time.Since(began).Seconds())
	}
	return rows, ctx.Err()
}
