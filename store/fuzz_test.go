package store

import (
	"testing"

	"github.com/go-json-experiment/json"
)

// What decodes encodes again to the same thing, whatever came in.
func FuzzEntity(f *testing.F) {
	f.Add([]byte(`{"id":1,"updatedAt":"2026-11-21T08:00:00.000Z","title":"x","people":{"1":{"a":1.50}},"n":-0}`))
	f.Add([]byte(`{"id":9007199254740991,"updatedAt":"1970-01-01T00:00:00.001+02:00","deleted":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e, again Entity
		if DecodeStrict(data, &e) != nil {
			return
		}
		out := e.AppendJSON(nil)
		if err := DecodeStrict(out, &again); err != nil {
			t.Fatalf("%s does not decode: %v", out, err)
		}
		if !e.Equal(again) {
			t.Fatalf("%s became %s", out, again.AppendJSON(nil))
		}
	})
}

func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"replica":1,"seq":1,"act":"a","replacements":[{"kind":"list","entity":{"id":1,"updatedAt":"2026-11-21T08:00:00Z"},"base":3,"changed":["title","people/1"]}]}`))
	f.Add([]byte("{\"replica\":\xff}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Batch
		if err := DecodeStrict(data, &b); err != nil {
			if CodeOf(err) == CodeInternal {
				t.Fatalf("an error of ours: %v", err)
			}
			return
		}
		if _, err := json.Marshal(b); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("1-0")
	f.Add("9007199254740991-9007199254740991")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCursor(s); err == nil && c.String() != s {
			t.Fatalf("%q became %q", s, c)
		}
	})
}

// Whatever three texts: merging ends, and merging with oneself changes nothing.
func FuzzText(f *testing.F) {
	f.Add("a b c", "a x c", "a b d")
	f.Add("", "a", "b")
	f.Fuzz(func(t *testing.T, base, theirs, mine string) {
		if len(base)+len(theirs)+len(mine) > 4096 {
			return
		}
		if out, clean := mergeText(base, theirs, theirs); out != theirs || !clean {
			t.Fatalf("%q", out)
		}
		mergeText(base, theirs, mine)
	})
}
