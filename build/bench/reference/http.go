package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxBody   = 5 << 20
	lineBytes = 64 << 10 // written at once
	heartbeat = 15 * time.Second
)

// routes is every path.
func routes(l *eventLog) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.Use(gin.Recovery())
	e.GET("/ready", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	e.POST("/values", l.post)
	e.GET("/snapshot", l.snapshot)
	e.GET("/changes", l.changes)
	e.GET("/events", l.stream)
	return e
}

func (l *eventLog) post(c *gin.Context) {
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var values []value
	if err == nil {
		err = json.Unmarshal(raw, &values)
	}
	if err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	id, err := l.write(values, raw)
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(http.StatusOK, "application/json", append(strconv.AppendUint([]byte(`{"id":`), id, 10), '}'))
}

func (l *eventLog) snapshot(c *gin.Context) {
	c.Header("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(c.Writer, lineBytes)
	var line []byte
	err := l.scan("v", []byte("v"), func(key, value []byte) error {
		line, _ = jsontext.AppendQuote(append(line[:0], `{"key":`...), key[1:])
		line = append(append(line, `,"value":`...), value...)
		line = append(line, "}\n"...)
		_, err := out.Write(line)
		return err
	})
	if err == nil {
		_ = out.Flush() // the client has gone: there is nobody to tell
	}
}

func (l *eventLog) changes(c *gin.Context) {
	after, _ := strconv.ParseUint(c.Query("after"), 10, 64)
	c.Header("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(c.Writer, lineBytes)
	err := l.each(after, func(e event) error {
		_, body, _ := bytes.Cut(e.frame, []byte("data: "))
		_, err := out.Write(body[:len(body)-1]) // with one of its two newlines
		return err
	})
	if err == nil {
		_ = out.Flush() // as above
	}
}

// stream sends every event behind after, then what comes.
func (l *eventLog) stream(c *gin.Context) {
	after, _ := strconv.ParseUint(c.Query("after"), 10, 64)
	c.Header("Content-Type", "text/event-stream")
	c.Writer.WriteHeaderNow()
	c.Writer.Flush()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	send := func(e event) error {
		after = e.id
		_, err := c.Writer.Write(e.frame)
		return err
	}
	for {
		events, wake, ok := l.next(after)
		if !ok {
			if l.each(after, send) != nil {
				return
			}
			continue
		}
		for _, e := range events {
			if send(e) != nil {
				return
			}
		}
		if len(events) > 0 {
			c.Writer.Flush()
			continue
		}
		select {
		case <-wake:
		case <-beat.C:
			if _, err := c.Writer.WriteString(": heartbeat\n\n"); err != nil {
				return
			}
			c.Writer.Flush()
		case <-c.Request.Context().Done():
			return
		}
	}
}
