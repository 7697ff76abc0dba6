package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// How long a request's body may take, and an answer whose handler does not give
// each part of it a time of its own. Who waits for changes waits less.
const (
	bodyTimeout   = time.Minute
	answerTimeout = time.Minute
)

// The kernel keeps deadlines by the machine's clock, so this file is the one
// place that asks it.

// extend gives the connection writeTimeout for the next write.
func extend(control *http.ResponseController) error {
	return control.SetWriteDeadline(time.Now().Add(writeTimeout))
}

// hurry bounds every request on every path, before anybody looks at it: also a
// body that no handler reads, which net/http reads before it answers. A client
// that sends or reads slowly would hold the connection for ever. What comes next
// on the connection begins without these deadlines; net/http sees to that.
func hurry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control, now := http.NewResponseController(w), time.Now()
		// Where there are no deadlines, nobody is slow. Of a request without a body
		// net/http reads on, to notice that the client has gone.
		if r.ContentLength != 0 {
			_ = control.SetReadDeadline(now.Add(bodyTimeout))
		}
		_ = control.SetWriteDeadline(now.Add(answerTimeout))
		next.ServeHTTP(w, r)
	})
}

// sendBody answers with a body, writeTimeout for each chunk of it. A client that
// has gone, or reads nothing, is nobody's error.
func sendBody(c *gin.Context, status int, contentType string, body []byte) {
	c.Header("Content-Type", contentType)
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	c.Writer.WriteHeaderNow()
	control := http.NewResponseController(c.Writer)
	for {
		n := min(len(body), chunk)
		_ = extend(control) // where there is none, nobody is slow
		if _, err := c.Writer.Write(body[:n]); err != nil {
			return
		}
		if body = body[n:]; len(body) == 0 {
			break
		}
	}
	c.Writer.Flush() // what is left of the last chunk, in its time
}
