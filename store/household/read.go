package household

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"
)

// Get returns an entity as p may see it.
//
// Errors: store.CodeNotFound.
func (s *Store) Get(ctx context.Context, p access.Person, ref store.Ref) (e store.Entity, event store.EventID, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		rec, err := recordFor(r, sight, p, ref)
		if err != nil {
			return err
		}
		e, err = rec.entity()
		event = rec.Event
		return err
	})
	return e, event, err
}

// recordFor reads a record p may see.
func recordFor(r kv.Reader, sight *Sight, p access.Person, ref store.Ref) (entityRecord, error) {
	notFound := store.Errorf(store.CodeNotFound, "id", "there is no such %s", ref.Kind)
	rec, ok, err := readRecord(r, ref)
	if err != nil {
		return entityRecord{}, err
	}
	if !ok || !sight.Sees(p, ref.Kind, rec.Container, rec.ForUser) {
		return entityRecord{}, notFound
	}
	return rec, nil
}

// Snapshot yields every entity p may see, tombstones too, ordered by kind and
// id, as {"kind":…,"entity":…,"event":…}, from one transaction. kind "" means
// all; after resumes behind an entity. The returned cursor is that of the
// transaction: what changes later comes with a later event. change is valid
// during the call only.
func (s *Store) Snapshot(ctx context.Context, p access.Person, kind store.Kind, after store.Ref,
	yield func(head store.Cursor, ref store.Ref, change []byte) error,
) (store.Cursor, error) {
	at := store.Cursor{Epoch: s.epoch}
	err := s.db.View(ctx, func(r kv.Reader) error {
		head, err := readNum(r, metaKey("head"))
		if err != nil {
			return err
		}
		at.ID = store.EventID(head)
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		buffer := make([]byte, 0, 1024)
		return eachEntity(ctx, r, kind, after, func(ref store.Ref, rec entityRecord) error {
			if !sight.Sees(p, ref.Kind, rec.Container, rec.ForUser) {
				return nil
			}
			buffer = appendChange(buffer[:0], ref.Kind, rec.JSON, rec.Event)
			return yield(at, ref, buffer)
		})
	})
	return at, err
}

// eachEntity walks the entity records behind after.
func eachEntity(ctx context.Context, r kv.Reader, kind store.Kind, after store.Ref, fn func(store.Ref, entityRecord) error) error {
	prefix := newKey(prefixEntity)
	if kind != "" {
		prefix = prefix.kind(kind)
	}
	var start []byte
	if after.Kind != "" {
		start = entityKey(store.Ref{Kind: after.Kind, ID: after.ID + 1})
	}
	n := 0
	for pair, err := range r.Scan(prefix, start) {
		if err != nil {
			return err
		}
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ref, _ := cutRef(pair.Key[1:])
		rec, err := decodeEntityRecord(pair.Value)
		if err != nil {
			return fmt.Errorf("read %s %d: %w", ref.Kind, ref.ID, err)
		}
		if err := fn(ref, rec); err != nil {
			return err
		}
	}
	return nil
}

// Digest is count and hash of one kind: SHA-256 over (id, event), eight bytes
// big-endian each, in the order of ids; two stores that agree in it hold the
// same versions of the same entities.
type Digest struct {
	Kind   store.Kind `json:"kind"`
	Count  int        `json:"count"`
	Digest string     `json:"digest"`
}

// Digests digests what p may see, ordered by kind.
func (s *Store) Digests(ctx context.Context, p access.Person) (at store.Cursor, out []Digest, err error) {
	at.Epoch = s.epoch
	err = s.db.View(ctx, func(r kv.Reader) error {
		head, err := readNum(r, metaKey("head"))
		if err != nil {
			return err
		}
		at.ID = store.EventID(head)
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		var sum hash.Hash
		flush := func() {
			if sum != nil {
				out[len(out)-1].Digest = hex.EncodeToString(sum.Sum(nil))
			}
		}
		err = eachEntity(ctx, r, "", store.Ref{}, func(ref store.Ref, rec entityRecord) error {
			if !sight.Sees(p, ref.Kind, rec.Container, rec.ForUser) {
				return nil
			}
			if len(out) == 0 || out[len(out)-1].Kind != ref.Kind {
				flush()
				out = append(out, Digest{Kind: ref.Kind})
				sum = sha256.New()
			}
			var pair [16]byte
			sum.Write(key(pair[:0]).id(ref.ID).num(uint64(rec.Event)))
			out[len(out)-1].Count++
			return nil
		})
		flush()
		return err
	})
	return at, out, err
}

// Below returns everything in a container or below a parent that p may see now,
// with the events it is from. For streams of whoever gains sight.
func (s *Store) Below(ctx context.Context, p access.Person, parent store.Ref) (changes []byte, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		refs, err := childrenOf(r, parent)
		if err != nil {
			return err
		}
		for _, ref := range append([]store.Ref{parent}, refs...) {
			rec, err := recordFor(r, sight, p, ref)
			if store.CodeOf(err) == store.CodeNotFound {
				continue
			}
			if err != nil {
				return err
			}
			if len(changes) > 0 {
				changes = append(changes, ',')
			}
			changes = appendChange(changes, ref.Kind, rec.JSON, rec.Event)
		}
		return nil
	})
	return changes, err
}

// RefsBelow returns a parent and everything below it, for p who loses sight; not
// the wishes that were hidden from them all the time.
func (s *Store) RefsBelow(ctx context.Context, p access.Person, parent store.Ref) (refs []store.Ref, err error) {
	refs = []store.Ref{parent}
	err = s.db.View(ctx, func(r kv.Reader) error {
		below, err := childrenOf(r, parent)
		if err != nil {
			return err
		}
		for _, ref := range below {
			raw, ok, err := r.Get(entityKey(ref))
			if err != nil {
				return err
			}
			if rec, err := decodeEntityRecord(raw); ok && err == nil && rec.ForUser != p.UserID {
				refs = append(refs, ref)
			}
		}
		return nil
	})
	return refs, err
}

// SeenNow takes the mark in seen away from every entry that p may not see where
// it lies by now.
func (s *Store) SeenNow(ctx context.Context, p access.Person, entries []Entry, seen []byte) error {
	return s.db.View(ctx, func(r kv.Reader) error {
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		for i := range entries {
			if seen[i] == 0 {
				continue
			}
			switch _, err := recordFor(r, sight, p, entries[i].Ref); {
			case store.CodeOf(err) == store.CodeNotFound:
				seen[i] = 0
			case err != nil:
				return err
			}
		}
		return nil
	})
}
