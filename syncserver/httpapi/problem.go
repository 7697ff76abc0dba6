package httpapi

import (
	"context"
	"errors"
	"net/http"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

// statusOf is the HTTP status of every code. Codes are append-only.
var statusOf = map[store.Code]int{
	store.CodeInternal:        http.StatusInternalServerError,
	store.CodeInvalid:         http.StatusUnprocessableEntity,
	store.CodeMalformed:       http.StatusBadRequest,
	store.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	store.CodeNotFound:        http.StatusNotFound,
	store.CodeMethod:          http.StatusMethodNotAllowed,
	store.CodeContentType:     http.StatusUnsupportedMediaType,
	store.CodeForbidden:       http.StatusForbidden,
	store.CodeOrigin:          http.StatusForbidden,
	store.CodeHost:            http.StatusMisdirectedRequest,
	store.CodeRateLimited:     http.StatusTooManyRequests,
	store.CodeUnknownID:       http.StatusNotFound,
	store.CodeUnknownRef:      http.StatusUnprocessableEntity,
	store.CodeIDConflict:      http.StatusConflict,
	store.CodeBaseUnknown:     http.StatusConflict,
	store.CodeCursorInvalid:   http.StatusBadRequest,
	store.CodeReset:           http.StatusConflict,
	store.CodeSeqStale:        http.StatusConflict,
	store.CodeLastAdmin:       http.StatusConflict,
	store.CodeStorageFull:     http.StatusInsufficientStorage,
	store.CodeStoreBehind:     http.StatusServiceUnavailable,
	store.CodeStoreLocked:     http.StatusServiceUnavailable,
	store.CodeFormatNewer:     http.StatusServiceUnavailable,
	store.CodeSessionMissing:  http.StatusUnauthorized,
	store.CodeSessionInvalid:  http.StatusUnauthorized,
	store.CodeSessionEnded:    http.StatusUnauthorized,
	store.CodeSessionExpired:  http.StatusUnauthorized,
	store.CodeSignInFailed:    http.StatusUnauthorized,
	store.CodeMethodOff:       http.StatusNotFound,
	store.CodePasswordWeak:    http.StatusUnprocessableEntity,
	store.CodeNameTaken:       http.StatusConflict,
	store.CodeServerUnreached: http.StatusBadGateway,
	store.CodeDraining:        http.StatusServiceUnavailable,
}

// StatusOf returns the HTTP status of a code.
func StatusOf(code store.Code) int {
	if status, ok := statusOf[code]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// handle turns a handler's error into a problem: the only place that does.
func (a *API) handle(fn func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := fn(c)
		if err == nil {
			return
		}
		if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
			return // the client has gone
		}
		a.fail(c, err)
	}
}

// fail answers with a problem (RFC 9457) and ends the request. What has no code
// is ours: logged, and not told.
func (a *API) fail(c *gin.Context, err error) {
	p := api.Problem{Instance: c.GetString(requestIDKey)}
	var known *store.Error
	if errors.As(err, &known) {
		p.Code, p.Detail, p.Field = known.Code, known.Message, known.Field
	} else {
		p.Code = store.CodeInternal
		a.Log.Error().Err(err).Str("request", p.Instance).Str("route", c.FullPath()).Msg("request failed")
	}
	p.Status = StatusOf(p.Code)
	p.Type, p.Title = "/problems/"+string(p.Code), http.StatusText(p.Status)
	if p.Code == store.CodeReset {
		p.Epoch = a.Store.Epoch()
	}
	a.meters.problem(p.Code)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"/problems/internal","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	c.Header("Cache-Control", "no-store")
	c.Data(p.Status, "application/problem+json", body)
	c.Abort()
}
