package httpapi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/httpapi"

	"github.com/gin-gonic/gin"
)

// asked notes how much memory whoever reads it has ready.
type asked struct {
	io.Reader
	first int
}

func (a *asked) Read(b []byte) (int, error) {
	if a.first == 0 {
		a.first = len(b)
	}
	return a.Reader.Read(b)
}

// A client is not given memory for what it only says that it will send.
func TestABodyGetsMemoryAsItComes(t *testing.T) {
	for _, limit := range []int64{httpapi.MaxBody, httpapi.MaxBatchBody} {
		whole := bytes.Repeat([]byte("x"), int(limit))
		body := &asked{Reader: bytes.NewReader(whole)}
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
		c.Request.ContentLength = limit
		read, err := httpapi.ReadBody(c, limit)
		if err != nil || !bytes.Equal(read, whole) {
			t.Errorf("%d of %d bytes, %v", len(read), limit, err)
		}
		if body.first > httpapi.FirstRead {
			t.Errorf("of %d bytes, %d are waited for at once", limit, body.first)
		}
	}
}

// Who says of a stranger's body that it is too long hears so before any of it is
// there.
func TestATooLongBodyIsRefusedAtOnce(t *testing.T) {
	w := build(t, nil)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/auth/login/password HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"+
		"Inglenook-Client: test/1\r\nContent-Length: 900000\r\n\r\n{")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if raw, _ := io.ReadAll(resp.Body); !strings.Contains(string(raw), string(store.CodeTooLarge)) {
		t.Errorf("%d %s", resp.StatusCode, raw)
	}
}
