package main

import (
	"os"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/schollz/progressbar/v3"
)

// print writes a value as indented JSON.
func (s *session) print(value any) error {
	raw, err := json.Marshal(value, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(raw, '\n'))
	return err
}

// line writes a value as one line of JSON.
func (s *session) line(value any) error {
	raw, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(raw, '\n'))
	return err
}

// progress is a bar on stderr, and nothing where that is no terminal.
func (s *session) progress(total int, what string) *progressbar.ProgressBar {
	stat, err := s.errors.Stat()
	if err != nil || stat.Mode()&os.ModeCharDevice == 0 {
		return progressbar.DefaultSilent(int64(total), what)
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(s.errors), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
