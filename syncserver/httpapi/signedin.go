package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

const deviceKey = "device"

// signedIn recognises the session of a request, or answers with why not.
func (a *API) signedIn(c *gin.Context) {
	d, err := a.recognise(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	c.Set(deviceKey, d)
}

// recognise finds the session of a request, whose user is still of the
// household.
func (a *API) recognise(c *gin.Context) (household.DeviceSession, error) {
	d, err := a.Sessions.Recognise(c.Request.Context(), a.bearer(c))
	if err != nil {
		return d, err
	}
	if _, ok := a.Store.Sight().Person(d.UserID); !ok {
		return d, store.Errorf(store.CodeSessionEnded, "", "this user is no longer part of the household")
	}
	return d, nil
}

// bearer finds the session's value: in a header for programs, in the cookie for
// pages; never in the address.
func (a *API) bearer(c *gin.Context) string {
	if value, found := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); found {
		return value
	}
	value, _ := c.Cookie(a.cookieName(c))
	return value
}

// cookieName: over TLS a cookie no other host or path can set; without, one that
// another server on the same host does not overwrite.
func (a *API) cookieName(c *gin.Context) string {
	if a.encrypted(c) {
		return "__Host-inglenook"
	}
	return "inglenook-" + a.Store.Instance()
}

// encrypted tells whether the client's connection is, as far as we know: to here,
// or to a trusted proxy that says so.
func (a *API) encrypted(c *gin.Context) bool {
	if c.Request.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddr(c.RemoteIP())
	trusted := err == nil && slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(peer.Unmap()) })
	return trusted && c.GetHeader("X-Forwarded-Proto") == "https"
}

// setCookie hands a session to a browser.
func (a *API) setCookie(c *gin.Context, value string, maxAge time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure would lose the cookie on plain http, where the page says so
		Name: a.cookieName(c), Value: value, Path: "/", MaxAge: int(maxAge.Seconds()),
		HttpOnly: true, Secure: a.encrypted(c), SameSite: http.SameSiteStrictMode,
	})
}

// device is the session of the request.
func device(c *gin.Context) household.DeviceSession {
	return c.MustGet(deviceKey).(household.DeviceSession)
}

// person is who asks, with the level of now.
func (a *API) person(c *gin.Context) access.Person {
	p, _ := a.Store.Sight().Person(device(c).UserID)
	return p
}

// session is what the client may know of its own session.
func (a *API) session(c *gin.Context, d household.DeviceSession) (api.Session, error) {
	user, err := a.Store.User(c.Request.Context(), d.UserID)
	if err != nil {
		return api.Session{}, err
	}
	home, err := a.Store.Household(c.Request.Context())
	if err != nil {
		return api.Session{}, err
	}
	return api.Session{
		ID: d.ID, Kind: d.Kind, Level: d.Level, User: user, Device: d.Name, AccessRev: d.AccessRev,
		Instance: api.Instance{
			ID: a.Store.Instance(), Household: home.String("name"), Version: a.Version, Demo: a.Demo,
		},
		ExpiresInMs: d.AbsoluteExpiresAt.Time().Sub(a.Now()).Milliseconds(),
	}, nil
}
