package httpapi

import (
	"slices"
	"strconv"
	"strings"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

const ndjson = "application/x-ndjson"

func (a *API) getLastEventID(c *gin.Context) error { return reply(c, a.Store.Head()) }

// getEntities is the snapshot: a JSON page, or everything as a stream of lines.
func (a *API) getEntities(c *gin.Context) error {
	kind := store.Kind(c.Query("kind"))
	if kind != "" && !kind.Valid() {
		return store.Errorf(store.CodeInvalid, "kind", "is no name of a kind")
	}
	after, err := parseRef(c.Query("after"))
	if err != nil {
		return err
	}
	if kind != "" && after.Kind != "" && after.Kind != kind {
		return store.Errorf(store.CodeInvalid, "after", "is of another kind")
	}
	var first store.Cursor
	if at := c.Query("at"); at != "" {
		if first, err = store.ParseCursor(at); err != nil {
			return err
		}
		if err := a.Store.CheckCursor(first); err != nil {
			return err
		}
	}
	if strings.Contains(c.GetHeader("Accept"), ndjson) {
		return a.streamEntities(c, kind, after, first)
	}
	limit, err := number(c, "limit", 1, 10_000, 10_000)
	if err != nil {
		return err
	}
	return a.pageEntities(c, kind, after, first, int(limit))
}

// pageBytes is about how much one page of JSON holds.
const pageBytes = 4 << 20

// errPageFull ends a walk; it never leaves this package.
var errPageFull = store.Errorf(store.CodeInternal, "", "the page is full")

func (a *API) pageEntities(c *gin.Context, kind store.Kind, after store.Ref, first store.Cursor, limit int) error {
	list := []byte{'['}
	n, last, next := 0, store.Ref{}, ""
	at, err := a.Store.Snapshot(c.Request.Context(), a.person(c), kind, after,
		func(_ store.Cursor, ref store.Ref, change []byte) error {
			if n == limit || len(list) > pageBytes {
				next = string(last.Kind) + "/" + last.ID.String()
				return errPageFull
			}
			if n++; n > 1 {
				list = append(list, ',')
			}
			list = append(list, change...)
			last = ref
			return nil
		})
	if err != nil && err != error(errPageFull) { //nolint:errorlint // the very value, not a kind of error
		return err
	}
	if first.Epoch != 0 {
		at = first
	}
	body := append([]byte(`{"epoch":`), store.ID(at.Epoch).String()...)
	body = append(append(body, `,"id":`...), strconv.FormatUint(uint64(at.ID), 10)...)
	body = append(append(append(body, `,"entities":`...), list...), ']')
	if next != "" {
		body = append(append(append(body, `,"next":"`...), next...), '"')
	}
	return sendJSON(c, append(body, '}'))
}

// streamEntities writes lines as they are read; its first and last line let the
// client know that it has all.
func (a *API) streamEntities(c *gin.Context, kind store.Kind, after store.Ref, first store.Cursor) error {
	out := a.newLines(c)
	defer out.stop()
	n := 0
	begin := func(at store.Cursor) error {
		if first.Epoch != 0 {
			at = first
		}
		return out.value(at)
	}
	at, err := a.Store.Snapshot(c.Request.Context(), a.person(c), kind, after,
		func(head store.Cursor, _ store.Ref, change []byte) error {
			if n == 0 {
				if err := begin(head); err != nil {
					return err
				}
			}
			n++
			return out.line(change)
		})
	if err != nil {
		return err
	}
	if n == 0 {
		if err := begin(at); err != nil {
			return err
		}
	}
	if err := out.value(api.SnapshotEnd{Count: n}); err != nil {
		return err
	}
	return out.end()
}

func (a *API) postReplacements(c *gin.Context) error {
	var batch store.Batch
	if err := decode(c, maxBatchBody, &batch); err != nil {
		return err
	}
	// Who comes and may do what is not for whoever has copied a value to say. The
	// proof is asked of the whole request, which clients repeat by themselves; the
	// step-up of what needs it alone, so that it holds up nothing else.
	if slices.ContainsFunc(batch.Replacements, func(r store.Replacement) bool { return r.Kind == "user" }) {
		if err := a.proven(c); err != nil {
			return err
		}
	}
	d := device(c)
	by := store.Author{UserID: d.UserID, SessionID: d.ID}
	result, err := a.Store.Apply(c.Request.Context(), batch, by, a.Sessions.StepUpLeft(*d) > 0)
	if err != nil {
		return err
	}
	a.meters.batch(result)
	return reply(c, result)
}

func (a *API) getDigest(c *gin.Context) error {
	at, kinds, err := a.Store.Digests(c.Request.Context(), a.person(c))
	if err != nil {
		return err
	}
	return reply(c, digests{Cursor: at, Kinds: kinds})
}

func (a *API) getUsers(c *gin.Context) error {
	users, err := a.Store.Users(c.Request.Context(), a.person(c))
	if err != nil {
		return err
	}
	return reply(c, users)
}

func (a *API) getUser(c *gin.Context) error {
	id, err := store.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	user, err := a.Store.User(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return reply(c, user)
}

// parseRef reads kind/id; "" is none.
func parseRef(s string) (store.Ref, error) {
	if s == "" {
		return store.Ref{}, nil
	}
	kind, number, _ := strings.Cut(s, "/")
	id, err := store.ParseID(number)
	if err != nil || !store.Kind(kind).Valid() {
		return store.Ref{}, store.Errorf(store.CodeInvalid, "after", "is kind/id")
	}
	return store.Ref{Kind: store.Kind(kind), ID: id}, nil
}

// number reads a query parameter within bounds.
func number(c *gin.Context, name string, least, most, absent uint64) (uint64, error) {
	text := c.Query(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, store.Errorf(store.CodeInvalid, name, "is a whole number from %d to %d", least, most)
	}
	return n, nil
}
