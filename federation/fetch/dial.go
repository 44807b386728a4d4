package fetch

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

var loopback = netip.MustParsePrefix("127.0.0.0/8")

// dialer opens connections. The guard sits in Control, which sees the address that is really dialled, after look-up and
// for each candidate: a name that answers differently the second time gains nothing.
type dialer struct {
	net.Dialer
	hosts    map[string]netip.Addr
	public   *ssrf.Guardian
	loopback bool
}

func (c *Client) newDialer() *dialer {
	d := &dialer{
		hosts:    c.config.Hosts,
		public:   ssrf.New(ssrf.WithPorts(c.ports...)),
		loopback: c.config.Loopback,
	}
	d.Dialer = net.Dialer{Timeout: dialTimeout, Resolver: c.config.Resolver, Control: d.guard}
	return d
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil {
		if mapped, ok := d.hosts[host]; ok {
			address = net.JoinHostPort(mapped.String(), port)
		}
	}
	return d.DialContext(ctx, network, address)
}

// guard refuses every address that is not public (IANA special-purpose registries), and other ports than ours.
func (d *dialer) guard(network, address string, conn syscall.RawConn) error {
	if d.loopback {
		if target, err := netip.ParseAddrPort(address); err == nil && loopback.Contains(target.Addr()) {
			return nil
		}
	}
	if err := d.public.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return nil
}
