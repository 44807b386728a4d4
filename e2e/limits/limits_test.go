//go:build unix

// Package limits_test leans on the running program as a hostile or careless client does, below the level of any protocol of ours: with
// connections that say nothing, headers without end and paths that nobody should find.
package limits_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/e2e/node"
)

const (
	idlers      = 2000
	mostPatient = 300 * time.Millisecond // p99 of an answer among them
	askings     = 200
	cutOff      = 8 * time.Second // whoever sends no whole header by then is gone; the program allows five
	longHeader  = 128 << 10       // bytes, twice what is allowed
)

// SECURITY D26: connections that say nothing do not slow the others down.
func TestIdleConnectionsSlowNobodyDown(t *testing.T) { //nolint:paralleltest // it measures time
	n := start(t)
	for range idlers {
		conn := dial(t, n)
		// A keep-alive connection: one request, then silence.
		if _, err := fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", n.Host); err != nil {
			t.Fatal(err)
		}
	}
	n.MustRun(t, "group", "add", "wijkraad", "--title", "Wijkraad")
	times := make([]time.Duration, askings)
	for i := range times {
		began := time.Now()
		status, body, err := n.Read(t.Context(), n.Base+"/g/wijkraad", node.Activity)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%d %s, %v", status, body, err)
		}
		times[i] = time.Since(began)
	}
	slices.Sort(times)
	p99 := times[askings*99/100]
	t.Logf("among %d idle connections: p50 %v, p99 %v", idlers, times[askings/2], p99)
	if p99 > mostPatient {
		t.Errorf("p99 is %v among %d idle connections, want at most %v", p99, idlers, mostPatient)
	}
}

// SECURITY D26: whoever sends a header byte by byte, or a body that never ends, is cut off.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	n := start(t)
	tests := []struct{ name, said string }{
		{"nothing", ""},
		{"half a request line", "GET /g/wij"},
		{"header without end", "GET / HTTP/1.1\r\nHost: " + n.Host + "\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, n)
			if _, err := io.WriteString(conn, test.said); err != nil {
				t.Fatal(err)
			}
			stop := dribble(t.Context(), conn, test.said)
			defer stop()
			if err := conn.SetReadDeadline(time.Now().Add(cutOff)); err != nil {
				t.Fatal(err)
			}
			_, err := io.ReadAll(conn)
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("still connected after %v", cutOff)
			}
		})
	}
}

// dribble sends a header line now and then, where something was said at all.
func dribble(ctx context.Context, conn net.Conn, said string) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		for said != "" {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
				if _, err := io.WriteString(conn, "X-Slow: 1\r\n"); err != nil {
					return // cut off, as it should be
				}
			}
		}
	}()
	return stop
}

// SECURITY D26: headers have a size.
func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	n := start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.Base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Long", strings.Repeat("x", longHeader))
	answer, err := n.Client.Do(request)
	if err != nil {
		return // cut off before the answer was read: as good
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of %d bytes: %s, want 431", longHeader, answer.Status)
	}
}

// SECURITY P7: what helps those who debug is not for everybody.
func TestNothingForDebuggingIsPublic(t *testing.T) {
	t.Parallel()
	n := start(t)
	for _, path := range []string{
		"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/vars", "/debug/requests", "/metrics", "/metrics/",
		"/.git/config", "/.git/HEAD", "/.env", "/config", "/status", "/server-status", "/admin/pprof", "/data/meent.db", "/meent.db",
		"/static/", "/asset/", "/assets/", "/.well-known/", "/actuator/env", "/phpinfo.php", "/..%2f..%2fetc/passwd", "/swagger.json",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if status := ask(t, n, http.MethodGet, path); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("GET %s from outside: %d, want 404 or 405", path, status)
			}
		})
	}
	for _, method := range []string{http.MethodTrace, http.MethodConnect, "TRACK", "DEBUG"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			if status := ask(t, n, method, "/"); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("%s /: %d, want 404 or 405", method, status)
			}
		})
	}
}

// ask makes a request as it comes from outside, by way of a proxy on this machine, and returns the status of the answer.
func ask(t *testing.T, n *node.Node, method, path string) int {
	t.Helper()
	conn := dial(t, n)
	_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n", method, path, n.Host)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

func start(t *testing.T) *node.Node {
	t.Helper()
	return node.ForTest(t, node.Options{Host: "middelstad.test", Dir: t.TempDir()}, (*node.Node).Kill)
}

func dial(t *testing.T, n *node.Node) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", n.Listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
