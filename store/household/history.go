package household

import (
	"context"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"
)

// HistoryVersion is one version as people read it.
type HistoryVersion struct {
	EventID    store.EventID      `json:"eventId"`
	At         store.Timestamp    `json:"at"`
	By         store.Author       `json:"by"`
	Device     string             `json:"device,omitempty"`
	Act        string             `json:"act,omitempty"`
	Changed    []string           `json:"changed"`
	Entity     store.Entity       `json:"entity"`
	Superseded []store.Superseded `json:"superseded,omitempty"`
}

// maxPageBytes is about how much a page of versions or of the trash holds.
const maxPageBytes = 4 << 20

// bytes is about what it takes as JSON.
func (v *HistoryVersion) bytes() int {
	n := 256 + sizeOfEntity(v.Entity)
	for _, s := range v.Superseded {
		n += 128 + len(s.Unit) + len(s.Value)
	}
	for _, unit := range v.Changed {
		n += len(unit) + 3
	}
	return n
}

func sizeOfEntity(e store.Entity) (n int) {
	for name, value := range e.Fields {
		n += len(name) + len(value) + 4
	}
	return n
}

// History returns at most limit versions of an entity, newest first, of events
// before one when it is not 0. next is to be passed as before, 0 at the end.
//
// Errors: store.CodeNotFound.
func (s *Store) History(ctx context.Context, p access.Person, ref store.Ref, before store.EventID, limit int) (out []HistoryVersion, next store.EventID, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		if _, err := recordFor(r, sight, p, ref); err != nil {
			return err
		}
		size := 0
		for v, err := range newVersions(r).back(ref, before) {
			if err != nil {
				return err
			}
			if len(out) == limit || size > maxPageBytes {
				next = out[len(out)-1].EventID
				break
			}
			device, err := deviceName(r, v.By.SessionID)
			if err != nil {
				return err
			}
			changed := v.Changed
			if changed == nil {
				changed = []string{}
			}
			out = append(out, HistoryVersion{
				EventID: v.EventID, At: v.At, By: v.By, Device: device, Act: v.Act,
				Changed: changed, Entity: v.Entity, Superseded: v.Superseded,
			})
			size += out[len(out)-1].bytes()
		}
		return nil
	})
	return out, next, err
}

// TrashEntry is a tombstone with what it was.
type TrashEntry struct {
	Kind      store.Kind      `json:"kind"`
	Tombstone store.Entity    `json:"tombstone"`
	Last      store.Entity    `json:"last"`
	Base      store.EventID   `json:"base"`
	At        store.Timestamp `json:"at"`
	By        store.Author    `json:"by"`
	Until     store.Timestamp `json:"until"`
}

// Kept is how long everything deleted can be restored.
const Kept = 365 * 24 * time.Hour

// Trash returns at most limit deleted things p may see, latest first, deleted by
// events before one when it is not 0.
func (s *Store) Trash(ctx context.Context, p access.Person, before store.EventID, limit int) (out []TrashEntry, next store.EventID, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		sight, err := s.sightOf(r)
		if err != nil {
			return err
		}
		past, size := newVersions(r), 0
		var start []byte
		if before != 0 {
			start = newKey(prefixTrash).num(uint64(before)) // before the first of that event
		}
		for pair, err := range r.ScanBack([]byte{prefixTrash}, start) {
			if err != nil {
				return err
			}
			id, rest := cutNum(pair.Key[1:])
			ref, _ := cutRef(rest)
			if (len(out) >= limit || size > maxPageBytes) && store.EventID(id) != out[len(out)-1].Base {
				next = out[len(out)-1].Base // a page ends between events
				break
			}
			entry, seen, err := s.trashEntry(past, sight, p, store.EventID(id), ref)
			if err != nil {
				return err
			}
			if seen {
				out = append(out, entry)
				size += 256 + sizeOfEntity(entry.Last)
			}
		}
		return nil
	})
	return out, next, err
}

func (s *Store) trashEntry(r *versions, sight *Sight, p access.Person, id store.EventID, ref store.Ref) (t TrashEntry, seen bool, err error) {
	rec, ok, err := readRecord(r, ref)
	if err != nil || !ok || !sight.Sees(p, ref.Kind, rec.Container, rec.ForUser) {
		return t, false, err
	}
	tombstone, err := rec.entity()
	if err != nil {
		return t, false, err
	}
	living, err := r.lastLiving(ref)
	if err != nil || living == nil {
		return t, false, err
	}
	event, err := r.event(id)
	if err != nil {
		return t, false, err
	}
	return TrashEntry{
		Kind: ref.Kind, Tombstone: tombstone, Last: living.Entity, Base: id, At: event.At, By: event.By,
		Until: store.TimestampOf(event.At.Time().Add(Kept)),
	}, true, nil
}
