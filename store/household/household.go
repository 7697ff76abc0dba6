// Package household keeps a household: entities, events, history, users,
// sessions and a device's outbox, each in transactions over kv.
package household

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"
)

// Store is one household's store, or one device's replica of it. Its methods
// own their transactions and may be called from any goroutine.
type Store struct {
	db       kv.DB
	kinds    *kind.Registry
	epoch    store.Epoch
	instance string

	head  atomic.Uint64 // newest committed event
	sight atomic.Pointer[Sight]

	levels map[store.ID]known // see personOf

	newest map[replica]uint64 // newest remembered batch; the committer's alone

	mu        sync.Mutex
	listeners []func(*EventRecord)
}

// Open opens the household in db, and makes a new one in an empty db.
//
// Errors: store.CodeFormatNewer when a newer program wrote it.
func Open(ctx context.Context, db kv.DB, kinds *kind.Registry) (*Store, error) {
	s := &Store{db: db, kinds: kinds, levels: map[store.ID]known{}, newest: map[replica]uint64{}}
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	err := db.View(ctx, func(r kv.Reader) error {
		head, err := readNum(r, metaKey("head"))
		s.head.Store(head)
		if err != nil {
			return err
		}
		sight, err := readSight(r)
		s.sight.Store(sight)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open household: %w", err)
	}
	return s, nil
}

// Kinds is the schema everything is checked against.
func (s *Store) Kinds() *kind.Registry { return s.kinds }

// Epoch is the store's epoch.
func (s *Store) Epoch() store.Epoch { return s.epoch }

// Instance is the random name of this server, in cookies and tokens.
func (s *Store) Instance() string { return s.instance }

// Head is the cursor of the newest committed event.
func (s *Store) Head() store.Cursor {
	return store.Cursor{Epoch: s.epoch, ID: store.EventID(s.head.Load())}
}

// Sizes returns what the store occupies.
func (s *Store) Sizes() kv.Sizes { return s.db.Sizes() }

// OnCommit registers what is to be called with each event once it is durable,
// in the order of ids. The function must not block, and must not change the
// record. Register before the first write.
func (s *Store) OnCommit(fn func(*EventRecord)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, fn)
}

func (s *Store) committed(event *EventRecord) {
	s.head.Store(uint64(event.ID))
	s.mu.Lock()
	listeners := s.listeners
	s.mu.Unlock()
	for _, fn := range listeners {
		fn(event)
	}
}

// Sight is what filters need to know, immutable: the containers that are not
// everybody's, and everybody's level.
type Sight struct {
	Audiences map[store.Ref]access.Audience
	Levels    map[store.ID]access.Level

	// Moved is the newest event that took something to another container, or
	// hid a wish: what older ones hold may lie elsewhere now, see SeenNow.
	Moved store.EventID

	at store.EventID // the newest event that changed it
}

// Sight returns what is true after the newest commit.
func (s *Store) Sight() *Sight { return s.sight.Load() }

// Person returns a user with their level; ok is false when there is none.
func (v *Sight) Person(user store.ID) (p access.Person, ok bool) {
	level, ok := v.Levels[user]
	return access.Person{UserID: user, Level: level}, ok
}

// Sees tells whether p may see what lies in a container (Kind "" for none).
func (v *Sight) Sees(p access.Person, kind store.Kind, container store.Ref, forUser store.ID) bool {
	if forUser != 0 && forUser == p.UserID {
		return false
	}
	if container.Kind == "" {
		return p.SeesKind(kind)
	}
	return p.SeesContainer(v.Audiences[container])
}

// Everything tells that p sees all there is but wishes for them, so that most
// events need no look at their entries.
func (v *Sight) Everything(p access.Person) bool {
	return len(v.Audiences) == 0 && p.SeesContainer(nil)
}

// sightOf returns the sight of what r reads. That in memory follows a commit a
// moment later than its data can be read.
func (s *Store) sightOf(r kv.Reader) (*Sight, error) {
	at, err := readNum(r, metaKey("sight"))
	if err != nil {
		return nil, err
	}
	if v := s.Sight(); v.at == store.EventID(at) {
		return v, nil
	}
	return readSight(r)
}

func readSight(r kv.Reader) (*Sight, error) {
	v := &Sight{Audiences: map[store.Ref]access.Audience{}, Levels: map[store.ID]access.Level{}}
	at, err := readNum(r, metaKey("sight"))
	if err != nil {
		return nil, err
	}
	moved, err := readNum(r, metaKey("moved"))
	if err != nil {
		return nil, err
	}
	v.at, v.Moved = store.EventID(at), store.EventID(moved)
	for pair, err := range r.Scan([]byte{prefixAudience}, nil) {
		if err != nil {
			return nil, err
		}
		ref, _ := cutRef(pair.Key[1:])
		v.Audiences[ref] = access.AudienceOf(pair.Value)
	}
	for pair, err := range r.Scan(newKey(prefixEntity).kind("user"), nil) {
		if err != nil {
			return nil, err
		}
		rec, err := decodeEntityRecord(pair.Value)
		if err != nil {
			return nil, err
		}
		e, err := rec.entity()
		if err != nil {
			return nil, err
		}
		if !e.Deleted {
			v.Levels[e.ID] = access.Level(e.String("access"))
		}
	}
	return v, nil
}

// updateSight applies what an event changed; it runs after commits only, which
// the one committer orders.
func (s *Store) updateSight(at store.EventID, change func(*Sight)) {
	old := s.sight.Load()
	v := &Sight{Audiences: maps.Clone(old.Audiences), Levels: maps.Clone(old.Levels), Moved: old.Moved, at: at}
	change(v)
	s.sight.Store(v)
}

func readNum(r kv.Reader, k []byte) (uint64, error) {
	b, ok, err := r.Get(k)
	if err != nil || !ok {
		return 0, err
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("read number %q: %d bytes instead of 8", k, len(b))
	}
	return binary.BigEndian.Uint64(b), nil
}

func num(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
