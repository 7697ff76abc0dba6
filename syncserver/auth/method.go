// Package auth holds the sign-in methods, one file each.
package auth

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"
	"unicode"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Now is the clock.
type Now func() time.Time

// From says where a request comes from.
type From struct {
	Address   string // network address of the client
	Origin    string // scheme://host[:port] as the client called us
	Encrypted bool   // the client's connection is, as far as we know

	// The session it comes with and its user; 0 for somebody who signs in.
	SessionID store.SessionID
	UserID    store.ID
}

// Somebody is who has signed in. UserID is 0 for an identity nobody of the
// household has yet.
type Somebody struct {
	UserID   store.ID
	Identity household.Identity

	// Revision is that of the user's credential when they proved it. The session
	// is made while it is still that: nobody comes in with what was just taken
	// away.
	Revision uint64
	// Approver is the session that has let them in; 0 for none. The session is
	// made while that one is active.
	Approver store.SessionID
	// Notice is what the user is told on all devices, since it may not have been
	// them; "" for nothing.
	Notice string
}

// Method is one way to sign in.
type Method interface {
	// Listing says how the method presents itself; on is false while it cannot
	// be used from there.
	Listing(ctx context.Context, from From) (listing api.Method, on bool, err error)

	// SignIn returns who somebody has proved to be. What proves it once only is
	// used up: call it when everything else about the request is right.
	//
	// Errors: store.CodeSignInFailed, never saying what was wrong;
	// store.CodeRateLimited; store.CodeMethodOff; store.CodeSignInPending.
	SignIn(ctx context.Context, login api.Login, from From) (Somebody, error)
}

// Beginner is a method with a step before signing in.
type Beginner interface {
	// Begin returns what the client needs for SignIn.
	Begin(ctx context.Context, in api.Begin, from From) (api.Begun, error)
}

// Adder is a method that a user can add to their account.
type Adder interface {
	// Add returns what a user has proved to have, to be kept with them.
	Add(ctx context.Context, user store.ID, login api.Login, from From) (household.Method, error)
}

// Kinds of audit records of this package.
const (
	auditSignedIn  = "signin.ok"
	auditFailed    = "signin.failed"
	auditAdded     = "method.added"
	auditRemoved   = "method.removed"
	auditInvited   = "invitation.made"
	auditUninvited = "invitation.removed"
	auditUsed      = "invitation.used"
	auditPaired    = "pairing.approved"
	auditRequested = "request.made"
	auditApproved  = "request.approved"
	auditRefused   = "request.refused"
	auditLeft      = "account.removed"
)

// signedIn is the record of a sign-in; a user's proof within a session is one
// too.
func (f From) signedIn(user store.ID, method string) household.AuditRecord {
	return f.proof(auditSignedIn, user, method)
}

func (f From) proof(kind string, user store.ID, method string) household.AuditRecord {
	r := f.record(kind, user, "method", method)
	if f.SessionID != 0 {
		r.Detail["purpose"] = "verify"
	}
	return r
}

// another tells whether a user is not the one whose session it comes with.
func (f From) another(user store.ID) bool { return f.UserID != 0 && f.UserID != user }

// notTheirs is why a proof of somebody else fails within a session.
const notTheirs = "this is not who the session belongs to"

// record is a record about a user with one detail.
func (f From) record(kind string, user store.ID, name, value string) household.AuditRecord {
	r := household.AuditRecord{
		Kind: kind, UserID: user, SessionID: f.SessionID, Network: f.Address, Detail: map[string]string{name: value},
	}
	if f.UserID != 0 && f.UserID != user {
		r.By = store.Author{UserID: f.UserID, SessionID: f.SessionID}
	}
	return r
}

// failed is the one answer to a sign-in that proves nothing.
func failed() error {
	return store.Errorf(store.CodeSignInFailed, "", "the name or the secret is wrong")
}

// failure is failed with what only the audit log learns.
type failure struct {
	error
	user   store.ID
	reason string
}

func (f *failure) Unwrap() error { return f.error }

// failedAs is failed for a user who is known.
func failedAs(user store.ID) error { return &failure{error: failed(), user: user} }

// failedFor is failed for a reason that helps whoever runs the server.
func failedFor(reason string) error { return &failure{error: failed(), reason: reason} }

func methodOff() error {
	return store.Errorf(store.CodeMethodOff, "method", "this sign-in method is not switched on here")
}

// same compares two secrets in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// maxShown is in bytes.
const maxShown = 100

// Shown is what somebody calls themselves, or their device, as others may see it:
// short, and of letters that can be seen and do not turn around or hide what stands
// beside them.
func Shown(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != blank {
			return r
		}
		return -1
	}, s))
	for i := range s {
		if i >= maxShown {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

// blank is a pattern of Braille without a dot.
const blank = '\u2800'
