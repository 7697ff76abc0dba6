#!/usr/bin/env bash
# build/fuzz.sh [TIME]: runs every Fuzz test for TIME (default one minute each)
# and goes on after one that fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
time=${1:-1m}

ran=0 failed=0
while read -r package; do
    while read -r name; do
        echo "fuzz $package $name for $time"
        ran=$((ran + 1))
        go test -run "^\$" -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 2s "$package" </dev/null || failed=$((failed + 1))
    done < <(go test -list '^Fuzz' "$package" | grep '^Fuzz')
done < <(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./... | grep .)
echo "$((ran - failed)) passed, $failed failed"
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
