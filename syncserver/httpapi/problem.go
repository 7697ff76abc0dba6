package httpapi

import (
	"context"
	"errors"
	"strconv"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"

	"github.com/gin-gonic/gin"
)

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
	p := api.ProblemOf(err)
	p.Instance = c.GetString(requestIDKey)
	if p.Code == store.CodeInternal {
		a.Log.Error().Err(err).Str("request", p.Instance).Str("route", c.FullPath()).Msg("request failed")
	}
	if p.Code == store.CodeReset {
		p.Epoch = a.Store.Epoch()
	}
	var early *auth.TooMany
	if errors.As(err, &early) {
		p.RetryAfterMs = int(early.Wait.Milliseconds())
	}
	a.answer(c, p)
}

// answer ends the request with a problem.
func (a *API) answer(c *gin.Context, p api.Problem) {
	p.Instance = c.GetString(requestIDKey)
	a.meters.problem(p.Code)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	c.Header("Cache-Control", "no-store")
	if p.RetryAfterMs > 0 {
		c.Header("Retry-After", strconv.Itoa((p.RetryAfterMs+999)/1000))
	}
	c.Data(p.Status, "application/problem+json", p.JSON())
	c.Abort()
}
