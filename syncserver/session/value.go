package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strconv"
	"strings"

	"inglenook/store"
	"inglenook/store/household"
)

// value is a bearer value taken apart: v1.<device session>.<generation>.<secret>.
type value struct {
	session    store.SessionID
	generation uint64
	secret     [sha256.Size]byte
}

// valuePrefix tells a bearer value from an access token.
const valuePrefix = "v1."

// IsValue tells whether a bearer is meant as a value, and not as an access
// token.
func IsValue(bearer string) bool { return strings.HasPrefix(bearer, valuePrefix) }

// IsOf tells whether a value names a session; whether it is one of it, its secret
// says.
func IsOf(text string, id store.SessionID) bool {
	v, ok := parse(text)
	return ok && v.session == id
}

func parse(text string) (v value, ok bool) {
	rest, ok := strings.CutPrefix(text, valuePrefix)
	if !ok {
		return v, false
	}
	id, rest, ok1 := strings.Cut(rest, ".")
	generation, secret, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || len(secret) != base64.RawURLEncoding.EncodedLen(sha256.Size) {
		return v, false
	}
	number, err1 := strconv.ParseUint(id, 10, 53)
	v.session = store.SessionID(number)
	var err2 error
	v.generation, err2 = strconv.ParseUint(generation, 10, 53)
	// The decoder steps over line ends, and then it is not as long.
	n, err3 := base64.RawURLEncoding.Strict().Decode(v.secret[:], []byte(secret))
	return v, err1 == nil && err2 == nil && err3 == nil && n == sha256.Size && v.generation > 0
}

// write makes the bearer value of a generation. It is derived: the same one can
// be handed out again without being stored, and one this server has not made is
// known all the same after it was restored from a backup.
func (s *Sessions) write(d household.DeviceSession, generation uint64) string {
	mac := s.mac(d, generation)
	return valuePrefix + strconv.FormatUint(uint64(d.ID), 10) + "." + strconv.FormatUint(generation, 10) + "." +
		base64.RawURLEncoding.EncodeToString(mac[:])
}

// fits tells whether a value is one of this session.
func (s *Sessions) fits(v value, d household.DeviceSession) bool {
	mac := s.mac(d, v.generation)
	return subtle.ConstantTimeCompare(v.secret[:], mac[:]) == 1
}

func (s *Sessions) mac(d household.DeviceSession, generation uint64) (out [sha256.Size]byte) {
	h, _ := s.macs.Get().(hash.Hash) // it has nothing else
	defer s.macs.Put(h)
	h.Reset()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(d.ID))
	binary.BigEndian.PutUint64(b[8:], generation)
	h.Write(b[:])
	h.Write(d.Salt)
	h.Sum(out[:0])
	return out
}

// derive makes a further key of the secret, for another purpose. Values have
// sixteen bytes and a salt there, so that the two never meet.
func derive(secret []byte, purpose string) (out [sha256.Size]byte) {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("inglenook: " + purpose))
	h.Sum(out[:0])
	return out
}
