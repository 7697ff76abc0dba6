package syncserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// connection notes the deadlines it is given.
type connection struct {
	*httptest.ResponseRecorder
	read, write time.Time
	unwatched   int // bytes written without a deadline
}

func (c *connection) SetReadDeadline(at time.Time) error  { c.read = at; return nil }
func (c *connection) SetWriteDeadline(at time.Time) error { c.write = at; return nil }

func (c *connection) Write(b []byte) (int, error) {
	if c.write.IsZero() {
		c.unwatched += len(b)
	}
	return c.ResponseRecorder.Write(b)
}

// body notes whether it is read under a deadline.
type body struct {
	io.Reader
	on       *connection
	deadline bool
}

func (b *body) Read(p []byte) (int, error) {
	b.deadline = !b.on.read.IsZero()
	return b.Reader.Read(p)
}

// Who sends or reads slowly does not hold a request, and its memory, for ever;
// what comes next on the connection begins without a deadline.
func TestSlowClientsAreCut(t *testing.T) {
	h := handler(t)
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	sent := &body{Reader: strings.NewReader(login), on: c}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://home.example/api/auth/login/demo", sent)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Inglenook-Client", "test/1")
	h.ServeHTTP(c, req)
	if c.Code != http.StatusOK {
		t.Fatalf("status %d", c.Code)
	}
	if !sent.deadline {
		t.Error("the body is read without a deadline")
	}
	if c.unwatched > 0 {
		t.Errorf("%d bytes are written without a deadline", c.unwatched)
	}
	if !c.read.IsZero() || !c.write.IsZero() {
		t.Errorf("deadlines stay: %s, %s", c.read, c.write)
	}
}
