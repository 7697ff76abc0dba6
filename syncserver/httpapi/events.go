package httpapi

import (
	"net/http"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/feed"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

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
	answer := answered(c)
	s := &stream{
		api: a, c: c, generation: answer.Generation, cursor: after.ID, announced: after.ID,
		control: http.NewResponseController(c.Writer),
	}
	var err error
	if s.watch, err = a.Sessions.Watch(c.Request.Context(), answer.Session.ID); err != nil {
		return nil, err
	}
	delete(c.Keys, answerKey) // a stream is long, and its session changes meanwhile
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
	api        *API
	c          *gin.Context
	control    *http.ResponseController
	watch      *session.Watch
	generation uint64           // that opened it, and whose end is its own
	told       told             // of the session
	closing    <-chan time.Time // the generation is over then; nil while it is the newest
	cursorErr  error            // the cursor is of no use
	cursor     store.EventID    // read up to here
	announced  store.EventID    // the client knows it
	buffer     []byte
}

// told is what the client has been told of its session, and is told again when
// it differs.
type told struct {
	accessRev, lastNotice uint64
	notices               int
	data, name            string
	verified              store.Timestamp
}

func tell(d *session.Session) told {
	return told{d.Table.AccessRev, d.LastNotice, len(d.Notices), d.DataChecksum, d.Name, d.VerifiedAt}
}

func (s *stream) close() {
	s.api.meters.streams.Add(-1)
	s.watch.Stop()
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
		changed := s.watch.Changed()
		if s.over() || s.sendChanged() != nil {
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
		case <-changed:
		case <-s.closing:
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
	if s.c.Request.Context().Err() != nil {
		return true
	}
	d := s.watch.Session()
	switch out := s.api.Sessions.Standing(d, s.generation); {
	case out.Code == machine.CodeSuperseded, out.Code == machine.CodeProofRequired:
		s.bye(string(machine.ByeRotated), 0)
	case out.Code == machine.CodeExpired:
		s.bye(string(machine.ByeExpired), 0)
	case out.Code != "":
		s.bye(string(machine.ByeEnded), 0)
	case s.api.Draining.Err() != nil:
		s.bye("drain", 2000)
	default:
		s.closes(d)
		return false
	}
	return true
}

// closes sets the time of the end when another generation has taken over.
func (s *stream) closes(d *session.Session) {
	if s.closing == nil && d.Table.Head().Number != s.generation {
		left := d.Table.Generations[1].ExpiresAt - s.api.Sessions.Now()
		s.closing = time.NewTimer(time.Duration(left) * time.Millisecond).C
	}
}

// sendChanged tells of the session again when it has changed.
func (s *stream) sendChanged() error {
	d := s.watch.Session()
	if tell(d) == s.told {
		return nil
	}
	if err := s.sendSession(); err != nil {
		return err
	}
	return s.flush()
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
	person, known := sight.Person(s.watch.Session().UserID)
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
	d := s.watch.Session()
	view, err := s.api.session(s.c, *d)
	if err != nil {
		return err
	}
	s.told = tell(d)
	return s.send("session", view)
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
