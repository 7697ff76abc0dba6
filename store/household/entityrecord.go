package household

import (
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// entityRecord is what the key of an entity holds.
//
//	event(8) forUser(8) container(ref) JSON
//
// The container decides who sees the entity; it stays when the entity becomes a
// tombstone. forUser is whom a wish is for, and hidden from.
type entityRecord struct {
	Event     store.EventID
	ForUser   store.ID
	Container store.Ref // Kind "" when it lies in none
	JSON      []byte    // canonical
}

func (r entityRecord) encode() []byte {
	b := make(key, 0, 32+len(r.Container.Kind)+len(r.JSON))
	b = b.num(uint64(r.Event)).id(r.ForUser).ref(r.Container)
	return append(b, r.JSON...)
}

func decodeEntityRecord(b []byte) (r entityRecord, err error) {
	var event, forUser uint64
	event, b = cutNum(b)
	forUser, b = cutNum(b)
	r.Event, r.ForUser = store.EventID(event), store.ID(forUser)
	r.Container, r.JSON = cutRef(b)
	if len(r.JSON) == 0 {
		return r, fmt.Errorf("decode entity record: %d bytes are too few", len(b))
	}
	return r, nil
}

// readRecord reads the record of an entity; ok is false when there never was one.
func readRecord(r kv.Reader, ref store.Ref) (rec entityRecord, ok bool, err error) {
	raw, ok, err := r.Get(entityKey(ref))
	if err != nil || !ok {
		return rec, false, err
	}
	rec, err = decodeEntityRecord(raw)
	return rec, err == nil, err
}

// entity decodes the entity itself.
func (r entityRecord) entity() (e store.Entity, err error) {
	if err = json.Unmarshal(r.JSON, &e); err != nil {
		return e, fmt.Errorf("decode entity of event %d: %w", r.Event, err)
	}
	return e, nil
}
