package httpapi

import (
	"net/http"
	"slices"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
)

func (a *API) getAccount(c *gin.Context) error {
	user, err := a.Store.User(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	return reply(c, user)
}

// postAccount makes a pending session's account: at once with an invitation,
// else an admin is asked.
func (a *API) postAccount(c *gin.Context) error {
	var in api.NewAccount
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	d := device(c)
	if d.Pending == nil {
		return store.Errorf(store.CodeForbidden, "", "this session has an account")
	}
	user, _, err := a.Store.UserByIdentity(c.Request.Context(), d.Pending.Identity)
	switch {
	case err == nil: // somebody's by now: another device was quicker
	case store.CodeOf(err) != store.CodeNotFound:
		return err
	case in.Invitation == "":
		return a.ask(c, in.Name)
	default:
		who, err := a.Auth.Invitations.Admit(whole(c), d.Pending.Identity, in.Name, in.Invitation, a.fromDevice(c))
		if err != nil {
			return err
		}
		if err := a.tell(c, who, household.Notice{SessionID: d.ID, Device: d.Name}); err != nil {
			return err
		}
		user = who.UserID
	}
	if err := a.Sessions.Adopt(whole(c), d.ID, user); err != nil {
		return err
	}
	return a.replySession(c, http.StatusOK)
}

// replySession answers with the session as it is now.
func (a *API) replySession(c *gin.Context, status int) error {
	d, _, err := a.Sessions.Session(c.Request.Context(), device(c).ID)
	if err != nil {
		return err
	}
	view, err := a.session(c, d)
	if err != nil {
		return err
	}
	body, err := json.Marshal(view)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	sendBody(c, status, "application/json", body)
	return nil
}

const (
	// requestLife is how long somebody who has asked waits for an admin.
	requestLife = 7 * 24 * time.Hour
	// maxRequests may wait at once: anybody with an account at a provider may ask.
	maxRequests = 50
)

// ask makes a join request of a pending session and tells the admins. Whether
// somebody has that name already is not for strangers to know: the admin sees it.
func (a *API) ask(c *gin.Context, name string) error {
	d := device(c)
	if name = auth.Shown(name); name == "" {
		return store.Errorf(store.CodeInvalid, "name", "has letters that can be seen, of 100 bytes at most")
	}
	waiting, err := a.waiting(c)
	if err != nil {
		return err
	}
	again, err := a.withdraw(c, waiting)
	if err != nil {
		return err
	}
	if !again && len(waiting) >= maxRequests {
		return store.Errorf(store.CodeRateLimited, "", "too many people ask to be let in; try again later")
	}
	err = a.Sessions.Change(c.Request.Context(), d.ID, func(d *household.DeviceSession, now store.Timestamp) (bool, error) {
		if d.Pending == nil {
			return false, store.Errorf(store.CodeForbidden, "", "this session has an account")
		}
		asked := *d.Pending
		asked.Name, asked.RequestedAt, asked.DropAt = name, now, now+store.Timestamp(requestLife.Milliseconds())
		d.Pending = &asked
		return true, nil
	})
	if err != nil {
		return err
	}
	if again {
		return a.replySession(c, http.StatusAccepted) // the admins know
	}
	if err := a.Auth.Asked(c.Request.Context(), d.Pending.Identity, a.fromDevice(c)); err != nil {
		return err
	}
	for user, level := range a.Store.Sight().Levels {
		if level != access.Admin {
			continue
		}
		notice := household.Notice{Kind: session.NoticeJoinRequest, SessionID: d.ID, Device: d.Name, Network: d.Network}
		if err := a.Sessions.Notify(c.Request.Context(), user, notice); err != nil {
			return err
		}
	}
	return a.replySession(c, http.StatusAccepted)
}

// withdraw takes back what the identity of this session has asked before, here or
// on another device: one who asks is one request, however often they ask. again
// tells that there was one.
func (a *API) withdraw(c *gin.Context, waiting []session.Session) (again bool, err error) {
	this := device(c)
	for _, d := range waiting {
		if !d.Pending.Identity.Same(this.Pending.Identity) {
			continue
		}
		again = true
		if d.ID == this.ID {
			continue
		}
		err := a.Sessions.Change(c.Request.Context(), d.ID, func(d *household.DeviceSession, now store.Timestamp) (bool, error) {
			if d.Pending == nil {
				return false, nil // somebody has let them in meanwhile
			}
			earlier := *d.Pending
			earlier.RequestedAt, earlier.DropAt = 0, now+store.Timestamp(a.Sessions.Timers().Pending.Milliseconds())
			d.Pending = &earlier
			return true, nil
		})
		if err != nil {
			return again, err
		}
	}
	return again, nil
}

// patchAccount changes the password: with the old one, or after a step-up.
func (a *API) patchAccount(c *gin.Context) error {
	var in api.AccountPatch
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	if in.OldPassword == "" {
		if err := a.stepUp(c); err != nil {
			return err
		}
	}
	user, ctx := device(c).UserID, c.Request.Context()
	change, err := a.Auth.Password.Change(ctx, user, in.OldPassword, in.NewPassword, a.fromDevice(c))
	if err != nil {
		return err
	}
	if err := a.Sessions.ChangePassword(ctx, user, change, a.by(c)); err != nil {
		return err
	}
	return noContent(c)
}

// deleteAccount removes the user of this session, who may not be the last admin,
// and ends all of their sessions.
func (a *API) deleteAccount(c *gin.Context) error {
	if err := a.stepUp(c); err != nil {
		return err
	}
	d := device(c)
	if err := a.Auth.Leave(c.Request.Context(), a.fromDevice(c)); err != nil {
		return err
	}
	if err := a.Sessions.EndAll(whole(c), d.UserID, 0, machine.UserRemoved, a.by(c)); err != nil {
		return err
	}
	if cookies := a.cookies(c); slices.ContainsFunc(cookies, func(one cookie) bool { return one.id == d.ID }) {
		a.clearCookie(c, d.ID, len(cookies) == 1)
	}
	return noContent(c)
}
