package httpapi

import (
	"net/http"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/feed"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// getEvents is the stream: session, then every event after the cursor, then live.
func (a *API) getEvents(c *gin.Context) error {
	id := device(c).ID
	if err := a.places.take(id); err != nil {
		return err
	}
	defer a.places.leave(id)
	s, err := a.openStream(c)
	if err != nil {
		return err
	}
	defer s.close()
	s.run()
	return nil // the headers are out: an error has nobody to go to but the log
}

// openStream sends the headers. It is apart from getEvents so that a stream that
// waits has a small stack: with less than a quarter of 16 KiB in use the runtime
// takes half of them back.
func (a *API) openStream(c *gin.Context) (*stream, error) {
	after := a.Store.Head()
	text := c.GetHeader("Last-Event-ID")
	if text == "" {
		text = c.Query("after")
	}
	if text != "" {
		var err error
		if after, err = store.ParseCursor(text); err != nil {
			return nil, err
		}
	}
	s := &stream{
		api: a, c: c, device: device(c), cursor: after.ID, announced: after.ID,
		control: http.NewResponseController(c.Writer),
	}
	s.ended, s.stop = a.Sessions.Watch(s.device.ID)
	if _, err := a.Sessions.Recognise(c.Request.Context(), a.bearer(c)); err != nil {
		s.stop()
		return nil, err // it ended between signedIn and Watch
	}
	a.meters.streams.Add(1)
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	c.Writer.WriteHeader(http.StatusOK)
	s.cursorErr = a.Store.CheckCursor(after)
	return s, nil
}

// stream is one client's place on the line: a cursor, and nothing queued.
type stream struct {
	api       *API
	c         *gin.Context
	device    household.DeviceSession
	control   *http.ResponseController
	ended     <-chan struct{}
	stop      func()        // watching for ended
	cursorErr error         // the cursor is of no use
	cursor    store.EventID // read up to here
	announced store.EventID // the client knows it
	buffer    []byte
}

func (s *stream) close() {
	_ = s.control.SetWriteDeadline(time.Time{})
	s.api.meters.streams.Add(-1)
	s.stop()
}

// run writes until somebody ends the stream. Its errors all mean that the client
// has gone.
func (s *stream) run() {
	if s.sendSession() != nil {
		return
	}
	if s.cursorErr != nil {
		s.reset(s.cursorErr)
		return
	}
	if s.flush() != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		if s.over() {
			return
		}
		wake := s.api.Feed.Wake()
		more, err := s.forward()
		if err != nil {
			return
		}
		if more {
			continue
		}
		select {
		case <-wake:
		case <-beat.C:
			err = s.beat()
		case <-s.ended:
		case <-s.api.Draining.Done():
		case <-s.c.Request.Context().Done():
		}
		if err != nil {
			return
		}
	}
}

// over tells whether the stream is to end, and says so. It is asked before each
// reading: also a client far behind gets nothing after its session has ended.
func (s *stream) over() bool {
	select {
	case <-s.c.Request.Context().Done():
	case <-s.ended:
		s.bye("session-ended", 0)
	default:
		select {
		case <-s.api.Draining.Done():
			s.bye("drain", 2000)
		default:
			return false
		}
	}
	return true
}

// forward sends the next events; more tells that there may be others already.
func (s *stream) forward() (more bool, err error) {
	frames, err := s.api.Feed.Read(s.c.Request.Context(), s.cursor, 256)
	if err != nil {
		s.api.Log.Error().Err(err).Msg("stream cannot read events")
		return false, err
	}
	if len(frames) == 0 {
		return false, nil
	}
	sight := s.api.Store.Sight()
	person, known := sight.Person(s.device.UserID)
	if !known {
		s.bye("session-ended", 0)
		return false, errStreamOver
	}
	for _, frame := range frames {
		if err := s.one(frame, sight, person); err != nil {
			return false, err
		}
	}
	return true, s.flush()
}

var errStreamOver = store.Errorf(store.CodeSessionEnded, "", "the stream is over")

func (s *stream) one(frame *feed.Frame, sight *household.Sight, person access.Person) error {
	view, err := s.api.Feed.For(s.c.Request.Context(), frame, sight, person)
	if err != nil {
		s.api.Log.Error().Err(err).Msg("stream cannot filter event")
		return err
	}
	if view.Level {
		if err := s.sendSession(); err != nil {
			return err
		}
		s.reset(store.Errorf(store.CodeReset, "access-changed", ""))
		return errStreamOver
	}
	for _, f := range view.Forget {
		if err := s.send("forget", f); err != nil {
			return err
		}
	}
	s.cursor = frame.ID
	if view.Stream != nil {
		s.announced = frame.ID
		s.add(view.Stream)
	}
	if len(s.buffer) > chunk {
		return s.flush()
	}
	return nil
}

// add appends a frame that all streams share. Alone it is not copied: its
// capacity is capped, so that the next one goes elsewhere.
func (s *stream) add(frame []byte) {
	if len(s.buffer) == 0 {
		s.buffer = frame[:len(frame):len(frame)]
		return
	}
	s.buffer = append(s.buffer, frame...)
}

// beat keeps the connection, and moves the client's cursor past what it may not
// see.
func (s *stream) beat() error {
	err := s.api.Sessions.Check(s.c.Request.Context(), s.api.bearer(s.c))
	if store.CodeOf(err) == store.CodeSessionExpired {
		s.bye("session-expired", 0)
		return err
	} // over notices one that has ended; anything else is not the session's fault
	if s.announced != s.cursor {
		s.announced = s.cursor
		at := store.Cursor{Epoch: s.api.Store.Epoch(), ID: s.cursor}
		s.buffer = feed.AppendFrame(s.buffer, at, "replacements", emptyEvent(s.api.Now()))
	} else {
		s.buffer = append(s.buffer, ": heartbeat\n\n"...)
	}
	return s.flush()
}

func emptyEvent(now time.Time) []byte {
	return []byte(`{"by":{"userId":0,"sessionId":0},"at":"` + store.TimestampOf(now).String() + `","replacements":[]}`)
}

func (s *stream) sendSession() error {
	session, err := s.api.session(s.c, s.device)
	if err != nil {
		return err
	}
	return s.send("session", session)
}

func (s *stream) reset(err error) {
	reason := "epoch"
	if e, ok := err.(*store.Error); ok { //nolint:errorlint // CheckCursor returns it bare
		reason = e.Field
	}
	if s.send("reset", api.Reset{Reason: reason}) == nil {
		_ = s.flush() // the stream ends either way
	}
}

func (s *stream) bye(code string, retryMs int) {
	if s.send("bye", api.Bye{Code: code, RetryMs: retryMs}) == nil {
		_ = s.flush() // the stream ends either way
	}
}

func (s *stream) send(event string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	s.buffer = feed.AppendFrame(s.buffer, store.Cursor{}, event, raw)
	return nil
}

// flush writes what has gathered, within the deadline of a frame.
func (s *stream) flush() error {
	if len(s.buffer) == 0 {
		return nil
	}
	if err := extend(s.control); err != nil {
		return err
	}
	if _, err := s.c.Writer.Write(s.buffer); err != nil {
		return err
	}
	s.buffer = nil // a stream mostly waits, and there are many
	return s.control.Flush()
}
