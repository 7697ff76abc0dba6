package httpapi

import (
	"slices"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

	"github.com/gin-gonic/gin"
)

// waiting are the pending sessions whose people have asked to be let in.
func (a *API) waiting(c *gin.Context) ([]session.Session, error) {
	pending, err := a.Sessions.Devices(c.Request.Context(), 0)
	now := a.Sessions.Now()
	return slices.DeleteFunc(pending, func(d session.Session) bool {
		return d.Pending == nil || d.Pending.RequestedAt == 0 || d.Pending.DropAt < now
	}), err
}

// request finds the join request of the path.
func (a *API) joinRequest(c *gin.Context) (session.Session, error) {
	id, err := store.ParseID(c.Param("id"))
	if err != nil {
		return session.Session{}, err
	}
	waiting, err := a.waiting(c)
	if err != nil {
		return session.Session{}, err
	}
	at := slices.IndexFunc(waiting, func(d session.Session) bool { return d.ID == store.SessionID(id) })
	if at < 0 {
		return session.Session{}, store.Errorf(store.CodeNotFound, "id", "nobody asks to be let in by this number")
	}
	return waiting[at], nil
}

func (a *API) getJoinRequests(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	waiting, err := a.waiting(c)
	if err != nil {
		return err
	}
	out := []api.JoinRequest{}
	for _, d := range waiting {
		out = append(out, api.JoinRequest{
			ID: d.ID, Name: d.Pending.Name, Method: d.Pending.Identity.Method, DisplayName: d.Pending.Identity.DisplayName,
			Device: d.Name, Network: d.Network, At: d.Pending.RequestedAt,
		})
	}
	return reply(c, out)
}

// postJoinRequest lets somebody in: as a new user, or as an existing one, who is
// told that there is one more way to sign in as them.
func (a *API) postJoinRequest(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	if err := a.stepUp(c); err != nil {
		return err
	}
	var in api.Admission
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	d, err := a.joinRequest(c)
	if err != nil {
		return err
	}
	if in.Access == "" && in.UserID == 0 {
		return store.Errorf(store.CodeInvalid, "access", "is missing")
	}
	if in.UserID == 0 && in.Name != d.Pending.Name {
		return store.Errorf(store.CodeDataChanged, "name", "they call themselves otherwise by now; look again")
	}
	ctx, who := whole(c), d.Pending
	user, err := a.Auth.Approve(ctx, who.Identity, who.Name, access.Level(in.Access), in.UserID, a.fromDevice(c))
	if err != nil {
		return err
	}
	if in.UserID != 0 {
		notice := household.Notice{Kind: auth.NoticeAdded, SessionID: d.ID, Device: d.Name, Network: d.Network}
		if err := a.Sessions.Notify(ctx, user, notice); err != nil {
			return err
		}
	}
	if err := a.Sessions.Adopt(ctx, d.ID, user); err != nil {
		return err
	}
	return noContent(c)
}

// deleteJoinRequest refuses somebody: their session ends.
func (a *API) deleteJoinRequest(c *gin.Context) error {
	if err := a.admin(c); err != nil {
		return err
	}
	d, err := a.joinRequest(c)
	if err != nil {
		return err
	}
	if err := a.Auth.Refused(c.Request.Context(), d.Pending.Identity, a.fromDevice(c)); err != nil {
		return err
	}
	if err := a.Sessions.End(c.Request.Context(), d.ID, machine.Revoked, a.by(c)); err != nil {
		return err
	}
	return noContent(c)
}
