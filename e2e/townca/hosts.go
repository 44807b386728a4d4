package townca

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// clientTimeout ends a test's request that nobody will answer any more.
const clientTimeout = 30 * time.Second

// ErrCannotListen tells that this process may not listen on the https port, which only root may do on most machines.
var ErrCannotListen = errors.New("cannot listen on port 443 of loopback")

// HostsFile has a line "address name" for each host that settled, in the form of /etc/hosts. It is there from the start.
func (a *Authority) HostsFile() string { return filepath.Join(a.dir, "hosts") }

// Settle gives a host a loopback address of its own, on which port 443 is free, and enters it in the hosts file. WebFinger
// knows no ports (RFC 7033 4), so test hosts cannot share an address and differ by port. A host that settled before keeps
// its address.
func (a *Authority) Settle(name string) (netip.Addr, error) {
	a.hosts.Lock()
	defer a.hosts.Unlock()
	if addr, err := a.Lookup(name); err == nil {
		return addr, nil
	}
	addr, err := freeAddress()
	if err != nil {
		return netip.Addr{}, fmt.Errorf("settle %s: %w", name, err)
	}
	if err := a.enter(addr, name); err != nil {
		return netip.Addr{}, fmt.Errorf("settle %s: %w", name, err)
	}
	return addr, nil
}

// Lookup returns the address of a host that settled.
func (a *Authority) Lookup(name string) (netip.Addr, error) {
	file, err := os.Open(a.HostsFile())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("look up %s: %w", name, err)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && slices.Contains(fields[1:], name) {
			return netip.ParseAddr(fields[0])
		}
	}
	if err := lines.Err(); err != nil {
		return netip.Addr{}, fmt.Errorf("look up %s: %w", name, err)
	}
	return netip.Addr{}, fmt.Errorf("look up %s: %w", name, &net.DNSError{Err: "no such test host", Name: name, IsNotFound: true})
}

// Client returns an HTTP client that lives in this town: it finds the hosts that settled, trusts their certificates, and
// reaches nothing else.
func (a *Authority) Client() *http.Client {
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: a.Pool()},
		ForceAttemptHTTP2: true,
		DialContext:       a.dial,
	}
	return &http.Client{Transport: transport, Timeout: clientTimeout}
}

func (a *Authority) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	addr, err := a.Lookup(name)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(addr.String(), port))
}

func (a *Authority) enter(addr netip.Addr, name string) error {
	file, err := os.OpenFile(a.HostsFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s %s\n", addr, name)
	return errors.Join(err, file.Close())
}

// freeAddress draws from 127.1.0.0 upwards, out of the way of what people type by hand. With sixteen million addresses
// two test processes do not draw the same one.
func freeAddress() (netip.Addr, error) {
	addr := netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(254)), byte(rand.IntN(256)), byte(1 + rand.IntN(254))}) //nolint:gosec // avoids others, guards nothing
	listener, err := net.Listen("tcp", netip.AddrPortFrom(addr, 443).String())                                      //nolint:noctx // closed at once
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%w: %w", ErrCannotListen, err)
	}
	return addr, listener.Close()
}
