package store

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// RawValue is a field's value as canonical JSON; nil stands for absent.
type RawValue = jsontext.Value

// A unit is the smallest thing two people can be in conflict about: a field
// ("title"), or one entry of a map field ("participants/42").

// SplitUnit returns the field, and the key when the unit is a map's entry.
func SplitUnit(unit string, rule func(string) Rule) (field, key string) {
	field, key, found := strings.Cut(unit, "/")
	if !found || rule(field) != Map {
		return unit, ""
	}
	return field, key
}

// Get returns a unit's value, nil when it is absent.
func Get(e Entity, unit string, rule func(string) Rule) RawValue {
	field, key := SplitUnit(unit, rule)
	if key == "" {
		return e.Fields[field]
	}
	return entries(e.Fields[field])[key]
}

// set stores a unit's value, or takes it away when value is nil.
func set(e *Entity, unit string, value RawValue, rule func(string) Rule) {
	if e.Fields == nil {
		e.Fields = Fields{}
	}
	field, key := SplitUnit(unit, rule)
	if key != "" {
		m := entries(e.Fields[field])
		if value == nil {
			delete(m, key)
		} else {
			m[key] = value
		}
		value = encodeEntries(m)
	}
	if value == nil {
		delete(e.Fields, field)
	} else {
		e.Fields[field] = value
	}
}

// entries reads a map field; anything that is not an object has none.
func entries(raw RawValue) map[string]RawValue {
	m := map[string]RawValue{}
	if len(raw) > 0 && raw[0] == '{' {
		_ = json.Unmarshal(raw, &m) // canonical already: cannot fail
	}
	return m
}

func encodeEntries(m map[string]RawValue) RawValue {
	if len(m) == 0 {
		return nil
	}
	raw, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return nil // values were decoded from JSON: cannot fail
	}
	return canonical(raw)
}

// Diff returns the units in which two versions differ, sorted. Fields only the
// server sets do not count.
func Diff(from, to Entity, rule func(string) Rule) []string {
	var units []string
	differs := func(field string) {
		a, b := from.Fields[field], to.Fields[field]
		switch {
		case bytes.Equal(a, b) || serverSet(field):
		case rule(field) == Map:
			units = append(units, diffMap(field, a, b)...)
		default:
			units = append(units, field)
		}
	}
	for field := range to.Fields {
		differs(field)
	}
	for field := range from.Fields {
		if _, both := to.Fields[field]; !both {
			differs(field)
		}
	}
	slices.Sort(units)
	return units
}

// serverSet names the fields that are the server's to set.
func serverSet(field string) bool {
	return field == "created" || field == "createdBy" || field == "updatedBy"
}

func diffMap(field string, a, b RawValue) []string {
	from, to := entries(a), entries(b)
	var units []string
	for key, value := range to {
		if !bytes.Equal(from[key], value) {
			units = append(units, field+"/"+key)
		}
	}
	for key := range from {
		if _, both := to[key]; !both {
			units = append(units, field+"/"+key)
		}
	}
	return units
}

func textOf(raw RawValue) string {
	var s string
	if len(raw) > 0 && raw[0] == '"' {
		_ = json.Unmarshal(raw, &s) // canonical already: cannot fail
	}
	return s
}
