package syncserver

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// Bounds of open connections: each holds memory before anybody knows who is
// there. A household has tens. This machine and trusted proxies speak for many,
// and bound those themselves.
const (
	// MaxConnections may be open at once.
	MaxConnections = 2000
	// MaxConnectionsFrom may be open from one address, of IPv6 from one /64, which
	// one host has for itself.
	MaxConnectionsFrom = 100
)

// connections counts those that are open and closes what is too many.
type connections struct {
	proxies []netip.Prefix

	mu   sync.Mutex
	all  int
	from map[netip.Prefix]int
}

func newConnections(proxies []netip.Prefix) *connections {
	return &connections{proxies: proxies, from: map[netip.Prefix]int{}}
}

// state is the hook of http.Server, which tells of each connection that it is new
// and, once, that it is over: also of one that is closed here.
func (c *connections) state(conn net.Conn, state http.ConnState) {
	switch state { //nolint:exhaustive // what it does meanwhile does not matter
	case http.StateNew:
		if !c.come(conn.RemoteAddr()) {
			_ = conn.Close() // whoever is there is not waited for
		}
	case http.StateClosed, http.StateHijacked:
		c.left(conn.RemoteAddr())
	}
}

// come counts one more and tells whether it may stay.
func (c *connections) come(addr net.Addr) bool {
	from, bounded := c.source(addr)
	if !bounded {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	c.from[from]++
	return c.all <= MaxConnections && c.from[from] <= MaxConnectionsFrom
}

// left counts one that is over.
func (c *connections) left(addr net.Addr) {
	from, bounded := c.source(addr)
	if !bounded {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[from]--; c.from[from] == 0 {
		delete(c.from, from)
	}
}

// source is whom a connection is counted for. bounded is false for who speaks for
// many.
func (c *connections) source(addr net.Addr) (from netip.Prefix, bounded bool) {
	port, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Prefix{}, false // no address at all: a pipe of this machine
	}
	ip := port.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	from, _ = ip.Prefix(bits) // as many bits as it has
	trusted := slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
	return from, !ip.IsLoopback() && !trusted
}
