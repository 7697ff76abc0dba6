// Package client is the Go client of a sync server: what a device, a script
// and the tests use.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits of what a client reads, in bytes.
const (
	maxBody    = 16 << 20 // an answer that is read as a whole
	maxProblem = 64 << 10
	maxLine    = 16 << 20 // one line or frame of a stream: an event of 1,000 entities may have 4 MiB and more
)

// Config says how to reach a server.
type Config struct {
	// URL is the server's address, http or https, without a path.
	URL string
	// Credentials are the session's; zero before signing in.
	Credentials Credentials
	// Name is what the client calls itself in Inglenook-Client: <program>/<version>.
	Name string
	// Transport carries the requests; nil means one of the client's own, which
	// keeps its connections.
	Transport http.RoundTripper
	// Silence is how long a stream may say nothing, heartbeats included, before
	// it counts as broken; 0 means 45 s, three heartbeats.
	Silence time.Duration
}

// Client talks to one server as one session. It may be used from any goroutine.
type Client struct {
	base        *url.URL
	credentials *credentials // nil without a session
	name        string
	http        *http.Client
	silence     time.Duration
}

// New returns a client. It connects when it is first asked something.
//
// Errors: store.CodeInvalid with Field "url".
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(cfg.URL), "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.Path != "" ||
		base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, store.Errorf(store.CodeInvalid, "url", "an address is http:// or https:// and a host, perhaps with a port")
	}
	c := &Client{base: base, name: cfg.Name, silence: cfg.Silence}
	if cfg.Credentials.Value != "" {
		c.credentials = &credentials{Credentials: cfg.Credentials}
	}
	if c.silence == 0 {
		c.silence = 45 * time.Second
	}
	if c.name == "" {
		c.name = "inglenook/1"
	}
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport(base)
	}
	c.http = &http.Client{
		Transport: transport,
		// An address that redirects is not the server's: the session's value
		// must not go elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// newTransport does without compression on the machine itself, where it only
// costs time.
func newTransport(base *url.URL) *http.Transport {
	address, err := netip.ParseAddr(base.Hostname())
	loopback := err == nil && address.IsLoopback() || base.Hostname() == "localhost"
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
		DisableCompression:    loopback,
	}
}

// URL is the server's address.
func (c *Client) URL() string { return c.base.String() }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

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
