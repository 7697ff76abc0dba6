// Package access holds the rules of who may see and who may change what. They
// are pure: the server asks them for every replacement, snapshot and event.
package access

import (
	"strconv"

	"inglenook/store"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Level is what a user may do in the household, the field access of a user.
type Level string

// The levels.
const (
	Admin   Level = "admin"
	Member  Level = "member"
	Child   Level = "child"
	Guest   Level = "guest"
	Display Level = "display" // a wall tablet, nobody in particular
)

// Person is somebody who asks: a user with a level.
type Person struct {
	UserID store.ID
	Level  Level
	// Verified says that they have proved who they are just now: a session alone
	// does not say who may come and do what.
	Verified bool
}

// Audience says who may see a container, and who may write in it. nil is the
// whole household but guests.
type Audience map[store.ID]string

// Rights in an audience.
const (
	Read  = "read"
	Write = "write"
)

// AudienceOf reads the field audience of a container. What cannot be read as an
// audience is treated as one with nobody in it: shut rather than open.
func AudienceOf(raw jsontext.Value) Audience {
	if len(raw) == 0 {
		return nil
	}
	named := map[string]string{}
	out := Audience{}
	if json.Unmarshal(raw, &named) != nil {
		return out
	}
	for user, right := range named {
		if id, err := strconv.ParseUint(user, 10, 53); err == nil && (right == Read || right == Write) {
			out[store.ID(id)] = right
		}
	}
	return out
}

// belongs tells that what is everybody's is p's too. Who has no level, or one
// that this program does not know, is treated as a guest.
func (p Person) belongs() bool {
	switch p.Level {
	case Admin, Member, Child, Display:
		return true
	case Guest:
	}
	return false
}

// SeesContainer tells whether p may see a container with this audience.
func (p Person) SeesContainer(a Audience) bool {
	if a == nil {
		return p.belongs()
	}
	return a[p.UserID] != ""
}

// SeesKind tells whether p may see things of a kind that lie in no container.
// A guest needs to know who is who, and nothing else.
func (p Person) SeesKind(kind store.Kind) bool {
	if p.belongs() {
		return true
	}
	switch kind {
	case "user", "household", "category":
		return true
	}
	return false
}

// writesIn tells whether p may write in a container with this audience.
func (p Person) writesIn(a Audience) bool {
	if a == nil {
		return p.belongs()
	}
	return a[p.UserID] == Write
}
