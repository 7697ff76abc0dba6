package session

import (
	"strings"
	"testing"

	"inglenook/store"

	"github.com/go-json-experiment/json/jsontext"
)

// What a client keeps in its session: the second of two writers is told, unless
// it says the same, and what is equal is not written at all.
func TestData(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	put := func(data, match string) (string, store.Code, int64) {
		t.Helper()
		before := h.db.commits.Load()
		sum, err := h.PutData(t.Context(), d.id, jsontext.Value(data), match)
		return sum, store.CodeOf(err), h.db.commits.Load() - before
	}
	nothing, sum := d.now().OwnData()
	if string(nothing) != "null" || sum == "" {
		t.Errorf("at first %s with %q", nothing, sum)
	}
	if _, code, commits := put("null", ""); code != "" || commits != 0 {
		t.Errorf("nothing again: %q, %d commits", code, commits)
	}
	first, code, commits := put(`{"b": 1, "a": [true ]}`, sum)
	if code != "" || commits != 1 || first == sum {
		t.Errorf("the first: %q, %d commits", code, commits)
	}
	if data, now := d.now().OwnData(); string(data) != `{"a":[true],"b":1}` || now != first || d.now().Checksum() != first {
		t.Errorf("kept is %s with %q", data, now)
	}
	for _, match := range []string{"", first, "an old one"} { // it is what the other one wanted
		if again, code, commits := put(`{"a":[true],"b":1.0}`, match); again != first || code != "" || commits != 0 {
			t.Errorf("equal, with match %q: %q, %d commits", match, code, commits)
		}
	}
	if _, code, commits := put(`{"a":2}`, sum); code != store.CodeDataChanged || commits != 0 {
		t.Errorf("of what was replaced: %q, %d commits", code, commits)
	}
	if second, code, commits := put(`{"a":2}`, first); second == first || code != "" || commits != 1 {
		t.Errorf("of what is there: %q, %d commits", code, commits)
	}
	if _, code, _ := put(`{"a":3}`, ""); code != "" {
		t.Errorf("whatever it is: %q", code)
	}
	if stored := d.stored(); string(stored.Data) != `{"a":3}` {
		t.Errorf("stored is %s", stored.Data)
	}
	if other := h.signIn(anna); other.now().Checksum() != sum {
		t.Error("another session has it too")
	}
}

func TestDataHasLimits(t *testing.T) {
	h := open(t)
	d := h.signIn(anna)
	whole := `"` + strings.Repeat("x", MaxData-2) + `"`
	if _, err := h.PutData(t.Context(), d.id, jsontext.Value(whole), ""); err != nil {
		t.Errorf("%d bytes: %v", len(whole), err)
	}
	for data, want := range map[string]store.Code{
		whole + " ": store.CodeTooLarge, "": store.CodeMalformed, "{": store.CodeMalformed, `{"a":1,"a":2}`: store.CodeMalformed,
		"\"\xff\"": store.CodeMalformed, "1 2": store.CodeMalformed,
	} {
		if _, err := h.PutData(t.Context(), d.id, jsontext.Value(data), ""); store.CodeOf(err) != want {
			t.Errorf("%.20q: %v, want %s", data, err, want)
		}
	}
	if _, err := h.PutData(t.Context(), 99, jsontext.Value("1"), ""); store.CodeOf(err) != store.CodeSessionInvalid {
		t.Errorf("of no session: %v", err)
	}
	if data, _ := d.now().OwnData(); string(data) != whole {
		t.Errorf("what was refused is kept: %.20s", data)
	}
}
