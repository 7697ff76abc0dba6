package httpapi

import (
	"net/http"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/session"

	"github.com/gin-gonic/gin"
)

// login makes a session. A browser's earlier one ends, so that a shared computer
// does not collect them.
func (a *API) login(c *gin.Context) error {
	var in api.Login
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	who, err := a.Auth.SignIn(c.Request.Context(), c.Param("method"), in, a.from(c))
	if err != nil {
		return err
	}
	client := session.Client{Kind: in.Kind, Name: clip(in.Device, 100), Platform: clip(in.Platform, 100)}
	if client.Kind == "" {
		client.Kind = session.Browser
	}
	d, value, err := a.Sessions.SignIn(c.Request.Context(), who.UserID, client)
	if err != nil {
		return err
	}
	if earlier, err := a.Sessions.Recognise(c.Request.Context(), a.bearer(c)); err == nil {
		if err := a.Sessions.End(c.Request.Context(), earlier.ID, "replaced"); err != nil {
			return err
		}
	}
	a.Log.Info().Uint64("session", uint64(d.ID)).Str("method", c.Param("method")).Msg("signed in")
	out := api.SignedIn{}
	if out.Session, err = a.session(c, d); err != nil {
		return err
	}
	if client.Kind == session.Browser {
		a.setCookie(c, value, d.AbsoluteExpiresAt.Time().Sub(a.Now()))
	} else {
		out.Value = value
	}
	return reply(c, out)
}

func clip(s string, limit int) string {
	for i := range s {
		if i >= limit {
			return s[:i]
		}
	}
	return s
}

// logout ends the session. A successful sign-out is the one answer that takes
// the cookie away.
func (a *API) logout(c *gin.Context) error {
	if err := a.Sessions.End(c.Request.Context(), device(c).ID, "signed-out"); err != nil {
		return err
	}
	a.setCookie(c, "", -time.Second)
	c.Status(http.StatusNoContent)
	return nil
}

func (a *API) getSession(c *gin.Context) error {
	s, err := a.session(c, device(c))
	if err != nil {
		return err
	}
	return reply(c, s)
}

func (a *API) getSessions(c *gin.Context) error {
	devices, err := a.Sessions.Devices(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	out := []api.Device{}
	for _, d := range devices {
		out = append(out, api.Device{
			ID: d.ID, Name: d.Name, Platform: d.Platform, Kind: d.Kind,
			FirstVisitAt: d.FirstVisitAt, LatestVisitAt: d.LatestVisitAt, Current: d.ID == device(c).ID,
		})
	}
	return reply(c, out)
}

func (a *API) deleteSession(c *gin.Context) error {
	id, err := store.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	devices, err := a.Sessions.Devices(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID == store.SessionID(id) {
			if err := a.Sessions.End(c.Request.Context(), d.ID, "revoked"); err != nil {
				return err
			}
			c.Status(http.StatusNoContent)
			return nil
		}
	}
	return store.Errorf(store.CodeNotFound, "id", "there is no such session of yours")
}

func (a *API) getAccount(c *gin.Context) error {
	user, err := a.Store.User(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	return reply(c, user)
}

func (a *API) patchAccount(c *gin.Context) error {
	var in api.AccountPatch
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	d := device(c)
	if err := a.Auth.Password.Change(c.Request.Context(), d.UserID, in.OldPassword, in.NewPassword); err != nil {
		return err
	}
	if err := a.Sessions.EndOthers(c.Request.Context(), d.UserID, d.ID, "password-changed"); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
