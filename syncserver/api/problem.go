package api

import (
	"errors"
	"net/http"

	"inglenook/store"

	"github.com/go-json-experiment/json"
)

// Problem is an error on the wire (RFC 9457).
type Problem struct {
	Type         string      `json:"type"`
	Title        string      `json:"title"`
	Status       int         `json:"status"`
	Detail       string      `json:"detail,omitempty"`
	Field        string      `json:"field,omitempty"`
	Instance     string      `json:"instance,omitempty"`
	Code         store.Code  `json:"code"`
	RetryAfterMs int         `json:"retryAfterMs,omitzero"`
	Epoch        store.Epoch `json:"epoch,omitzero"`

	// Of a session that was refused.
	ClaimID string          `json:"claimId,omitempty"`
	Reason  string          `json:"reason,omitempty"`  // why it has ended
	At      store.Timestamp `json:"at,omitzero"`       // since when somebody else has it
	Network string          `json:"network,omitempty"` // from where
}

// statusOf is the HTTP status of every code. Codes are append-only.
var statusOf = map[store.Code]int{
	store.CodeInternal:        http.StatusInternalServerError,
	store.CodeInvalid:         http.StatusUnprocessableEntity,
	store.CodeMalformed:       http.StatusBadRequest,
	store.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	store.CodeNotFound:        http.StatusNotFound,
	store.CodeMethod:          http.StatusMethodNotAllowed,
	store.CodeContentType:     http.StatusUnsupportedMediaType,
	store.CodeForbidden:       http.StatusForbidden,
	store.CodeOrigin:          http.StatusForbidden,
	store.CodeHost:            http.StatusMisdirectedRequest,
	store.CodeRateLimited:     http.StatusTooManyRequests,
	store.CodeUnknownID:       http.StatusNotFound,
	store.CodeUnknownRef:      http.StatusUnprocessableEntity,
	store.CodeIDConflict:      http.StatusConflict,
	store.CodeBaseUnknown:     http.StatusConflict,
	store.CodeCursorInvalid:   http.StatusBadRequest,
	store.CodeReset:           http.StatusConflict,
	store.CodeSeqStale:        http.StatusConflict,
	store.CodeLastAdmin:       http.StatusConflict,
	store.CodeStorageFull:     http.StatusInsufficientStorage,
	store.CodeStoreBehind:     http.StatusServiceUnavailable,
	store.CodeStoreLocked:     http.StatusServiceUnavailable,
	store.CodeFormatNewer:     http.StatusServiceUnavailable,
	store.CodeSessionMissing:  http.StatusUnauthorized,
	store.CodeSessionInvalid:  http.StatusUnauthorized,
	store.CodeSessionEnded:    http.StatusUnauthorized,
	store.CodeSessionExpired:  http.StatusUnauthorized,
	store.CodeSignInFailed:    http.StatusUnauthorized,
	store.CodeMethodOff:       http.StatusNotFound,
	store.CodePasswordWeak:    http.StatusUnprocessableEntity,
	store.CodeNameTaken:       http.StatusConflict,
	store.CodeServerUnreached: http.StatusBadGateway,
	store.CodeDraining:        http.StatusServiceUnavailable,

	store.CodeSessionSuperseded:    http.StatusUnauthorized,
	store.CodeSessionClaimOpen:     http.StatusUnauthorized,
	store.CodeSessionProofRequired: http.StatusUnauthorized,
	store.CodeSessionDenied:        http.StatusUnauthorized,
	store.CodeSessionReverify:      http.StatusUnauthorized,
	store.CodeSessionTaken:         http.StatusUnauthorized,
	store.CodeTokenExpired:         http.StatusUnauthorized,
	store.CodeSignInPending:        http.StatusUnauthorized,
	store.CodeStepUpRequired:       http.StatusForbidden,
	store.CodeAccountMissing:       http.StatusForbidden,
	store.CodeDataChanged:          http.StatusPreconditionFailed,
	store.CodeLastMethod:           http.StatusConflict,
}

// StatusOf returns the HTTP status of a code.
func StatusOf(code store.Code) int {
	if status, ok := statusOf[code]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// ProblemOf turns an error into a problem. What has no code is ours, and not
// told.
func ProblemOf(err error) Problem {
	p := Problem{Code: store.CodeInternal}
	var known *store.Error
	if errors.As(err, &known) {
		p.Code, p.Detail, p.Field = known.Code, known.Message, known.Field
	}
	p.Status = StatusOf(p.Code)
	p.Type, p.Title = "/problems/"+string(p.Code), http.StatusText(p.Status)
	return p
}

// JSON is the body of the answer.
func (p Problem) JSON() []byte {
	body, err := json.Marshal(p)
	if err != nil { // a text in it is not UTF-8
		return []byte(`{"type":"/problems/internal","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	return body
}
