package bridge

import (
	"bytes"
	"net/http"
)

// recorder gathers what a route writes. Nothing of it can fail.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}, status: http.StatusOK} }

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) answer() Answer {
	return Answer{Status: r.status, Body: r.body.Bytes(), ETag: r.header.Get("ETag")}
}
