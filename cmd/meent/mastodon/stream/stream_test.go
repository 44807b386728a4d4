package stream

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"meent/communities"
)

func newHub() *Hub { return New(func(int) {}) }

// serve answers each request with a stream of person 1, on the public channel.
func serve(t *testing.T, hub *Hub) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := hub.Open(1, "token", nil)
		if err == nil {
			err = p.Subscribe(Channel{Kind: Public})
		}
		if err == nil && r.URL.Path == "/events" {
			err = p.ServeEvents(w, r)
		} else if err == nil {
			err = p.ServeSocket(w, r, func(*Peer, Request) error { return errors.New("no") })
		}
		if err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func dial(t *testing.T, server *httptest.Server) *websocket.Conn {
	t.Helper()
	conn, answer, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(answer.Body.Close(), conn.Close()) })
	return conn
}

// Who does not read is dropped, and holds nobody up who does, not even when there are many of them (SECURITY D26).
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	hub := newHub()
	hub.owners[1] = -2 * writersUsual // room for more than one person may have
	server := serve(t, hub)
	for range 2 * writersUsual {
		dial(t, server) // and never reads
	}
	quick := dial(t, server)
	big := &Message{Event: "update", Payload: []byte(strings.Repeat("x", 100<<10))}
	const messages = 2 * maxQueue
	go func() {
		for range messages {
			hub.Send(Channel{Kind: Public}, []communities.ActorID{1}, big)
			time.Sleep(time.Millisecond) // for the quick one to keep up
		}
	}()
	began := time.Now()
	for i := range messages {
		if _, _, err := quick.ReadMessage(); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if took := time.Since(began); took > writeTimeout {
		t.Errorf("the quick one waited %v for the slow", took)
	}
	for deadline := time.Now().Add(writeTimeout); ; time.Sleep(10 * time.Millisecond) {
		if open, _, dropped := hub.Figures(); open == 1 && dropped == 2*writersUsual {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("%d are open, %d were dropped", open, dropped)
		}
	}
}

// A peer that has gone is forgotten, with what it listened to (SECURITY D9).
func TestWhoGoesIsForgotten(t *testing.T) {
	t.Parallel()
	hub := newHub()
	server := serve(t, hub)
	socket := dial(t, server)
	answer, err := http.Get(server.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	if got := hub.Listeners(Channel{Kind: Public}); len(got) != 1 {
		t.Fatalf("listeners %v", got)
	}
	if err := errors.Join(socket.Close(), answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(writeTimeout); ; time.Sleep(time.Millisecond) {
		open, _, _ := hub.Figures()
		if open == 0 && len(hub.owners)+len(hub.listeners) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are open, %v listen", open, hub.listeners)
		}
	}
}

// Server-sent events come over HTTP/2 as well, past the times that the server allows for other answers.
func TestEventsOverHTTP2(t *testing.T) {
	t.Parallel()
	hub := newHub()
	server := httptest.NewUnstartedServer(serve(t, hub).Config.Handler)
	server.EnableHTTP2 = true
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second
	server.StartTLS()
	t.Cleanup(server.Close)
	for _, client := range []*http.Client{server.Client(), {Transport: oldProtocol(server)}} {
		answer, err := client.Get(server.URL + "/events")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(server.Config.WriteTimeout * 3 / 2)
		hub.Send(Channel{Kind: Public}, []communities.ActorID{1}, &Message{Event: "delete", Payload: []byte("12")})
		const want = ":)\n\nevent: delete\ndata: 12\n\n"
		got := make([]byte, len(want))
		if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", answer.Proto, got, err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

func oldProtocol(server *httptest.Server) *http.Transport {
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2, transport.TLSClientConfig.NextProtos = false, []string{"http/1.1"}
	return transport
}

// What an app can ask for, and how a message says what it belongs to.
func TestChannels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request Request
		names   []string // nil: refused
	}{
		{Request{Stream: "user"}, []string{"user"}},
		{Request{Stream: "public:local:media", Tag: "x"}, []string{"public:local:media"}},
		{Request{Stream: "hashtag", Tag: "#Foo"}, []string{"hashtag", "foo"}},
		{Request{Stream: "hashtag:local", Tag: "foo"}, []string{"hashtag:local", "foo"}},
		{Request{Stream: "list", List: "12"}, []string{"list", "12"}},
		{Request{Stream: "list"}, nil},
		{Request{Stream: "hashtag"}, nil},
		{Request{Stream: "user/../x"}, nil},
		{Request{Stream: Text(UserNotices)}, nil},
		{Request{}, nil},
	} {
		channel, err := test.request.Channel()
		if (err != nil) != (test.names == nil) {
			t.Errorf("%+v: %v", test.request, err)
		}
		if err == nil && !cmp.Equal(channel.names(), test.names) {
			t.Errorf("%+v is called %q", test.request, channel.names())
		}
	}
}

// A message as it stands on the wire.
func TestFrames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		message  Message
		channel  Channel
		envelope string
		lines    string
	}{
		{
			Message{"update", []byte(`{"id":"1","content":"<p>\"x\"</p>"}`)},
			Channel{List, "12"},
			`{"stream":["list","12"],"event":"update","payload":"{\"id\":\"1\",\"content\":\"<p>\\\"x\\\"</p>\"}"}`,
			"event: update\ndata: {\"id\":\"1\",\"content\":\"<p>\\\"x\\\"</p>\"}\n\n",
		},
		{Message{"delete", []byte("12")}, Channel{Kind: User}, `{"stream":["user"],"event":"delete","payload":"12"}`, "event: delete\ndata: 12\n\n"},
		{Message{"filters_changed", nil}, Channel{Kind: UserNotices}, `{"stream":["user"],"event":"filters_changed"}`, "event: filters_changed\ndata: \n\n"},
	} {
		envelope, err := test.message.envelope(test.channel)
		if err != nil || string(envelope) != test.envelope {
			t.Errorf("%s, want %s: %v", envelope, test.envelope, err)
		}
		if lines := string(test.message.asLines()); lines != test.lines {
			t.Errorf("%q, want %q", lines, test.lines)
		}
	}
}
