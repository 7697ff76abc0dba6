package main

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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
