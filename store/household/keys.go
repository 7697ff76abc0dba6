package household

import (
	"encoding/binary"

	"inglenook/store"
)

// Every key of a store, in one table. Numbers are eight bytes big-endian, so
// that keys sort as the numbers do; k is a kind's name and a zero byte.
//
//	m name              meta: format, epoch, instance, head, sight and moved (events), …
//	e k id              entity record: its event, its container, canonical JSON
//	v event             event record: header for filters, body as it is sent,
//	                    notes for the history, which is a chain of events
//	t event k id        trash: tombstones by the event of their deletion
//	c k id k id         children of a parent
//	a k id              audience of a container that is not everybody's
//	r user replica n    the answer to a batch, for its repetition; n = seq mod 32
//	n act event         events of an act
//	u user              credentials of a user (never synced)
//	i handle            user who signs in with a passkey or an identity elsewhere
//	g hash              open invitations by their code
//	s id                device session (never synced)
//	q name              sequences: sessions
//	b n                 book of what happened: audit records (never synced)
//	o seq               device: pending replacement
//	p k id seq          device: pending replacements of an entity
//	x seq               device: parked replacement, with the server's reason
//	l k id              device: last living version of what is a tombstone now
//	z name              device: cursor, replica number, account
const (
	prefixMeta       = 'm'
	prefixEntity     = 'e'
	prefixEvent      = 'v'
	prefixTrash      = 't'
	prefixChild      = 'c'
	prefixAudience   = 'a'
	prefixAnswer     = 'r'
	prefixAct        = 'n'
	prefixUser       = 'u'
	prefixSession    = 's'
	prefixSequence   = 'q'
	prefixHandle     = 'i'
	prefixInvitation = 'g'
	prefixAudit      = 'b'
	prefixWaiting    = 'p'
	prefixOutbox     = 'o'
	prefixParked     = 'x'
	prefixLiving     = 'l'
	prefixDevice     = 'z'
)

// key is a key under construction.
type key []byte

func newKey(prefix byte) key { return append(make(key, 0, 48), prefix) }

func (k key) num(n uint64) key       { return binary.BigEndian.AppendUint64(k, n) }
func (k key) id(id store.ID) key     { return k.num(uint64(id)) }
func (k key) name(s string) key      { return append(k, s...) }
func (k key) kind(kd store.Kind) key { return append(append(k, kd...), 0) }
func (k key) ref(r store.Ref) key    { return k.kind(r.Kind).id(r.ID) }

func metaKey(name string) key              { return newKey(prefixMeta).name(name) }
func entityKey(r store.Ref) key            { return newKey(prefixEntity).ref(r) }
func eventKey(id store.EventID) key        { return newKey(prefixEvent).num(uint64(id)) }
func audienceKey(r store.Ref) key          { return newKey(prefixAudience).ref(r) }
func childKey(parent, child store.Ref) key { return newKey(prefixChild).ref(parent).ref(child) }

func trashKey(id store.EventID, r store.Ref) key {
	return newKey(prefixTrash).num(uint64(id)).ref(r)
}

func answerKey(user, replica store.ID, seq uint64) key {
	return newKey(prefixAnswer).id(user).id(replica).num(seq % remembered)
}

func auditKey(n uint64) key { return newKey(prefixAudit).num(n) }

func actKey(act string, id store.EventID) key {
	return newKey(prefixAct).name(act).kind("").num(uint64(id))
}

// cutRef reads kind and id off the front of what is left of a key.
func cutRef(b []byte) (r store.Ref, rest []byte) {
	for i, c := range b {
		if c == 0 && len(b) >= i+9 {
			return store.Ref{Kind: store.Kind(b[:i]), ID: store.ID(binary.BigEndian.Uint64(b[i+1:]))}, b[i+9:]
		}
	}
	return store.Ref{}, nil
}

// cutNum reads a number off the front.
func cutNum(b []byte) (n uint64, rest []byte) {
	if len(b) < 8 {
		return 0, nil
	}
	return binary.BigEndian.Uint64(b), b[8:]
}
