package kind_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"inglenook/store"
	"inglenook/store/kind"
)

// general compiles the schemas of all kinds with a general validator.
func general(t testing.TB) map[store.Kind]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	local := func(v any) error {
		if s, ok := v.(string); ok {
			_, err := time.Parse("2006-01-02T15:04:05", s)
			return err
		}
		return nil
	}
	c.RegisterFormat(&jsonschema.Format{Name: "date-time-local", Validate: local})
	c.RegisterFormat(&jsonschema.Format{Name: "date-or-date-time-local", Validate: func(v any) error {
		if s, ok := v.(string); ok && len(s) == len("2006-01-02") {
			_, err := time.Parse("2006-01-02", s)
			return err
		}
		return local(v)
	}})
	c.RegisterFormat(&jsonschema.Format{Name: "entity-id", Validate: func(v any) error {
		if s, ok := v.(string); ok {
			_, err := store.ParseID(s)
			return err
		}
		return nil
	}})
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(slices.Concat([]byte(`{"components":{"schemas":`), kind.Schemas(), []byte("}}"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("kinds.json", doc); err != nil {
		t.Fatal(err)
	}
	out := map[store.Kind]*jsonschema.Schema{}
	for _, name := range load(t).Names() {
		if out[name], err = c.Compile("kinds.json#/components/schemas/" + string(name)); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// verdict is what the general validator says.
func verdict(t testing.TB, s *jsonschema.Schema, e store.Entity) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.AppendJSON(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// scraps are values that are right somewhere in some kind and wrong elsewhere.
func scraps(t testing.TB, r *kind.Registry) []jsontext.Value {
	t.Helper()
	found := map[string]bool{
		`""`: true, `"` + strings.Repeat("ü", 129) + `"`: true, `-1`: true, `0`: true, `1.5`: true, `10`: true, `101`: true, `1e+21`: true,
		`9007199254740991`: true, `9007199254740992`: true, `[]`: true, `{}`: true, `true`: true, `false`: true, `"2026-02-30"`: true,
		`"2026-02-30T10:00:00"`: true, `"2026-11-21T23:59:60Z"`: true, `"2026-11-21t08:00:00z"`: true, `"1969-12-31T23:59:59Z"`: true,
		`"P"`: true, `"PT"`: true, `"P1DT"`: true, `"PT1H30S"`: true, `"a\"b\\\n"`: true, `{"":{}}`: true, `{"1":null}`: true,
	}
	for _, name := range r.Names() {
		for _, s := range samples(t, name) {
			for _, value := range s.Entity.Fields {
				collect(value, found)
			}
		}
	}
	var out []jsontext.Value
	for _, text := range slices.Sorted(maps.Keys(found)) {
		out = append(out, jsontext.Value(text))
	}
	return out
}

func collect(value jsontext.Value, into map[string]bool) {
	if len(value) > 4<<10 {
		return
	}
	into[string(value)] = true
	var members map[string]jsontext.Value
	if json.Unmarshal(value, &members) == nil {
		for _, member := range members {
			collect(member, into)
		}
	}
}

// The compiled checks and a general validator agree on samples with anything
// put anywhere in them.
func TestAgreesWithGeneralValidator(t *testing.T) {
	r, schemas := load(t), general(t)
	pieces := scraps(t, r)
	for _, name := range r.Names() {
		all := samples(t, name)
		files := slices.Sorted(maps.Keys(all))
		spec, _ := r.Spec(name)
		fields := slices.Sorted(maps.Keys(spec.Fields))
		fields = slices.DeleteFunc(fields, func(f string) bool { return spec.Fields[f].ReadOnly })
		outer := t
		t.Run(string(name), rapid.MakeCheck(func(t *rapid.T) {
			e := all[rapid.SampledFrom(files).Draw(t, "file")].Entity.Clone()
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				field := rapid.SampledFrom(fields).Draw(t, "field")
				piece := rapid.SampledFrom(pieces).Draw(t, "piece")
				switch rapid.IntRange(0, 2).Draw(t, "change") {
				case 0:
					delete(e.Fields, field)
				case 1:
					e.Fields[field] = piece
				case 2:
					if err := e.Set(field, graft(t, e.Fields[field], piece)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if id, ok := r.DerivedID(name, e); ok {
				e.ID = id // only we know that it follows from the fields
			}
			ours, theirs := r.Validate(name, e), verdict(outer, schemas[name], e)
			if (ours == nil) != (theirs == nil) {
				t.Fatalf("%s\nours:   %v\ntheirs: %v", e.AppendJSON(nil), ours, theirs)
			}
		}))
	}
}

// graft puts a piece somewhere into an object, or under a new key.
func graft(t *rapid.T, onto, piece jsontext.Value) any {
	var members map[string]jsontext.Value
	if json.Unmarshal(onto, &members) != nil || members == nil {
		return piece
	}
	keys := append(slices.Sorted(maps.Keys(members)), "9", "a1", "kind", "id", "from", "mode", "")
	key := rapid.SampledFrom(keys).Draw(t, "key")
	if inner := members[key]; inner.Kind() == jsontext.KindBeginObject && rapid.Bool().Draw(t, "deeper") {
		raw, err := json.Marshal(graft(t, inner, piece))
		if err != nil {
			t.Fatal(err)
		}
		members[key] = raw
	} else {
		members[key] = piece
	}
	return members
}

// Nothing that is JSON, or is not, makes a panic; fields nobody knows pass.
func TestAnyValue(t *testing.T) {
	r := load(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(append(r.Names(), "tree")).Draw(t, "kind")
		spec, known := r.Spec(name)
		field := "unheard"
		if known {
			field = rapid.SampledFrom(slices.Sorted(maps.Keys(spec.Fields))).Draw(t, "field")
		}
		e := store.Entity{ID: 1, UpdatedAt: 1, Fields: store.Fields{field: rapid.SliceOf(rapid.Byte()).Draw(t, "value")}}
		_ = r.Validate(name, e)
		_, _ = r.DerivedID(name, e)
		for range r.Refs(name, e) {
			continue
		}
	})
}

func TestUnknownPasses(t *testing.T) {
	r := load(t)
	rapid.Check(t, func(t *rapid.T) {
		e := store.Entity{ID: 1001, UpdatedAt: 1}
		value := rapid.OneOf(
			rapid.Map(rapid.Int(), func(n int) any { return n }),
			rapid.Map(rapid.StringN(0, 100, 400), func(s string) any { return []string{s} }),
			rapid.Map(rapid.StringN(0, 100, 400), func(s string) any { return map[string]string{s: s} }),
		).Draw(t, "value")
		field := rapid.StringMatching(`x[A-Za-z]{0,20}`).Draw(t, "field")
		for name, v := range map[string]any{field: value, "name": "Dairy"} {
			if err := e.Set(name, v); err != nil {
				t.Skip("no JSON form")
			}
		}
		for _, name := range []store.Kind{"category", "tree"} {
			if err := r.Validate(name, e); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzValidate(f *testing.F) {
	r := load(f)
	schemas := general(f)
	for _, name := range r.Names() {
		for _, s := range samples(f, name) {
			f.Add(string(name), s.Entity.AppendJSON(nil))
		}
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		var e store.Entity
		if json.Unmarshal(raw, &e) != nil {
			return
		}
		err := r.Validate(store.Kind(name), e)
		for path, ref := range r.Refs(store.Kind(name), e) {
			if err == nil && (!ref.Kind.Valid() || !ref.ID.Valid()) {
				t.Errorf("%s refers to %v", path, ref)
			}
		}
		if s := schemas[store.Kind(name)]; s != nil && err == nil && !e.Deleted {
			for _, field := range []string{"created", "createdBy", "updatedBy"} {
				delete(e.Fields, field) // set by the server, judged by the other validator only
			}
			if theirs := verdict(t, s, e); theirs != nil {
				t.Errorf("passes here and not there: %v", theirs)
			}
		}
	})
}

// An ordinary item and a full one, beside the general validator, which needs the
// entity decoded first.
func BenchmarkValidate(b *testing.B) {
	r, schemas := load(b), general(b)
	item := samples(b, "item")
	ordinary := item["minimal"].Entity.Clone()
	for field, value := range map[string]any{
		"quantity": 2, "unit": "l", "categoryId": 21, "done": true, "doneAt": store.Timestamp(1), "doneBy": 3, "orderKey": "a0V",
	} {
		if err := ordinary.Set(field, value); err != nil {
			b.Fatal(err)
		}
	}
	for name, e := range map[string]store.Entity{"ordinary": ordinary, "full": item["full"].Entity} {
		b.Run(fmt.Sprintf("%s/ours", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Validate("item", e); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%s/general", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := verdict(b, schemas["item"], e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
