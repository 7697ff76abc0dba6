package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// vitestReport is the part of vitest's JSON reporter that counts.
type vitestReport struct {
	TestResults []struct {
		Name             string `json:"name"`
		Status           string `json:"status"`
		Message          string `json:"message"`
		AssertionResults []struct {
			FullName        string   `json:"fullName"`
			Status          string   `json:"status"`
			FailureMessages []string `json:"failureMessages"`
		} `json:"assertionResults"`
	} `json:"testResults"`
}

// countVitest reads the report that vitest wrote beside what it printed.
func countVitest(path string) func([]byte, error) outcome {
	return func(printed []byte, err error) outcome {
		text, rerr := os.ReadFile(path)
		if rerr != nil {
			return outcome{failures: []failure{{"vitest", string(printed) + rerr.Error()}}}
		}
		return parseVitest(text, printed, err)
	}
}

func parseVitest(report, printed []byte, err error) outcome {
	var r vitestReport
	if jerr := json.Unmarshal(report, &r); jerr != nil {
		return outcome{failures: []failure{{"vitest", "read its report: " + jerr.Error()}}}
	}
	var o outcome
	for _, file := range r.TestResults {
		name := filepath.Base(file.Name)
		failed := len(o.failures)
		for _, t := range file.AssertionResults {
			switch t.Status {
			case "passed":
				o.passed++
			case "failed":
				o.failures = append(o.failures, failure{name + " " + t.FullName, strings.Join(t.FailureMessages, "\n")})
			default: // vitest's report gives no reason, only the kind: skipped, pending, todo
				o.skips = append(o.skips, skip{name + " " + t.FullName, "marked " + t.Status + " in the file"})
			}
		}
		if file.Status == "failed" && len(o.failures) == failed {
			o.failures = append(o.failures, failure{name, file.Message}) // it could not even be loaded
		}
	}
	if err != nil && len(o.failures) == 0 {
		o.failures = append(o.failures, failure{"vitest", string(printed)})
	}
	return o
}

var (
	closingLine = regexp.MustCompile(`^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$`)
	failedLine  = regexp.MustCompile(`^FAIL (.+)$`)
	skippedLine = regexp.MustCompile(`^SKIP (.+?): (.+)$`)
)

// countBrowser reads the lines of frontend/e2e/run.mjs: "FAIL name" and
// "SKIP name: reason" for those that did not pass, and at the end
// "N passed, N failed, N skipped".
func countBrowser(printed []byte, err error) outcome {
	var o outcome
	var closing []string
	for line := range strings.Lines(string(printed)) {
		line = strings.TrimRight(line, "\r\n")
		if m := failedLine.FindStringSubmatch(line); m != nil {
			o.failures = append(o.failures, failure{m[1], ""})
		} else if m := skippedLine.FindStringSubmatch(line); m != nil {
			o.skips = append(o.skips, skip{m[1], m[2]})
		} else if m := closingLine.FindStringSubmatch(line); m != nil {
			closing = m
		}
	}
	if closing == nil {
		o.failures = append(o.failures, failure{"browser end-to-end", string(printed) + "no closing line"})
		return o
	}
	o.passed = number(closing[1])
	for i := len(o.failures); i < number(closing[2]); i++ {
		o.failures = append(o.failures, failure{fmt.Sprintf("browser end-to-end, unnamed %d", i+1), string(printed)})
	}
	for i := len(o.skips); i < number(closing[3]); i++ {
		o.skips = append(o.skips, skip{"browser end-to-end", "no reason given"})
	}
	if err != nil && len(o.failures) == 0 {
		o.failures = append(o.failures, failure{"browser end-to-end", string(printed) + err.Error()})
	}
	if len(o.failures) > 0 && o.failures[0].output == "" {
		o.failures[0].output = string(printed)
	}
	return o
}

// number is 0 for a part that was left out of the closing line.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
