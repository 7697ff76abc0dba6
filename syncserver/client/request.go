package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// send sends one request. The caller closes the body of the response, which is
// a good one. Errors: the server's problem as *Problem;
// store.CodeServerUnreached when there was no answer, or not one of ours.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body any, accept string) (*http.Response, error) {
	resp, err := c.do(ctx, func() (*http.Request, error) { return c.newRequest(ctx, method, path, query, body, accept) })
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, problem(resp)
}

// do sends a request as the session, and once more when the session had to be
// renewed or proven first. make makes it each time.
func (c *Client) do(ctx context.Context, make func() (*http.Request, error)) (*http.Response, error) {
	if c.credentials == nil {
		req, err := make()
		if err != nil {
			return nil, err
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, unreached(ctx, err)
		}
		return resp, nil
	}
	prove := false
	for tries := 0; ; tries++ {
		token := c.credentials.token()
		if token == "" {
			if err := c.renew(ctx, ""); err != nil {
				return nil, err
			}
			token = c.credentials.token()
		}
		req, err := make()
		if err != nil {
			return nil, err
		}
		resp, err := c.as(req, token, prove)
		if err != nil {
			return nil, unreached(ctx, err)
		}
		if resp.StatusCode != http.StatusUnauthorized || tries == 2 {
			return resp, nil
		}
		var again bool
		if resp, again, err = c.again(ctx, resp, token, &prove); err != nil || !again {
			return resp, err
		}
	}
}

// as sends a request with an access token.
func (c *Client) as(req *http.Request, token string, prove bool) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+token)
	if prove {
		c.credentials.mu.Lock()
		err := c.credentials.prove(req, token)
		c.credentials.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	return c.http.Do(req)
}

// again tells whether a refused request is to be sent once more, after what has
// to be done before. It reads the body, and gives it back.
func (c *Client) again(ctx context.Context, resp *http.Response, token string, prove *bool) (*http.Response, bool, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	_ = resp.Body.Close()
	if err != nil {
		return nil, false, unreached(ctx, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	var p api.Problem
	if json.Unmarshal(raw, &p) != nil {
		return resp, false, nil
	}
	switch p.Code { //nolint:exhaustive // all others are answers
	case store.CodeTokenExpired, store.CodeSessionSuperseded:
		return resp, true, c.renew(ctx, token)
	case store.CodeSessionProofRequired:
		c.credentials.mu.Lock()
		defer c.credentials.mu.Unlock()
		c.credentials.note(resp)
		*prove = true
		return resp, c.credentials.Signer != nil && c.credentials.nonce != "", nil
	}
	return resp, false, nil
}

func (c *Client) newRequest(ctx context.Context, method, path string, query url.Values, body any, accept string) (*http.Request, error) {
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case jsontext.Value: // as it is: whether it is JSON is the server's to say
		content = bytes.NewReader(body)
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		content = bytes.NewReader(raw)
	}
	address := c.base.JoinPath(path)
	address.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, address.String(), content)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Accept", accept)
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(api.HeaderClient, c.name)
	}
	return req, nil
}

// ask sends a request and reads the whole answer into into, when it is not nil.
func (c *Client) ask(ctx context.Context, method, path string, query url.Values, body, into any) error {
	resp, err := c.send(ctx, method, path, query, body, "application/json")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := readAll(resp.Body)
	if err != nil {
		return unreached(ctx, err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	}
	return nil
}

func readAll(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err == nil && len(raw) > maxBody {
		err = store.Errorf(store.CodeTooLarge, "", "the answer has more than %d bytes", maxBody)
	}
	return raw, err
}
