package lifetest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json"
)

// program is the Go client on a device, with a keyring that outlives it.
type program struct {
	*owner
	kind   machine.Kind
	client *client.Client
	kept   string // in the keyring
	next   string
}

func (w *world) newProgram(name, user string, kind machine.Kind, bound bool) *program {
	p := &program{owner: w.newOwner(name, user, kind, bound), kind: kind}
	p.owner.signIn = p.signIn
	p.value = func() string {
		if p.next != "" {
			return p.next
		}
		return p.kept
	}
	p.owner.act = p.act
	p.signIn()
	w.after(w.within(day), p.live)
	return p
}

var errCrash = errors.New("the program ended")

// Received is the keyring's.
func (p *program) Received(value string) error {
	if p.w.chance(100) {
		return errCrash
	}
	p.next = value
	return nil
}

// Used is the keyring's.
func (p *program) Used(value string) error {
	if p.w.chance(200) {
		return errCrash
	}
	p.kept, p.next = value, ""
	return nil
}

func (p *program) signIn() {
	anonymous, err := client.New(client.Config{URL: "http://localhost", Name: "life/1", Transport: reliable{p}})
	if err != nil {
		p.w.t.Fatal(err)
	}
	login := api.Login{Name: p.user, Kind: string(p.kind), Device: p.name}
	_, in, err := anonymous.LoginWithKey(p.w.t.Context(), "demo", login, p.signer, p)
	if err != nil {
		p.w.fail("%s cannot sign in: %v", p.name, err)
		return
	}
	p.begins(in.Session.ID, in.Value)
	p.kept, p.next = in.Value, ""
	p.start()
}

// start starts the program with what the keyring holds.
func (p *program) start() {
	var err error
	p.client, err = client.New(client.Config{URL: "http://localhost", Name: "life/1", Transport: p, Credentials: client.Credentials{
		Value: p.kept, Next: p.next, Signer: p.signer, Instance: p.w.instance, Keep: p,
	}})
	if err != nil {
		p.w.t.Fatal(err)
	}
}

// act is a few requests over a while.
func (p *program) act() {
	for range 1 + p.w.rand.IntN(3) {
		session := p.session
		p.do()
		if p.session != session || p.w.broken != "" {
			return
		}
		if p.w.chance(2) {
			p.w.pass(p.w.within(12 * time.Minute))
		}
	}
}

// do is one request, repeated as long as nobody answers.
func (p *program) do() {
	if p.w.chance(20) {
		p.start() // it was closed
	}
	for range 10 {
		view, err := p.client.Session(p.w.t.Context())
		var problem *client.Problem
		switch {
		case p.w.broken != "":
			return
		case err == nil:
			p.sees(view.Notices)
			return
		case errors.Is(err, errCrash):
			p.w.counts.crashes++
			p.w.tell("%s crashes", p.name)
			p.w.pass(p.w.within(time.Minute))
			p.start()
		case errors.As(err, &problem):
			p.refused(problem.Code)
			return
		case store.CodeOf(err) == store.CodeServerUnreached:
			p.w.pass(p.w.within(10 * time.Second))
		default:
			p.w.fail("%s: %v", p.name, err)
			return
		}
	}
	p.w.fail("%s never gets an answer", p.name)
}

// RoundTrip is the network of the program.
func (p *program) RoundTrip(req *http.Request) (*http.Response, error) {
	w := p.w
	inner, err := serverSide(w, req)
	if err != nil {
		return nil, err
	}
	nobody := errors.New("no answer")
	switch w.rand.IntN(100) {
	case 0: // the request is lost
		w.pass(patience)
		return nil, nobody
	case 1: // the answer is
		a := w.serve(p.name, inner)
		p.given(a)
		w.counts.lost++
		w.tell("%s loses that", p.name)
		w.pass(patience)
		return nil, nobody
	case 2: // it arrives when nobody waits any more
		session := p.session
		w.counts.late++
		w.after(w.between(patience, longestWay), func() {
			if p.session == session {
				p.given(w.serve(p.name+", late", inner))
			}
		})
		w.pass(patience)
		return nil, nobody
	case 3:
		w.counts.late++
		w.pass(w.within(patience))
	default:
		w.pass(w.within(100 * time.Millisecond))
	}
	a := w.serve(p.name, inner)
	p.given(a)
	if a.problem.Code == store.CodeSessionClaimOpen { // the client would wait by the machine's clock
		w.pass(time.Duration(a.problem.RetryAfterMs)*time.Millisecond + w.within(time.Second))
		a.problem.RetryAfterMs = 0
		if a.body, err = json.Marshal(a.problem); err != nil {
			return nil, err
		}
	}
	return a.response(req), nil
}

// reliable is a network that loses nothing: nobody signs in without looking.
type reliable struct{ p *program }

func (r reliable) RoundTrip(req *http.Request) (*http.Response, error) {
	inner, err := serverSide(r.p.w, req)
	if err != nil {
		return nil, err
	}
	return r.p.w.serve(r.p.name, inner).response(req), nil
}

// serverSide is a request as it arrives.
func serverSide(w *world, req *http.Request) (*http.Request, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	inner := w.request(req.Method, req.URL.RequestURI(), "")
	inner.Body, inner.ContentLength, inner.Header = io.NopCloser(bytes.NewReader(body)), int64(len(body)), req.Header.Clone()
	return inner, nil
}
