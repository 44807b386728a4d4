package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

// addresses that no request may reach, whether written in a URL, answered by a name server or named in a redirect.
var addresses = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
	"192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
	"255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
	"100::1", "100:0:0:1::1", "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00::1",
	"fe80::1", "fec0::1", "ff02::1",
}

// spellings of hosts and URLs that are refused before any name is looked up. PORT is the canary's.
var spellings = []string{
	"https://127.1:PORT/", "https://2130706433:PORT/", "https://0x7f.1:PORT/", "https://0x7f000001:PORT/", "https://017700000001:PORT/",
	"https://0177.0.0.1:PORT/", "https://127.0.0.1.:PORT/", "https://localhost:PORT/", "https://localhost.:PORT/", "https://LOCALHOST:PORT/",
	"https://x.localhost:PORT/", "https://ip6-localhost:PORT/", "https://[fe80::1%25lo]:PORT/", "https://[::1%25lo]:PORT/", "https://intranet:PORT/",
	"https://printer.local:PORT/", "https://metadata.google.internal/", "https://1.0.0.127.in-addr.arpa/",
	"http://town.nl/", "http://127.0.0.1:PORT/", "file:///etc/passwd", "ftp://town.nl/", "gopher://town.nl/", "data:text/html,x", "javascript:alert(1)",
	"unix:/run/x.sock", "https:town.nl", "//town.nl/", "/path", "", "https://", "https:///x", "https://:443/",
	"https://user@town.nl/", "https://user:pw@town.nl/", "https://town.nl@127.0.0.1:PORT/", "https://town.nl:22/", "https://town.nl:25/",
	"https://town.nl:5432/", "https://town.nl:6379/", "https://town.nl:80/", "https://town.nl:0/", "https://town.nl:0443/", "https://town.nl:65979/", "https://town.nl:-1/",
	"https://town.nl\\@127.0.0.1:PORT/", "https://127.0.0.1\\.town.nl/", "https://town.nl/\\x", "https://town.nl/a b", "https://town.nl/a\tb", "https://town.nl/a\nb",
	"https://town.nl/a\r\nHost: x", "https://town.nl/%0d%0aHost:%20x", "https://town.nl/?a=%0D%0A", "https://town.nl/%00", "https://town.nl/\x00", "https://town.nl/#%0a",
	"https://town.nl%00.evil.nl/", "https://127。0。0。1/", "https://town．nl/", "https://town.nl./", "https://.town.nl/", "https://town..nl/", "https://-town.nl/",
	"https://tówn.nl/", "https://xn--/", "https://town_hall.nl/", "https://town.1/", "https://town.0x1/", "https://[town.nl]/", "https://" + strings.Repeat("a", 64) + ".nl/",
	"https://" + strings.Repeat("a.", 150) + "nl/", "https://town.nl/" + strings.Repeat("a", maxURL),
}

// TestHostileURLs is X7 with rows S1, S6, S12, S14, S18 for every method: refused, no look-up, no connection.
func TestHostileURLs(t *testing.T) {
	t.Parallel()
	bird, dns := newCanary(t), newDNS(t)
	c := newTestClient(t, Config{Resolver: dns.resolver()}, bird.port, 443)
	urls := spellings
	for _, address := range addresses {
		host := address
		if strings.Contains(address, ":") {
			host = "[" + address + "]"
		}
		urls = append(urls, "https://"+host+":PORT/", "https://"+host+"/")
	}
	for _, raw := range urls {
		raw = strings.ReplaceAll(raw, "PORT", fmt.Sprint(bird.port))
		for name, try := range attempts(c) {
			if err := try(raw); !errors.Is(err, ErrAddress) {
				t.Errorf("%s %q: %v", name, raw, err)
			}
		}
	}
	bird.mustLive(t)
	if asked := dns.asked(); asked != 0 {
		t.Errorf("%d look-ups", asked)
	}
}

// attempts are all ways out of this package that take a URL (row S19).
func attempts(c *Client) map[string]func(string) error {
	return map[string]func(string) error{
		"get":      func(u string) error { _, err := c.Get(context.Background(), u, "*/*", nil); return err },
		"document": func(u string) error { _, err := c.Document(context.Background(), u, sign); return err },
		"post": func(u string) error {
			_, err := c.Post(context.Background(), u, []byte("{}"), TypeActivity, sign)
			return err
		},
	}
}

// TestHostileAnswers is X7 with rows S2, S5, S10, S11, S16: a good name that leads to a bad address.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	bird, dns := newCanary(t), newDNS(t)
	c := newTestClient(t, Config{Resolver: dns.resolver()}, bird.port)
	for i, address := range addresses {
		name := fmt.Sprintf("n%d.example.com", i)
		dns.answer(name, address)
		for kind, try := range attempts(c) {
			if err := try(fmt.Sprintf("https://%s:%d/%s", name, bird.port, kind)); !errors.Is(err, ErrAddress) {
				t.Errorf("%s of %s: %v", kind, address, err)
			}
		}
		if _, err := c.NodeInfo(t.Context(), fmt.Sprintf("%s:%d", name, bird.port)); !errors.Is(err, ErrAddress) {
			t.Errorf("NodeInfo of %s: %v", address, err)
		}
		if _, err := c.WebFinger(t.Context(), Handle{"a", fmt.Sprintf("%s:%d", name, bird.port)}); !errors.Is(err, ErrAddress) {
			t.Errorf("WebFinger of %s: %v", address, err)
		}
	}
	dns.answer("two.example.com", "10.0.0.1", "127.0.0.1")
	if _, err := c.Get(t.Context(), fmt.Sprintf("https://two.example.com:%d/", bird.port), "*/*", nil); !errors.Is(err, ErrAddress) {
		t.Errorf("two answers: %v", err)
	}
	bird.mustLive(t)
}

// TestRebinding is row S2: the name is public when somebody checks it and ours when it is dialled.
func TestRebinding(t *testing.T) {
	t.Parallel()
	bird, dns := newCanary(t), newDNS(t)
	c := newTestClient(t, Config{Resolver: dns.resolver()}, bird.port)
	dns.answer("turn.example.com", "93.184.215.14")
	if got, err := dns.resolver().LookupHost(t.Context(), "turn.example.com"); err != nil || got[0] != "93.184.215.14" {
		t.Fatal(got, err)
	}
	dns.answer("turn.example.com", "127.0.0.1")
	if _, err := c.Get(t.Context(), fmt.Sprintf("https://turn.example.com:%d/", bird.port), "*/*", nil); !errors.Is(err, ErrAddress) {
		t.Errorf("got %v", err)
	}
	bird.mustLive(t)
}

// TestCanarySings proves that the canary counts, and that the development setting opens the loopback and nothing else.
func TestCanarySings(t *testing.T) {
	t.Parallel()
	bird, dns := newCanary(t), newDNS(t)
	hosts := map[string]netip.Addr{"lan.test": netip.MustParseAddr("10.0.0.1"), "six.test": netip.MustParseAddr("::1")}
	c := newTestClient(t, Config{Resolver: dns.resolver(), Development: Development{Loopback: true, Hosts: hosts}}, publicPorts...)
	if _, err := c.Get(t.Context(), fmt.Sprintf("http://127.0.0.1:%d/", bird.port), "*/*", nil); err == nil || errors.Is(err, ErrAddress) {
		t.Errorf("got %v", err)
	}
	if bird.calls.Load() == 0 {
		t.Error("the canary did not count")
	}
	for i, address := range addresses {
		if loopback.Contains(netip.MustParseAddr(address).Unmap()) {
			continue
		}
		name := fmt.Sprintf("n%d.example.com", i)
		dns.answer(name, address)
		if _, err := c.Get(t.Context(), "http://"+name+"/", "*/*", nil); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, u := range []string{"http://lan.test/", "https://lan.test/", "https://six.test:8080/", "https://10.0.0.1/", "ftp://127.0.0.1/", "http://x@127.0.0.1/"} {
		if _, err := c.Get(t.Context(), u, "*/*", nil); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// TestMappedWithoutLoopback: a hosts file alone opens nothing.
func TestMappedWithoutLoopback(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	hosts := map[string]netip.Addr{"a.test": netip.MustParseAddr("127.0.0.1")}
	c := newTestClient(t, Config{Development: Development{Hosts: hosts}}, bird.port)
	if _, err := c.Get(t.Context(), fmt.Sprintf("https://a.test:%d/", bird.port), "*/*", nil); !errors.Is(err, ErrAddress) {
		t.Errorf("got %v", err)
	}
	bird.mustLive(t)
}

func TestParse(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, Config{}, publicPorts...)
	tests := map[string]string{
		"https://town.nl":                    "https://town.nl",
		"HTTPS://Town.NL:443/A?b=C#d":        "https://town.nl/A?b=C",
		"https://xn--twn-5na.nl/@jan":        "https://xn--twn-5na.nl/@jan",
		"https://town.nl/caf\u00e9?q=\u00e9": "https://town.nl/caf%C3%A9?q=%C3%A9",
		"https://town.nl/a%20b%2Fc":          "https://town.nl/a%20b%2Fc",
		"https://4chan.nl/":                  "https://4chan.nl/",
	}
	for raw, want := range tests {
		u, err := c.Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if diff := cmp.Diff(want, u.String()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestPermit: the node's own host (I12) and blocked domains are refused by whoever knows them, also after a redirect.
func TestPermit(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	victim := network.found("blocked.test", serve(TypeActivity, "{}"))
	evil := network.found("evil.test", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, victim.URL, http.StatusFound) })
	blocked := errors.New("blocked")
	c := network.client(func(config *Config) {
		config.Permit = func(host string) error {
			if host == "blocked.test" {
				return blocked
			}
			return nil
		}
	})
	for _, u := range []string{victim.URL + "/a", evil.URL} {
		if _, err := c.Get(t.Context(), u, "*/*", nil); !errors.Is(err, blocked) || !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", u, err)
		}
	}
	if _, err := c.Post(t.Context(), victim.URL, nil, TypeActivity, nil); !errors.Is(err, blocked) {
		t.Errorf("post: %v", err)
	}
	if victim.requests() != 0 {
		t.Error("the blocked host was asked")
	}
}

// nameServer answers on loopback whatever a test wants.
type nameServer struct {
	conn    net.PacketConn
	lock    chan struct{}
	answers map[string][]netip.Addr
	count   int
}

func newDNS(t testing.TB) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &nameServer{conn: conn, lock: make(chan struct{}, 1), answers: map[string][]netip.Addr{}}
	go s.run()
	return s
}

func (s *nameServer) answer(name string, addresses ...string) {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	s.answers[name+"."] = nil
	for _, a := range addresses {
		s.answers[name+"."] = append(s.answers[name+"."], netip.MustParseAddr(a))
	}
}

func (s *nameServer) asked() int {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	return s.count
}

func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", s.conn.LocalAddr().String())
	}}
}

func (s *nameServer) run() {
	packet := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(packet[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		s.fill(&m)
		if reply, err := m.Pack(); err == nil {
			s.conn.WriteTo(reply, from)
		}
	}
}

func (s *nameServer) fill(m *dnsmessage.Message) {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	s.count++
	question := m.Questions[0]
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true, RecursionAvailable: true}
	m.Additionals = nil
	header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class}
	for _, a := range s.answers[question.Name.String()] {
		switch {
		case question.Type == dnsmessage.TypeA && a.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case question.Type == dnsmessage.TypeAAAA && a.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
}
