package httpapi

import (
	"net/http"
	"net/url"
	"time"

	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"

	"github.com/gin-gonic/gin"
)

// from says where a request comes from, of nobody's session.
func (a *API) from(c *gin.Context) auth.From {
	scheme := "http://"
	if a.encrypted(c) {
		scheme = "https://"
	}
	return auth.From{Address: c.ClientIP(), Origin: scheme + c.Request.Host, Encrypted: a.encrypted(c)}
}

// fromDevice is from within the session of the request.
func (a *API) fromDevice(c *gin.Context) auth.From {
	from, d := a.from(c), device(c)
	from.SessionID, from.UserID = d.ID, d.UserID
	return from
}

func (a *API) getMethods(c *gin.Context) error {
	c.Header(api.HeaderNonce, a.Sessions.Nonce()) // to prove a new device's key with
	methods, err := a.Auth.Listings(c.Request.Context(), a.from(c))
	if err != nil {
		return err
	}
	home, err := a.Store.Household(c.Request.Context())
	if err != nil {
		return err
	}
	return reply(c, api.Methods{
		Household: home.String("name"), Instance: a.Store.Instance(), Methods: methods, Encrypted: a.encrypted(c),
	})
}

// begin takes the first step of a method. To add one to an account takes the
// session of its user.
func (a *API) begin(c *gin.Context) error {
	var in api.Begin
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	from := a.from(c)
	if in.Purpose == "add" {
		if a.signedIn(maxBody)(c); c.IsAborted() {
			return nil
		}
		from = a.fromDevice(c)
	}
	begun, err := a.Auth.Begin(c.Request.Context(), c.Param("method"), in, from)
	if err != nil {
		return err
	}
	if begun.Binding != "" && in.Redirect == "" {
		a.setBinding(c, begun.Binding, time.Duration(begun.ExpiresInMs)*time.Millisecond)
		begun.Binding = "" // the page need not know it
	}
	return reply(c, begun)
}

// bindingCookie binds what was begun to the browser: who has been sent a link to
// the end of somebody else's sign-in does not have it. Over TLS no other host can
// set it either.
func (a *API) bindingCookie(c *gin.Context) string {
	if a.encrypted(c) {
		return "__Host-inglenook-state"
	}
	return "inglenook-state"
}

func (a *API) setBinding(c *gin.Context, binding string, life time.Duration) {
	http.SetCookie(c.Writer, a.newCookie(c, a.bindingCookie(c), binding, life, true))
}

// decodeLogin reads the body of a sign-in; a browser's binding is in its cookie.
func (a *API) decodeLogin(c *gin.Context, in *api.Login) error {
	if err := decode(c, maxBody, in); err != nil {
		return err
	}
	if in.Binding == "" {
		in.Binding, _ = c.Cookie(a.bindingCookie(c))
	}
	return nil
}

// callback is where a provider sends the browser back to. It changes nothing:
// the page, or the desktop that began, signs in with what it is handed.
func (a *API) callback(c *gin.Context) error {
	to := "/#/callback/" + url.PathEscape(c.Param("method"))
	loopback, err := a.Auth.Loopback(c.Param("method"), c.Query("state"))
	if err != nil {
		return err
	}
	if loopback != "" {
		to = loopback
	}
	handed := url.Values{}
	for _, name := range []string{"code", "state", "error"} {
		if value := c.Query(name); value != "" {
			handed.Set(name, value)
		}
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Location", to+"?"+handed.Encode())
	c.Status(http.StatusSeeOther) // without a body, which would hold the code once more
	return nil
}
