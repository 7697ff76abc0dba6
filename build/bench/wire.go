package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// wire is one connection of a client that costs next to nothing itself: the
// machine's processors belong to the servers.
type wire struct {
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	header string
}

func dial(ctx context.Context, s *server, bearer string) (*wire, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", s.host)
	if err != nil {
		return nil, err
	}
	header := "Host: " + s.host + "\r\nInglenook-Client: bench/1\r\nContent-Type: application/json\r\n"
	if bearer != "" {
		header += "Authorization: Bearer " + bearer + "\r\n"
	}
	return &wire{conn: conn, in: bufio.NewReader(conn), header: header}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// send writes a request; accept may be empty.
func (w *wire) send(method, path, accept string, body []byte) error {
	b := append(w.out[:0], method+" "+path+" HTTP/1.1\r\n"+w.header...)
	if accept != "" {
		b = append(b, "Accept: "+accept+"\r\n"...)
	}
	if method == http.MethodPost {
		b = append(append(append(b, "Content-Length: "...), strconv.Itoa(len(body))...), "\r\n"...)
	}
	w.out = append(append(b, "\r\n"...), body...)
	_, err := w.conn.Write(w.out)
	return err
}

// open sends a request and returns the good answer; its body is read to the end
// before the next one.
func (w *wire) open(method, path, accept string, body []byte) (*http.Response, error) {
	if err := w.send(method, path, accept, body); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	return resp, nil
}

// ask returns the whole answer.
func (w *wire) ask(method, path string, body []byte) ([]byte, error) {
	resp, err := w.open(method, path, "", body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	return io.ReadAll(resp.Body)
}

// lines reads a good answer to its end and returns the number of its lines and
// the last one.
func (w *wire) lines(path string) (n int, last []byte, err error) {
	resp, err := w.open(http.MethodGet, path, "application/x-ndjson", nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	in := bufio.NewReaderSize(resp.Body, 256<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF { //nolint:errorlint // ReadSlice returns it bare
			return n, last, nil
		}
		if err != nil {
			return n, last, err
		}
		n, last = n+1, append(last[:0], line...)
	}
}
