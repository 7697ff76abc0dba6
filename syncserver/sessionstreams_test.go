package syncserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/servertest"
	"inglenook/syncserver/session"

	"github.com/go-json-experiment/json"
)

// quick are timers with which a session rotates every second.
func quick() session.Timers {
	t := session.DefaultTimers()
	t.Overlap, t.ClaimDelay = 500*time.Millisecond, 600*time.Millisecond
	t.RotateBound, t.RotateBearer = time.Second, time.Second
	t.AccessToken = 2 * time.Second
	return t
}

// opened is an open stream of a device, read line by line.
type opened struct {
	t     testing.TB
	lines *bufio.Scanner
	close func()
}

// open opens a stream with the value of a generation, or says why not.
func (d *device) open(generation uint64) (*opened, reply) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req := d.request("GET", "/api/event", "", generation).WithContext(ctx)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		cancel()
		d.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		defer cancel()
		defer resp.Body.Close() //nolint:errcheck // read to its end
		r := reply{Response: resp}
		r.body, _ = io.ReadAll(resp.Body)
		_ = json.Unmarshal(r.body, &r.problem)
		return nil, r
	}
	o := &opened{t: d.t, lines: bufio.NewScanner(resp.Body)}
	o.lines.Buffer(nil, 1<<20)
	o.close = func() { cancel(); _ = resp.Body.Close() }
	d.t.Cleanup(o.close)
	return o, reply{Response: resp}
}

// next is the next frame, "event data"; "" at the end of the stream.
func (o *opened) next() string {
	event := ""
	for o.lines.Scan() {
		if name, found := strings.CutPrefix(o.lines.Text(), "event: "); found {
			event = name
		}
		if text, found := strings.CutPrefix(o.lines.Text(), "data: "); found {
			return event + " " + text
		}
	}
	return ""
}

// session is the next frame, which tells of the session.
func (o *opened) session() (s api.Session) {
	o.t.Helper()
	frame := o.next()
	text, ok := strings.CutPrefix(frame, "session ")
	if err := json.Unmarshal([]byte(text), &s); !ok || err != nil {
		o.t.Fatalf("the next frame is %.300q", frame)
	}
	return s
}

// ends reads to the bye, which must be the last frame, and returns its code and
// the frames before it.
func (o *opened) ends() (code string, before []string) {
	o.t.Helper()
	for frame := o.next(); frame != ""; frame = o.next() {
		if text, found := strings.CutPrefix(frame, "bye "); found {
			var bye api.Bye
			if err := json.Unmarshal([]byte(text), &bye); err != nil {
				o.t.Fatal(err)
			}
			if more := o.next(); more != "" {
				o.t.Errorf("after bye: %s", more)
			}
			return bye.Code, before
		}
		before = append(before, frame)
	}
	o.t.Fatalf("a stream ends without bye, after %q", before)
	return "", nil
}

// The session is the first frame of each of its streams, and comes again when
// something that the client shows has changed: data, name, notices, access.
func TestStreamsTellOfTheSession(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	d, other := signIn(t, s, "Ben", true, true), signIn(t, s, "Ben", true, true)
	first, _ := d.open(1)
	second, _ := d.open(1)
	elsewhere, _ := other.open(1)
	both := func(what string, is func(api.Session) bool) {
		t.Helper()
		for i, o := range []*opened{first, second} {
			if got := o.session(); got.ID != d.id || !is(got) {
				t.Errorf("%s, stream %d: %+v", what, i, got)
			}
		}
	}
	empty := ""
	both("at first", func(got api.Session) bool {
		empty = got.DataChecksum
		return got.User.ID == d.user && got.Level == 2 && len(got.Notices) == 0
	})
	if got := elsewhere.session(); got.ID != other.id {
		t.Errorf("the other device is told of session %d", got.ID)
	}

	put := d.request("PUT", "/api/auth/session/data", `{"place":"#/lists"}`, 1)
	if r := d.send(put); r.StatusCode != http.StatusNoContent || r.Header.Get("ETag") == "" {
		t.Fatalf("data: %d %s", r.StatusCode, r.body)
	}
	both("data", func(got api.Session) bool { return got.DataChecksum != empty })
	stale := d.request("PUT", "/api/auth/session/data", `{}`, 1)
	stale.Header.Set("If-Match", `"`+empty+`"`)
	if r := d.send(stale); r.StatusCode != http.StatusPreconditionFailed || r.problem.Code != store.CodeDataChanged {
		t.Errorf("data of before: %d %s", r.StatusCode, r.body)
	}
	d.send(d.request("PUT", "/api/auth/session/data", `{"place": "#/lists"}`, 1)) // equal: nobody is told

	rename := d.prove(d.request("PATCH", "/api/auth/session", `{"device":"The tablet"}`, 1), d.signer, d.values[1], false)
	if r := d.send(rename); r.StatusCode != http.StatusNoContent {
		t.Fatalf("name: %d %s", r.StatusCode, r.body)
	}
	both("name", func(got api.Session) bool { return got.Device == "The tablet" })

	if r := other.post("/api/auth/recover", `{"keyLost":true}`, 1, nil); r.problem.Code != store.CodeSessionReverify {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	rebind := other.request("POST", "/api/auth/rebind/demo", `{"name":"Ben","level":2}`, 1)
	if r := other.send(other.prove(rebind, newSigner(t), "", true)); r.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	var notice uint64
	both("a notice", func(got api.Session) bool {
		if len(got.Notices) != 1 || got.Notices[0].Kind != "rebound" || got.Notices[0].Session != other.id {
			return false
		}
		notice = got.Notices[0].ID
		return true
	})
	read := d.request("DELETE", "/api/auth/session/notices/"+strconv.FormatUint(notice, 10), "", 1)
	if r := d.send(d.prove(read, d.signer, d.values[1], false)); r.StatusCode != http.StatusNoContent {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	both("read", func(got api.Session) bool { return len(got.Notices) == 0 })

	// Access changes: the session once or twice, with the new level, then the
	// client begins anew.
	level := thing("user", d.user, map[string]any{"name": "Ben", "access": "child"})
	level.Base = s.Store().Head().ID
	(&pusher{Client: annas}).push(t, level)
	for i, o := range []*opened{first, second} {
		child, reset := false, false
		for frame := o.next(); frame != ""; frame = o.next() {
			child = child || strings.HasPrefix(frame, "session ") && strings.Contains(frame, `"access":"child"`)
			reset = reset || strings.HasPrefix(frame, "reset ") && strings.Contains(frame, "access-changed")
		}
		if !child || !reset {
			t.Errorf("access, stream %d: told %v, reset %v", i, child, reset)
		}
	}
}

// A stream ends when its generation does, also when nothing else happens; the
// next one goes on.
func TestAStreamEndsWithItsGeneration(t *testing.T) {
	timers := session.DefaultTimers()
	timers.Overlap = 500 * time.Millisecond
	var ahead atomic.Int64 // the clock goes on by itself: it is the stream that waits
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s := servertest.Start(t, servertest.Options{Timers: timers, Now: now})
	for _, browser := range []bool{true, false} {
		d := signIn(t, s, "Ben", browser, false)
		old, _ := d.open(1)
		old.session()
		ahead.Add(int64(dueAfter))
		if r := d.ask(1); r.handed != 2 {
			t.Fatalf("no rotation: %d %s", r.StatusCode, r.body)
		}
		present, _ := d.open(2)
		present.session()
		if code, before := old.ends(); code != "session-rotated" || len(before) != 0 {
			t.Errorf("the old one ends with %q, after %q", code, before)
		}
		if _, r := d.open(1); r.problem.Code != store.CodeSessionSuperseded {
			t.Errorf("opened with the old value: %d %s", r.StatusCode, r.body)
		}
		if r := d.post("/api/auth/logout", "{}", 2, nil); r.StatusCode != http.StatusNoContent {
			t.Fatalf("%d %s", r.StatusCode, r.body)
		}
		if code, before := present.ends(); code != "session-ended" || len(before) != 0 {
			t.Errorf("the present one ends with %q, after %q", code, before)
		}
	}
}

// While somebody writes all the time and generations come and go, the Go client
// takes its stream up again and again, and has each event once.
func TestStreamsAcrossRotations(t *testing.T) {
	const events = 400
	s := servertest.Start(t, servertest.Options{Timers: quick()})
	annas, _ := s.SignIn(t, "Anna")
	anna := &pusher{Client: annas}
	keep := &keeper{}
	bens, in, err := s.Anonymous(t).LoginWithKey(t.Context(), "demo", api.Login{Name: "Ben"}, newSigner(t), keep)
	if err != nil {
		t.Fatal(err)
	}
	keep.value = in.Value
	cursor := s.Store().Head()
	var all sync.WaitGroup
	written := make(chan struct{})
	all.Go(func() {
		defer close(written)
		for i := range events {
			anna.push(t, thing("list", store.ID(1000+i), map[string]any{"title": fmt.Sprintf("list-%03d", i)}))
			s.Clock.Advance(50 * time.Millisecond)
		}
	})
	all.Go(func() { // what else the program does, which rotates
		for {
			select {
			case <-written:
				return
			default:
			}
			if _, err := bens.LastEventID(context.Background()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var got []string
	streams, ends := 0, map[string]int{}
	enough := errors.New("enough")
	for err == nil {
		streams++
		first := true
		failed := bens.Stream(t.Context(), cursor, func(f client.Frame, _ bool) error {
			switch {
			case first && f.Event != "session":
				t.Errorf("stream %d begins with %s", streams, f.Event)
			case f.Event == "bye":
				var bye api.Bye
				_ = json.Unmarshal(f.Data, &bye)
				ends[bye.Code]++
			case f.Event == "replacements":
				got = append(got, string(f.Data))
				cursor = f.ID
			}
			first = false
			if len(got) == events {
				return enough
			}
			return nil
		})
		if !errors.Is(failed, client.ErrCut) {
			err = failed
		}
	}
	all.Wait()
	if !errors.Is(err, enough) {
		t.Fatalf("after %d events: %v", len(got), err)
	}
	for i, text := range got {
		if !strings.Contains(text, fmt.Sprintf("list-%03d", i)) {
			t.Fatalf("event %d is %s", i, text)
		}
	}
	if ends["session-rotated"] < 3 || len(ends) != 1 {
		t.Errorf("%d streams ended with %v", streams, ends)
	}
	stored, _, err := s.Store().Session(t.Context(), in.Session.ID)
	if err != nil || len(stored.Notices) != 0 {
		t.Errorf("the client's user is told %+v, %v", stored.Notices, err)
	}
	t.Logf("%d streams for %d events", streams, events)
}

// A device that was revoked is out at once, with its streams, and gets nothing
// that comes after.
func TestARevokedDeviceIsOut(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _ := s.SignIn(t, "Anna")
	d, other := signIn(t, s, "Ben", true, true), signIn(t, s, "Ben", false, false)
	var streams []*opened
	for range 3 {
		o, _ := d.open(1)
		o.session()
		streams = append(streams, o)
	}
	mine, _ := other.open(1)
	mine.session()
	req := other.request("DELETE", "/api/auth/sessions", "", 1) // all others
	if r := other.send(req); r.StatusCode != http.StatusNoContent {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	if r := d.askProven(1); r.problem.Code != store.CodeSessionEnded || r.problem.Reason != "revoked" {
		t.Errorf("the device: %d %s", r.StatusCode, r.body)
	}
	(&pusher{Client: annas}).push(t, thing("list", 7001, map[string]any{"title": "canary"}))
	for i, o := range streams {
		if code, before := o.ends(); code != "session-ended" || len(before) != 0 {
			t.Errorf("stream %d ends with %q, after %q", i, code, before)
		}
	}
	if frame := mine.next(); !strings.Contains(frame, "canary") {
		t.Errorf("who revoked it gets %q", frame)
	}
}

// A session has six streams, and a place that is left is free.
func TestSixStreams(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d, other := signIn(t, s, "Ben", true, false), signIn(t, s, "Ben", true, false)
	var streams []*opened
	for range 6 {
		o, r := d.open(1)
		if o == nil {
			t.Fatalf("%d %s", r.StatusCode, r.body)
		}
		o.session()
		streams = append(streams, o)
	}
	if o, r := d.open(1); o != nil || r.StatusCode != http.StatusTooManyRequests || r.problem.Code != store.CodeRateLimited {
		t.Errorf("the seventh: %d %s", r.StatusCode, r.body)
	}
	if o, r := other.open(1); o == nil {
		t.Errorf("another session: %d %s", r.StatusCode, r.body)
	}
	if r := d.ask(1); r.StatusCode != http.StatusOK {
		t.Errorf("another request: %d %s", r.StatusCode, r.body)
	}
	streams[3].close()
	await(t, "a place", func() bool { o, _ := d.open(1); return o != nil })
}

// A stream keeps nobody signed in: it ends with a session that nobody uses.
func TestAStreamIsNoUse(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	d := signIn(t, s, "Ben", false, false)
	o, _ := d.open(1)
	o.session()
	d.passDays(14)
	annas, _ := s.SignIn(t, "Anna")
	(&pusher{Client: annas}).push(t, thing("list", 7001, map[string]any{"title": "canary"}))
	if code, before := o.ends(); code != "session-expired" || len(before) != 0 {
		t.Errorf("it ends with %q, after %q", code, before)
	}
}
