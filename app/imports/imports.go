// Package imports reads files of other programs as replacements: shopping
// baskets from CSV, events and to-dos from iCalendar.
package imports

import (
	"context"
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
	// Here counts what was imported before and is left as it is.
	Here int
	// Skipped counts what the file has beside, by a word for it and the file's
	// name of it: "journal entries (VJOURNAL)".
	Skipped map[string]int
}

// Reader reads the files of one import.
type Reader struct {
	ctx   context.Context //nolint:containedctx // of the one import
	kinds *kind.Registry
	here  Here
	names names
	made  map[store.Ref]bool // by earlier files
}

// NewReader returns a reader for a device that shows what is here.
func NewReader(ctx context.Context, kinds *kind.Registry, here Here) (*Reader, error) {
	known, err := namesOf(ctx, here)
	if err != nil {
		return nil, fmt.Errorf("read what is here: %w", err)
	}
	return &Reader{ctx: ctx, kinds: kinds, here: here, names: known, made: map[store.Ref]bool{}}, nil
}

// Read reads a file; its name's ending says what it is.
//
// Errors: store.CodeInvalid with Field "name:line" and the reason, or "name"
// when no line is to blame.
func (r *Reader) Read(name string, in io.Reader) (Imported, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxFileBytes+1))
	switch {
	case err != nil:
		return Imported{}, fmt.Errorf("read %s: %w", name, err)
	case len(data) > MaxFileBytes:
		return Imported{}, store.Errorf(store.CodeTooLarge, name, "the file has more than %d bytes", MaxFileBytes)
	}
	c := &collect{Reader: r, name: name, next: map[string]int{}, out: Imported{Skipped: map[string]int{}}}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		err = c.baskets(data)
	case ".ics", ".ical", ".ifb":
		err = c.calendar(data)
	default:
		err = store.Errorf(store.CodeInvalid, name, "only .csv and .ics files can be imported")
	}
	if err != nil {
		return Imported{}, err
	}
	for _, replacement := range c.out.Replacements {
		r.made[replacement.Ref()] = true
	}
	return c.out, nil
}

// at is an error of one line of a file.
func at(name string, line int, format string, args ...any) error {
	return store.Errorf(store.CodeInvalid, fmt.Sprintf("%s:%d", name, line), format, args...)
}

// collect makes replacements of one file, each checked against the schema.
type collect struct {
	*Reader
	name string
	next map[string]int // how often a key has been used, for the same thing once more
	out  Imported
}

// add adds a thing that the file has in a line, and returns its id. What its
// key names is the same thing whenever the file is read again.
func (c *collect) add(line int, k store.Kind, e store.Entity, key ...string) (store.ID, error) {
	here, err := c.identify(k, &e, key)
	if err != nil {
		return 0, err
	}
	e.UpdatedAt = 1 // the device stamps it
	if err := c.kinds.Validate(k, e); err != nil {
		var known *store.Error
		if errors.As(err, &known) {
			return 0, at(c.name, line, "%s: %s", strings.TrimPrefix(known.Field, "entity."), known.Message)
		}
		return 0, err
	}
	if here {
		c.out.Here++
	} else {
		c.out.Replacements = append(c.out.Replacements, store.Replacement{Kind: k, Entity: e})
	}
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
