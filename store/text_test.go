package store

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeText(t *testing.T) {
	for _, tt := range []struct {
		name, base, theirs, mine, want string
		clean                          bool
	}{
		{"only mine", "milk", "milk", "oat milk", "oat milk", true},
		{"only theirs", "milk", "goat milk", "milk", "goat milk", true},
		{"different words", "buy milk and bread", "buy oat milk and bread", "buy milk and rye bread", "buy oat milk and rye bread", true},
		{"the same change", "a b c", "a x c", "a x c", "a x c", true},
		{"overlap", "call at 5 please", "call at 6 please", "call at 7 please", "call at ⟦6¦7⟧ please", false},
		{"line by line", "one\ntwo\nthree\n", "zero\none\ntwo\nthree\n", "one\ntwo\nthree\nfour\n", "zero\none\ntwo\nthree\nfour\n", true},
		{"one cleared it", "abc", "", "abc def", "⟦¦abc def⟧", false},
		{"tick and edit", "- [ ] eggs\n- [ ] flour\n", "- [x] eggs\n- [ ] flour\n", "- [ ] eggs\n- [ ] rye flour\n", "- [x] eggs\n- [ ] rye flour\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, clean := mergeText(tt.base, tt.theirs, tt.mine)
			if got != tt.want || clean != tt.clean {
				t.Errorf("got %q, %v; want %q, %v", got, clean, tt.want, tt.clean)
			}
		})
	}
}

// Whatever the edits: no word that either side added is missing, the same edit
// twice is the edit, and a merge with the base is the other side.
func TestMergeTextKeepsEveryWord(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "é", "\n", ".", "dd"}), 0, 12).Draw(t, "w"), " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		base, theirs, mine := text.Draw(t, "base"), text.Draw(t, "theirs"), text.Draw(t, "mine")
		merged, _ := mergeText(base, theirs, mine)
		had := words(base)
		for _, side := range [][]string{words(theirs), words(mine)} {
			for _, w := range side {
				if !contains(had, w) && !strings.Contains(merged, w) {
					t.Fatalf("%q is missing from %q", w, merged)
				}
			}
		}
		if same, clean := mergeText(base, mine, mine); same != mine || !clean {
			t.Fatalf("the same edit twice gave %q", same)
		}
		if back, clean := mergeText(base, theirs, base); back != theirs || !clean {
			t.Fatalf("no edit of mine gave %q", back)
		}
	})
}

func contains(words []string, w string) bool {
	for _, x := range words {
		if x == w {
			return true
		}
	}
	return false
}
