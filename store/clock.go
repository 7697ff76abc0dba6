package store

import (
	"sync"
	"time"
)

// Timestamp is an instant in milliseconds since 1970-01-01T00:00:00Z. On the
// wire it is RFC 3339 in UTC with three decimals: 2026-11-21T08:15:30.250Z.
type Timestamp int64

const timestampLayout = "2006-01-02T15:04:05.000Z"

// maxTimestamp is the last instant RFC 3339 can write.
const maxTimestamp Timestamp = 253402300799999

// TimestampOf truncates t to milliseconds.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.UnixMilli()) }

// Time returns the instant in UTC.
func (t Timestamp) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// String is the form on the wire.
func (t Timestamp) String() string { return t.Time().Format(timestampLayout) }

// MarshalText writes the form on the wire.
func (t Timestamp) MarshalText() ([]byte, error) {
	return t.Time().AppendFormat(nil, timestampLayout), nil
}

// UnmarshalText reads any RFC 3339 instant and truncates it to milliseconds.
// Errors: CodeInvalid.
func (t *Timestamp) UnmarshalText(b []byte) error {
	parsed, err := time.Parse(time.RFC3339Nano, string(b))
	ts := TimestampOf(parsed)
	if err != nil || ts < 0 || ts > maxTimestamp {
		return Errorf(CodeInvalid, "updatedAt", "a timestamp is RFC 3339 in UTC, from 1970 to 9999")
	}
	*t = ts
	return nil
}

// MaxAhead is how far a device's clock may run ahead of the server's before
// what it says is pulled back to the server's now.
const MaxAhead = 60 * time.Second

// Clamp pulls a timestamp that lies more than MaxAhead after now back to now,
// so that a device with a wrong clock does not win every conflict for ever.
func (t Timestamp) Clamp(now Timestamp) Timestamp {
	if t > now+Timestamp(MaxAhead.Milliseconds()) {
		return now
	}
	return t
}

// Clock is a hybrid logical clock (Kulkarni et al., 2014) with the millisecond
// as its only component: it follows the wall clock, never goes backwards, never
// says the same instant twice, and moves past what it has observed. So an edit
// made after seeing another one is stamped later, whatever the two wall clocks
// say.
type Clock struct {
	now  func() time.Time
	mu   sync.Mutex
	last Timestamp
}

// NewClock returns a clock over now, which is time.Now everywhere but in tests.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now returns the next timestamp.
func (c *Clock) Now() Timestamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last+1, TimestampOf(c.now()))
	return c.last
}

// Observe moves the clock past t, but never more than MaxAhead beyond the wall
// clock: one wrong device must not drag everybody into the future.
func (c *Clock) Observe(t Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, min(t, TimestampOf(c.now().Add(MaxAhead))))
}
