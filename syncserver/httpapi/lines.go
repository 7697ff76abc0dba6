package httpapi

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// lines writes NDJSON in chunks, each with a deadline of its own: a client that
// stops reading does not hold a transaction for ever. Nothing goes out before
// the first chunk is full, so that an early error can still be a problem.
type lines struct {
	c       *gin.Context
	to      io.Writer
	zip     *gzip.Writer
	control *http.ResponseController
	buffer  []byte
}

const chunk = 64 << 10

func newLines(c *gin.Context) *lines {
	return &lines{c: c, control: http.NewResponseController(c.Writer), buffer: make([]byte, 0, chunk+chunk/4)}
}

// begin sends the headers.
func (l *lines) begin() {
	l.c.Header("Content-Type", ndjson)
	l.c.Header("Cache-Control", "no-store")
	l.to = l.c.Writer
	if takesGzip(l.c) {
		l.c.Header("Content-Encoding", "gzip")
		l.c.Header("Vary", "Accept-Encoding")
		l.zip, _ = gzip.NewWriterLevel(l.c.Writer, gzip.BestSpeed) // the level is valid
		l.to = l.zip
	}
}

// line appends one line; it is copied.
func (l *lines) line(b []byte) error {
	l.buffer = append(append(l.buffer, b...), '\n')
	if len(l.buffer) < chunk {
		return nil
	}
	return l.flush()
}

func (l *lines) value(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.line(b)
}

func (l *lines) flush() error {
	if l.to == nil {
		l.begin()
	}
	if err := extend(l.control); err != nil {
		return err
	}
	_, err := l.to.Write(l.buffer)
	l.buffer = l.buffer[:0]
	return err
}

// end sends what is left after the last line, and takes the deadline away from
// what comes next on this connection.
func (l *lines) end() error {
	err := l.flush()
	if err == nil && l.zip != nil {
		err = l.zip.Close()
	}
	return errors.Join(err, l.control.SetWriteDeadline(time.Time{}))
}
