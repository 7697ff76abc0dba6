package window

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"

	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// Page is what the page may call. Every exported method of it is bound: there
// is one.
type Page struct{ window *window }

// Answer is a status of HTTP and a body of JSON, "" for none.
type Answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	ETag   string `json:"etag,omitempty"` // the version of the body, where it has versions
}

// Request answers a message of syncserver/api/openapi.yaml from this device.
// ifMatch is the version that it means to replace, "" for any. It never fails and never panics, which would leave the page's promise open for
// ever: whatever goes wrong is a problem (RFC 9457).
func (p *Page) Request(method, path, body, ifMatch string) (answer Answer) {
	w := p.window
	defer func() {
		if r := recover(); r != nil {
			w.log.Error().Str("panic", fmt.Sprint(r)).Bytes("stack", debug.Stack()).Msg("request panicked")
			answer = refusal(http.StatusInternalServerError, store.CodeInternal)
		}
	}()
	if path == paintedPath {
		w.painted(body)
		return Answer{Status: http.StatusNoContent}
	}
	device, err := w.device.get()
	if err != nil {
		return refusal(http.StatusServiceUnavailable, store.CodeOf(err))
	}
	out := device.Bridge().Handle(context.Background(), bridge.Request{
		Method: method, Path: path, Body: []byte(body), IfMatch: ifMatch,
	})
	return Answer{Status: out.Status, Body: string(out.Body), ETag: out.ETag}
}

// refusal is a problem of the window itself.
func refusal(status int, code store.Code) Answer {
	body, err := json.Marshal(api.Problem{
		Type: "/problems/" + string(code), Title: http.StatusText(status), Status: status, Code: code,
	})
	if err != nil {
		return Answer{Status: status}
	}
	return Answer{Status: status, Body: string(body)}
}
