package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// steps in the order they run: what is quick and breaks often comes first.
var steps = []step{
	{name: "compile", group: "lint", run: always(
		// As in a fresh clone on a machine without a C compiler, GTK or npm.
		command{env: noCgo, args: []string{"go", "build", "./..."}},
		command{env: noCgo, args: []string{"go", "vet", "./..."}},
	)},
	{name: "go.mod", group: "lint", run: always(
		command{args: []string{"go", "mod", "tidy", "-diff"}},
	)},
	{name: "generated", group: "lint", needs: []string{"build/gen"}, run: always(
		command{args: []string{"go", "run", "./build/gen", "-check"}},
	)},
	{name: "archtest", group: "lint", count: countGo, run: always(
		// Never from the cache, which does not see the files that are looked at.
		command{args: []string{"go", "test", "-json", "-count=1", "./build/archtest"}},
	)},
	{name: "golangci-lint", group: "lint", run: always(
		// Its run reports what gofumpt would write otherwise, too.
		command{args: []string{"make", "-s", "build/bin/golangci-lint"}},
		command{args: []string{"build/bin/golangci-lint", "run"}},
	)},

	{name: "page packages", group: "lint", needs: page, run: always(npmCI)},
	{name: "page generated", group: "lint", needs: page, run: always(
		command{dir: "frontend", args: []string{"node_modules/.bin/openapi-typescript", "../syncserver/api/openapi.yaml", "-o", "../build/reports/api.ts"}},
		command{args: []string{"diff", "-u", "frontend/src/lib/api/gen/api.ts", "build/reports/api.ts"}},
	)},
	{name: "svelte-check", group: "lint", needs: page, run: always(npm("check"))},
	{name: "eslint", group: "lint", needs: page, run: always(npm("lint"))},
	{name: "prettier", group: "lint", needs: page, run: always(npm("format:check"))},

	{name: "page tests", group: "unit", needs: page, run: vitest, count: countVitest(vitestJSON)},
	{name: "go tests", group: "unit", run: goTests, count: countGo},

	{name: "build", group: "e2e", needs: []string{"main.go", "syncserver/cmd/inglenookd", "app/cmd/inglenook"}, run: always(
		command{args: []string{"make", "-s", "build"}},
	)},
	{name: "browser", group: "e2e", needs: []string{"frontend/e2e/run.mjs", "syncserver/cmd/inglenookd"}, count: countBrowser, run: always(
		command{args: []string{"make", "-s", "build/bin/inglenookd"}},
		npm("e2e"),
	)},
	{name: "window", group: "e2e", needs: []string{"app/e2e", "main.go"}, count: countGo, run: always(
		command{args: []string{"make", "-s", "build"}},
		// A private bus and display: without them each run leaves daemons behind.
		command{
			env: []string{"NO_AT_BRIDGE=1"},
			args: []string{
				"dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1280x800x24",
				"go", "test", "-json", "-count=1", "-race", "-tags", "e2e", "./app/e2e/...",
			},
		},
	)},
}

var (
	noCgo = []string{"CGO_ENABLED=0"}
	page  = []string{"frontend/package-lock.json"}
	npmCI = command{args: []string{"make", "-s", "frontend/node_modules/.package-lock.json"}}
)

const vitestJSON = "build/reports/vitest.json"

func always(commands ...command) func(context.Context) ([]command, error) {
	return func(context.Context) ([]command, error) { return commands, nil }
}

func npm(script string) command {
	return command{args: []string{"npm", "--prefix", "frontend", "run", "--silent", script}}
}

func vitest(context.Context) ([]command, error) {
	report, err := filepath.Abs(vitestJSON)
	if err != nil {
		return nil, err
	}
	// A report of an earlier run must not be counted.
	if err := os.RemoveAll(report); err != nil {
		return nil, err
	}
	return []command{{
		dir:  "frontend",
		args: []string{"node_modules/.bin/vitest", "run", "--reporter=default", "--reporter=json", "--outputFile.json=" + report},
	}}, nil
}

// goTests are all but those with a step of their own.
func goTests(ctx context.Context) ([]command, error) {
	list := exec.CommandContext(ctx, "go", "list", "./...")
	var complaint bytes.Buffer
	list.Stderr = &complaint
	printed, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, complaint.Bytes())
	}
	args := []string{"go", "test", "-json", "-race", "-timeout", "15m"}
	for _, pkg := range strings.Fields(string(printed)) {
		if pkg != "inglenook/build/archtest" && !strings.HasPrefix(pkg, "inglenook/app/e2e") {
			args = append(args, pkg)
		}
	}
	return []command{{args: args}}, nil
}
