package access_test

import (
	"testing"

	"inglenook/store"
	"inglenook/store/access"
)

// A tick that comes after somebody else's deletion changes nothing, and deletes
// nothing: who may tick may do so.
func TestATickOfWhatIsDeleted(t *testing.T) {
	before := store.Entity{ID: 7, UpdatedAt: 1}
	if err := before.Set("createdBy", 102); err != nil {
		t.Fatal(err)
	}
	for _, level := range []access.Level{access.Member, access.Child, access.Display} {
		p := access.Person{UserID: 103, Level: level}
		c := access.Change{Kind: "item", Before: &before, After: store.Tombstone(7, 2)}
		if err := p.Check(c); err != nil {
			t.Errorf("%s: %v", level, err)
		}
		c.Changed = []string{"deleted"}
		if err := p.Check(c); (err == nil) != (level == access.Member) {
			t.Errorf("%s deletes: %v", level, err)
		}
	}
}

// A guest writes in what was shared with them; they make no containers, and do
// not say who else may see one.
func TestGuestsShareNothing(t *testing.T) {
	p := access.Person{UserID: 104, Level: access.Guest}
	mine := access.Audience{104: access.Write}
	before := store.Entity{ID: 8, UpdatedAt: 1}
	for _, tt := range []struct {
		name   string
		change access.Change
		ok     bool
	}{
		{"an item", access.Change{Kind: "item", After: store.Entity{ID: 70}, Contained: true, To: mine}, true},
		{"a title", access.Change{Kind: "list", Before: &before, After: before, Changed: []string{"title"}, Contained: true, Container: true, From: mine, To: mine}, true},
		{"a list", access.Change{Kind: "list", After: store.Entity{ID: 8}, Contained: true, Container: true, To: mine}, false},
		{"an audience", access.Change{Kind: "list", Before: &before, After: before, Changed: []string{"audience/101"}, Contained: true, Container: true, From: mine, To: mine}, false},
	} {
		if err := p.Check(tt.change); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
