package store

import (
	"bytes"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

// testRule is a schema with one field of each rule.
func testRule(field string) Rule {
	switch field {
	case "body":
		return Text
	case "people":
		return Map
	}
	return Last
}

func living(t testing.TB, id ID, at Timestamp, fields map[string]any) Entity {
	t.Helper()
	e := Entity{ID: id, UpdatedAt: at, Fields: Fields{}}
	for name, value := range fields {
		if err := e.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// line is a server's line for one entity: what households do, without a store.
type line struct {
	versions []Version
	rejected []Code
}

func (l *line) head() EventID { return EventID(len(l.versions)) }

func (l *line) push(by SessionID, base EventID, e Entity, changed ...string) Outcome {
	m := Merging{
		Replacement: Replacement{Kind: "thing", Entity: e, Base: base, Changed: changed},
		By:          Author{SessionID: by}, Now: 1_000_000, Rule: testRule,
	}
	for i := range l.versions {
		v := &l.versions[i]
		if v.EventID <= base {
			m.Base = v
		} else {
			m.Since = append(m.Since, *v)
		}
		if !v.Entity.Deleted {
			m.Living = v
		}
	}
	out, err := Merge(m)
	if err != nil {
		l.rejected = append(l.rejected, CodeOf(err))
		return Outcome{Status: Rejected}
	}
	out.Version.EventID = l.head() + 1
	l.versions = append(l.versions, out.Version)
	return out
}

func (l *line) now() Entity { return l.versions[len(l.versions)-1].Entity }

func TestMergeRules(t *testing.T) {
	const anna, ben = 1, 2
	first := func() *line {
		l := &line{}
		l.push(anna, 0, living(t, 7, 100, map[string]any{"title": "milk", "color": "red", "body": "a b c", "people": map[string]string{"1": "yes"}}))
		return l
	}
	want := func(t *testing.T, e Entity, field, value string) {
		t.Helper()
		if got := string(e.Fields[field]); got != value {
			t.Errorf("%s is %s, want %s", field, got, value)
		}
	}

	t.Run("rule 1: fields nobody else changed are taken", func(t *testing.T) {
		l := first()
		l.push(anna, 1, living(t, 7, 200, map[string]any{"title": "oat milk"}), "title")
		out := l.push(ben, 1, living(t, 7, 150, map[string]any{"color": "blue"}), "color")
		want(t, l.now(), "title", `"oat milk"`)
		want(t, l.now(), "color", `"blue"`)
		if out.Status != Merged || len(out.Superseded) != 0 {
			t.Errorf("got %+v", out)
		}
		if l.now().UpdatedAt != 200 {
			t.Errorf("updatedAt went back to %d", l.now().UpdatedAt)
		}
	})
	t.Run("rule 2: texts are joined", func(t *testing.T) {
		l := first()
		l.push(anna, 1, living(t, 7, 200, map[string]any{"body": "a b c d"}), "body")
		l.push(ben, 1, living(t, 7, 300, map[string]any{"body": "z a b c"}), "body")
		want(t, l.now(), "body", `"z a b c d"`)
	})
	t.Run("rule 2: overlaps keep both, marked, and both are in the history", func(t *testing.T) {
		l := first()
		l.push(anna, 1, living(t, 7, 200, map[string]any{"body": "a X c"}), "body")
		out := l.push(ben, 1, living(t, 7, 300, map[string]any{"body": "a Y c"}), "body")
		want(t, l.now(), "body", `"a ⟦X¦Y⟧ c"`)
		if len(out.Superseded) != 2 {
			t.Errorf("superseded %v", out.Superseded)
		}
	})
	t.Run("rule 3: the later one wins, whatever the order of arrival", func(t *testing.T) {
		for _, late := range []SessionID{anna, ben} {
			l := first()
			stamps := map[SessionID]Timestamp{anna: 500, ben: 400}
			other := anna + ben - late
			l.push(other, 1, living(t, 7, stamps[other], map[string]any{"title": "by " + string('0'+rune(other))}), "title")
			out := l.push(late, 1, living(t, 7, stamps[late], map[string]any{"title": "by " + string('0'+rune(late))}), "title")
			want(t, l.now(), "title", `"by 1"`)
			if len(out.Superseded) != 1 || string(out.Superseded[0].Value) != `"by 2"` || out.Superseded[0].By.SessionID != ben {
				t.Errorf("superseded %+v", out.Superseded)
			}
		}
	})
	t.Run("rule 3: equal times, the higher session", func(t *testing.T) {
		l := first()
		l.push(ben, 1, living(t, 7, 400, map[string]any{"title": "ben"}), "title")
		l.push(anna, 1, living(t, 7, 400, map[string]any{"title": "anna"}), "title")
		want(t, l.now(), "title", `"ben"`)
	})
	t.Run("rule 3: a clock far ahead does not win for ever", func(t *testing.T) {
		l := first()
		l.push(ben, 1, living(t, 7, 253402300799999, map[string]any{"title": "from 9999"}), "title")
		if got := l.now().UpdatedAt; got != 1_000_000 {
			t.Errorf("updatedAt is %s", got)
		}
		l.push(anna, 1, living(t, 7, 1_000_001, map[string]any{"title": "now"}), "title")
		want(t, l.now(), "title", `"now"`)
	})
	t.Run("entries of a map do not fight", func(t *testing.T) {
		l := first()
		l.push(anna, 1, living(t, 7, 200, map[string]any{"people": map[string]string{"1": "yes", "2": "maybe"}}), "people/2")
		l.push(ben, 1, living(t, 7, 150, map[string]any{"people": map[string]string{"3": "no"}}), "people") // whole: 1 goes, 3 comes
		want(t, l.now(), "people", `{"2":"maybe","3":"no"}`)
	})
	t.Run("rule 4: an edit made in ignorance revives, a tick does not", func(t *testing.T) {
		l := first()
		l.push(anna, 1, Tombstone(7, 200))
		out := l.push(ben, 1, living(t, 7, 150, map[string]any{"done": true}), "done")
		if !l.now().Deleted || len(out.Superseded) != 1 {
			t.Errorf("a tick: %+v", out)
		}
		out = l.push(ben, 1, living(t, 7, 160, map[string]any{"title": "goat milk"}), "title")
		if l.now().Deleted || !out.Revived {
			t.Errorf("an edit: %+v", out)
		}
		want(t, l.now(), "title", `"goat milk"`)
		want(t, l.now(), "color", `"red"`)
	})
	t.Run("rule 4: based on the tombstone it is a restore", func(t *testing.T) {
		l := first()
		l.push(anna, 1, Tombstone(7, 200))
		out := l.push(ben, 2, living(t, 7, 300, map[string]any{"title": "milk"}))
		if out.Status != Applied || out.Revived || l.now().Deleted {
			t.Errorf("got %+v", out)
		}
	})
	t.Run("rule 5: a deletion wins and keeps what it did not know", func(t *testing.T) {
		l := first()
		l.push(anna, 1, living(t, 7, 900, map[string]any{"title": "oat milk"}), "title")
		out := l.push(ben, 1, Tombstone(7, 200))
		if !l.now().Deleted || len(out.Superseded) != 1 || string(out.Superseded[0].Value) != `"oat milk"` {
			t.Errorf("got %+v", out)
		}
	})
	t.Run("rule 6: an id that is taken", func(t *testing.T) {
		l := first()
		if l.push(ben, 0, living(t, 7, 100, nil)); !slices.Equal(l.rejected, []Code{CodeIDConflict}) {
			t.Errorf("got %v", l.rejected)
		}
	})
	t.Run("what never existed cannot be replaced or deleted", func(t *testing.T) {
		l := &line{}
		l.push(ben, 3, living(t, 7, 100, nil))
		l.push(ben, 0, Tombstone(7, 100))
		if !slices.Equal(l.rejected, []Code{CodeUnknownID, CodeUnknownID}) {
			t.Errorf("got %v", l.rejected)
		}
	})
	t.Run("own writes in a row are no conflict, and may be taken back", func(t *testing.T) {
		l := first()
		l.push(ben, 1, living(t, 7, 200, map[string]any{"color": "blue"}), "color") // somebody else
		l.push(anna, 1, living(t, 7, 210, map[string]any{"title": "x", "color": "red", "body": "a b c", "people": map[string]string{"1": "yes"}}))
		l.push(anna, 1, living(t, 7, 220, map[string]any{"title": "milk", "color": "red", "body": "a b c", "people": map[string]string{"1": "yes"}}))
		want(t, l.now(), "title", `"milk"`)
		want(t, l.now(), "color", `"blue"`)
	})
}

// Any order of delivery gives the same entity when the fields are disjoint, and
// for one field the last stamp wins; nothing that was written is missing from
// the history.
func TestMergeConverges(t *testing.T) {
	type edit struct {
		by    SessionID
		stamp Timestamp
		unit  string
		value string
	}
	units := []string{"title", "color", "people/1", "people/2", "people/3"}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "devices")
		edits := make([]edit, n)
		for i := range edits {
			edits[i] = edit{
				by: SessionID(i + 2), stamp: Timestamp(rapid.IntRange(100, 105).Draw(t, "stamp")),
				unit: rapid.SampledFrom(units).Draw(t, "unit"), value: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "value"),
			}
		}
		deliver := func(order []int) (Entity, []jsontext.Value) {
			l := &line{}
			l.push(1, 0, Entity{ID: 7, UpdatedAt: 1, Fields: Fields{"title": jsontext.Value(`"t"`)}})
			var written []jsontext.Value
			for _, i := range order {
				e := Entity{ID: 7, UpdatedAt: edits[i].stamp}
				raw, _ := json.Marshal(edits[i].value)
				set(&e, edits[i].unit, raw, testRule)
				out := l.push(edits[i].by, 1, e, edits[i].unit)
				written = append(written, Get(out.Version.Entity, edits[i].unit, testRule))
				for _, s := range out.Superseded {
					written = append(written, s.Value)
				}
			}
			return l.now(), written
		}
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		one, _ := deliver(order)
		other, written := deliver(rapid.Permutation(order).Draw(t, "order"))
		if !one.Equal(other) {
			t.Fatalf("in order:    %s\nout of order: %s", one.AppendJSON(nil), other.AppendJSON(nil))
		}
		for _, e := range edits {
			raw, _ := json.Marshal(e.value)
			if !slices.ContainsFunc(written, func(v jsontext.Value) bool { return bytes.Equal(v, raw) }) {
				t.Fatalf("%s is in no version and not superseded", raw)
			}
		}
	})
}
