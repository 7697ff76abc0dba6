package auth

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"inglenook/store"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/rs/zerolog"
)

// remote is a provider as its discovery document describes it, which is fetched
// when it is first needed: a provider that is down takes nothing else down.
type remote struct {
	issuer string
	now    Now
	log    zerolog.Logger
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
	triedAt  time.Time // when it could not be fetched
}

const (
	// remoteTimeout is for one request to a provider.
	remoteTimeout = 5 * time.Second
	// remotePause is how long a provider that is down is left alone.
	remotePause = 10 * time.Second
	// maxRemoteBody is what is read of an answer.
	maxRemoteBody = 1 << 20
)

func newRemote(issuer string, now Now, log zerolog.Logger) *remote {
	return &remote{issuer: issuer, now: now, log: log, client: &http.Client{
		Timeout: remoteTimeout, Transport: bounded{&http.Transport{
			// A household signs in too rarely for a connection to be worth keeping.
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: remoteTimeout, DisableKeepAlives: true,
		}},
		// A provider's answers come from where it says; a code goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// context is for requests to the provider.
func (r *remote) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, r.client), 2*remoteTimeout)
}

// get returns the provider. Errors: store.CodeServerUnreached.
func (r *remote) get(ctx context.Context) (*oidc.Provider, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.provider != nil {
		return r.provider, nil
	}
	if !r.triedAt.IsZero() && r.now().Sub(r.triedAt) < remotePause {
		return nil, errDown()
	}
	// Whoever asked first may go away; the others wait for the same answer.
	ctx, cancel := r.context(context.WithoutCancel(ctx))
	defer cancel()
	p, err := oidc.NewProvider(ctx, r.issuer)
	if err != nil {
		r.triedAt = r.now()
		r.log.Warn().Str("issuer", r.issuer).Err(err).Msg("provider of sign-ins could not be reached")
		return nil, errDown()
	}
	r.provider = p
	return p, nil
}

func errDown() error {
	return store.Errorf(store.CodeServerUnreached, "method", "the provider does not answer; try again later, or sign in another way")
}

// bounded reads no more of an answer than a provider has to say.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxRemoteBody), resp.Body}
	}
	return resp, err
}
