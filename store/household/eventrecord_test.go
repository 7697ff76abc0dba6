package household

import (
	"bytes"
	"reflect"
	"testing"

	"inglenook/store"
)

func TestEventRecord(t *testing.T) {
	changes := [][]byte{[]byte(`{"kind":"list","entity":{"id":7}}`), []byte(`{"kind":"item","entity":{"id":8}}`)}
	in := EventRecord{
		ID: 5, By: store.Author{UserID: 3, SessionID: 4}, At: 1_790_000_000_000, Act: "import-1",
		Entries: []Entry{
			{Ref: store.Ref{Kind: "list", ID: 7}, Container: store.Ref{Kind: "list", ID: 7}, Sight: true, Was: []byte(`{"1":"read"}`)},
			{Ref: store.Ref{Kind: "item", ID: 8}, Container: store.Ref{Kind: "list", ID: 7}, ForUser: 9, From: store.Ref{Kind: "list", ID: 6}},
		},
	}
	notes := []note{
		{Stamp: 12, Changed: []string{"audience", "title"}},
		{Before: 4, Stamp: 13, Changed: []string{"title"}, Revived: true, Superseded: []store.Superseded{{Unit: "title", Value: []byte(`"tea"`), Stamp: 11}}},
	}
	var rawNotes [][]byte
	for i := range notes {
		b, err := notes[i].encode()
		if err != nil {
			t.Fatal(err)
		}
		rawNotes = append(rawNotes, b)
	}
	raw := encodeEvent(&in, changes, rawNotes)
	out, err := decodeEvent(5, raw)
	if err != nil || out.By != in.By || out.At != in.At || out.Act != in.Act || !out.Special || len(out.Entries) != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	for i := range out.Entries {
		if !bytes.Equal(out.Change(&out.Entries[i]), changes[i]) || out.Entries[i].Ref != in.Entries[i].Ref || out.Entries[i].From != in.Entries[i].From {
			t.Errorf("entry %d: %+v", i, out.Entries[i])
		}
		if n, err := out.note(i); err != nil || !reflect.DeepEqual(n, notes[i]) {
			t.Errorf("note %d: %+v %v", i, n, err)
		}
	}
	if want := `{"by":{"userId":3,"sessionId":4},"at":"2026-09-21T14:13:20.000Z","act":"import-1","replacements":[`; string(out.Prefix()) != want {
		t.Errorf("prefix %s", out.Prefix())
	}
	for cut := range raw {
		r, err := decodeEvent(5, raw[:cut])
		if err != nil {
			continue
		}
		if _, err := r.note(1); err == nil {
			t.Fatalf("a record cut at %d of %d decodes", cut, len(raw))
		}
	}
}

func FuzzEventRecord(f *testing.F) {
	in := EventRecord{ID: 5, Entries: []Entry{{Ref: store.Ref{Kind: "list", ID: 7}}}}
	n := note{Before: 2, Stamp: 3, Changed: []string{"title"}, Superseded: []store.Superseded{{Unit: "title", Value: []byte("1")}}}
	raw, err := n.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encodeEvent(&in, [][]byte{[]byte(`{"kind":"list","entity":{"id":7}}`)}, [][]byte{raw}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeEvent(1, b)
		if err != nil {
			return
		}
		for i := range r.Entries {
			r.Change(&r.Entries[i])
			_, _ = r.note(i)
		}
	})
}

func FuzzEntityRecord(f *testing.F) {
	f.Add(entityRecord{Event: 1, JSON: []byte(`{"id":1,"updatedAt":"2026-11-21T08:00:00.000Z"}`)}.encode())
	f.Fuzz(func(_ *testing.T, b []byte) {
		if r, err := decodeEntityRecord(b); err == nil {
			_, _ = r.entity()
		}
	})
}
