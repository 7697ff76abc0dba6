package bridge

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json/jsontext"
)

func (b *Bridge) getLastEventID(_ *http.Request, at *replica.Replica) (any, error) {
	return at.Line().Head(), nil
}

// errPageFull ends a walk; it never leaves this file.
var errPageFull = errors.New("the page is full")

// getEntities answers with everything as it is shown, or with a page of it when
// a limit is given. The cursor is the line's before the walk, so nothing falls
// between; what comes twice is the same.
func (b *Bridge) getEntities(r *http.Request, at *replica.Replica) (any, error) {
	query := r.URL.Query()
	kind := store.Kind(query.Get("kind"))
	if kind != "" && !kind.Valid() {
		return nil, store.Errorf(store.CodeInvalid, "kind", "is no name of a kind")
	}
	after, err := reference(query.Get("after"))
	if err != nil {
		return nil, err
	}
	limit, err := number(query, "limit", 1, 10_000, 0)
	if err != nil {
		return nil, err
	}
	cursor := at.Line().Head()
	if text := query.Get("at"); text != "" {
		if cursor, err = store.ParseCursor(text); err != nil {
			return nil, err
		}
	}
	body := append([]byte(`{"epoch":`), strconv.FormatUint(uint64(cursor.Epoch), 10)...)
	body = append(append(body, `,"id":`...), strconv.FormatUint(uint64(cursor.ID), 10)...)
	body = append(body, `,"entities":[`...)
	n, last, next := uint64(0), store.Ref{}, ""
	err = at.Device().Each(r.Context(), kind, after, func(s household.Shown) error {
		if limit != 0 && n == limit {
			next = string(last.Kind) + "/" + last.ID.String()
			return errPageFull
		}
		if n++; n > 1 {
			body = append(body, ',')
		}
		last = s.Ref
		body = appendChange(body, s.Ref.Kind, s.JSON)
		return nil
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, err
	}
	body = append(body, ']')
	if next != "" {
		body = append(append(append(body, `,"next":"`...), next...), '"')
	}
	return jsontext.Value(append(body, '}')), nil
}

// appendChange appends {"kind":…,"entity":…}.
func appendChange(b []byte, k store.Kind, entity []byte) []byte {
	b = append(append(b, `{"kind":"`...), k...) // letters and digits: needs no quoting
	b = append(append(b, `","entity":`...), entity...)
	return append(b, '}')
}

// postReplacements writes. Unlike a server's, the answer is ready when the
// writes are durable here; what the server says of them comes as status.
func (b *Bridge) postReplacements(r *http.Request, at *replica.Replica) (any, error) {
	var batch store.Batch
	if err := decode(r, &batch); err != nil {
		return nil, err
	}
	if err := household.CheckBatch(batch); err != nil {
		return nil, err
	}
	return at.Write(r.Context(), batch.Act, batch.Replacements)
}

// getChanges answers with entries of the line as events.
func (b *Bridge) getChanges(r *http.Request, at *replica.Replica) (any, error) {
	query := r.URL.Query()
	after, err := store.ParseCursor(query.Get("after"))
	if err != nil {
		return nil, err
	}
	limit, err := number(query, "limit", 1, 10_000, 500)
	if err != nil {
		return nil, err
	}
	entries, head, err := at.Line().After(after, int(limit))
	if err != nil {
		return nil, err
	}
	out := api.Changes{Epoch: head.Epoch, ID: after.ID, Head: head.ID, Events: []store.Event{}}
	for _, entry := range entries {
		event, err := b.event(r.Context(), at, entry)
		if err != nil {
			return nil, err
		}
		event.ID, out.ID = entry.ID, entry.ID
		out.Events = append(out.Events, event)
	}
	return out, nil
}

// event reads what an entry touched, as it is shown now.
func (b *Bridge) event(ctx context.Context, at *replica.Replica, entry replica.Entry) (store.Event, error) {
	out := store.Event{By: b.author(entry), At: entry.At, Act: entry.Act, Replacements: []store.Change{}}
	err := at.Device().Look(ctx, entry.Refs, func(ref store.Ref, e *store.Entity) error {
		if e != nil {
			out.Replacements = append(out.Replacements, store.Change{Kind: ref.Kind, Entity: *e})
			return nil
		}
		i := slices.IndexFunc(out.Forget, func(f store.Forget) bool { return f.Kind == ref.Kind })
		if i < 0 {
			i, out.Forget = len(out.Forget), append(out.Forget, store.Forget{Kind: ref.Kind})
		}
		out.Forget[i].IDs = append(out.Forget[i].IDs, ref.ID)
		return nil
	})
	return out, err
}

// author is who wrote an entry; the device's own writes are its session's.
func (b *Bridge) author(entry replica.Entry) store.Author {
	if entry.By != (store.Author{}) {
		return entry.By
	}
	session, _ := b.cfg.Device.Session()
	return store.Author{UserID: session.User.ID, SessionID: session.ID}
}

func (b *Bridge) getTrash(r *http.Request, at *replica.Replica) (any, error) {
	before, err := number(r.URL.Query(), "before", 1, uint64(store.MaxID), 0)
	if err != nil {
		return nil, err
	}
	limit, err := number(r.URL.Query(), "limit", 1, 1000, 100)
	if err != nil {
		return nil, err
	}
	entries, next, err := at.Device().Trash(r.Context(), store.EventID(before), int(limit))
	if entries == nil {
		entries = []household.TrashEntry{}
	}
	return struct {
		Entries []household.TrashEntry `json:"entries"`
		Next    store.EventID          `json:"next,omitzero"`
	}{entries, next}, err
}

func (b *Bridge) getDigest(r *http.Request, at *replica.Replica) (any, error) {
	cursor, kinds, err := at.Device().Digests(r.Context())
	return struct {
		store.Cursor
		Kinds []household.Digest `json:"kinds"`
	}{cursor, kinds}, err
}

func (b *Bridge) getUsers(r *http.Request, at *replica.Replica) (any, error) {
	users := []store.Entity{}
	err := at.Device().Each(r.Context(), "user", store.Ref{}, func(s household.Shown) error {
		e, err := s.Entity()
		if err == nil && !e.Deleted {
			users = append(users, e)
		}
		return err
	})
	return users, err
}

func (b *Bridge) getUser(r *http.Request, at *replica.Replica) (any, error) {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	e, _, err := at.Device().Get(r.Context(), store.Ref{Kind: "user", ID: id})
	if err == nil && e.Deleted {
		err = store.Errorf(store.CodeNotFound, "id", "there is no such user")
	}
	return e, err
}
