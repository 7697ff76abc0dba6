package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// lines writes NDJSON in chunks: while one is on its way, zipped where the
// client takes that, the next is read. Each has a deadline of its own, so that a
// client that stops reading does not hold a transaction for ever. Nothing goes
// out before the first chunk is full, so that an early error can still be a
// problem.
//
// Each chunk asks whether the session lives: reading them all may take long, and
// somebody may have signed this device out to end just that.
//
// A handler defers stop, and calls end when all lines are there.
type lines struct {
	c      *gin.Context
	lives  func() error
	buffer []byte
	full   chan []byte   // to the sender; nil before there is one
	empty  chan []byte   // back from it
	sent   chan struct{} // closed when the sender is done
	err    error         // the sender's; read it after sent is closed
}

const chunk = 128 << 10

func (a *API) newLines(c *gin.Context) *lines {
	return &lines{c: c, lives: func() error { return a.stillLives(c) }, buffer: make([]byte, 0, chunk+chunk/4)}
}

// line appends one line; it is copied.
func (l *lines) line(b []byte) error {
	l.buffer = append(append(l.buffer, b...), '\n')
	return l.handFull()
}

// append appends whole lines; they are copied.
func (l *lines) append(whole []byte) error {
	l.buffer = append(l.buffer, whole...)
	return l.handFull()
}

func (l *lines) handFull() error {
	if len(l.buffer) < chunk {
		return nil
	}
	return l.hand()
}

func (l *lines) value(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.line(b)
}

// hand gives the chunk to the sender, which it starts when this is the first.
func (l *lines) hand() error {
	if l.full == nil {
		l.full, l.empty, l.sent = make(chan []byte), make(chan []byte, 1), make(chan struct{})
		l.empty <- make([]byte, 0, cap(l.buffer))
		go l.send()
	}
	select {
	case l.full <- l.buffer:
		l.buffer = (<-l.empty)[:0]
		return nil
	case <-l.sent: // it has given up
		return l.err
	}
}

// send writes chunk after chunk until there are no more, or the client has gone.
func (l *lines) send() {
	defer close(l.sent)
	control := http.NewResponseController(l.c.Writer)
	var to io.Writer
	var zip *gzip.Writer
	for b := range l.full {
		if l.err = l.lives(); l.err == nil {
			if to == nil {
				to, zip = l.begin()
			}
			l.err = extend(control)
		}
		if l.err == nil {
			_, l.err = to.Write(b)
		}
		if l.err != nil {
			l.empty <- b // hand may wait for it
			return
		}
		l.empty <- b
	}
	if zip != nil {
		l.err = zip.Close()
	}
}

// begin sets the headers. zip is nil for a client that does not take it.
func (l *lines) begin() (to io.Writer, zip *gzip.Writer) {
	l.c.Header("Content-Type", ndjson)
	l.c.Header("Cache-Control", "no-store")
	if !takesGzip(l.c) {
		return l.c.Writer, nil
	}
	l.c.Header("Content-Encoding", "gzip")
	l.c.Header("Vary", "Accept-Encoding")
	zip, _ = gzip.NewWriterLevel(l.c.Writer, gzip.BestSpeed) // the level is valid
	return zip, zip
}

// end sends what is left after the last line.
func (l *lines) end() error {
	if err := l.hand(); err != nil {
		return err
	}
	l.stop()
	return l.err
}

// stop waits for the sender. What has not been handed to it stays unsent, so a
// client misses its last line and knows.
func (l *lines) stop() {
	if l.full == nil {
		return
	}
	close(l.full)
	<-l.sent
	l.full = nil
}
