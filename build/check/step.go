package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// reports is where each step leaves the whole of what it printed.
const reports = "build/reports"

// outcome is what a step came to, counted in tests. A step that has no tests
// of its own counts as one.
type outcome struct {
	passed   int
	failures []failure
	skips    []skip
}

type failure struct{ test, output string }

type skip struct{ test, reason string }

// command is one program with its arguments, run in dir ("" is the root).
type command struct {
	dir  string
	env  []string
	args []string
}

// step is one row of the report: its commands run one after the other until
// one fails, and count reads from what the last one printed how many tests
// passed.
type step struct {
	name  string
	group string
	needs []string // paths without which there is nothing to test yet
	run   func(context.Context) ([]command, error)
	count func(printed []byte, err error) outcome
}

func (s step) do(ctx context.Context) outcome {
	for _, path := range s.needs {
		if _, err := os.Stat(path); err != nil {
			return outcome{skips: []skip{{s.name, path + " does not exist"}}}
		}
	}
	commands, err := s.run(ctx)
	if err != nil {
		return outcome{failures: []failure{{s.name, err.Error()}}}
	}
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	var log bytes.Buffer
	var last []byte
	for i, c := range commands {
		var printed []byte
		printed, err = c.output(ctx)
		fmt.Fprintf(&log, "$ %s\n%s", strings.Join(c.args, " "), printed)
		if err != nil {
			fmt.Fprintf(&log, "%v\n", err)
		}
		if i == len(commands)-1 {
			last = printed
		} else if err != nil {
			break // what comes before the counted command only prepares it
		}
	}
	if werr := os.WriteFile(s.logPath(), log.Bytes(), 0o644); werr != nil {
		return outcome{failures: []failure{{s.name, werr.Error()}}}
	}
	if s.count == nil || last == nil {
		return countOne(s.name, log.Bytes(), err)
	}
	return s.count(last, err)
}

func (s step) logPath() string {
	return filepath.Join(reports, strings.ReplaceAll(s.name, " ", "-")+".log")
}

// output runs the command without standard input and returns what it printed
// on both streams.
func (c command) output(ctx context.Context) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	// Asked to end first: xvfb-run and make pass it on to what they started.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	printed, err := cmd.CombinedOutput()
	if printed == nil {
		printed = []byte{}
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("ended before it was done: %w", context.Cause(ctx))
	}
	return printed, err
}

// countOne is the outcome of a step that passes or fails as a whole.
func countOne(name string, printed []byte, err error) outcome {
	if err != nil {
		return outcome{failures: []failure{{name, string(printed)}}}
	}
	return outcome{passed: 1}
}
