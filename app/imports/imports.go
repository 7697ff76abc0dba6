// Package imports reads files of other programs as replacements: shopping
// baskets from CSV, events from iCalendar.
package imports

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/kind"
)

// MaxFileBytes is the largest file that is read.
const MaxFileBytes = 64 << 20

// Imported is what a file holds.
type Imported struct {
	// Replacements are new things only, whatever is referred to first.
	Replacements []store.Replacement
	// Skipped counts what the file has beside, by the file's name for it:
	// "VTODO".
	Skipped map[string]int
}

// Read reads a file; its name's ending says what it is.
//
// Errors: store.CodeInvalid with Field "name:line" and the reason, or "name"
// when no line is to blame.
func Read(kinds *kind.Registry, name string, r io.Reader) (Imported, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	switch {
	case err != nil:
		return Imported{}, fmt.Errorf("read %s: %w", name, err)
	case len(data) > MaxFileBytes:
		return Imported{}, store.Errorf(store.CodeTooLarge, name, "the file has more than %d bytes", MaxFileBytes)
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return baskets(kinds, name, data)
	case ".ics", ".ical", ".ifb":
		return calendar(kinds, name, data)
	}
	return Imported{}, store.Errorf(store.CodeInvalid, name, "only .csv and .ics files can be imported")
}

// at is an error of one line of a file.
func at(name string, line int, format string, args ...any) error {
	return store.Errorf(store.CodeInvalid, fmt.Sprintf("%s:%d", name, line), format, args...)
}

// collect makes replacements, each checked against the schema.
type collect struct {
	kinds *kind.Registry
	name  string
	out   Imported
}

// add adds a new thing that the file has in a line, and returns its id.
func (c *collect) add(line int, k store.Kind, e store.Entity) (store.ID, error) {
	if id, ok := c.kinds.DerivedID(k, e); ok {
		e.ID = id
	} else {
		e.ID = store.NewID()
	}
	e.UpdatedAt = 1 // the device stamps it
	if err := c.kinds.Validate(k, e); err != nil {
		var known *store.Error
		if errors.As(err, &known) {
			return 0, at(c.name, line, "%s: %s", strings.TrimPrefix(known.Field, "entity."), known.Message)
		}
		return 0, err
	}
	c.out.Replacements = append(c.out.Replacements, store.Replacement{Kind: k, Entity: e})
	return e.ID, nil
}

// set sets fields in pairs of name and value. They are strings, numbers,
// booleans and maps of these: they always have a JSON form.
func set(e *store.Entity, pairs ...any) {
	for pair := range slices.Chunk(pairs, 2) {
		_ = e.Set(pair[0].(string), pair[1])
	}
}

// orderKey is the n-th of a sequence of fractional indexes, as the page makes
// them: a0 … az, b00 … bzz, c000 …
func orderKey(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	length, first := 1, 0
	for size := len(digits); n-first >= size; size *= len(digits) {
		first += size
		length++
	}
	key := make([]byte, length+1)
	key[0] = byte('a' + length - 1)
	for n, i := n-first, length; i > 0; n, i = n/len(digits), i-1 {
		key[i] = digits[n%len(digits)]
	}
	return string(key)
}
