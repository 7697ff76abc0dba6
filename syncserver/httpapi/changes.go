package httpapi

import (
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/feed"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// getChanges is the line as pages: catch-up, and long poll for proxies that
// break streams.
func (a *API) getChanges(c *gin.Context) error {
	after, err := store.ParseCursor(c.Query("after"))
	if err != nil {
		return err
	}
	if err := a.Store.CheckCursor(after); err != nil {
		return err
	}
	limit, err := number(c, "limit", 1, 10_000, 500)
	if err != nil {
		return err
	}
	wait, err := number(c, "wait", 0, 25, 0)
	if err != nil {
		return err
	}
	if act := c.Query("act"); act != "" {
		return a.changesOfAct(c, act, after.ID, int(limit))
	}
	if err := a.await(c, after.ID, time.Duration(wait)*time.Second); err != nil {
		return err
	}
	if strings.Contains(c.GetHeader("Accept"), ndjson) {
		return a.streamChanges(c, after.ID, int(limit))
	}
	list, id, err := a.collect(c, after.ID, int(limit))
	if err != nil {
		return err
	}
	return a.replyChanges(c, list, id)
}

// await returns when there is an event after one, or the time is over.
func (a *API) await(c *gin.Context, after store.EventID, wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		wake := a.Feed.Wake()
		if a.Store.Head().ID > after {
			return nil
		}
		select {
		case <-wake:
		case <-timer.C:
			return nil
		case <-a.Draining.Done():
			return nil
		case <-c.Request.Context().Done():
			return c.Request.Context().Err()
		}
	}
}

// each walks at most limit events behind one, as this person sees them. It
// returns the id behind which the next page begins.
func (a *API) each(c *gin.Context, after store.EventID, limit int, fn func(*feed.Frame, feed.View) error) (store.EventID, error) {
	person, sight := a.person(c), a.Store.Sight()
	err := a.Feed.Each(c.Request.Context(), after, limit, func(frame *feed.Frame) error {
		view, err := a.Feed.For(c.Request.Context(), frame, sight, person)
		if err != nil {
			return err
		}
		if view.Level {
			return store.Errorf(store.CodeReset, "access-changed", "what this session sees has changed: take a snapshot")
		}
		if err := fn(frame, view); err != nil {
			return err
		}
		after = frame.ID
		return nil
	})
	return after, err
}

func (a *API) collect(c *gin.Context, after store.EventID, limit int) (list []byte, id store.EventID, err error) {
	id, err = a.each(c, after, limit, func(frame *feed.Frame, view feed.View) error {
		list, err = appendEvent(list, frame, view)
		return err
	})
	return list, id, err
}

func appendEvent(list []byte, frame *feed.Frame, view feed.View) ([]byte, error) {
	before := len(list)
	if before > 0 {
		list = append(list, ',')
	}
	out, err := frame.AppendPage(list, view)
	if len(out) == len(list) {
		return out[:before], err // nothing to see
	}
	return out, err
}

func (a *API) replyChanges(c *gin.Context, list []byte, id store.EventID) error {
	head, err := json.Marshal(api.Changes{Epoch: a.Store.Epoch(), ID: id, Head: max(id, a.Store.Head().ID)})
	if err != nil {
		return err
	}
	body := append(head[:len(head)-1], `,"events":[`...)
	return sendJSON(c, append(append(body, list...), "]}"...))
}

func (a *API) streamChanges(c *gin.Context, after store.EventID, limit int) error {
	out := newLines(c)
	var line []byte
	id, err := a.each(c, after, limit, func(frame *feed.Frame, view feed.View) (err error) {
		if line, err = frame.AppendPage(line[:0], view); err != nil || len(line) == 0 {
			return err
		}
		return out.line(line)
	})
	if err != nil {
		return err
	}
	if err := out.value(api.Changes{Epoch: a.Store.Epoch(), ID: id, Head: max(id, a.Store.Head().ID)}); err != nil {
		return err
	}
	return out.end()
}

// changesOfAct is what one act did, for undoing it.
func (a *API) changesOfAct(c *gin.Context, act string, after store.EventID, limit int) error {
	var list []byte
	person, sight, id := a.person(c), a.Store.Sight(), after
	err := a.Store.EventsOfAct(c.Request.Context(), act, after, func(event *household.EventRecord) (bool, error) {
		frame := a.Feed.Frame(event)
		view, err := a.Feed.For(c.Request.Context(), frame, sight, person)
		if err != nil {
			return false, err
		}
		list, err = appendEvent(list, frame, feed.View{Body: view.Body})
		id = event.ID
		limit--
		return limit > 0, err
	})
	if err != nil {
		return err
	}
	return a.replyChanges(c, list, id)
}
