package townca_test

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"meent/e2e/townca"
)

func TestSettledHostsFindOneAnother(t *testing.T) {
	t.Parallel()
	town := open(t, t.TempDir())
	one, two := settle(t, town, "one.example"), settle(t, town, "two.example")
	if one == two || !one.IsLoopback() {
		t.Errorf("one lives at %v and two at %v, want different loopback addresses", one, two)
	}
	if again := settle(t, town, "one.example"); again != one {
		t.Errorf("one.example moved from %v to %v", one, again)
	}
	serveAt(t, town, "one.example", one)

	response, err := town.Client().Get("https://one.example/")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("one.example answers %d", response.StatusCode)
	}
}

func TestClientReachesNobodyElse(t *testing.T) {
	t.Parallel()
	_, err := open(t, t.TempDir()).Client().Get("https://three.example/") //nolint:bodyclose // nobody answers
	var unknown *net.DNSError
	if !errors.As(err, &unknown) || !unknown.IsNotFound {
		t.Errorf("get of an unknown host: %v, want that there is no such host", err)
	}
}

func settle(t *testing.T, town *townca.Authority, name string) netip.Addr {
	t.Helper()
	addr, err := town.Settle(name)
	townca.Check(t, err)
	return addr
}

func serveAt(t *testing.T, town *townca.Authority, name string, addr netip.Addr) {
	t.Helper()
	issued, err := town.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(issued.CertFile, issued.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	listener, err := tls.Listen("tcp", netip.AddrPortFrom(addr, 443).String(), config)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(listener) //nolint:errcheck // ends with ErrServerClosed
	t.Cleanup(func() { _ = server.Close() })
}
