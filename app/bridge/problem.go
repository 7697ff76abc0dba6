package bridge

import (
	"errors"
	"net/http"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"

	"github.com/go-json-experiment/json"
)

// problem turns an error into an answer. What a server answered keeps its
// status; what has no code is ours, and not told.
func problem(err error) (int, []byte) {
	var p api.Problem
	var known *store.Error
	var answered *client.Problem
	switch {
	case errors.As(err, &answered):
		p = answered.Problem
	case errors.As(err, &known):
		p = api.Problem{Status: statusOf(known.Code), Code: known.Code, Detail: known.Message, Field: known.Field}
	default:
		p = api.Problem{Status: http.StatusInternalServerError, Code: store.CodeInternal}
	}
	p.Type, p.Title = "/problems/"+string(p.Code), http.StatusText(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		return http.StatusInternalServerError,
			[]byte(`{"type":"/problems/internal","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	return p.Status, body
}

// statusOf is the status of the codes that arise on a device, the same as the
// server's (syncserver/httpapi/problem.go).
func statusOf(code store.Code) int {
	switch code { //nolint:exhaustive // the others arise on servers, and bring their status along
	case store.CodeMalformed, store.CodeCursorInvalid:
		return http.StatusBadRequest
	case store.CodeSessionMissing, store.CodeSessionInvalid, store.CodeSessionEnded, store.CodeSessionExpired,
		store.CodeSignInFailed:
		return http.StatusUnauthorized
	case store.CodeForbidden:
		return http.StatusForbidden
	case store.CodeNotFound, store.CodeUnknownID, store.CodeMethodOff:
		return http.StatusNotFound
	case store.CodeMethod:
		return http.StatusMethodNotAllowed
	case store.CodeReset, store.CodeIDConflict:
		return http.StatusConflict
	case store.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case store.CodeInvalid, store.CodePasswordWeak:
		return http.StatusUnprocessableEntity
	case store.CodeServerUnreached:
		return http.StatusBadGateway
	case store.CodeStoreLocked:
		return http.StatusServiceUnavailable
	case store.CodeStorageFull:
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}
