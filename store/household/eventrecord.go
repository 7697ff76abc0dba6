package household

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"inglenook/store"

	"github.com/go-json-experiment/json/jsontext"
)

// Entry is one replacement of an event as filters see it, without its content.
type Entry struct {
	Ref       store.Ref
	Container store.Ref // Kind "" when it lies in none
	ForUser   store.ID

	// From is the container it was taken from, Kind "" when it stayed.
	From store.Ref
	// Sight tells that this entry changes who sees what: the audience of a
	// container, the level of a user, or whom a wish is hidden from. Was is the
	// audience before, as JSON.
	Sight bool
	Was   []byte

	begin, end int // of {"kind","entity"} within the body
}

// special entries need more than a look at their container.
func (e *Entry) special() bool { return e.ForUser != 0 || e.From.Kind != "" || e.Sight }

// EventRecord is an event as it is stored: a header that filters read, and the
// body {by, at, act, replacements} as it goes out to whoever sees all of it.
type EventRecord struct {
	ID      store.EventID
	By      store.Author
	At      store.Timestamp
	Act     string
	Special bool // some entry is more than content in its container
	Entries []Entry
	Body    []byte

	notes []byte // of the entries, in their order: see appendNote
}

// Clone returns a record that stays valid, without what only the history asks
// for.
func (r *EventRecord) Clone() EventRecord {
	c := *r
	c.Entries, c.Body, c.notes = slices.Clone(r.Entries), slices.Clone(r.Body), nil
	for i := range c.Entries {
		c.Entries[i].Was = slices.Clone(c.Entries[i].Was)
	}
	return c
}

// Change returns the bytes {"kind":…,"entity":…} of an entry.
func (r *EventRecord) Change(e *Entry) []byte { return r.Body[e.begin:e.end] }

// Prefix returns the body up to and with the bracket that opens replacements.
func (r *EventRecord) Prefix() []byte {
	if len(r.Entries) == 0 {
		return r.Body[:len(r.Body)-2]
	}
	return r.Body[:r.Entries[0].begin]
}

const eventRecordVersion = 2

// encodeEvent lays out header, body, and what only the history asks for.
//
//	version(1) special(1) at(8) user(8) session(8) act(str) count then per entry:
//	  ref container forUser(8) from sight(1) was(str) begin end
//	body(str) then per entry: note(str)
func encodeEvent(r *EventRecord, changes, notes [][]byte) []byte {
	opening := openingOf(r)
	length, size := len(opening), 128
	for i, c := range changes {
		e := &r.Entries[i]
		if i > 0 {
			length++ // the comma
		}
		e.begin = length
		length += len(c)
		e.end = length
		size += 96 + len(e.Was) + len(notes[i])
	}
	length += len(closing)
	b := make(key, 0, size+length)
	b = append(b, eventRecordVersion, 0)
	b = b.num(uint64(r.At)).id(r.By.UserID).num(uint64(r.By.SessionID))
	b = appendString(b, []byte(r.Act))
	b = binary.AppendUvarint(b, uint64(len(r.Entries)))
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.special() {
			b[1] = 1
			r.Special = true
		}
		b = b.ref(e.Ref).ref(e.Container).id(e.ForUser).ref(e.From)
		if e.Sight {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = appendString(b, e.Was)
		b = binary.AppendUvarint(b, uint64(e.begin))
		b = binary.AppendUvarint(b, uint64(e.end))
	}
	b = binary.AppendUvarint(b, uint64(length)) //nolint:gosec // a sum of lengths
	body := len(b)
	b = append(b, opening...)
	for i, c := range changes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, c...)
	}
	b = append(b, closing...)
	r.Body = b[body:len(b):len(b)]
	for _, note := range notes {
		b = appendString(b, note)
	}
	return b
}

const closing = `]}`

// openingOf is a body up to its first entry.
func openingOf(r *EventRecord) []byte {
	b := make([]byte, 0, 160)
	b = append(b, `{"by":{"userId":`...)
	b = append(b, r.By.UserID.String()...)
	b = append(b, `,"sessionId":`...)
	b = append(b, store.ID(r.By.SessionID).String()...)
	b = append(b, `},"at":"`...)
	b = append(b, r.At.String()...)
	b = append(b, '"')
	if r.Act != "" {
		b = append(b, `,"act":`...)
		b, _ = jsontext.AppendQuote(b, r.Act) // checked when it came in
	}
	return append(b, `,"replacements":[`...)
}

func appendString(b, s []byte) key {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeEvent reads a record. Body and Was lie in b.
func decodeEvent(id store.EventID, b []byte) (EventRecord, error) {
	return new(eventDecoder).decode(id, b)
}

// eventDecoder reads many records one after the other with little memory:
// Entries are valid until the next.
type eventDecoder struct {
	entries []Entry
	kinds   []store.Kind
}

// maxKnownKinds is more kinds than there are, and few enough to look through.
const maxKnownKinds = 64

// kind is a name without a new string for each. Looking through a few is
// faster than a map.
func (d *eventDecoder) kind(name []byte) store.Kind {
	for _, k := range d.kinds {
		if string(k) == string(name) {
			return k
		}
	}
	k := store.Kind(name)
	if len(d.kinds) < maxKnownKinds {
		d.kinds = append(d.kinds, k)
	}
	return k
}

func (d *eventDecoder) decode(id store.EventID, b []byte) (r EventRecord, err error) {
	defer func() {
		if recover() != nil { // an index beyond the end of a record that was cut
			err = fmt.Errorf("decode event %d: the record is damaged", id)
		}
	}()
	if b[0] != eventRecordVersion {
		return r, fmt.Errorf("decode event %d: version %d is not known", id, b[0])
	}
	num := func() (n uint64) {
		n, b = binary.BigEndian.Uint64(b), b[8:]
		return n
	}
	ref := func() (ref store.Ref) {
		end := bytes.IndexByte(b, 0)
		ref.Kind, b = d.kind(b[:end]), b[end+1:]
		ref.ID = store.ID(num())
		return ref
	}
	varint := func() int {
		n, size := binary.Uvarint(b)
		b = b[size:]
		return int(n) //nolint:gosec // what does not fit is beyond the record
	}
	text := func() (s []byte) {
		n := varint()
		s, b = b[:n:n], b[n:]
		return s
	}
	r.ID, r.Special = id, b[1] == 1
	b = b[2:]
	r.At, r.By.UserID, r.By.SessionID = store.Timestamp(num()), store.ID(num()), store.SessionID(num())
	r.Act = string(text())
	n := min(varint(), len(b)) // an entry has more than a byte
	if n > cap(d.entries) {
		d.entries = make([]Entry, n)
	}
	r.Entries = d.entries[:n]
	for i := range r.Entries {
		e := &r.Entries[i]
		e.Ref, e.Container, e.ForUser, e.From = ref(), ref(), store.ID(num()), ref()
		e.Sight, b = b[0] == 1, b[1:]
		e.Was = text()
		e.begin, e.end = varint(), varint()
		if e.begin < 0 || e.begin > e.end || i > 0 && e.begin < r.Entries[i-1].end {
			return r, fmt.Errorf("decode event %d: the record is damaged", id)
		}
	}
	r.Body = text()
	r.notes, b = b, r.Body
	if k := len(r.Entries); k > 0 && r.Entries[k-1].end > len(b) || len(b) < 2 {
		return r, fmt.Errorf("decode event %d: the record is damaged", id)
	}
	return r, nil
}
