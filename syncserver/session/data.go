package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"

	"inglenook/store"
	"inglenook/store/household"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxData is how many bytes of its own a client may keep in its session.
const MaxData = 16 << 10

// noData is what a session holds before anything was kept.
var noData = jsontext.Value("null")

// OwnData returns what a client keeps in its session, and its checksum.
func (s Session) OwnData() (jsontext.Value, string) {
	if s.Data == nil {
		return noData, checksum(noData)
	}
	return s.Data, s.DataChecksum
}

// Checksum is that of the data.
func (s Session) Checksum() string {
	_, sum := s.OwnData()
	return sum
}

// PutData replaces what a client keeps in its session, and returns the new
// checksum. Equal data writes nothing. match is the checksum of what is
// replaced, "" for whatever it is.
//
// Errors: store.CodeDataChanged, CodeTooLarge, CodeMalformed.
func (s *Sessions) PutData(ctx context.Context, id store.SessionID, data jsontext.Value, match string) (string, error) {
	if len(data) > MaxData {
		return "", store.Errorf(store.CodeTooLarge, "", "session data has at most %d bytes", MaxData)
	}
	data = bytes.Clone(data)
	if err := data.Canonicalize(); err != nil {
		return "", store.Errorf(store.CodeMalformed, "", "session data is JSON")
	}
	sum := checksum(data)
	err := s.Change(ctx, id, func(d *household.DeviceSession, _ store.Timestamp) (bool, error) {
		present := Session{DeviceSession: *d}.Checksum()
		if present == sum {
			return false, nil
		}
		if match != "" && match != present {
			return false, store.Errorf(store.CodeDataChanged, "If-Match", "another tab or connection has changed the data")
		}
		d.Data, d.DataChecksum = data, sum
		return true, nil
	})
	return sum, err
}

func checksum(data jsontext.Value) string {
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
