// Package fetch is the one door through which this program speaks HTTP to the outside. It has a room of its own because
// every server-side request forgery starts with a second client that somebody forgot to guard: here addresses, sizes,
// redirects, deadlines and budgets are decided once, and a test walks the module to see that nobody dials elsewhere.
// It knows requests and answers, not what they mean; whoever wants a request signed hands in the pen.
package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Defaults of Config, and limits that nobody needs to change.
const (
	DefaultTimeout   = 10 * time.Second // total, so that a byte now and then buys no more time
	DefaultMaxBody   = 1 << 20          // decoded bytes
	DefaultIdleConns = 1024             // that wait for the next POST, all hosts together
	DefaultPerDomain = 32               // documents under way from one registrable domain

	maxRedirects   = 3
	maxHeaderBytes = 64 << 10
	idlePerHost    = 4
	idleGets       = 64 // connections for GETs that wait: few documents are read of one host
	idleTimeout    = time.Minute
	dialTimeout    = 5 * time.Second
	tlsSessions    = 512
	connBuffer     = 2 << 10  // bytes of answers, and each way for GETs
	requestBuffer  = 16 << 10 // bytes: most requests leave in one piece
)

// publicPorts are the ports that outbound requests may use. Plain http is never spoken to the outside, so 80 is not one.
var publicPorts = []uint16{443}

// Sign puts a signature in the header of a request that is otherwise complete; body holds the bytes that will be sent,
// nil for GET. It is called once for each request on the wire, also for each redirect within one host, and must be safe for
// concurrent use if the caller shares it. A nil Sign leaves the request unsigned.
type Sign func(r *http.Request, body []byte) error

// Config says how to reach the outside. The zero value is the production setting, but for UserAgent.
type Config struct {
	UserAgent string        // sent with every request; name the software and the node's public URL
	Timeout   time.Duration // total time of one call, look-up and redirects included
	MaxBody   int64         // largest document, in decoded bytes
	IdleConns int           // connections that wait for the next POST, all hosts together
	PerDomain int           // GETs under way to one registrable domain; more are refused with ErrBusy

	// Permit is asked before each request, redirects included, for the host in lower case without port; an error refuses
	// it. This is where the node's own name and blocked domains are kept out. Nil permits every host.
	Permit func(host string) error

	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver

	Development
}

// Development loosens the client for several nodes on one machine. The zero value loosens nothing.
type Development struct {
	Loopback bool                  // permit 127.0.0.0/8 on any port, and plain http there
	Hosts    map[string]netip.Addr // names that are not looked up, see ParseHosts
	RootCAs  []byte                // PEM certificates to trust besides the system's
}

// Client makes guarded requests. It is safe for concurrent use. Each instance keeps connections, so share one.
type Client struct {
	config    Config
	ports     []uint16
	transport *http.Transport // for GETs
	lines     *lines          // for POSTs
	dead      *memory

	mu     sync.Mutex
	flying map[string]int           // registrable domain -> GETs under way
	gates  map[errand]chan struct{} // closed when the GET under way is done
}

// New returns a client. The only error is a RootCAs without a certificate.
func New(config Config) (*Client, error) {
	return newClient(config, publicPorts)
}

func newClient(config Config, ports []uint16) (*Client, error) {
	config.Timeout = cmp.Or(config.Timeout, DefaultTimeout)
	config.MaxBody = cmp.Or(config.MaxBody, DefaultMaxBody)
	config.IdleConns = cmp.Or(config.IdleConns, DefaultIdleConns)
	config.PerDomain = cmp.Or(config.PerDomain, DefaultPerDomain)
	if config.Permit == nil {
		config.Permit = func(string) error { return nil }
	}
	roots, err := trust(config.RootCAs)
	if err != nil {
		return nil, err
	}
	c := &Client{
		config: config,
		ports:  ports,
		dead:   newMemory(memorySize),
		flying: map[string]int{},
		gates:  map[errand]chan struct{}{},
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(tlsSessions)}
	dial := c.newDialer().dial
	c.transport = newTransport(dial, secure)
	c.lines = newLines(dial, secure, c.config.IdleConns)
	return c, nil
}

// newTransport speaks HTTP/1.1 only, as POSTs do: one activity to each of many hosts gains nothing from HTTP/2's streams, and a hostile
// peer loses a large state machine to play with. It obeys no proxy variable, since a proxy would dial unguarded for us.
func newTransport(dial func(context.Context, string, string) (net.Conn, error), secure *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        secure,
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConns:           idleGets,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ReadBufferSize:         connBuffer,
		WriteBufferSize:        connBuffer,
	}
}

// trust returns the system's roots with the extra ones; nil means the system's alone.
func trust(extra []byte) (*x509.CertPool, error) {
	if len(extra) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without roots can still run a development network
	}
	if !pool.AppendCertsFromPEM(extra) {
		return nil, errors.New("extra trusted CA: no PEM certificate found")
	}
	return pool, nil
}

// Close drops the connections that are kept alive.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
	c.lines.close()
}

// deadline bounds a whole call.
func (c *Client) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.config.Timeout, ErrDeadline)
}

// send puts one request on the wire, without following where it points.
func (c *Client) send(r *http.Request, body []byte, sign Sign) (*http.Response, error) {
	if err := c.config.Permit(r.URL.Hostname()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	r.Header["User-Agent"] = []string{c.config.UserAgent}
	if sign != nil {
		if err := sign(r, body); err != nil {
			return nil, fmt.Errorf("%w: %w", errSign, err)
		}
	}
	response, err := c.through(r).RoundTrip(r)
	if err != nil {
		return nil, because(r.Context(), err)
	}
	if err := context.Cause(r.Context()); err != nil {
		// Said after we began to hang up, perhaps by a host that gave up because of it: a 200 would then be no promise.
		_ = response.Body.Close()
		return nil, err
	}
	return response, nil
}

func (c *Client) through(r *http.Request) http.RoundTripper {
	if r.Method == http.MethodPost {
		return c.lines
	}
	return c.transport
}
