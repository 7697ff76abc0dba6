// Package bridge is what the page in the window talks to: it answers the
// server's messages from this device's replica.
package bridge

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/rs/zerolog"
)

// Device is what the page may ask of the device itself.
type Device interface {
	// Start starts a household here and joins it.
	Start(ctx context.Context, in api.Start) error
	// Methods returns the sign-in methods of a server.
	Methods(ctx context.Context, url string) (api.Methods, error)
	// Join joins a server's household, or signs in again.
	Join(ctx context.Context, in api.Join) error
	// Leave signs the active person out, and the next one becomes active. Refused
	// while something is unsent unless discard.
	Leave(ctx context.Context, discard bool) error
	// People are those who have signed in here.
	People(ctx context.Context) (api.People, error)
	// Switch makes one of them the active one.
	Switch(ctx context.Context, id store.SessionID) error
	// Begin takes the first step of a method that has two.
	Begin(ctx context.Context, in api.Beginning) (api.Begun, error)
	// Signin says how far somebody is who was sent to the browser by Begin.
	Signin() api.Signin
	// EndSignin waits for them no longer.
	EndSignin()
	// With calls fn with the replica of the active person, and returns its error.
	// ctx ends when another one is to become active, who waits for fn to return.
	With(ctx context.Context, fn func(ctx context.Context, at *replica.Replica) error) error
	// Status says how the device stands with its server.
	Status(ctx context.Context) (api.Status, error)
	// Session is this device's session as last heard; ok is false without one.
	Session() (s api.Session, ok bool)
}

// Config is what a bridge needs.
type Config struct {
	Device  Device
	Version string
	// Emit carries frames to the page. It is called by one goroutine at a time.
	Emit func(Frame)
	Log  zerolog.Logger
}

// Bridge answers one page.
type Bridge struct {
	cfg    Config
	routes *http.ServeMux

	mu   sync.Mutex
	stop func() // ends the present listening, nil when there is none
}

// New returns a bridge.
func New(cfg Config) *Bridge {
	b := &Bridge{cfg: cfg, routes: http.NewServeMux()}
	b.route()
	return b
}

// maxBody is the most a page may send, in bytes: a batch and what is around it.
const maxBody = store.MaxBatchBytes + 64<<10

// Request is one message of the page.
type Request struct {
	Method, Path string // Path may have a query
	Body         []byte
	IfMatch      string // the version that it means to replace; "" for any
}

// Answer is what it gets.
type Answer struct {
	Status int
	Body   []byte
	ETag   string // the version of the body, where it has versions
}

// Handle answers one request. It never panics and never fails: whatever goes
// wrong is a problem (RFC 9457).
func (b *Bridge) Handle(ctx context.Context, in Request) (out Answer) {
	defer func() {
		if p := recover(); p != nil {
			b.cfg.Log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("bridge panicked")
			out = problem(fmt.Errorf("panic: %v", p))
		}
	}()
	if len(in.Body) > maxBody {
		return problem(store.Errorf(store.CodeTooLarge, "", "the body has more than %d bytes", maxBody))
	}
	req, err := http.NewRequestWithContext(ctx, in.Method, in.Path, bytes.NewReader(in.Body))
	if err != nil || !strings.HasPrefix(in.Path, "/") {
		return problem(store.Errorf(store.CodeNotFound, "", "there is no such path"))
	}
	if in.IfMatch != "" {
		req.Header.Set("If-Match", in.IfMatch)
	}
	rec := newRecorder()
	if _, pattern := b.routes.Handler(req); pattern == "" {
		b.routes.ServeHTTP(rec, req)
		if rec.status == http.StatusMethodNotAllowed {
			return problem(store.Errorf(store.CodeMethod, "", "this path does not take that method"))
		}
		return problem(store.Errorf(store.CodeNotFound, "", "there is no such path"))
	}
	b.routes.ServeHTTP(rec, req)
	return rec.answer()
}

// handler answers with a value, with an Answer, or with nothing (204).
type handler func(r *http.Request) (any, error)

func (b *Bridge) on(pattern string, h handler) {
	b.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		value, err := h(r)
		answer, err := answerOf(value, err)
		if err != nil {
			if store.CodeOf(err) == store.CodeInternal {
				b.cfg.Log.Error().Err(err).Str("route", pattern).Msg("bridge request failed")
			}
			answer = problem(err)
		}
		if answer.ETag != "" {
			w.Header().Set("ETag", answer.ETag)
		}
		w.WriteHeader(answer.Status)
		_, _ = w.Write(answer.Body) // into memory
	})
}

// answerOf writes down what a handler returned.
func answerOf(value any, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	switch value := value.(type) {
	case nil:
		return Answer{Status: http.StatusNoContent}, nil
	case Answer:
		return value, nil
	case jsontext.Value:
		return Answer{Status: http.StatusOK, Body: value}, nil
	default:
		body, err := json.Marshal(value)
		return Answer{Status: http.StatusOK, Body: body}, err
	}
}

// replicaHandler is a handler of what the active person's replica knows.
type replicaHandler func(r *http.Request, at *replica.Replica) (any, error)

func (b *Bridge) at(pattern string, h replicaHandler) {
	b.on(pattern, func(r *http.Request) (value any, err error) {
		err = b.cfg.Device.With(r.Context(), func(ctx context.Context, at *replica.Replica) (err error) {
			value, err = h(r.WithContext(ctx), at)
			return err
		})
		return value, err
	})
}

// Close ends the listening.
func (b *Bridge) Close() { b.listen(nil) }
