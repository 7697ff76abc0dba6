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
	if wait > 0 {
		id := device(c).ID
		if err := a.places.take(id); err != nil {
			return err
		}
		defer a.places.leave(id)
		if err := a.await(c, after.ID, time.Duration(wait)*time.Second); err != nil {
			return err
		}
		if err := a.stillStands(c); err != nil {
			return err
		}
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

// collect returns the events behind one as members of a JSON list, and the id
// behind which the next page begins.
func (a *API) collect(c *gin.Context, after store.EventID, limit int) (list []byte, id store.EventID, err error) {
	w := a.walk(c, after)
	id, _, err = w.each(c.Request.Context(), after, w.until(limit), func(frame *feed.Frame, view feed.View) error {
		var err error
		if list, err = appendEvent(list, frame, view); err == nil && len(list) > pageBytes {
			err = errPageFull
		}
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
	out := a.newLines(c)
	defer out.stop()
	w := a.walk(c, after)
	id := after
	err := w.parts(c.Request.Context(), w.until(limit), func(p part) error {
		id = p.id
		return out.append(p.lines)
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
	head := a.Store.Head().ID // before sight, see each
	person, sight, id := a.person(c), a.Store.Sight(), after
	err := a.Store.EventsOfAct(c.Request.Context(), act, after, func(event *household.EventRecord) (bool, error) {
		if event.ID > head {
			return false, nil
		}
		frame := a.Feed.Frame(event)
		view, err := a.Feed.For(c.Request.Context(), frame, sight, person)
		if err != nil {
			return false, err
		}
		list, err = appendEvent(list, frame, feed.View{Body: view.Body})
		id = event.ID
		limit--
		return limit > 0 && len(list) <= pageBytes, err
	})
	if err != nil {
		return err
	}
	return a.replyChanges(c, list, id)
}
