package httpapi

import (
	"strconv"
	"strings"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"
)

// session is what the client may know of its own session.
func (a *API) session(c *gin.Context, d session.Session) (view api.Session, err error) {
	home, err := a.Store.Household(c.Request.Context())
	if err != nil {
		return view, err
	}
	now := a.Sessions.Now()
	view = api.Session{
		ID: d.ID, Kind: d.Kind, Level: d.Level, Device: d.Name, AccessRev: d.Table.AccessRev,
		Instance:    api.Instance{ID: a.Store.Instance(), Household: home.String("name"), Version: a.Version, Demo: a.Demo},
		RotatesInMs: max(0, int64(d.Table.Head().RotatesAt-now)), ExpiresInMs: int64(d.Table.AbsoluteExpiresAt - now),
		StepUpInMs: a.Sessions.StepUpLeft(d).Milliseconds(), DataChecksum: d.Checksum(),
	}
	for _, n := range d.Notices {
		view.Notices = append(view.Notices, api.Notice{
			ID: n.ID, Kind: n.Kind, At: n.At, Session: n.SessionID, Device: n.Device, Network: n.Network, Count: n.Count,
		})
	}
	if p := d.Pending; p != nil {
		view.Pending = &api.Pending{
			Method: p.Identity.Method, DisplayName: p.Identity.DisplayName, Requested: p.RequestedAt != 0,
			ExpiresInMs: int64(p.DropAt - now),
		}
		return view, nil
	}
	view.User, err = a.Store.User(c.Request.Context(), d.UserID)
	return view, err
}

func (a *API) getSession(c *gin.Context) error {
	view, err := a.session(c, *device(c))
	if err != nil {
		return err
	}
	return reply(c, view)
}

func (a *API) patchSession(c *gin.Context) error { return a.rename(c, device(c).ID) }

// rename names a device.
func (a *API) rename(c *gin.Context, id store.SessionID) error {
	var in api.Rename
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	if err := a.proven(c); err != nil { // it is by its name that somebody else's device is known
		return err
	}
	name := auth.Shown(in.Device)
	err := a.Sessions.Change(c.Request.Context(), id, func(d *household.DeviceSession, _ store.Timestamp) (bool, error) {
		changed := d.Name != name
		d.Name = name
		return changed, nil
	})
	if err != nil {
		return err
	}
	return noContent(c)
}

func (a *API) getSessionData(c *gin.Context) error {
	data, sum := device(c).OwnData()
	c.Header("ETag", `"`+sum+`"`)
	return sendJSON(c, data)
}

func (a *API) putSessionData(c *gin.Context) error {
	var data jsontext.Value
	if err := decode(c, session.MaxData, &data); err != nil {
		return err
	}
	match := strings.Trim(c.GetHeader("If-Match"), `"`)
	sum, err := a.Sessions.PutData(c.Request.Context(), device(c).ID, data, match)
	if err != nil {
		return err
	}
	c.Header("ETag", `"`+sum+`"`)
	return noContent(c)
}

// deleteNotice acknowledges a notice. Who has copied a value is what a notice may
// be about, and does not take it away.
func (a *API) deleteNotice(c *gin.Context) error {
	id, err := strconv.ParseUint(c.Param("id"), 10, 53)
	if err != nil {
		return store.Errorf(store.CodeInvalid, "id", "is a whole number")
	}
	if err := a.proven(c); err != nil {
		return err
	}
	if err := a.Sessions.Acknowledge(c.Request.Context(), device(c).ID, id); err != nil {
		return err
	}
	return noContent(c)
}

// getSessions lists the devices of the user.
func (a *API) getSessions(c *gin.Context) error {
	devices, err := a.Sessions.Devices(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	out := []api.Device{}
	for _, d := range devices {
		out = append(out, api.Device{
			ID: d.ID, Name: d.Name, Platform: d.Platform, Version: d.Version, Kind: d.Kind, Level: d.Level, Network: d.Network,
			FirstVisitAt: d.Table.FirstVisitAt, PreviousVisitAt: d.Table.PreviousVisitAt, LatestVisitAt: d.Table.LatestVisitAt,
			LastUsedAt: d.Table.LastUsedAt, Current: d.ID == device(c).ID,
		})
	}
	return reply(c, out)
}

// own finds a session of the user by the id in the path. Errors:
// store.CodeNotFound also for one of somebody else.
func (a *API) own(c *gin.Context) (store.SessionID, error) {
	id, err := store.ParseID(c.Param("id"))
	if err != nil {
		return 0, err
	}
	d, ok, err := a.Sessions.Session(c.Request.Context(), store.SessionID(id))
	if err != nil {
		return 0, err
	}
	if !ok || d.UserID != device(c).UserID || d.EndedAt != 0 {
		return 0, store.Errorf(store.CodeNotFound, "id", "there is no such session of yours")
	}
	return d.ID, nil
}

func (a *API) patchSessions(c *gin.Context) error {
	id, err := a.own(c)
	if err != nil {
		return err
	}
	return a.rename(c, id)
}

// deleteSessions ends the session of one device of the user; its streams close
// at once.
func (a *API) deleteSessions(c *gin.Context) error {
	id, err := a.own(c)
	if err != nil {
		return err
	}
	if err := a.stepUp(c); err != nil {
		return err
	}
	if err := a.Sessions.End(c.Request.Context(), id, machine.Revoked, a.by(c)); err != nil {
		return err
	}
	return noContent(c)
}

// deleteOtherSessions ends all sessions of the user but this.
func (a *API) deleteOtherSessions(c *gin.Context) error {
	if err := a.stepUp(c); err != nil {
		return err
	}
	d := device(c)
	if err := a.Sessions.EndAll(c.Request.Context(), d.UserID, d.ID, machine.Revoked, a.by(c)); err != nil {
		return err
	}
	return noContent(c)
}
