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
	// Leave signs out. Refused while something is unsent unless discard.
	Leave(ctx context.Context, discard bool) error
	// Status says how the device stands with its server.
	Status(ctx context.Context) (api.Status, error)
	// Session is this device's session as last heard; ok is false without one.
	Session() (s api.Session, ok bool)
}

// Config is what a bridge needs.
type Config struct {
	Replica *replica.Replica
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

// Handle answers one request. path may have a query. It never panics and never
// fails: whatever goes wrong is a problem (RFC 9457).
func (b *Bridge) Handle(ctx context.Context, method, path string, body []byte) (status int, out []byte) {
	defer func() {
		if p := recover(); p != nil {
			b.cfg.Log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("bridge panicked")
			status, out = problem(fmt.Errorf("panic: %v", p))
		}
	}()
	if len(body) > maxBody {
		return problem(store.Errorf(store.CodeTooLarge, "", "the body has more than %d bytes", maxBody))
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil || !strings.HasPrefix(path, "/") {
		return problem(store.Errorf(store.CodeNotFound, "", "there is no such path"))
	}
	rec := newAnswer()
	if _, pattern := b.routes.Handler(req); pattern == "" {
		b.routes.ServeHTTP(rec, req)
		if rec.status == http.StatusMethodNotAllowed {
			return problem(store.Errorf(store.CodeMethod, "", "this path does not take that method"))
		}
		return problem(store.Errorf(store.CodeNotFound, "", "there is no such path"))
	}
	b.routes.ServeHTTP(rec, req)
	return rec.status, rec.body.Bytes()
}

// raw is an answer that is passed on as it came.
type raw struct {
	status int
	body   []byte
}

// handler answers with a value, with a raw answer, or with nothing (204).
type handler func(r *http.Request) (any, error)

func (b *Bridge) on(pattern string, h handler) {
	b.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		answer, err := h(r)
		status, body := http.StatusOK, []byte(nil)
		switch value := answer.(type) {
		case nil:
			status = http.StatusNoContent
		case raw:
			status, body = value.status, value.body
		case jsontext.Value:
			body = value
		default:
			if err == nil {
				body, err = json.Marshal(value)
			}
		}
		if err != nil {
			if store.CodeOf(err) == store.CodeInternal {
				b.cfg.Log.Error().Err(err).Str("route", pattern).Msg("bridge request failed")
			}
			status, body = problem(err)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body) // into memory
	})
}

// Close ends the listening.
func (b *Bridge) Close() { b.listen(nil) }
