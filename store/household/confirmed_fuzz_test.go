package household

import (
	"bytes"
	"testing"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// FuzzReceived: reading only the head of an entity says the same as decoding it.
func FuzzReceived(f *testing.F) {
	for _, seed := range []string{
		`{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","title":"x"}`,
		`{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","deleted":true}`,
		`{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z"}`,
		`{"updatedAt":"2026-11-21T08:00:00Z","id":5,"deleted":false}`,
		`{"id":5,"updatedAt":"2026-11-21T08:00:00.000Z","deleted":true,"title":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e store.Entity
		if json.Unmarshal(raw, &e) != nil {
			return // a line that is not JSON never gets this far
		}
		got, err := Received{Kind: "note", Entity: bytes.Clone(raw)}.look()
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if got.ref.ID != e.ID || got.deleted != e.Deleted || got.updatedAt != e.UpdatedAt {
			t.Fatalf("%s: read %+v, decoded %+v", raw, got, e)
		}
		if got.deleted != isTombstone(got.json) {
			t.Fatalf("%s: kept as %s, deleted %v", raw, got.json, got.deleted)
		}
	})
}
