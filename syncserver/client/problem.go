package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// unreached says that there was no answer, unless it was the caller who did not
// want one any more.
func unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *store.Error
	if errors.As(err, &known) {
		return known
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // without the address, which is told beside it
	}
	return store.Errorf(store.CodeServerUnreached, "", "the server does not answer: %v", err)
}

// Problem is what the server answered. It unwraps to the store.Error.
type Problem struct {
	api.Problem
}

func (p *Problem) Error() string { return p.Unwrap().Error() }

// Unwrap returns the problem as the error it was on the server.
func (p *Problem) Unwrap() error {
	return &store.Error{Code: p.Code, Message: p.Detail, Field: p.Field}
}

// ProblemOf turns an error into a problem; what a server answered stays whole.
func ProblemOf(err error) api.Problem {
	var answered *Problem
	if errors.As(err, &answered) {
		return answered.Problem
	}
	return api.ProblemOf(err)
}

// problem reads an answer that is not a good one.
func problem(resp *http.Response) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	var p Problem
	if err != nil || json.Unmarshal(raw, &p.Problem) != nil || p.Code == "" {
		return store.Errorf(store.CodeServerUnreached, "", "the answer %d is not one of an Inglenook server", resp.StatusCode)
	}
	return &p
}
