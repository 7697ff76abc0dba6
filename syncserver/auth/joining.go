package auth

import (
	"context"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
)

// Asked records that somebody asks to be let in.
func (m *Methods) Asked(ctx context.Context, who household.Identity, from From) error {
	return m.store.Audit(ctx, from.record(auditRequested, 0, "method", who.Method))
}

// Approve makes somebody who has asked a user: a new one of a name and an
// access, or with user an existing one, who signs in that way too from now on.
//
// Errors: store.CodeInvalid, CodeNotFound, CodeNameTaken; CodeForbidden when
// from.UserID is no admin any more.
func (m *Methods) Approve(ctx context.Context, who household.Identity, name string, level access.Level, user store.ID, from From) (store.ID, error) {
	method := newMethod(who, "", titleOf(who))
	return m.store.Admit(ctx, household.Admission{
		UserID: user, Name: name, Access: level, Method: &method, By: from.UserID,
	}, from.record(auditApproved, 0, "method", who.Method))
}

// Refused records that somebody is not let in.
func (m *Methods) Refused(ctx context.Context, who household.Identity, from From) error {
	return m.store.Audit(ctx, from.record(auditRefused, 0, "method", who.Method))
}

// Leave removes the user of from and every way in which they could sign in.
// Errors: store.CodeLastAdmin.
func (m *Methods) Leave(ctx context.Context, from From) error {
	return m.store.RemoveUser(ctx, from.UserID, household.AuditRecord{
		Kind: auditLeft, UserID: from.UserID, SessionID: from.SessionID, Network: from.Address,
	})
}
