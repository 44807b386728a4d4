//go:build unix

package hostile_test

import (
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// canary listens where the node must never knock. Its names lead to an address that is forbidden though this machine would answer there.
type canary struct {
	knocks atomic.Int64
	port   string
	own    string // a private address of this machine, "" where it has none
}

func newCanary(t testing.TB) *canary {
	t.Helper()
	c := &canary{own: ownAddress()}
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, c.port, _ = net.SplitHostPort(listener.Addr().String())
	go c.count(listener)
	c.sings(t)
	return c
}

// sings makes sure that the canary would notice.
func (c *canary) sings(t testing.TB) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "0.0.0.0:"+c.port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for began := time.Now(); c.knocks.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatal("the canary notices nothing")
		}
	}
	c.knocks.Store(0)
}

func (c *canary) count(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		c.knocks.Add(1)
		_ = conn.Close()
	}
}

// hosts are names that lead inside: to this machine by ways that are forbidden, and to networks that may be there.
func (c *canary) hosts() string {
	lines := "0.0.0.0 zero.test\n::1 six.test\n10.0.0.1 ten.test\n169.254.169.254 metadata.test\n192.168.1.1 router.test\n100.64.0.1 carrier.test\n" +
		"172.16.0.1 private.test\n198.18.0.1 benchmark.test\n::ffff:10.0.0.1 mapped.test\nfd00::1 unique.test\nfe80::1 link.test\n64:ff9b::7f00:1 nat.test\n"
	if c.own != "" {
		lines += c.own + " own.test\n"
	}
	return lines
}

// ownAddress finds a private address of this machine.
func ownAddress() string {
	addrs, _ := net.InterfaceAddrs() // where they cannot be read there are none
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.To4() != nil && ip.IP.IsPrivate() {
			return ip.IP.String()
		}
	}
	return ""
}

// url is one of its addresses, by a name that leads to this machine but not to 127.0.0.0/8.
func (c *canary) url() string { return "http://zero.test:" + c.port }

// inside are addresses by which a document could lead the node inside. Those that this machine answers at have the canary's port.
func (c *canary) inside() []string {
	var all []string
	hosts := []string{
		"zero.test", "six.test", "ten.test", "metadata.test", "router.test", "carrier.test", "private.test", "benchmark.test",
		"mapped.test", "unique.test", "link.test", "nat.test", "0.0.0.0", "[::1]", "[::]", "10.0.0.1", "169.254.169.254", "192.168.1.1",
		"[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "2130706433", "0x7f.1", "017700000001", "127.1", "0",
	}
	if c.own != "" {
		hosts = append(hosts, "own.test")
	}
	for _, host := range hosts {
		all = append(all, "http://"+host+":"+c.port+"/x")
	}
	return append(all, "file:///etc/passwd", "gopher://zero.test:"+c.port+"/", "ftp://zero.test:"+c.port+"/", "data:application/activity+json,{}",
		"unix:///var/run/docker.sock", "javascript:alert(1)")
}
