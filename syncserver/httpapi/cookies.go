package httpapi

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/session"

	"github.com/gin-gonic/gin"
)

// knownCookie is the mark beside the sessions of a browser, which the page can
// read: without it no session exists, and a stranger's first page asks nothing
// that would be refused. There is nothing secret in it.
const knownCookie = "inglenook-known"

// cookiePrefix: over TLS a cookie no other host or path can set; without, one
// that another server on the same host does not overwrite. A browser has one
// for each person who uses it.
func (a *API) cookiePrefix(c *gin.Context) string {
	if a.encrypted(c) {
		return "__Host-inglenook-"
	}
	return "inglenook-" + a.Store.Instance() + "-"
}

// cookie is a session's cookie of a request.
type cookie struct {
	id    store.SessionID
	value string
}

// cookies are the session cookies of a request, the one that is meant first:
// the one named in the header, or the newest. None when the one that is named is
// not here: another must not answer for it.
func (a *API) cookies(c *gin.Context) (found []cookie) {
	prefix := a.cookiePrefix(c)
	for _, one := range c.Request.Cookies() {
		text, ours := strings.CutPrefix(one.Name, prefix)
		id, err := strconv.ParseUint(text, 10, 53)
		if ours && err == nil && session.IsOf(one.Value, store.SessionID(id)) { // a name alone says nothing
			found = append(found, cookie{store.SessionID(id), one.Value})
		}
	}
	slices.SortFunc(found, func(a, b cookie) int { return cmp.Compare(b.id, a.id) })
	name := c.GetHeader(api.HeaderSession)
	if name == "" { // mostly: an error costs more than all of this
		return found
	}
	named, err := strconv.ParseUint(name, 10, 53)
	if err != nil {
		return found
	}
	at := slices.IndexFunc(found, func(one cookie) bool { return uint64(one.id) == named })
	if at < 0 {
		return nil
	}
	found[0], found[at] = found[at], found[0]
	return found
}

// setCookie hands a value to a browser, with the mark beside it.
func (a *API) setCookie(c *gin.Context, id store.SessionID, value string, maxAge time.Duration) {
	name := a.cookiePrefix(c) + strconv.FormatUint(uint64(id), 10)
	http.SetCookie(c.Writer, a.newCookie(c, name, value, maxAge, true))
	if maxAge > 0 {
		http.SetCookie(c.Writer, a.newCookie(c, knownCookie, "1", maxAge, false))
	}
}

// clearCookie takes a session's cookie away, and the mark with the last.
func (a *API) clearCookie(c *gin.Context, id store.SessionID, last bool) {
	a.setCookie(c, id, "", -time.Second)
	if last {
		http.SetCookie(c.Writer, a.newCookie(c, knownCookie, "", -time.Second, false))
	}
}

func (a *API) newCookie(c *gin.Context, name, value string, maxAge time.Duration, httpOnly bool) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure would lose the cookie on plain http, where the page says so
		Name: name, Value: value, Path: "/", MaxAge: int(maxAge.Seconds()),
		HttpOnly: httpOnly, Secure: a.encrypted(c), SameSite: http.SameSiteStrictMode,
	}
}
