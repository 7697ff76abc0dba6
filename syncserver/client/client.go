// Package client is the Go client of a sync server: what a device, a script
// and the tests use.
package client

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"inglenook/store"
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
