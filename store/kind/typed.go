package kind

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"inglenook/store"
)

// Typed is one of the generated structs, an entity's fields as Go values.
// Members that its struct does not have are kept in Unknown.
type Typed interface {
	Kind() store.Kind
}

// ToEntity returns the living entity with the fields of v. Fields that are zero
// and not required are absent.
func ToEntity(id store.ID, updatedAt store.Timestamp, v Typed) (store.Entity, error) {
	e := store.Entity{ID: id, UpdatedAt: updatedAt, Fields: store.Fields{}}
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return store.Entity{}, store.Errorf(store.CodeInvalid, "entity", "no JSON form: %v", err)
	}
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(raw, &fields); err != nil {
		return store.Entity{}, store.Errorf(store.CodeInvalid, "entity", "no fields: %v", err)
	}
	for name, value := range fields {
		if value.Kind() == jsontext.KindNull {
			continue // null is absent
		}
		if err := e.Set(name, value); err != nil {
			return store.Entity{}, err
		}
	}
	return e, nil
}

// FromEntity returns the fields of a living entity of T's kind.
// Errors: CodeInvalid when a field has another type.
func FromEntity[T Typed](e store.Entity) (T, error) {
	var v T
	raw, err := json.Marshal(e.Fields)
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		return v, store.Errorf(store.CodeInvalid, "entity", "no %s: %v", v.Kind(), err)
	}
	return v, nil
}
