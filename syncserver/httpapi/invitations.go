package httpapi

import (
	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

// admin refuses whoever is none.
func (a *API) admin(c *gin.Context) error {
	if a.person(c).Level != access.Admin {
		return store.Errorf(store.CodeForbidden, "", "only an admin lets people in")
	}
	return nil
}

func (a *API) getInvitations(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	open, err := a.Auth.Invitations.Open(c.Request.Context())
	if err != nil {
		return err
	}
	out := []api.Invitation{}
	for _, i := range open {
		out = append(out, invitation(i))
	}
	return reply(c, out)
}

func invitation(i household.Invitation) api.Invitation {
	return api.Invitation{ID: i.ID, Access: string(i.Access), UserID: i.UserID, By: i.By, At: i.At, ExpiresAt: i.ExpiresAt}
}

func (a *API) postInvitation(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	if err := a.stepUp(c); err != nil {
		return err
	}
	var in api.NewInvitation
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	code, made, err := a.Auth.Invitations.Invite(c.Request.Context(), in, a.fromDevice(c))
	if err != nil {
		return err
	}
	out := invitation(made)
	out.Code = code
	return reply(c, out)
}

func (a *API) deleteInvitation(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	if err := a.Auth.Invitations.Remove(c.Request.Context(), c.Param("id"), a.fromDevice(c)); err != nil {
		return err
	}
	return noContent(c)
}
