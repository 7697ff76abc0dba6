package kind

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
)

// check is a compiled schema. It reads values once, as bytes: ten thousand
// entities are checked in one push, and a general validator needs each as Go
// maps first. The tests hold it against one.
type check struct {
	typ      string // empty: any value
	enum     []string
	constant jsontext.Value
	pattern  *regexp.Regexp
	format   func([]byte) bool
	minimum  *float64
	maximum  *float64
	reads    string // what a value of this form is, for people

	maxLength, maxItems, maxProperties int // −1: no limit

	required []string
	members  map[string]*check // of an object
	keys     *check            // of a map
	values   *check            // of a map
	items    *check            // of an array

	ref    store.Kind
	refers bool // there is a ref here or further in
}

// decoder reads the objects within an entity. One is used at a time by one call.
type decoder struct {
	jsontext.Decoder
	buf bytes.Buffer
}

func newDecoders() *sync.Pool { return &sync.Pool{New: func() any { return new(decoder) }} }

// read positions the decoder before a value, which was checked for names that
// stand twice when it came in.
func (d *decoder) read(value jsontext.Value) {
	d.buf = *bytes.NewBuffer(value)
	d.Reset(&d.buf, jsontext.AllowDuplicateNames(true))
}

// broken is the error for a value that is not JSON. What came through
// store.Entity's decoder never is.
func broken() *store.Error { return store.Errorf(store.CodeInvalid, "", "is not JSON") }

// within puts a step before the path of an error on its way out.
func within(step string, err *store.Error) *store.Error {
	if err != nil {
		err.Field = step + err.Field
	}
	return err
}

// next checks the value the decoder stands before.
func (c *check) next(d *decoder) *store.Error {
	switch kind := d.PeekKind(); {
	case kind == jsontext.KindBeginObject && c.typ == "object":
		return c.object(d)
	case kind == jsontext.KindBeginArray && c.typ == "array":
		return c.array(d)
	case c.typ == "":
		if d.SkipValue() != nil {
			return broken()
		}
		return nil
	}
	value, err := d.ReadValue()
	if err != nil {
		return broken()
	}
	return c.scalar(value)
}

func (c *check) object(d *decoder) *store.Error {
	_, _ = d.ReadToken() // the '{' that was peeked
	var entries, found int
	for d.PeekKind() != jsontext.KindEndObject {
		token, err := d.ReadToken()
		if err != nil {
			return broken()
		}
		name := token.String()
		entries++
		if c.maxProperties >= 0 && entries > c.maxProperties {
			return store.Errorf(store.CodeTooLarge, "", "has more than %d entries", c.maxProperties)
		}
		if slices.Contains(c.required, name) {
			found++
		}
		step, inside := "."+name, c.members[name]
		if inside == nil && c.values != nil {
			step, inside = "/"+name, c.values
		}
		if c.keys != nil {
			if err := c.keys.text([]byte(name)); err != nil {
				return within("/"+name, err)
			}
		}
		if inside == nil {
			if d.SkipValue() != nil {
				return broken()
			}
			continue
		}
		if err := inside.next(d); err != nil {
			return within(step, err)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return broken()
	}
	if found < len(c.required) {
		return store.Errorf(store.CodeInvalid, "", "needs %s", strings.Join(c.required, " and "))
	}
	return nil
}

func (c *check) array(d *decoder) *store.Error {
	_, _ = d.ReadToken() // the '[' that was peeked
	for i := 0; d.PeekKind() != jsontext.KindEndArray; i++ {
		if c.maxItems >= 0 && i >= c.maxItems {
			return store.Errorf(store.CodeTooLarge, "", "has more than %d entries", c.maxItems)
		}
		if err := c.items.next(d); err != nil {
			return within("/"+strconv.Itoa(i), err)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return broken()
	}
	return nil
}

// scalar checks a value that is neither an object nor an array, or that is one
// where none is wanted.
func (c *check) scalar(v jsontext.Value) *store.Error {
	switch kind := v.Kind(); {
	case c.typ == "":
		return nil
	case c.typ == "string" && kind == jsontext.KindString:
		if bytes.IndexByte(v, '\\') < 0 && len(v) >= 2 {
			return c.text(v[1 : len(v)-1])
		}
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return broken()
		}
		return c.text(text)
	case (c.typ == "integer" || c.typ == "number") && kind == jsontext.KindNumber:
		return c.number(v)
	case c.typ == "boolean" && (kind == jsontext.KindTrue || kind == jsontext.KindFalse):
		if c.constant != nil && !bytes.Equal(v, c.constant) {
			return store.Errorf(store.CodeInvalid, "", "can only be %s", c.constant)
		}
		return nil
	case c.typ == "array" || c.typ == "object" || c.typ == "integer":
		return store.Errorf(store.CodeInvalid, "", "is not an %s", c.typ)
	}
	return store.Errorf(store.CodeInvalid, "", "is not a %s", c.typ)
}

func (c *check) text(text []byte) *store.Error {
	switch {
	case c.maxLength >= 0 && len(text) > c.maxLength && utf8.RuneCount(text) > c.maxLength:
		return store.Errorf(store.CodeTooLarge, "", "is longer than %d characters", c.maxLength)
	case c.enum != nil && !slices.Contains(c.enum, string(text)):
		return store.Errorf(store.CodeInvalid, "", "is none of %s", strings.Join(c.enum, ", "))
	case c.pattern != nil && !c.pattern.Match(text), c.format != nil && !c.format(text):
		return store.Errorf(store.CodeInvalid, "", "does not read as: %s", lowerFirst(c.reads))
	}
	return nil
}

func (c *check) number(v jsontext.Value) *store.Error {
	n, err := strconv.ParseFloat(string(v), 64)
	switch {
	case err != nil:
		return broken()
	case c.typ == "integer" && n != math.Trunc(n):
		return store.Errorf(store.CodeInvalid, "", "is not a whole number")
	case c.minimum != nil && n < *c.minimum:
		return store.Errorf(store.CodeInvalid, "", "is less than %s", number(*c.minimum))
	case c.maximum != nil && n > *c.maximum:
		return store.Errorf(store.CodeInvalid, "", "is more than %s", number(*c.maximum))
	}
	return nil
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}
