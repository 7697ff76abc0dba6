package syncserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/servertest"
)

// What is read as lines ends with the session, however slowly it is read.
func TestAWalkEndsWithItsSession(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	p := &pusher{Client: annas}
	text := strings.Repeat("more than the kernel keeps for us ", 1400)
	for batch := range 7 {
		var notes []store.Replacement
		for i := range 60 {
			notes = append(notes, thing("note", store.ID(10_000+60*batch+i), map[string]any{"title": "n", "body": text}))
		}
		p.push(t, notes...)
	}
	for path, last := range map[string]string{
		"/api/entities": `{"count":`,
		fmt.Sprintf("/api/changes?after=%d-0&limit=10000", s.Store().Epoch()): `"head":`,
	} {
		_, in := s.SignIn(t, "Ben")
		read := func(meanwhile func()) string {
			t.Helper()
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/x-ndjson\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n", path, in.Value)
			from := bufio.NewReader(conn)
			if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") {
				t.Fatalf("GET %s: %q %v", path, line, err)
			}
			meanwhile()
			rest, _ := io.ReadAll(from) // a walk that is cut ends with an error
			return string(rest[max(0, len(rest)-1000):])
		}
		if end := read(func() {}); !strings.Contains(end, last) {
			t.Fatalf("GET %s ends with %q", path, end)
		}
		end := read(func() { wire{s.URL, in.Value}.Do(t, "POST", "/api/auth/logout", []byte(`{}`)) })
		if strings.Contains(end, last) {
			t.Errorf("GET %s tells all after the sign-out", path)
		}
	}
}
