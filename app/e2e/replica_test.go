package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/storetest"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/servertest"

	"github.com/rs/zerolog"
)

// rig is a replica, and the network between it and the server.
type rig struct {
	*replica.Replica
	t     *testing.T
	net   *network
	slept chan time.Duration
	due   chan time.Duration // renewals of the session, each waits until pass
	pass  chan struct{}
}

// network is a transport that tests break.
type network struct {
	http.Transport
	mu    sync.Mutex
	after func(req *http.Request, resp *http.Response) (*http.Response, error) // nil leaves all as it is
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.Transport.RoundTrip(req)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil && n.after != nil {
		return n.after(req, resp)
	}
	return resp, err
}

func (n *network) with(after func(*http.Request, *http.Response) (*http.Response, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.after = after
}

var errLost = errors.New("the answer is lost")

// lost drops answers to a path, so many times.
func lost(path string, times int) func(*http.Request, *http.Response) (*http.Response, error) {
	return func(req *http.Request, resp *http.Response) (*http.Response, error) {
		if req.URL.Path == path && times > 0 {
			times--
			return nil, errors.Join(errLost, resp.Body.Close())
		}
		return resp, nil
	}
}

func newRig(t *testing.T, s *servertest.Server, as string) *rig {
	t.Helper()
	return newRigOver(t, s, as, storetest.Open(t))
}

func newRigOver(t *testing.T, s *servertest.Server, as string, db kv.DB) *rig {
	t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, net: &network{}, slept: make(chan time.Duration, 100), due: make(chan time.Duration, 100), pass: make(chan struct{})}
	r.Replica, err = replica.New(t.Context(), replica.Config{
		DB: db, Kinds: kinds, Now: s.Clock.Now, Random: func() float64 { return 0.5 }, Log: zerolog.Nop(),
		Sleep: func(ctx context.Context, d time.Duration) error {
			if d > time.Minute { // longer than any pause between two tries
				select {
				case r.due <- d:
				default: // nobody looks
				}
				select {
				case <-r.pass:
				case <-ctx.Done():
				}
				return ctx.Err()
			}
			select {
			case r.slept <- d:
			default:
			}
			return ctx.Err() // no time passes
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.use(s, as)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
		r.net.CloseIdleConnections()
	})
	return r
}

// use signs in at a server and exchanges with it through the rig's network.
func (r *rig) use(s *servertest.Server, as string) {
	r.t.Helper()
	_, in := s.SignIn(r.t, as)
	c, err := client.New(client.Config{URL: s.URL, Credentials: client.Credentials{Value: in.Value}, Name: "test/1", Transport: r.net})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Use(c)
}

func (r *rig) until(what string, holds func(api.Status) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		changed := r.Watch()
		status, err := r.Status(ctx)
		if err != nil {
			r.t.Fatalf("until %s: %v, %+v", what, err, status)
		}
		if holds(status) {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			r.t.Fatalf("not %s: %+v", what, status)
		}
	}
}

func (r *rig) synced(s *servertest.Server) {
	r.t.Helper()
	r.until("synced", func(st api.Status) bool {
		return st.State == "synced" && st.Waiting == 0 && st.Here == s.Store().Head().ID
	})
}

func (r *rig) note(id store.ID, title string) {
	r.t.Helper()
	r.put("note", id, "title", title)
}

func (r *rig) put(k store.Kind, id store.ID, field string, value any, changed ...string) {
	r.t.Helper()
	e := store.Entity{ID: id, UpdatedAt: 1}
	if err := e.Set(field, value); err != nil {
		r.t.Fatal(err)
	}
	if err := r.WriteAll(r.t.Context(), "", []store.Replacement{{Kind: k, Entity: e, Changed: changed}}); err != nil {
		r.t.Fatal(err)
	}
}

// digests compares the replica with what the server shows this person.
func (r *rig) sameAs(s *servertest.Server, as string) {
	r.t.Helper()
	c, _ := s.SignIn(r.t, as)
	want, err := c.Digest(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	_, got, err := r.Device().Digests(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want.Kinds) {
		r.t.Errorf("the replica holds %v, the server shows %v", got, want.Kinds)
	}
}

// TestLostAnswer: a batch whose answer is lost is repeated, and taken once.
func TestLostAnswer(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	r := newRig(t, s, "Anna")
	r.synced(s)
	head := s.Store().Head().ID
	r.net.with(lost("/api/replacements", 3))
	r.note(50, "once")
	r.until("tried again", func(st api.Status) bool { return st.State == "synced" && st.Waiting == 0 && st.Here > head })
	if now := s.Store().Head().ID; now != head+1 {
		t.Errorf("the server has %d events more", now-head)
	}
	r.sameAs(s, "Anna")
}

// TestCutStream: the stream breaks again and again, nothing is missed.
func TestCutStream(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	r, other := newRig(t, s, "Anna"), newRig(t, s, "Anna")
	r.synced(s)
	r.net.with(func(req *http.Request, resp *http.Response) (*http.Response, error) {
		if req.URL.Path == "/api/event" || req.URL.Path == "/api/entities" {
			resp.Body = &cutBody{ReadCloser: resp.Body, left: 2000}
		}
		return resp, nil
	})
	for i := range 60 {
		other.note(store.ID(100+i), fmt.Sprint("note ", i))
		if i%7 == 0 {
			r.SyncNow()
		}
	}
	other.synced(s)
	r.net.with(nil)
	r.SyncNow()
	r.synced(s)
	r.sameAs(s, "Anna")
}

// cutBody ends after some bytes.
type cutBody struct {
	io.ReadCloser
	left int
}

func (b *cutBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// TestPoison: something the server will not even look at is parked alone; what
// was sent beside it arrives.
func TestPoison(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	r := newRig(t, s, "Anna")
	r.synced(s)
	r.net.with(lost("/api/last-event-id", 1<<30))
	r.Use(r.Server()) // offline, to write one batch
	r.note(60, "before")
	deep := strings.Repeat(`{"a":`, 62) + "1" + strings.Repeat("}", 62)
	e := store.Entity{ID: 61, UpdatedAt: 1, Fields: store.Fields{"deep": store.RawValue(deep)}}
	if err := r.WriteAll(t.Context(), "", []store.Replacement{{Kind: "later", Entity: e}}); err != nil {
		t.Fatal(err)
	}
	r.note(62, "behind")
	r.net.with(nil)
	r.SyncNow()
	r.until("parked", func(st api.Status) bool { return st.Parked == 1 && st.Waiting == 0 && st.State == "synced" })
	parked, err := r.Device().Parked(t.Context())
	if err != nil || parked[0].Replacement.Kind != "later" {
		t.Errorf("parked is %v (%v)", parked, err)
	}
	r.sameAs(s, "Anna")
}

// TestOtherEpoch: a server restored from a backup has lost events; what it never
// had of the device's own waiting writes is offered again.
func TestOtherEpoch(t *testing.T) {
	s, restored := servertest.Start(t, servertest.Options{}), servertest.Start(t, servertest.Options{})
	r := newRig(t, s, "Anna")
	r.note(70, "kept")
	r.synced(s)
	line := r.Line().Head()
	s.Stop()
	r.put("note", 70, "title", "edited", "title")
	r.note(71, "new")
	r.use(restored, "Anna")
	r.synced(restored)
	r.sameAs(restored, "Anna")
	for id, want := range map[store.ID]string{70: "edited", 71: "new"} {
		e, _, err := r.Device().Get(t.Context(), store.Ref{Kind: "note", ID: id})
		if err != nil || e.String("title") != want {
			t.Errorf("note %d is %v (%v)", id, e, err)
		}
	}
	if _, _, err := r.Line().After(line, 1); store.CodeOf(err) != store.CodeReset {
		t.Errorf("the line goes on over a snapshot (%v)", err)
	}
}

// TestLosesSight: what becomes somebody's alone is forgotten on the devices of
// others, and a change of access takes everything anew.
func TestLosesSight(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna, ben := newRig(t, s, "Anna"), newRig(t, s, "Ben")
	anna.put("list", 80, "title", "Surprise")
	e := store.Entity{ID: 81, UpdatedAt: 1}
	for field, value := range map[string]any{"listId": 80, "title": "cake"} {
		if err := e.Set(field, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := anna.WriteAll(t.Context(), "", []store.Replacement{{Kind: "item", Entity: e}}); err != nil {
		t.Fatal(err)
	}
	anna.synced(s)
	ben.synced(s)
	ben.sees("item", 81, true)
	_, in := s.SignIn(t, "Anna")
	anna.put("list", 80, "audience", map[string]string{in.Session.User.ID.String(): "write"}, "audience")
	anna.synced(s)
	ben.until("the list is gone", func(api.Status) bool {
		_, _, err := ben.Device().Get(context.Background(), store.Ref{Kind: "item", ID: 81})
		return store.CodeOf(err) == store.CodeNotFound
	})
	ben.sees("list", 80, false)
	ben.sameAs(s, "Ben")

	_, who := s.SignIn(t, "Ben")
	anna.put("user", who.Session.User.ID, "access", "guest", "access")
	anna.synced(s)
	ben.until("little is left", func(st api.Status) bool {
		n := 0
		err := ben.Device().Each(context.Background(), "chore", store.Ref{}, func(household.Shown) error { n++; return nil })
		return err == nil && n == 0 && st.State == "synced"
	})
	ben.sameAs(s, "Ben")
}

func (r *rig) sees(k store.Kind, id store.ID, want bool) {
	r.t.Helper()
	_, _, err := r.Device().Get(r.t.Context(), store.Ref{Kind: k, ID: id})
	if got := err == nil; got != want {
		r.t.Errorf("shows %s %d: %v (%v)", k, id, got, err)
	}
}

// TestBackoff: the pauses double up to a minute, half of each is waited here.
func TestBackoff(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	r := newRig(t, s, "Anna")
	r.synced(s)
	for len(r.slept) > 0 {
		<-r.slept
	}
	s.Stop()
	var pauses []time.Duration
	for len(pauses) < 10 {
		pauses = append(pauses, <-r.slept)
	}
	if pauses[0] != 2*time.Second { // what the server asked for when it left
		t.Errorf("the first pause is %v", pauses[0])
	}
	want := 250 * time.Millisecond
	for i, pause := range pauses[1:] {
		if pause != want {
			t.Errorf("pause %d is %v, want %v", i+1, pause, want)
		}
		want = min(2*want, 30*time.Second)
	}
}
