// Package session is the life of device sessions on the server: signing in,
// recognising a request, ending. What a client carries is a bearer value; the
// records are household.DeviceSession and household.ServerSession.
package session

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
)

// Kinds of clients.
const (
	Browser = "browser"
	Desktop = "desktop"
	Token   = "token"
)

// Timers are the limits of a session, by kind of client.
type Timers struct {
	Idle     map[string]time.Duration
	Absolute map[string]time.Duration
	Visit    time.Duration // a use after a longer pause is a new visit
}

// DefaultTimers are those of sessions.md.
func DefaultTimers() Timers {
	const day = 24 * time.Hour
	return Timers{
		Idle:     map[string]time.Duration{Browser: 30 * day, Desktop: 90 * day, Token: 14 * day},
		Absolute: map[string]time.Duration{Browser: 180 * day, Desktop: 365 * day, Token: 90 * day},
		Visit:    30 * time.Minute,
	}
}

// useInterval is how exactly the last use is kept on disk.
const useInterval = time.Hour

// Sessions recognises sessions and ends them.
type Sessions struct {
	store  *household.Store
	secret []byte
	timers Timers
	now    func() time.Time

	mu    sync.Mutex
	known map[uint64]*entry                   // by ServerSession
	watch map[store.SessionID][]chan struct{} // closed when the device session ends
	ends  uint64                              // how many have ended: what was read before is not kept
}

// entry is what is remembered of a session that was recognised.
type entry struct {
	device household.DeviceSession
	mac    [sha256.Size]byte
}

// New returns the sessions of a store. The secret, at least 32 bytes, lies
// beside the store and its backups, never inside: a stolen store holds no
// usable session.
func New(s *household.Store, secret []byte, timers Timers, now func() time.Time) (*Sessions, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("session secret: %d bytes are too few", len(secret))
	}
	return &Sessions{
		store: s, secret: secret, timers: timers, now: now,
		known: map[uint64]*entry{}, watch: map[store.SessionID][]chan struct{}{},
	}, nil
}

// Client is what signs in.
type Client struct {
	Kind     string // Browser, Desktop or Token
	Name     string // as it calls itself
	Platform string
}

// SignIn makes a session for a user and returns its bearer value.
func (s *Sessions) SignIn(ctx context.Context, user store.ID, c Client) (household.DeviceSession, string, error) {
	absolute, ok := s.timers.Absolute[c.Kind]
	if !ok {
		return household.DeviceSession{}, "", store.Errorf(store.CodeInvalid, "kind", "is browser, desktop or token")
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: crypto/rand aborts the process instead
	now := store.TimestampOf(s.now())
	d, g, err := s.store.NewSession(ctx, household.DeviceSession{
		Kind: c.Kind, UserID: user, Salt: salt, Name: c.Name, Platform: c.Platform, LastUsedAt: now,
		AbsoluteExpiresAt: store.TimestampOf(now.Time().Add(absolute)),
	})
	if err != nil {
		return d, "", err
	}
	mac := s.mac(d, g.Generation)
	return d, "v1." + strconv.FormatUint(g.ID, 10) + "." + base64.RawURLEncoding.EncodeToString(mac[:]), nil
}

// mac derives the secret of a generation: the same one can be handed out again
// without being stored.
func (s *Sessions) mac(d household.DeviceSession, generation uint64) (out [sha256.Size]byte) {
	h := hmac.New(sha256.New, s.secret)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(d.ID))
	binary.BigEndian.PutUint64(b[8:], generation)
	h.Write(b[:])
	h.Write(d.Salt)
	h.Sum(out[:0])
	return out
}

// Recognise returns the device session a bearer value belongs to and notes the
// use.
//
// Errors: store.CodeSessionMissing, CodeSessionInvalid, CodeSessionEnded,
// CodeSessionExpired.
func (s *Sessions) Recognise(ctx context.Context, value string) (household.DeviceSession, error) {
	id, e, err := s.find(ctx, value)
	if err != nil {
		return household.DeviceSession{}, err
	}
	return s.use(ctx, id, e)
}

// Check tells whether a session still holds, without noting a use: that of an
// open stream. Errors: those of Recognise.
func (s *Sessions) Check(ctx context.Context, value string) error {
	_, e, err := s.find(ctx, value)
	if err != nil {
		return err
	}
	return s.limits(ctx, e.device)
}

// find returns what a bearer value belongs to.
func (s *Sessions) find(ctx context.Context, value string) (uint64, *entry, error) {
	if value == "" {
		return 0, nil, store.Errorf(store.CodeSessionMissing, "", "sign in first")
	}
	id, secret, ok := parse(value)
	if !ok {
		return 0, nil, invalid()
	}
	e, err := s.lookUp(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	if e == nil || subtle.ConstantTimeCompare(secret, e.mac[:]) != 1 {
		return 0, nil, invalid()
	}
	return id, e, nil
}

func invalid() error {
	return store.Errorf(store.CodeSessionInvalid, "", "this session is not known here")
}

// parse takes v1.<id>.<secret> apart.
func parse(value string) (id uint64, secret []byte, ok bool) {
	rest, ok := strings.CutPrefix(value, "v1.")
	number, encoded, found := strings.Cut(rest, ".")
	if !ok || !found || len(encoded) != base64.RawURLEncoding.EncodedLen(sha256.Size) {
		return 0, nil, false
	}
	id, err := strconv.ParseUint(number, 10, 53)
	secret, err2 := base64.RawURLEncoding.Strict().DecodeString(encoded)
	// The decoder steps over line ends.
	return id, secret, err == nil && err2 == nil && len(secret) == sha256.Size
}

func (s *Sessions) lookUp(ctx context.Context, id uint64) (*entry, error) {
	s.mu.Lock()
	e, ends := s.known[id], s.ends
	s.mu.Unlock()
	if e != nil {
		return e, nil
	}
	d, g, ok, err := s.store.Session(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	e = &entry{device: d, mac: s.mac(d, g.Generation)}
	s.keep(id, e, ends)
	return e, nil
}

// keep remembers an entry, unless a session has ended since it was read: it may
// be this one, and would stay known.
func (s *Sessions) keep(id uint64, e *entry, ends uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends == ends {
		s.known[id] = e
	} else {
		delete(s.known, id)
	}
}

// limits tells whether a session has ended, and ends it when its time is over.
func (s *Sessions) limits(ctx context.Context, d household.DeviceSession) error {
	if d.EndedAt == 0 && !s.timeIsOver(d, store.TimestampOf(s.now())) {
		return nil
	}
	if d.EndedAt == 0 {
		if err := s.End(ctx, d.ID, expired); err != nil {
			return err
		}
		d.EndReason = expired
	}
	return over(d)
}

// expired is why a session ended that nobody ended.
const expired = "expired"

func (s *Sessions) timeIsOver(d household.DeviceSession, now store.Timestamp) bool {
	return now > d.AbsoluteExpiresAt || now.Time().Sub(d.LastUsedAt.Time()) > s.timers.Idle[d.Kind]
}

// use checks the limits and keeps the times of use.
func (s *Sessions) use(ctx context.Context, id uint64, e *entry) (household.DeviceSession, error) {
	s.mu.Lock()
	ends := s.ends
	s.mu.Unlock()
	d, now := e.device, store.TimestampOf(s.now())
	if err := s.limits(ctx, d); err != nil {
		return d, err
	}
	if now.Time().Sub(d.LastUsedAt.Time()) < min(useInterval, s.timers.Visit) {
		return d, nil
	}
	d, _, err := s.store.ChangeSession(ctx, d.ID, func(d *household.DeviceSession, now store.Timestamp) bool {
		if d.EndedAt != 0 {
			return false
		}
		if now.Time().Sub(d.LastUsedAt.Time()) > s.timers.Visit {
			d.LatestVisitAt = now
		}
		d.LastUsedAt = now
		return true
	})
	if store.CodeOf(err) == store.CodeStorageFull {
		return e.device, nil // a full disk must not sign anybody out
	}
	if err != nil {
		return d, err
	}
	s.keep(id, &entry{device: d, mac: e.mac}, ends)
	if d.EndedAt != 0 {
		return d, over(d)
	}
	return d, nil
}

// over says how a session has ended.
func over(d household.DeviceSession) error {
	if d.EndReason == expired {
		return store.Errorf(store.CodeSessionExpired, "", "this session has expired")
	}
	return store.Errorf(store.CodeSessionEnded, "", "this session was ended")
}

// End ends a device session; its streams close at once. Ending one that has
// ended, or never was, changes nothing.
func (s *Sessions) End(ctx context.Context, id store.SessionID, reason string) error {
	d, ok, err := s.store.ChangeSession(ctx, id, func(d *household.DeviceSession, now store.Timestamp) bool {
		if d.EndedAt != 0 {
			return false
		}
		d.EndedAt, d.EndReason = now, reason
		return true
	})
	if err != nil || !ok {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends++
	delete(s.known, d.Head)
	for _, ended := range s.watch[id] {
		close(ended)
	}
	delete(s.watch, id)
	return nil
}

// Watch returns a channel that is closed when the device session ends, and what
// is to be called when nobody looks any more. Recognise the session after
// calling Watch, so that no end falls between.
func (s *Sessions) Watch(id store.SessionID) (ended <-chan struct{}, stop func()) {
	c := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch[id] = append(s.watch[id], c)
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, other := range s.watch[id] {
			if other == c {
				s.watch[id] = append(s.watch[id][:i:i], s.watch[id][i+1:]...)
			}
		}
		if len(s.watch[id]) == 0 {
			delete(s.watch, id)
		}
	}
}

// Devices returns the sessions of a user that have not ended.
func (s *Sessions) Devices(ctx context.Context, user store.ID) ([]household.DeviceSession, error) {
	return s.store.Sessions(ctx, user)
}
