package imports

import (
	"slices"
	"strings"
	"unicode/utf8"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// Limits of what has a field, in characters and in entries of a map.
const (
	maxPlace  = 256
	maxLabel  = 64
	maxLabels = 32
)

// place maps LOCATION to the place of that name.
func (c *reading) place(e *store.Entity, p property) (mapped bool, err error) {
	name := strings.TrimSpace(unescape(p.value))
	if name == "" {
		return true, nil
	}
	if utf8.RuneCountInString(name) > maxPlace || e.Fields["places"] != nil {
		return false, nil
	}
	id, err := c.named(p.line, "place", name, store.Entity{})
	if err != nil {
		return false, err
	}
	set(e, "places", map[string]any{id.String(): map[string]any{}})
	return true, nil
}

// labels maps CATEGORIES to the labels of these names.
func (c *reading) labels(e *store.Entity, p property) (mapped bool, err error) {
	labels := mapOf[bool](e, "categoryIds")
	values := textList(p.value)
	tooLong := func(name string) bool { return utf8.RuneCountInString(name) > maxLabel }
	if len(labels)+len(values) > maxLabels || slices.ContainsFunc(values, tooLong) {
		return false, nil
	}
	for _, name := range values {
		var label store.Entity
		set(&label, "use", "label")
		id, err := c.named(p.line, "category", name, label)
		if err != nil {
			return false, err
		}
		labels[id.String()] = true
	}
	if len(labels) > 0 {
		set(e, "categoryIds", labels)
	}
	return true, nil
}

// participant is what one user has to do with an event.
type participant struct {
	Roles  map[string]bool `json:"roles"`
	Status string          `json:"status,omitempty"`
}

// person maps an ATTENDEE or the ORGANIZER whose name is that of one user.
func (c *reading) person(e *store.Entity, p property) {
	id := c.names["user"][fold(p.params["CN"])]
	if id == 0 {
		return
	}
	people := mapOf[participant](e, "participants")
	who := people[id.String()]
	if who.Roles == nil {
		who.Roles = map[string]bool{}
	}
	if p.name == "ORGANIZER" {
		who.Roles["owner"] = true
	} else {
		who.Roles["attendee"] = true
		status := strings.ToLower(p.params["PARTSTAT"])
		if slices.Contains([]string{"accepted", "declined", "tentative"}, status) {
			who.Status = status
		}
	}
	people[id.String()] = who
	set(e, "participants", people)
}

// mapOf reads a map that set has written, empty when there is none.
func mapOf[T any](e *store.Entity, field string) map[string]T {
	out := map[string]T{}
	if raw := e.Fields[field]; raw != nil {
		_ = json.Unmarshal(raw, &out) // set has written it
	}
	return out
}

// textList reads the TEXT values of a list, without empty ones.
func textList(s string) (out []string) {
	from := 0
	add := func(to int) {
		if value := strings.TrimSpace(unescape(s[from:to])); value != "" {
			out = append(out, value)
		}
		from = to + 1
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',':
			add(i)
		}
	}
	if from <= len(s) {
		add(len(s))
	}
	return out
}
