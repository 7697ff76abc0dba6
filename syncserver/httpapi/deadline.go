package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// bodyTimeout is how long a request's body may take.
const bodyTimeout = time.Minute

// The kernel keeps deadlines by the machine's clock, so this file is the one
// place that asks it.

// extend gives the connection writeTimeout for the next write.
func extend(control *http.ResponseController) error {
	return control.SetWriteDeadline(time.Now().Add(writeTimeout))
}

// awaitBody gives the body of a request bodyTimeout; done takes the deadline
// away from what comes next on the connection.
func awaitBody(c *gin.Context) (done func()) {
	control := http.NewResponseController(c.Writer)
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout)) // where there is none, nobody is slow
	return func() { _ = control.SetReadDeadline(time.Time{}) }
}

// sendBody answers with a body, writeTimeout for each chunk of it. A client that
// has gone, or reads nothing, is nobody's error.
func sendBody(c *gin.Context, status int, contentType string, body []byte) {
	c.Header("Content-Type", contentType)
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	c.Writer.WriteHeaderNow()
	control := http.NewResponseController(c.Writer)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
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
