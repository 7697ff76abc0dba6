package httpapi

import (
	"net/http"

	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

// getAccountMethods lists the ways in which the user can sign in.
func (a *API) getAccountMethods(c *gin.Context) error {
	methods, err := a.Store.MethodsOf(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	out := []api.AccountMethod{}
	for _, method := range methods {
		out = append(out, a.Auth.Describe(method))
	}
	return reply(c, out)
}

// postAccountMethod adds one. The user hears of it on all devices.
func (a *API) postAccountMethod(c *gin.Context) error {
	if err := a.stepUp(c); err != nil {
		return err
	}
	var in api.Login
	if err := decodeLogin(c, &in); err != nil {
		return err
	}
	added, err := a.Auth.Add(c.Request.Context(), device(c).UserID, c.Param("method"), in, a.fromDevice(c))
	if err != nil {
		return err
	}
	if err := a.noticeMethod(c, "method-added"); err != nil {
		return err
	}
	return reply(c, a.Auth.Describe(added))
}

// deleteAccountMethod removes one, but never the last.
func (a *API) deleteAccountMethod(c *gin.Context) error {
	if err := a.stepUp(c); err != nil {
		return err
	}
	if _, err := a.Auth.Remove(c.Request.Context(), device(c).UserID, c.Param("method"), a.fromDevice(c)); err != nil {
		return err
	}
	if err := a.noticeMethod(c, "method-removed"); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// postRecovery makes new recovery codes.
func (a *API) postRecovery(c *gin.Context) error {
	if err := a.stepUp(c); err != nil {
		return err
	}
	codes, err := a.Auth.Recovery.New(c.Request.Context(), device(c).UserID, a.fromDevice(c))
	if err != nil {
		return err
	}
	if err := a.noticeMethod(c, "method-added"); err != nil {
		return err
	}
	return reply(c, api.RecoveryCodes{Codes: codes})
}

// noticeMethod tells a user on all devices that how they sign in has changed:
// it may not have been them.
func (a *API) noticeMethod(c *gin.Context, kind string) error {
	d := device(c)
	return a.Sessions.Notify(c.Request.Context(), d.UserID, household.Notice{
		Kind: kind, SessionID: d.ID, Device: d.Name, Network: household.Network(c.ClientIP()),
	})
}
