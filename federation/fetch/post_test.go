package fetch

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPost(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	var got []string
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "down\nfor \x1b[31m\xff "+strings.Repeat("x", 10<<10))
	})
	c := network.client()
	body := []byte(`{"type":"Create"}`)
	for range 2 { // the same bytes again, as after a 503
		answer, err := c.Post(t.Context(), a.URL+"/inbox", body, TypeActivity, sign)
		if err != nil {
			t.Fatal(err)
		}
		if answer.OK() || answer.Status != 503 || answer.RetryAfter < 59*time.Minute || answer.RetryAfter > time.Hour {
			t.Errorf("got %+v", answer)
		}
		if len(answer.Reason) != maxReason || !strings.HasPrefix(answer.Reason, "down for  [31m? xx") {
			t.Errorf("reason of %d bytes: %.40q", len(answer.Reason), answer.Reason)
		}
	}
	if len(got) != 2 || got[0] != string(body) || got[1] != string(body) {
		t.Errorf("received %q", got)
	}
	asked := a.asked[0]
	for header, want := range map[string]string{
		"Content-Type": TypeActivity, "User-Agent": "Meent test", "Signature": "POST " + a.URL + "/inbox " + string(body), "Idempotency-Key": "",
	} {
		if value := asked.Header.Get(header); value != want {
			t.Errorf("%s: %q", header, value)
		}
	}
	if asked.ContentLength != int64(len(body)) {
		t.Errorf("length %d", asked.ContentLength)
	}
}

func TestPostRedirect(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	b := network.found("b.test", serve("", ""))
	for _, status := range []int{301, 302, 303, 307, 308} {
		a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, b.URL, status) })
		answer, err := network.client().Post(t.Context(), a.URL, []byte("{}"), TypeActivity, sign)
		if !errors.Is(err, ErrRedirect) || answer.Status != status {
			t.Errorf("%d: %v", status, err)
		}
	}
	if b.requests() != 0 {
		t.Error("a POST was redirected")
	}
}

// TestSmuggling is row S14 on the wire: what arrives is one request, whatever the URL holds.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	wire := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Error(err)
		}
		all, _ := io.ReadAll(conn)
		wire <- string(all)
	}()
	c := newTestClient(t, Config{UserAgent: "x", Timeout: 500 * time.Millisecond, Development: Development{Loopback: true}})
	u := "http://" + listener.Addr().String() + "/caf\u00e9/%20HTTP/1.1%20x?\u2028=\u0085&a=%20b"
	if _, err := c.Post(t.Context(), u, []byte("{}"), TypeActivity, nil); err == nil {
		t.Error("no error")
	}
	got := <-wire
	first, _, _ := strings.Cut(got, "\r\n")
	if first != "POST /caf%C3%A9/%20HTTP/1.1%20x?%E2%80%A8=%C2%85&a=%20b HTTP/1.1" || strings.Count(got, " HTTP/1.1\r\n") != 1 {
		t.Errorf("on the wire:\n%s", got)
	}
}

// TestStaleConnection: a kept-alive connection that the host has closed costs no delivery attempt.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() { // answers once on each connection, then hangs up as soon as the next request arrives
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, 4096)
				conn.Read(buffer)
				served.Add(1)
				io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
				conn.Read(buffer)
			}()
		}
	}()
	c := newTestClient(t, Config{Development: Development{Loopback: true}})
	for range 3 {
		answer, err := c.Post(t.Context(), "http://"+listener.Addr().String(), []byte("{}"), TypeActivity, nil)
		if err != nil || !answer.OK() {
			t.Fatal(answer, err)
		}
	}
	if served.Load() != 3 {
		t.Errorf("served %d", served.Load())
	}
}

// TestReuse: answers are drained, so that one connection serves many deliveries.
func TestReuse(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, strings.Repeat("thanks ", 100))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newTestClient(t, Config{Development: Development{Loopback: true}})
	for range 20 {
		if _, err := c.Post(t.Context(), server.URL, []byte("{}"), TypeActivity, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("%d connections", got)
	}
}

// TestOddAnswers: what hosts say around their answers does no harm to it, nor to the next one.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	const accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
	for _, test := range []struct {
		name, answer string
		status, want int // of connections for two requests
		fails        bool
	}{
		{name: "plain", answer: accepted, status: 202, want: 1},
		{name: "interim", answer: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + accepted, status: 202, want: 1},
		{name: "only interim", answer: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 10), fails: true},
		{name: "another protocol", answer: "HTTP/1.1 101 Switching Protocols\r\n\r\n", fails: true},
		{name: "unasked", answer: accepted + "HTTP/1.1 408 Request Timeout\r\n\r\n", status: 202, want: 2},
		{name: "last", answer: "HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status: 202, want: 2},
		{name: "endless body", answer: "HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 9000), status: 202, want: 2},
		{name: "endless head", answer: "HTTP/1.1 202 Accepted\r\nX: " + strings.Repeat("x", maxHeaderBytes), fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host := newParrot(t, test.answer)
			c := newTestClient(t, Config{Development: Development{Loopback: true}})
			for range 2 {
				answer, err := c.Post(t.Context(), host.url, []byte("{}"), TypeActivity, nil)
				if (err != nil) != test.fails || answer.Status != test.status {
					t.Errorf("%+v, %v", answer, err)
				}
			}
			if got := int(host.connections.Load()); !test.fails && got != test.want {
				t.Errorf("%d connections, want %d", got, test.want)
			}
		})
	}
}

// parrot answers every request with the same bytes.
type parrot struct {
	url         string
	connections atomic.Int32
}

func newParrot(t *testing.T, answer string) *parrot {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &parrot{url: "http://" + listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			go func() {
				defer conn.Close()
				for buffer := make([]byte, 4096); ; {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					io.WriteString(conn, answer)
				}
			}()
		}
	}()
	return p
}

// TestLinesWait: no more wait than may, and none for longer than it may.
func TestLinesWait(t *testing.T) {
	t.Parallel()
	const accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
	c := newTestClient(t, Config{IdleConns: 3, Development: Development{Loopback: true}})
	var hosts []*parrot
	for range 5 {
		host := newParrot(t, accepted)
		hosts = append(hosts, host)
		if _, err := c.Post(t.Context(), host.url, []byte("{}"), TypeActivity, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.lines.byAge.Len(); n != 3 || len(c.lines.waiting) != 3 {
		t.Errorf("%d wait", n)
	}
	for _, host := range slices.Backward(hosts) { // the last three still wait
		if _, err := c.Post(t.Context(), host.url, []byte("{}"), TypeActivity, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int32{2, 2, 1, 1, 1} {
		if got := hosts[i].connections.Load(); got != want {
			t.Errorf("host %d: %d connections, want %d", i, got, want)
		}
	}
	c.lines.mu.Lock()
	for at := c.lines.byAge.Front(); at != nil; at = at.Next() {
		at.Value.(*line).since = time.Now().Add(-idleTimeout)
	}
	c.lines.mu.Unlock()
	c.lines.sweep()
	if n := c.lines.byAge.Len(); n != 0 || len(c.lines.waiting) != 0 {
		t.Errorf("%d wait for too long", n)
	}
}

func inbox(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	b.Cleanup(server.Close)
	return server.URL + "/inbox"
}

var activity = bytes.Repeat([]byte("x"), 2<<10)

// BenchmarkPost and BenchmarkPostBare differ by what the guard costs.
func BenchmarkPost(b *testing.B) {
	u := inbox(b)
	c := newTestClient(b, Config{UserAgent: "bench", Development: Development{Loopback: true}})
	b.ReportAllocs()
	for b.Loop() {
		answer, err := c.Post(b.Context(), u, activity, TypeActivity, nil)
		if err != nil || !answer.OK() {
			b.Fatal(answer, err)
		}
	}
}

func BenchmarkPostBare(b *testing.B) {
	u := inbox(b)
	client := &http.Client{Timeout: DefaultTimeout}
	b.ReportAllocs()
	for b.Loop() {
		response, err := client.Post(u, TypeActivity, bytes.NewReader(activity))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}
