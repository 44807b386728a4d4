package fetch

import (
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// lines carry POSTs, each line one at a time, and wait for the next to the same host. The transport of net/http keeps two goroutines and
// their stacks and buffers beside each connection that waits: in a fan-out to thousands of hosts these would be most of what a node
// holds. A line that waits is a socket and nothing more. Safe for concurrent use.
type lines struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	tls  *tls.Config
	most int // that wait, all hosts together

	readers, writers sync.Pool

	mu      sync.Mutex
	waiting map[exchange][]*line
	byAge   list.List   // of *line: whoever has waited longest is in front
	sweeper *time.Timer // runs while any waits
}

// exchange is where a line ends.
type exchange struct {
	secure bool
	addr   string // host and port
}

// line is a connection to one host.
type line struct {
	net.Conn
	to    exchange
	since time.Time // it waits
	place *list.Element
}

func newLines(dial func(context.Context, string, string) (net.Conn, error), secure *tls.Config, most int) *lines {
	return &lines{dial: dial, tls: secure, most: most, waiting: map[exchange][]*line{}}
}

// RoundTrip implements [http.RoundTripper] for requests whose body can be had again: a line that waited may have been hung up at the other
// end, and then a new one is taken.
func (ls *lines) RoundTrip(r *http.Request) (*http.Response, error) {
	to := exchangeOf(r)
	if l := ls.take(to); l != nil {
		response, silent, err := ls.call(l, r)
		if !silent || r.Context().Err() != nil {
			return response, err
		}
		if r.Body, err = r.GetBody(); err != nil {
			return nil, fmt.Errorf("send again: %w", err)
		}
	}
	l, err := ls.open(r.Context(), to)
	if err != nil {
		return nil, err
	}
	response, _, err := ls.call(l, r)
	return response, err
}

func exchangeOf(r *http.Request) exchange {
	to := exchange{secure: r.URL.Scheme == "https", addr: r.URL.Host}
	if r.URL.Port() == "" {
		port := "80"
		if to.secure {
			port = "443"
		}
		to.addr = net.JoinHostPort(r.URL.Hostname(), port)
	}
	return to
}

// open dials, and proves who is there.
func (ls *lines) open(ctx context.Context, to exchange) (*line, error) {
	conn, err := ls.dial(ctx, "tcp", to.addr)
	if err != nil || !to.secure {
		return &line{Conn: conn, to: to}, err
	}
	config := ls.tls.Clone()
	if config.ServerName, _, err = net.SplitHostPort(to.addr); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	guarded := tls.Client(conn, config)
	if err := guarded.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &line{Conn: guarded, to: to}, nil
}

// take returns a line that waits, the one that was used last; nil when there is none that is still good.
func (ls *lines) take(to exchange) *line {
	for {
		l := ls.last(to)
		if l == nil || !hungUp(l.Conn) {
			return l
		}
		_ = l.Close() // there is nothing to lose
	}
}

func (ls *lines) last(to exchange) *line {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	there := ls.waiting[to]
	if len(there) == 0 {
		return nil
	}
	l := there[len(there)-1]
	ls.remove(l)
	return l
}

// keep has a line wait. Beyond the limits those go that have waited longest.
func (ls *lines) keep(l *line) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	there := append(ls.waiting[l.to], l)
	ls.waiting[l.to], l.place, l.since = there, ls.byAge.PushBack(l), time.Now()
	if len(there) > idlePerHost {
		ls.drop(there[0])
	}
	if ls.byAge.Len() > ls.most {
		ls.drop(ls.oldest())
	}
	if ls.sweeper == nil {
		ls.sweeper = time.AfterFunc(idleTimeout, ls.sweep)
	}
}

// sweep closes what has waited too long, and comes again when the next one will have.
func (ls *lines) sweep() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for l := ls.oldest(); l != nil; l = ls.oldest() {
		if rest := idleTimeout - time.Since(l.since); rest > 0 {
			ls.sweeper = time.AfterFunc(rest, ls.sweep)
			return
		}
		ls.drop(l)
	}
	ls.sweeper = nil
}

// close drops all lines that wait.
func (ls *lines) close() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for l := ls.oldest(); l != nil; l = ls.oldest() {
		ls.drop(l)
	}
}

func (ls *lines) oldest() *line {
	if front := ls.byAge.Front(); front != nil {
		l, _ := front.Value.(*line) // nothing else is in it
		return l
	}
	return nil
}

func (ls *lines) drop(l *line) {
	ls.remove(l)
	_ = l.Close() // nobody is speaking
}

func (ls *lines) remove(l *line) {
	ls.byAge.Remove(l.place)
	there := slices.DeleteFunc(ls.waiting[l.to], func(other *line) bool { return other == l })
	if ls.waiting[l.to] = there; len(there) == 0 {
		delete(ls.waiting, l.to)
	}
}
