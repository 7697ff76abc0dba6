package kind_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
	"inglenook/store/kind"
)

// sample is one file of testdata/<kind>: an entity, and what is wrong with it
// when its name begins with "invalid". vitest reads the same files.
type sample struct {
	Code   store.Code   `json:"code"`
	Field  string       `json:"field"`
	Entity store.Entity `json:"entity"`
}

// samples are the files of a kind by name.
func samples(t testing.TB, name store.Kind) map[string]sample {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", string(name), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]sample{}
	for _, path := range paths {
		var s sample
		readJSON(t, path, &s)
		out[strings.TrimSuffix(filepath.Base(path), ".json")] = s
	}
	return out
}

func TestSamples(t *testing.T) {
	r := load(t)
	for _, name := range r.Names() {
		all := samples(t, name)
		var invalid int
		for file, s := range all {
			t.Run(string(name)+"/"+file, func(t *testing.T) {
				err := r.Validate(name, s.Entity)
				if !strings.HasPrefix(file, "invalid-") {
					if err != nil {
						t.Error(err)
					}
					return
				}
				invalid++
				var e *store.Error
				if !errors.As(err, &e) || e.Code != s.Code || e.Field != s.Field || e.Message == "" {
					t.Errorf("got %v, want %s at %s", err, s.Code, s.Field)
				}
			})
		}
		for _, file := range []string{"full", "minimal", "newer"} {
			if _, ok := all[file]; !ok {
				t.Errorf("%s has no sample %s", name, file)
			}
		}
		if invalid == 0 {
			t.Errorf("%s has no invalid sample", name)
		}
		spec, _ := r.Spec(name)
		for field := range spec.Fields {
			if _, ok := all["full"].Entity.Fields[field]; !ok {
				t.Errorf("the full sample of %s has no %s", name, field)
			}
		}
	}
}

// Limits that would make large files.
func TestLimits(t *testing.T) {
	entries := func(n int, value string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(`,"k` + strconv.Itoa(i) + `":` + value)
		}
		return "{" + strings.TrimPrefix(b.String(), ",") + "}"
	}
	text := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	for _, row := range []struct {
		kind         store.Kind
		field, value string
		wrong        string // the path that is too large, "" when it fits
	}{
		{"note", "body", text(48 << 10), ""},
		{"note", "body", text(48<<10 + 1), "entity.body"},
		{"note", "body", `"` + strings.Repeat("語", 22000) + `"`, "entity"},
		{"note", "unheard", text(65473), ""}, // 65,536 bytes with the rest
		{"note", "unheard", text(65474), "entity"},
		{"tree", "unheard", text(65474), "entity"},
		{"tree", `a"b`, text(65476), ""},
		{"tree", `a"b`, text(65477), "entity"},
		{"note", "labels", entries(64, "true"), ""},
		{"note", "labels", entries(65, "true"), "entity.labels"},
		{"event", "raw", `{"X":[` + strings.Repeat(`"",`, 256) + `""]}`, "entity.raw/X"},
	} {
		e := store.Entity{ID: 1001, UpdatedAt: 1, Fields: store.Fields{row.field: jsontext.Value(row.value)}}
		if row.kind == "event" {
			e.Fields["calendarId"], e.Fields["start"] = jsontext.Value("11"), jsontext.Value(`"2026-12-24"`)
		}
		err := load(t).Validate(row.kind, e)
		if row.wrong == "" {
			if err != nil {
				t.Errorf("%s.%s of %d bytes: %v", row.kind, row.field, len(row.value), err)
			}
			continue
		}
		var wrong *store.Error
		if !errors.As(err, &wrong) || wrong.Code != store.CodeTooLarge || wrong.Field != row.wrong {
			t.Errorf("%s.%s of %d bytes: got %v, want too-large at %s", row.kind, row.field, len(row.value), err, row.wrong)
		}
	}
}

func TestTombstonesPass(t *testing.T) {
	r := load(t)
	for _, name := range append(r.Names(), "tree") {
		if err := r.Validate(name, store.Tombstone(1001, 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the server sets is not judged: it overwrites what a device says there.
func TestServerFieldsPass(t *testing.T) {
	e := store.Entity{ID: 1001, UpdatedAt: 1, Fields: store.Fields{
		"name": jsontext.Value(`"Dairy"`), "created": jsontext.Value(`"yesterday"`), "createdBy": jsontext.Value(`"me"`),
	}}
	r := load(t)
	if err := r.Validate("category", e); err != nil {
		t.Error(err)
	}
	for path, ref := range r.Refs("category", e) {
		t.Errorf("refers to %v at %s", ref, path)
	}
}

// Every sample survives the way through the Go structs, unknown fields too.
func TestTyped(t *testing.T) {
	r := load(t)
	for _, name := range r.Names() {
		all := samples(t, name)
		for _, file := range []string{"full", "minimal", "newer"} {
			s := all[file]
			back, err := throughStruct(name, s.Entity)
			if err != nil {
				t.Errorf("%s/%s: %v", name, file, err)
				continue
			}
			if !back.Equal(s.Entity) {
				got, _ := json.Marshal(back)
				want, _ := json.Marshal(s.Entity)
				t.Errorf("%s/%s:\ngot  %s\nwant %s", name, file, got, want)
			}
		}
	}
}

func throughStruct(name store.Kind, e store.Entity) (store.Entity, error) {
	switch name {
	case kind.NameHousehold:
		return through[kind.Household](e)
	case kind.NameUser:
		return through[kind.User](e)
	case kind.NameAbsence:
		return through[kind.Absence](e)
	case kind.NameCalendar:
		return through[kind.Calendar](e)
	case kind.NameEvent:
		return through[kind.Event](e)
	case kind.NameOccurrence:
		return through[kind.Occurrence](e)
	case kind.NamePlace:
		return through[kind.Place](e)
	case kind.NameList:
		return through[kind.List](e)
	case kind.NameItem:
		return through[kind.Item](e)
	case kind.NameChore:
		return through[kind.Chore](e)
	case kind.NameCompletion:
		return through[kind.Completion](e)
	case kind.NameNote:
		return through[kind.Note](e)
	case kind.NameCategory:
		return through[kind.Category](e)
	case kind.NameAck:
		return through[kind.Ack](e)
	}
	return store.Entity{}, errors.New("no struct")
}

func through[T kind.Typed](e store.Entity) (store.Entity, error) {
	v, err := kind.FromEntity[T](e)
	if err != nil {
		return store.Entity{}, err
	}
	return kind.ToEntity(e.ID, e.UpdatedAt, v)
}
