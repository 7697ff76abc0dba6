package httpapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// smallBody is what fits into one packet: zipping it saves nothing.
const smallBody = 1400

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

// reply answers with JSON.
func reply(c *gin.Context, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return sendJSON(c, body)
}

// noContent answers that it is done, and there is nothing to tell.
func noContent(c *gin.Context) error {
	c.Status(http.StatusNoContent)
	return nil
}

// sendJSON answers with what is JSON already, zipped where that pays and the
// client takes it.
func sendJSON(c *gin.Context, body []byte) error {
	c.Header("Cache-Control", "no-store")
	if len(body) > smallBody && takesGzip(c) {
		var zipped bytes.Buffer
		z := zippers.Get().(*gzip.Writer)
		defer zippers.Put(z)
		z.Reset(&zipped)
		if _, err := z.Write(body); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		c.Header("Content-Encoding", "gzip")
		c.Header("Vary", "Accept-Encoding")
		body = zipped.Bytes()
	}
	sendBody(c, http.StatusOK, "application/json", body)
	return nil
}

func takesGzip(c *gin.Context) bool { return strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") }
