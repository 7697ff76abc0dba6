package store

import "testing"

// What one session wrote in a row is not in conflict with itself: a value that
// has won once against somebody else is not called theirs afterwards.
func TestOwnValuesAreNotSuperseded(t *testing.T) {
	const anna, ben = 1, 2
	l := &line{}
	l.push(anna, 0, living(t, 7, 100, map[string]any{"title": "milk"}))
	l.push(ben, 1, living(t, 7, 200, map[string]any{"title": "cream"}), "title")
	first := l.push(anna, 1, living(t, 7, 300, map[string]any{"title": "oat"}), "title")
	second := l.push(anna, 1, living(t, 7, 400, map[string]any{"title": "oat milk"}), "title")
	if got := string(l.now().Fields["title"]); got != `"oat milk"` {
		t.Errorf("title is %s", got)
	}
	if len(first.Superseded) != 1 || first.Superseded[0].By.SessionID != ben {
		t.Errorf("the first: %+v", first.Superseded)
	}
	if len(second.Superseded) != 0 {
		t.Errorf("the second: %+v", second.Superseded)
	}
	// Who lost the first time may lose again.
	l.push(ben, 4, living(t, 7, 600, map[string]any{"title": "soy"}), "title")
	l.push(anna, 4, living(t, 7, 500, map[string]any{"title": "late"}), "title")
	l.push(anna, 4, living(t, 7, 550, map[string]any{"title": "later"}), "title")
	if got := string(l.now().Fields["title"]); got != `"soy"` {
		t.Errorf("title is %s", got)
	}
}
