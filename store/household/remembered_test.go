package household

import (
	"reflect"
	"testing"

	"inglenook/store"
)

func TestRememberedAnswer(t *testing.T) {
	applied := store.Result{Status: store.Applied}
	for _, results := range [][]store.Result{
		{applied},
		{applied, applied, applied},
		{applied, {Status: store.Rejected, Code: store.CodeNotFound, Message: "there is no such list", Field: "entity.id"}},
		{{Status: store.Merged, Entity: &store.Entity{ID: 5, UpdatedAt: 1, Fields: store.Fields{"title": []byte(`"tea"`)}}}},
	} {
		in := store.BatchResult{Event: store.Cursor{Epoch: 7, ID: 300}, Results: results}
		raw, err := appendAnswer(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		in.Event.Epoch = 8 // restored since
		if out, err := decodeAnswer(raw, 8); err != nil || !reflect.DeepEqual(in, out) {
			t.Errorf("%+v became %+v, %v", in, out, err)
		}
		for cut := range raw {
			if out, err := decodeAnswer(raw[:cut], 8); err == nil {
				t.Errorf("%+v cut at %d became %+v", in, cut, out)
			}
		}
	}
}

func FuzzRememberedAnswer(f *testing.F) {
	f.Add([]byte{allApplied, 3, 2})
	f.Add([]byte(`{"event":{"epoch":1,"id":2},"results":[]}`))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = decodeAnswer(b, 1) })
}
