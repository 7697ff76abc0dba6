package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"inglenook/store/kv"
)

// testReopen: what was written, overwritten and deleted is so after each of
// several openings.
func testReopen(t *testing.T, open func(t testing.TB, dir string) kv.DB) {
	dir := t.TempDir()
	large := bytes.Repeat([]byte("large"), 1<<20)
	for round := range 4 {
		db := open(t, dir)
		update(t, db, func(tx kv.Tx) error {
			for earlier := range round {
				gone, kept := []byte{}, fmt.Appendf(nil, "round %d", round-1)
				if earlier < round-1 {
					gone = nil
				}
				if err := errors.Join(
					expect(tx, fmt.Sprintf("once/%d", earlier), gone),
					expect(tx, "always", kept),
					expect(tx, fmt.Sprintf("large/%d", earlier), large),
				); err != nil {
					return err
				}
			}
			if round > 0 {
				if err := tx.Delete(fmt.Appendf(nil, "once/%d", round-1)); err != nil {
					return err
				}
			}
			return errors.Join(
				tx.Set(fmt.Appendf(nil, "once/%d", round), nil),
				tx.Set([]byte("always"), fmt.Appendf(nil, "round %d", round)),
				tx.Set(fmt.Appendf(nil, "large/%d", round), large),
			)
		})
		if err := db.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
}
