package httpapi

import (
	"context"

	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"

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
	if err := a.decodeLogin(c, &in); err != nil {
		return err
	}
	added, err := a.Auth.Add(c.Request.Context(), device(c).UserID, c.Param("method"), in, a.fromDevice(c))
	if err != nil {
		return err
	}
	if err := a.noticeMethod(c, auth.NoticeAdded); err != nil {
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
	return noContent(c)
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
	if err := a.noticeMethod(c, auth.NoticeAdded); err != nil {
		return err
	}
	return reply(c, api.RecoveryCodes{Codes: codes})
}

// tell tells a user on all devices that somebody comes in as them, when it may not
// be them.
func (a *API) tell(c *gin.Context, who auth.Somebody, n household.Notice) error {
	if who.Notice == "" {
		return nil
	}
	n.Kind, n.Network = who.Notice, household.Network(c.ClientIP())
	return a.Sessions.Notify(whole(c), who.UserID, n)
}

// whole is the context for what follows on what is done already: it is not to be
// left half done when the client goes away.
func whole(c *gin.Context) context.Context { return context.WithoutCancel(c.Request.Context()) }

// noticeMethod tells a user on all devices that how they sign in has changed:
// it may not have been them.
func (a *API) noticeMethod(c *gin.Context, kind string) error {
	d := device(c)
	return a.Sessions.Notify(whole(c), d.UserID, household.Notice{
		Kind: kind, SessionID: d.ID, Device: d.Name, Network: household.Network(c.ClientIP()),
	})
}
