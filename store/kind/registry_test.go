package kind_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"inglenook/store"
	"inglenook/store/kind"
)

func load(t testing.TB) *kind.Registry {
	t.Helper()
	r, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The kinds of the design, with what each is to the others.
func TestKinds(t *testing.T) {
	type row struct {
		container bool
		parent    store.Kind
		derived   []string
	}
	want := map[store.Kind]row{
		"household":  {},
		"user":       {},
		"absence":    {},
		"calendar":   {container: true},
		"event":      {parent: "calendar"},
		"occurrence": {parent: "event", derived: []string{"eventId", "recurrenceId"}},
		"place":      {},
		"list":       {container: true},
		"item":       {parent: "list"},
		"chore":      {},
		"completion": {parent: "chore", derived: []string{"choreId", "due", "slot"}},
		"note":       {container: true},
		"category":   {},
		"ack":        {derived: []string{"target/kind", "target/id", "target/occurrence", "target/alertId", "userId"}},
	}
	r := load(t)
	for _, name := range r.Names() {
		spec, ok := r.Spec(name)
		if !ok {
			t.Fatalf("%s has a name and no spec", name)
		}
		got := row{spec.Container, spec.Parent, spec.Derived}
		if w, ok := want[name]; !ok || got.container != w.container || got.parent != w.parent || !slices.Equal(got.derived, w.derived) {
			t.Errorf("%s: got %+v, want %+v", name, got, w)
		}
		if _, ok := spec.Fields["audience"]; ok != spec.Container {
			t.Errorf("%s: a container is what has an audience", name)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// The fields of the design, by kind.
func TestFields(t *testing.T) {
	want := map[store.Kind][]string{
		"household":  {"name", "timeZone", "locale", "weekStart", "dayStart", "quietHours", "trashDays", "brake", "defaultAlertTime"},
		"user":       {"name", "shortName", "color", "avatar", "birthday", "access", "timeZone", "locale", "labels", "orderKey"},
		"absence":    {"userId", "start", "end", "here", "recurrenceRule", "reason"},
		"calendar":   {"name", "color", "audience", "defaultAlerts", "source"},
		"event":      {"calendarId", "uid", "title", "description", "start", "timeZone", "duration", "showWithoutTime", "recurrenceRule", "status", "places", "participants", "alerts", "categoryIds", "links", "raw"},
		"occurrence": {"eventId", "recurrenceId", "excluded", "patch"},
		"place":      {"name", "address", "geo", "description"},
		"list":       {"title", "use", "color", "icon", "audience", "sort", "showDone", "archived", "orderKey"},
		"item":       {"listId", "title", "description", "quantity", "unit", "categoryId", "done", "doneAt", "doneBy", "due", "timeZone", "recurrenceRule", "priority", "assignees", "checklist", "alerts", "forUserId", "orderKey"},
		"chore":      {"title", "description", "effort", "start", "schedule", "window", "season", "assignment", "checklist", "alerts", "pausedUntil"},
		"completion": {"choreId", "due", "slot", "status", "userIds", "at", "minutes", "note"},
		"note":       {"title", "body", "pinned", "color", "audience", "labels", "orderKey", "attachTo"},
		"category":   {"name", "color", "icon", "use", "orderKey"},
		"ack":        {"target", "userId", "acknowledged", "snoozedUntil"},
	}
	r := load(t)
	for name, fields := range want {
		spec, _ := r.Spec(name)
		fields = append(fields, "created", "createdBy", "updatedBy")
		for _, field := range fields {
			if _, ok := spec.Fields[field]; !ok {
				t.Errorf("%s has no %s", name, field)
			}
		}
		if len(fields) != len(spec.Fields) {
			t.Errorf("%s has %d fields, the design %d", name, len(spec.Fields), len(fields))
		}
	}
}

func TestRules(t *testing.T) {
	r := load(t)
	for _, row := range []struct {
		kind  store.Kind
		field string
		want  store.Rule
	}{
		{"note", "body", store.Text},
		{"item", "description", store.Text},
		{"item", "title", store.Last},
		{"item", "assignees", store.Map},
		{"event", "participants", store.Map},
		{"occurrence", "patch", store.Map},
		{"list", "audience", store.Map},
		{"chore", "assignment", store.Last},
		{"item", "unheard", store.Last},
		{"unheard", "title", store.Last},
	} {
		if got := r.Rule(row.kind, row.field); got != row.want {
			t.Errorf("%s.%s: rule %d, want %d", row.kind, row.field, got, row.want)
		}
	}
}

func TestRefs(t *testing.T) {
	r := load(t)
	for _, row := range []struct {
		kind   store.Kind
		entity string
		want   map[string]store.Ref
	}{
		{
			"item", `{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","createdBy":9,"listId":7,"title":"Milk","doneBy":3,"assignees":{"3":true,"4":true}}`,
			map[string]store.Ref{"listId": {Kind: "list", ID: 7}, "doneBy": {Kind: "user", ID: 3}, "assignees/3": {Kind: "user", ID: 3}, "assignees/4": {Kind: "user", ID: 4}},
		},
		{
			"chore", `{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","title":"Bins","assignment":{"mode":"order","userIds":{"3":{"orderKey":"a"}}}}`,
			map[string]store.Ref{"assignment.userIds/3": {Kind: "user", ID: 3}},
		},
		{
			"note", `{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","attachTo":{"kind":"event","id":8,"more":[1]}}`,
			map[string]store.Ref{"attachTo": {Kind: "event", ID: 8}},
		},
		{"tree", `{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","listId":7}`, map[string]store.Ref{}},
	} {
		var e store.Entity
		if err := json.Unmarshal([]byte(row.entity), &e); err != nil {
			t.Fatal(err)
		}
		got := map[string]store.Ref{}
		for path, ref := range r.Refs(row.kind, e) {
			got[path] = ref
		}
		if len(got) != len(row.want) {
			t.Errorf("%s: got %v, want %v", row.kind, got, row.want)
		}
		for path, ref := range row.want {
			if got[path] != ref {
				t.Errorf("%s.%s: got %v, want %v", row.kind, path, got[path], ref)
			}
		}
	}
}

func TestParent(t *testing.T) {
	r := load(t)
	item := store.Entity{ID: 5, UpdatedAt: 1, Fields: store.Fields{"listId": []byte("7")}}
	if got, ok := r.Parent("item", item); !ok || got != (store.Ref{Kind: "list", ID: 7}) {
		t.Errorf("an item's parent: %v %v", got, ok)
	}
	if got, ok := r.Parent("item", store.Tombstone(5, 1)); ok {
		t.Errorf("a tombstone has the parent %v", got)
	}
	if got, ok := r.Parent("list", item); ok {
		t.Errorf("a list has the parent %v", got)
	}
}

// derived is one line of testdata/derived.json, which TypeScript is held
// against too.
type derived struct {
	Kind  store.Kind   `json:"kind"`
	Parts []string     `json:"parts"`
	ID    store.ID     `json:"id"`
	Of    store.Entity `json:"of"` // an entity with these parts
}

func TestDerivedIDs(t *testing.T) {
	r := load(t)
	var rows []derived
	readJSON(t, filepath.Join("testdata", "derived.json"), &rows)
	seen := map[store.Kind]bool{}
	for _, row := range rows {
		seen[row.Kind] = true
		if got := store.DerivedID(row.Kind, row.Parts...); got != row.ID {
			t.Errorf("%s %q: id %d, want %d", row.Kind, row.Parts, got, row.ID)
		}
		if got, ok := r.DerivedID(row.Kind, row.Of); !ok || got != row.ID {
			t.Errorf("%s %q: the entity gives %d %v, want %d", row.Kind, row.Parts, got, ok, row.ID)
		}
	}
	for _, name := range r.Names() {
		if spec, _ := r.Spec(name); spec.Derived != nil && !seen[name] {
			t.Errorf("no line for %s", name)
		}
	}
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// Schemas goes into the API document, so it must be whole and be JSON.
func TestSchemas(t *testing.T) {
	var schemas map[string]map[string]any
	if err := json.Unmarshal(kind.Schemas(), &schemas); err != nil {
		t.Fatal(err)
	}
	for _, name := range load(t).Names() {
		if schemas[string(name)]["description"] == nil {
			t.Errorf("no schema of %s", name)
		}
	}
}
