package auth

import (
	"context"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Invitations let somebody in with a code that an admin has made: a new user, or
// one who has lost every way to sign in. It works once. Whoever loses the answer,
// and has no password yet, needs a new one for the user there is now.
type Invitations struct {
	store     *household.Store
	passwords *Password
	limit     *limiter
}

// invitationLife is how long an invitation may be used.
const invitationLife = 7 * 24 * time.Hour

func newInvitations(s *household.Store, passwords *Password) *Invitations {
	return &Invitations{store: s, passwords: passwords, limit: passwords.limit}
}

func invitationHash(code string) household.CodeHash {
	return household.HashCode("invitation", plain(code))
}

// Listing: on as soon as there is somebody to invite.
func (m *Invitations) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "invitation", Kind: "invitation"}, m.store.SetUp(), nil
}

// Invite makes an invitation by from.UserID, an admin, for an existing user when in names
// one. The code is told here and never again.
//
// Errors: store.CodeInvalid, CodeNotFound, CodeTooLarge; CodeForbidden when
// from.UserID is no admin any more.
func (m *Invitations) Invite(ctx context.Context, in api.NewInvitation, from From) (code string, i household.Invitation, err error) {
	i = household.Invitation{
		Access: access.Level(in.Access), UserID: in.UserID, By: from.UserID,
		ExpiresAt: store.TimestampOf(m.limit.now().Add(invitationLife)),
	}
	if in.UserID != 0 {
		user, err := m.store.User(ctx, in.UserID)
		if err != nil {
			return "", i, err
		}
		i.Access = access.Level(user.String("access"))
	} else {
		switch i.Access {
		case access.Admin, access.Member, access.Child, access.Guest, access.Display:
		default:
			return "", i, store.Errorf(store.CodeInvalid, "access", "is admin, member, child, guest or display")
		}
	}
	code = newSecret()
	i, err = m.store.Invite(ctx, invitationHash(code), i, from.record(auditInvited, in.UserID, "access", string(i.Access)))
	return code, i, err
}

// Open returns the invitations that can be used.
func (m *Invitations) Open(ctx context.Context) ([]household.Invitation, error) {
	return m.store.Invitations(ctx, store.TimestampOf(m.limit.now()))
}

// Remove takes an invitation back. Errors: store.CodeNotFound.
func (m *Invitations) Remove(ctx context.Context, id string, from From) error {
	return m.store.Uninvite(ctx, id, from.record(auditUninvited, 0, "invitation", id))
}

// SignIn uses an invitation up. Somebody new becomes a user of the name, with
// the password when there is one; else they add a way to sign in later.
//
// Errors: besides those of Method, store.CodeInvalid, CodeNameTaken and
// CodePasswordWeak, which leave the invitation as it is.
func (m *Invitations) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	hash, i, err := m.open(ctx, login.Code, from)
	if err != nil {
		return Somebody{}, err
	}
	if from.another(i.UserID) {
		return Somebody{}, failedFor(notTheirs)
	}
	who, err := m.whom(ctx, i, noticeInvited)
	if err != nil {
		return Somebody{}, err
	}
	a := household.Admission{Name: Shown(login.Name), Invitation: &hash}
	if i.UserID == 0 && login.Password != "" {
		if err := Check(login.Password); err != nil {
			return Somebody{}, err
		}
		a.Method = &household.Method{Kind: household.MethodPassword, PasswordHash: m.passwords.hash(login.Password)}
	}
	who.UserID, err = m.store.Admit(ctx, a, from.record(auditUsed, 0, "invitation", i.ID), from.signedIn(0, "invitation"))
	if store.CodeOf(err) == store.CodeNotFound { // somebody was faster, or the user is gone
		return Somebody{}, failed()
	}
	return who, err
}

// Admit makes somebody who has proved an identity the user an invitation is for.
//
// Errors: store.CodeSignInFailed for a code that is none, CodeRateLimited,
// CodeInvalid, CodeNameTaken.
func (m *Invitations) Admit(ctx context.Context, identity household.Identity, name, code string, from From) (Somebody, error) {
	hash, i, err := m.open(ctx, code, from)
	if err != nil {
		return Somebody{}, err
	}
	who, err := m.whom(ctx, i, NoticeAdded)
	if err != nil {
		return Somebody{}, err
	}
	method := newMethod(identity, "", titleOf(identity))
	who.UserID, err = m.store.Admit(ctx, household.Admission{Name: Shown(name), Invitation: &hash, Method: &method},
		from.record(auditUsed, 0, "invitation", i.ID))
	if store.CodeOf(err) == store.CodeNotFound {
		return Somebody{}, failed()
	}
	return who, err
}

// What a user is told whom an invitation was for: somebody comes in as them.
const (
	noticeInvited = "invited"
	// NoticeAdded says that there is one more way to sign in.
	NoticeAdded = "method-added"
)

// whom is who comes in with an invitation: nobody yet, or a user as they are now,
// who is told.
func (m *Invitations) whom(ctx context.Context, i household.Invitation, notice string) (Somebody, error) {
	if i.UserID == 0 {
		return Somebody{}, nil
	}
	c, err := m.store.Credential(ctx, i.UserID)
	return Somebody{UserID: i.UserID, Revision: c.Revision, Notice: notice}, err
}

// open finds the open invitation of a code.
func (m *Invitations) open(ctx context.Context, code string, from From) (household.CodeHash, household.Invitation, error) {
	hash, address := invitationHash(code), addressKey(from.Address)
	if err := m.limit.try(address); err != nil {
		return hash, household.Invitation{}, err
	}
	i, err := m.store.Invitation(ctx, hash, store.TimestampOf(m.limit.now()))
	if store.CodeOf(err) == store.CodeNotFound {
		return hash, i, failed()
	}
	if err == nil {
		m.limit.succeeded("", address)
	}
	return hash, i, err
}
