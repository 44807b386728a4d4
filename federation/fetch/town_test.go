package fetch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// towns is a network of its own: hosts with names and certificates of a throw-away CA, on loopback.
type towns struct {
	t     testing.TB
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
	pem   []byte
	hosts map[string]netip.Addr
}

// town is one host. It remembers what it was asked.
type town struct {
	*httptest.Server
	URL string

	mu    sync.Mutex
	asked []*http.Request
}

func newTowns(t testing.TB) *towns {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test CA"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &towns{
		t: t, ca: ca, key: key,
		pem:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		hosts: map[string]netip.Addr{},
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// found starts a host.
func (n *towns) found(name string, handler http.HandlerFunc) *town {
	n.t.Helper()
	tw := &town{}
	tw.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tw.mu.Lock()
		tw.asked = append(tw.asked, r)
		tw.mu.Unlock()
		handler(w, r)
	}))
	tw.Config.ErrorLog = log.New(io.Discard, "", 0) // broken handshakes are what tests are about
	tw.TLS = &tls.Config{Certificates: []tls.Certificate{n.certificate(name)}}
	tw.StartTLS()
	n.t.Cleanup(tw.Close)
	n.hosts[name] = netip.MustParseAddr("127.0.0.1")
	u, err := url.Parse(tw.Server.URL)
	if err != nil {
		n.t.Fatal(err)
	}
	tw.URL = "https://" + net.JoinHostPort(name, u.Port())
	return tw
}

func (n *towns) certificate(name string) tls.Certificate {
	n.t.Helper()
	key := newKey(n.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, n.ca, key.Public(), n.key)
	if err != nil {
		n.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// client returns a client for this network, after all hosts are founded.
func (n *towns) client(change ...func(*Config)) *Client {
	n.t.Helper()
	config := Config{
		UserAgent:   "Meent test",
		Development: Development{Loopback: true, Hosts: n.hosts, RootCAs: n.pem},
	}
	for _, f := range change {
		f(&config)
	}
	return newTestClient(n.t, config, publicPorts...)
}

func newTestClient(t testing.TB, config Config, ports ...uint16) *Client {
	t.Helper()
	c, err := newClient(config, ports)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// requests returns how often a host was asked.
func (tw *town) requests() int {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return len(tw.asked)
}

// host is name and port.
func (tw *town) host() string { return tw.URL[len("https://"):] }

// serve answers with a media type and a body.
func serve(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Write([]byte(body))
	}
}

// canary listens where nobody may come.
type canary struct {
	port  uint16
	calls atomic.Int32
}

func newCanary(t testing.TB) *canary {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	bird := &canary{port: listener.Addr().(*net.TCPAddr).AddrPort().Port()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			bird.calls.Add(1)
			conn.Close()
		}
	}()
	return bird
}

func (b *canary) mustLive(t testing.TB) {
	t.Helper()
	if calls := b.calls.Load(); calls != 0 {
		t.Errorf("canary got %d connections", calls)
	}
}

// sign is a signature that tests can see.
func sign(r *http.Request, body []byte) error {
	r.Header.Set("Signature", r.Method+" "+r.URL.String()+" "+string(body))
	return nil
}
