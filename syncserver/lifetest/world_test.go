package lifetest

import (
	"bytes"
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
	"inglenook/syncserver"
	"inglenook/syncserver/api"
	"inglenook/syncserver/session"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
)

// world is one household: a server, devices, a network between them, and a clock
// that everything happens by, one thing after the other. A seed decides what
// happens around the server; what the server draws itself is drawn anew.
type world struct {
	t        testing.TB
	rand     *rand.Rand
	clock    *storetest.Clock
	dir      string
	db       kv.DB
	variant  variant
	handler  http.Handler
	instance string
	queue    queue
	order    int
	broken   string   // the first promise that was broken
	told     []string // what happened last
	counts   counts
}

// variant makes the server another one than it is; the zero variant leaves it.
type variant struct {
	timers  func(*session.Timers)
	tamper  func(*answer) // with each answer
	forgets bool          // the secret of the values, at each restart
	trusts  bool          // whatever a thief says is a proof
}

// counts are what a world has come to.
type counts struct {
	requests, rotations, recoveries, proofs int
	lost, late, crashes, restarts           int
	limits                                  int // sign-ins since an absolute limit was reached
	thefts, noticed                         int // sessions that a thief went on with, and those whose owner was told
}

func (c *counts) add(o counts) {
	c.requests += o.requests
	c.rotations += o.rotations
	c.recoveries += o.recoveries
	c.proofs += o.proofs
	c.lost += o.lost
	c.late += o.late
	c.crashes += o.crashes
	c.restarts += o.restarts
	c.limits += o.limits
	c.thefts += o.thefts
	c.noticed += o.noticed
}

var begin = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func newWorld(t testing.TB, seed uint64, v variant) *world {
	t.Helper()
	w := &world{t: t, rand: rand.New(rand.NewPCG(seed, 0)), clock: storetest.NewClock(begin), dir: t.TempDir(), variant: v} //nolint:gosec // a seed is what is wanted
	var err error
	if w.db, err = badgerkv.Open(badgerkv.Options{Now: w.clock.Now, MinFree: -1}); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.counts.restarts = 0
	w.after(12*time.Hour, w.tick)
	return w
}

func (w *world) close() {
	if err := w.db.Close(); err != nil {
		w.t.Error(err)
	}
}

// restart starts the server anew over the same data.
func (w *world) restart() {
	w.counts.restarts++
	timers := session.DefaultTimers()
	if w.variant.timers != nil {
		w.variant.timers(&timers)
	}
	if w.variant.forgets {
		_ = os.Remove(filepath.Join(w.dir, "session.secret")) // it is not there at first
	}
	s, err := syncserver.New(w.t.Context(), syncserver.Config{
		Dir: w.dir, Demo: true, Version: "test", Log: zerolog.Nop(), Now: w.clock.Now, Timers: timers,
	}, w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	w.handler, w.instance = s.Handler(), s.Store().Instance()
}

// tick lets the server look at its clock now and then, as its clean-up does.
func (w *world) tick() {
	w.serve("tick", w.request("GET", "/api/auth/session", ""))
	w.after(12*time.Hour, w.tick)
}

func (w *world) now() time.Time { return w.clock.Now() }

// chance is true once in n times.
func (w *world) chance(n int) bool { return w.rand.IntN(n) == 0 }

// within is a duration of up to d.
func (w *world) within(d time.Duration) time.Duration {
	return time.Duration(w.rand.Int64N(int64(d)) + 1)
}

// between is a duration from one to another.
func (w *world) between(from, to time.Duration) time.Duration { return from + w.within(to-from) }

// fail notes a promise that was broken. The first is what counts.
func (w *world) fail(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

// tell keeps what happened, for whoever asks how it came to that.
func (w *world) tell(format string, args ...any) {
	if len(w.told) > 200 {
		w.told = w.told[100:]
	}
	w.told = append(w.told, w.now().Format("2006-01-02 15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// event is something that is to happen.
type event struct {
	at    time.Time
	order int // of those at the same time
	do    func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].order < q[j].order
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) } //nolint:errcheck,forcetypeassert // only events are in it
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// after lets something happen later.
func (w *world) after(d time.Duration, do func()) {
	w.order++
	heap.Push(&w.queue, event{w.now().Add(d), w.order, do})
}

// pass lets time pass with everything that is due in it. It may be called from
// within an event, by what waits.
func (w *world) pass(d time.Duration) {
	until := w.now().Add(d)
	for w.broken == "" && len(w.queue) > 0 && !w.queue[0].at.After(until) {
		next := heap.Pop(&w.queue).(event) //nolint:errcheck,forcetypeassert // only events are in it
		if next.at.After(w.now()) {
			w.clock.Set(next.at)
		}
		next.do()
	}
	if until.After(w.now()) {
		w.clock.Set(until)
	}
}

// answer is what the server said to a request.
type answer struct {
	path    string
	status  int
	header  http.Header
	body    []byte
	problem api.Problem // of a refusal
	handed  uint64      // the generation whose value came with it, 0 for none
	value   string      // that value
	maxAge  time.Duration
}

func (w *world) request(method, path, body string) *http.Request {
	req := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	req.RemoteAddr = "192.0.2.7:999"
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(api.HeaderClient, "life/1")
	}
	return req
}

// serve lets the server answer now.
func (w *world) serve(who string, req *http.Request) answer {
	recorder := httptest.NewRecorder()
	w.counts.requests++
	if req.Header.Get(api.HeaderProof) != "" {
		w.counts.proofs++
	}
	w.handler.ServeHTTP(recorder, req)
	a := answer{path: req.URL.Path, status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
	if w.variant.tamper != nil {
		w.variant.tamper(&a)
	}
	if a.status/100 != 2 && json.Unmarshal(a.body, &a.problem) != nil {
		w.fail("%s %s is answered %d %s", req.Method, req.URL.Path, a.status, a.body)
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		switch {
		case c.Name == "inglenook-known":
		case c.MaxAge <= 0 || c.Value == "":
			if a.status/100 != 2 {
				w.fail("%s %s is answered %d and clears %s", req.Method, req.URL.Path, a.status, c.Name)
			}
		default:
			a.value, a.maxAge = c.Value, time.Duration(c.MaxAge)*time.Second
		}
	}
	if value := a.header.Get(api.HeaderValue); value != "" {
		a.value = value
	}
	a.handed = generation(a.value)
	if a.header.Get(api.HeaderSession) == "rotated" {
		w.counts.rotations++
	}
	if a.status == http.StatusOK && req.URL.Path == "/api/auth/recover" {
		w.counts.recoveries++
	}
	w.tell("%s %s %s: %d %s handed %d", who, req.Method, req.URL.Path, a.status, a.problem.Code, a.handed)
	if a.status == http.StatusInternalServerError {
		w.fail("%s %s is answered %s", req.Method, req.URL.Path, a.body)
	}
	return a
}

// generation is that of a value, 0 for none.
func generation(value string) uint64 {
	parts := strings.Split(value, ".")
	if len(parts) != 4 {
		return 0
	}
	n, _ := strconv.ParseUint(parts[2], 10, 53) // 0 is none
	return n
}

// response is an answer as a transport gives it.
func (a answer) response(req *http.Request) *http.Response {
	return &http.Response{
		StatusCode: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(a.body)),
	}
}
