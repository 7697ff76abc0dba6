package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// lines writes NDJSON in chunks, each with a deadline of its own: a client that
// stops reading does not hold a transaction for ever.
type lines struct {
	to      io.Writer
	zip     *gzip.Writer
	control *http.ResponseController
	buffer  []byte
}

const chunk = 64 << 10

func newLines(c *gin.Context) *lines {
	l := &lines{to: c.Writer, control: http.NewResponseController(c.Writer), buffer: make([]byte, 0, chunk+chunk/4)}
	if takesGzip(c) {
		c.Header("Content-Encoding", "gzip")
		c.Header("Vary", "Accept-Encoding")
		l.zip, _ = gzip.NewWriterLevel(c.Writer, gzip.BestSpeed) // the level is valid
		l.to = l.zip
	}
	return l
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
	if err := extend(l.control); err != nil {
		return err
	}
	_, err := l.to.Write(l.buffer)
	l.buffer = l.buffer[:0]
	return err
}

// close sends what is left and takes the deadline away from what comes next on
// this connection.
func (l *lines) close() {
	_ = l.flush() // the client has gone: there is nobody to tell
	if l.zip != nil {
		_ = l.zip.Close()
	}
	_ = l.control.SetWriteDeadline(time.Time{})
}
