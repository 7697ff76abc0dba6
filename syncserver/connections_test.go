package syncserver

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"inglenook/syncserver/httpapi"
)

// from is a connection from an address that knows whether it was closed.
type from struct {
	net.Conn
	addr   string
	closed bool
}

func (f *from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr)) }

func (f *from) Close() error {
	f.closed = true
	return nil
}

// Nobody holds all connections from one address, and all of them together are
// bounded; one that ends makes room for another.
func TestConnectionsAreBounded(t *testing.T) {
	proxies, err := httpapi.Proxies([]string{"192.0.2.8", "2001:db8:ff::/48"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, addr string // %d is the number of the connection
		most       int
	}{
		{"one address", "192.0.2.7:%d", MaxConnectionsFrom},
		{"one address, as IPv6", "[::ffff:192.0.2.7]:%d", MaxConnectionsFrom},
		{"one /64", "[2001:db8:1:2::%x]:7", MaxConnectionsFrom},
		{"this machine", "127.0.0.1:%d", MaxConnections + 50},
		{"a proxy", "192.0.2.8:%d", MaxConnections + 50},
		{"a network of proxies", "[2001:db8:ff:1::%x]:7", MaxConnections + 50},
		{"many /64", "[2001:db8:1:%x::1]:7", MaxConnections},
	} {
		c := newConnections(proxies)
		var open, refused []*from
		for i := range MaxConnections + 50 {
			conn := &from{addr: fmt.Sprintf(row.addr, i+1)}
			c.state(conn, http.StateNew)
			c.state(conn, http.StateActive)
			if conn.closed {
				refused = append(refused, conn)
				c.state(conn, http.StateClosed) // as http.Server does
			} else {
				open = append(open, conn)
			}
		}
		if len(open) != row.most || len(refused) != MaxConnections+50-row.most {
			t.Errorf("%s: %d are open, %d were refused", row.name, len(open), len(refused))
		}
		c.state(open[0], http.StateClosed)
		again := &from{addr: open[0].addr}
		if c.state(again, http.StateNew); again.closed {
			t.Errorf("%s: there is no room for another", row.name)
		}
		for _, conn := range append(open[1:], again) {
			c.state(conn, http.StateClosed)
		}
		if c.all != 0 || len(c.from) != 0 {
			t.Errorf("%s: %d and %d are left when all have gone", row.name, c.all, len(c.from))
		}
	}
}
