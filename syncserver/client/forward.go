package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
)

// Forwarded is a request that somebody else has made, and its answer.
type Forwarded struct {
	Method, Path string
	Query        url.Values
	Body         []byte
	IfMatch      string // the version that it means to replace; "" for any
}

// Answer is what the server said, a problem too.
type Answer struct {
	Status int
	Body   []byte
	ETag   string // the version of what was answered, where it has versions
}

// Forward sends a request as it is and returns the answer as it is: for whoever
// stands between a page and the server.
//
// Errors: store.CodeServerUnreached, and those of a session that cannot go on.
func (c *Client) Forward(ctx context.Context, f Forwarded) (Answer, error) {
	resp, err := c.do(ctx, func() (*http.Request, error) {
		var content any
		if len(f.Body) > 0 {
			content = jsontext.Value(f.Body)
		}
		req, err := c.newRequest(ctx, f.Method, f.Path, f.Query, content, "application/json")
		if err == nil && f.IfMatch != "" {
			req.Header.Set("If-Match", f.IfMatch)
		}
		return req, err
	})
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readAll(resp.Body)
	if err != nil {
		return Answer{}, unreached(ctx, err)
	}
	return Answer{Status: resp.StatusCode, Body: body, ETag: resp.Header.Get("ETag")}, nil
}
