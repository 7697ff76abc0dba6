// Package httpapi is the HTTP face of the server: routes, middleware, streams
// and the page's files. It is the only importer of Gin.
package httpapi

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"time"

	"inglenook/store/household"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/feed"
	"inglenook/syncserver/session"

	"github.com/gin-gonic/gin"
	"github.com/rs/zerolog"
)

// API answers requests. All of it is set once, before the first request.
type API struct {
	Store    *household.Store
	Feed     *feed.Feed
	Sessions *session.Sessions
	Auth     *auth.Methods
	UI       fs.FS // the page; nil serves none
	Log      zerolog.Logger
	Now      func() time.Time

	Version, Commit string
	Demo            bool

	// Hosts are names a request may be for, besides localhost and addresses: a
	// page of another name that resolves here must not talk to us (DNS
	// rebinding). TrustedProxies may say who the client is.
	Hosts          []string
	TrustedProxies []string

	// AllowDev lets pages in that somebody is working on, see checkDev.
	AllowDev bool

	// SessionStreams is how many connections of one session may wait for events;
	// 0 means DefaultSessionStreams.
	SessionStreams int

	// Draining is done when the server is about to stop: streams say bye.
	Draining context.Context

	meters  meters
	places  *places
	proxies []netip.Prefix // TrustedProxies
}

// Limits of a request.
const (
	maxBatchBody = 4<<20 + 64<<10 // store.MaxBatchBytes and its envelope
	maxBody      = 64 << 10
	heartbeat    = 15 * time.Second
	writeTimeout = 10 * time.Second // a frame on a stream
)

// Handler returns the handler of every path.
func (a *API) Handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	if err := engine.SetTrustedProxies(a.TrustedProxies); err != nil {
		return nil, err
	}
	var err error
	if a.proxies, err = Proxies(a.TrustedProxies); err != nil {
		return nil, err
	}
	a.meters.init(a)
	a.places = newPlaces(a.SessionStreams)
	ui, err := newUI(a.UI)
	if err != nil {
		return nil, err
	}
	a.routes(engine, ui)
	return a.guard(hurry(crossOrigin(engine))), nil
}

// Proxies reads addresses and networks of trusted proxies.
func Proxies(texts []string) (out []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("proxy %q: %w", text, err)
			}
			network = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		}
		out = append(out, network)
	}
	return out, nil
}
