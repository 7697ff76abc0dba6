package store

import (
	"errors"
	"fmt"
)

// Code is the machine-readable reason of an error. The list is append-only:
// clients of any age decide by it.
type Code string

// The codes. Their HTTP status is fixed in syncserver/httpapi/problem.go.
const (
	CodeInternal        Code = "internal"  // ours; only logged
	CodeInvalid         Code = "invalid"   // a field has a wrong type or value
	CodeMalformed       Code = "malformed" // not JSON, not UTF-8, too deep, a name twice
	CodeTooLarge        Code = "too-large" // a stated limit is exceeded
	CodeNotFound        Code = "not-found" // no such path, entity or session, or not visible
	CodeMethod          Code = "method-not-allowed"
	CodeContentType     Code = "content-type"      // a body that is not application/json
	CodeForbidden       Code = "forbidden"         // signed in, and not allowed
	CodeOrigin          Code = "origin-rejected"   // a request from another site's page
	CodeHost            Code = "host-rejected"     // a Host that is not ours: DNS rebinding
	CodeRateLimited     Code = "rate-limited"      // try later
	CodeUnknownID       Code = "unknown-id"        // replaces what never existed
	CodeUnknownRef      Code = "unknown-reference" // refers to what never existed
	CodeIDConflict      Code = "id-conflict"       // the id was taken by another device: take a new one
	CodeBaseUnknown     Code = "base-unknown"      // base lies beyond the newest event
	CodeCursorInvalid   Code = "cursor-invalid"    // not <epoch>-<id>
	CodeReset           Code = "cursor-reset"      // cursor of another epoch, beyond the head or trimmed: take a snapshot
	CodeSeqStale        Code = "seq-stale"         // an older batch than the remembered ones
	CodeLastAdmin       Code = "last-admin"        // somebody must stay admin
	CodeStorageFull     Code = "storage-full"      // refused before the disk is full
	CodeStoreBehind     Code = "store-behind"      // the store is older than what was noted outside it
	CodeStoreLocked     Code = "store-locked"      // another process has the store open
	CodeFormatNewer     Code = "format-newer"      // written by a newer Inglenook
	CodeSessionMissing  Code = "session-missing"   // sign in
	CodeSessionInvalid  Code = "session-invalid"   // malformed, unknown or wrong secret
	CodeSessionEnded    Code = "session-ended"     // signed out or revoked
	CodeSessionExpired  Code = "session-expired"   // idle or absolute limit
	CodeSignInFailed    Code = "sign-in-failed"    // wrong name, password or code; never which
	CodeMethodOff       Code = "method-off"        // a sign-in method that is not switched on
	CodePasswordWeak    Code = "password-weak"     // too short, too long or too common
	CodeNameTaken       Code = "name-taken"        // another user has this name
	CodeServerUnreached Code = "server-unreached"  // the device cannot reach its server now
	CodeDraining        Code = "draining"          // the server is about to stop
)

// The codes of the life of a session (syncserver/session/machine), of tokens
// and of signing in.
const (
	CodeSessionSuperseded    Code = "session-superseded"     // an older value: re-read what is stored, repeat, then recover
	CodeSessionClaimOpen     Code = "session-claim-open"     // come back with the claim
	CodeSessionProofRequired Code = "session-proof-required" // prove with the nonce and repeat
	CodeSessionDenied        Code = "session-denied"         // not without the device key
	CodeSessionReverify      Code = "session-reverify"       // a sign-in factor binds a new key
	CodeSessionTaken         Code = "session-taken"          // somebody else went on with this session
	CodeTokenExpired         Code = "token-expired"          // refresh and repeat
	CodeSignInPending        Code = "sign-in-pending"        // nobody has approved it yet
	CodeStepUpRequired       Code = "step-up-required"       // verify who you are, then repeat
	CodeAccountMissing       Code = "account-missing"        // signed in, and not yet a user
	CodeDataChanged          Code = "data-changed"           // what was to be replaced is not what was read
	CodeLastMethod           Code = "last-method"            // one way to sign in must stay
)

// Error is the only error that crosses a layer with a meaning. Message is for
// people and says nothing secret; Field is a path such as "entity.title" or
// "replacements[3].base", empty when no field is meant.
type Error struct {
	Code    Code
	Message string
	Field   string
}

func (e *Error) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Code, e.Field, e.Message)
}

// Errorf makes an Error.
func Errorf(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal when
// there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
