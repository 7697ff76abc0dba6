package store

import (
	"bytes"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind names a kind of entity: "list", "item". A kind this program does not
// know is stored and passed on like any other.
type Kind string

// MaxKindBytes limits the name of a kind: a letter, then letters and digits.
const MaxKindBytes = 32

// Valid tells whether the name has the form of a kind's name.
func (k Kind) Valid() bool {
	if len(k) == 0 || len(k) > MaxKindBytes || k[0] < 'a' || k[0] > 'z' {
		return false
	}
	for _, c := range []byte(k) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return true
}

// Limits of one entity, in bytes of canonical JSON, in levels and in fields.
const (
	MaxEntityBytes = 64 << 10
	MaxDepth       = 64
	MaxFields      = 256
)

// Fields are an entity's fields but id, updatedAt and deleted, by name, as
// canonical JSON: two values are equal when their bytes are.
type Fields map[string]jsontext.Value

// Entity is one version of a thing: living, with its fields, or a tombstone,
// which on the wire is exactly {id, updatedAt, deleted: true}.
type Entity struct {
	ID        ID
	UpdatedAt Timestamp
	Deleted   bool
	Fields    Fields // nil in a tombstone
}

// Ref names an entity.
type Ref struct {
	Kind Kind `json:"kind"`
	ID   ID   `json:"id"`
}

// Tombstone returns what is left of id after its deletion at.
func Tombstone(id ID, at Timestamp) Entity { return Entity{ID: id, UpdatedAt: at, Deleted: true} }

// Clone returns an entity whose fields can be set without changing e's.
func (e Entity) Clone() Entity {
	e.Fields = maps.Clone(e.Fields)
	return e
}

// String returns the string in a field, "" where there is none.
func (e Entity) String(field string) string {
	var s string
	if v := e.Fields[field]; len(v) > 0 && v[0] == '"' {
		_ = json.Unmarshal(v, &s) // canonical already: cannot fail
	}
	return s
}

// Bool returns the boolean in a field, false where there is none.
func (e Entity) Bool(field string) bool { return string(e.Fields[field]) == "true" }

// IDField returns the id in a field, 0 where there is none.
func (e Entity) IDField(field string) ID {
	n, err := strconv.ParseUint(string(e.Fields[field]), 10, 64)
	if err != nil {
		return 0
	}
	return ID(n)
}

// Set stores a Go value in a field as canonical JSON. Errors: CodeInvalid when
// the value has no JSON form.
func (e *Entity) Set(field string, value any) error {
	raw, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return Errorf(CodeInvalid, field, "no JSON form: %v", err)
	}
	if e.Fields == nil {
		e.Fields = Fields{}
	}
	e.Fields[field] = canonical(raw)
	return nil
}

// Equal tells whether the two are the same version byte by byte.
func (e Entity) Equal(other Entity) bool {
	return e.ID == other.ID && e.UpdatedAt == other.UpdatedAt && e.Deleted == other.Deleted &&
		maps.EqualFunc(e.Fields, other.Fields, func(a, b jsontext.Value) bool { return bytes.Equal(a, b) })
}

// AppendJSON appends the canonical form: id, updatedAt, deleted, then the
// fields sorted by name.
func (e Entity) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendUint(dst, uint64(e.ID), 10)
	dst = append(dst, `,"updatedAt":"`...)
	dst = e.UpdatedAt.Time().AppendFormat(dst, timestampLayout)
	dst = append(dst, '"')
	if e.Deleted {
		return append(dst, `,"deleted":true}`...)
	}
	var few [16]string
	for _, name := range sortedNames(e.Fields, few[:0]) {
		dst = append(dst, ',')
		dst, _ = jsontext.AppendQuote(dst, name) // names were checked when they came in
		dst = append(dst, ':')
		dst = append(dst, e.Fields[name]...)
	}
	return append(dst, '}')
}

func sortedNames(f Fields, dst []string) []string {
	for name := range f {
		dst = append(dst, name)
	}
	slices.Sort(dst)
	return dst
}

// MarshalJSON writes the canonical form.
func (e Entity) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// MarshalJSONTo writes the canonical form.
func (e Entity) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(e.AppendJSON(enc.AvailableBuffer()))
}

// UnmarshalJSON reads an entity; what comes from outside goes through
// [DecodeStrict], which adds the limits.
func (e *Entity) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, e) }

// UnmarshalJSONFrom reads an entity. A field whose value is null is absent.
// Errors: CodeInvalid with the field.
func (e *Entity) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		return Errorf(CodeInvalid, "entity", "an entity is an object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*e = Entity{Fields: make(Fields, 8)}
	for dec.PeekKind() != '}' {
		nameToken, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := nameToken.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := e.setWire(name, value); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	if !e.ID.Valid() {
		return Errorf(CodeInvalid, "entity.id", "an id is a whole number from 1 to 2^53−1")
	}
	if e.UpdatedAt == 0 {
		return Errorf(CodeInvalid, "entity.updatedAt", "is missing")
	}
	if e.Deleted && len(e.Fields) > 0 {
		return Errorf(CodeInvalid, "entity.deleted", "a tombstone is exactly {id, updatedAt, deleted: true}")
	}
	if e.Deleted {
		e.Fields = nil
	}
	return nil
}

// setWire takes over one member. value lies in the decoder's buffer and is
// copied.
func (e *Entity) setWire(name string, value jsontext.Value) error {
	switch name {
	case "id":
		n, err := strconv.ParseUint(string(value), 10, 64)
		if err != nil {
			return Errorf(CodeInvalid, "entity.id", "an id is a whole number from 1 to 2^53−1")
		}
		e.ID = ID(n)
	case "updatedAt":
		if len(value) < 2 || value[0] != '"' || e.UpdatedAt.UnmarshalText(value[1:len(value)-1]) != nil {
			return Errorf(CodeInvalid, "entity.updatedAt", "a timestamp is RFC 3339 in UTC, from 1970 to 9999")
		}
	case "deleted":
		if s := string(value); s != "true" && s != "false" {
			return Errorf(CodeInvalid, "entity.deleted", "is true or absent")
		}
		e.Deleted = value[0] == 't'
	case "":
		return Errorf(CodeInvalid, "entity", "a field has no name")
	default:
		if value[0] == 'n' {
			return nil
		}
		if len(e.Fields) >= MaxFields {
			return Errorf(CodeTooLarge, "entity", "more than %d fields", MaxFields)
		}
		e.Fields[name] = canonical(value.Clone())
	}
	return nil
}

// canonical brings a value that is valid JSON and ours to change into the form
// in which equal values have equal bytes (RFC 8785). Numbers outside objects
// and plain strings, which are nearly all, are that already.
func canonical(v jsontext.Value) jsontext.Value {
	switch {
	case v[0] == '{' || v[0] == '[' || v[0] == '"' && bytes.IndexByte(v, '\\') >= 0 || v[0] == '-' || v[0] >= '0' && v[0] <= '9':
		if err := v.Canonicalize(); err != nil {
			return v // a value that was decoded cannot fail; if it did, it stays as it came
		}
	}
	return v
}
