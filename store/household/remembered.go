package household

import (
	"encoding/binary"
	"errors"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// The answer to a batch is kept as JSON, or, when all of it was applied, as
// allApplied event(uvarint) count(uvarint).
const allApplied = 1

func appendAnswer(b []byte, result store.BatchResult) ([]byte, error) {
	for _, r := range result.Results {
		if r != (store.Result{Status: store.Applied}) {
			raw, err := json.Marshal(result)
			return append(b, raw...), err
		}
	}
	b = append(b, allApplied)
	b = binary.AppendUvarint(b, uint64(result.Event.ID))
	return binary.AppendUvarint(b, uint64(len(result.Results))), nil
}

// decodeAnswer reads an answer back. Its event lies in this store, so the cursor
// is of the store's epoch, also when a restore has changed that.
func decodeAnswer(b []byte, epoch store.Epoch) (result store.BatchResult, err error) {
	if len(b) == 0 || b[0] != allApplied {
		err := json.Unmarshal(b, &result)
		result.Event.Epoch = epoch
		return result, err
	}
	c := cutter{rest: b[1:]}
	result.Event = store.Cursor{Epoch: epoch, ID: store.EventID(c.varint())}
	n := c.varint()
	if c.failed || n > store.MaxBatch {
		return result, errors.New("the record is damaged")
	}
	for range n {
		result.Results = append(result.Results, store.Result{Status: store.Applied})
	}
	return result, nil
}
