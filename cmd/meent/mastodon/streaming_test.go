package mastodon

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

var streamEndpoints = []endpoint{
	{"GET /api/v1/streaming", "", "", "", ""},
	{"GET /api/v1/streaming/health", "", "", "text", "nobody"},
	{"GET /api/v1/streaming/user", "", "", "stream", ""},
	{"GET /api/v1/streaming/user/notification", "", "", "stream", ""},
	{"GET /api/v1/streaming/public", "/api/v1/streaming/public?only_media=true", "", "stream", ""},
	{"GET /api/v1/streaming/public/local", "", "", "stream", ""},
	{"GET /api/v1/streaming/public/remote", "", "", "stream", ""},
	{"GET /api/v1/streaming/hashtag", "/api/v1/streaming/hashtag?tag=verkeer", "", "stream", ""},
	{"GET /api/v1/streaming/hashtag", "", "", "", ""},
	{"GET /api/v1/streaming/hashtag/local", "/api/v1/streaming/hashtag/local?tag=verkeer", "", "stream", ""},
	{"GET /api/v1/streaming/list", "/api/v1/streaming/list?list=${fietsen}", "", "stream", "bert"},
	{"GET /api/v1/streaming/list", "/api/v1/streaming/list?list=${besloten}", "", "", "cor"},
	{"GET /api/v1/streaming/direct", "", "", "stream", ""},
}

// stream brings what happens to the streams of the world, until the test ends.
func (w *world) stream() {
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.api.Stream(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

// event is a message of a stream as a test reads it.
type event struct {
	Stream  []string
	Event   string
	Payload string
	Error   string
	Status  int
}

// listener reads a stream.
type listener struct {
	t      *testing.T
	lines  chan string // of server-sent events
	events chan event  // of a socket
	socket *websocket.Conn
	close  func()
}

// listen opens server-sent events.
func (a app) listen(path string) *listener {
	a.w.t.Helper()
	ctx, stop := context.WithCancel(a.w.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.w.address(path), nil)
	a.w.must(err)
	request.Header.Set("Authorization", "Bearer "+a.token)
	answer, err := http.DefaultClient.Do(request) //nolint:bodyclose // closed by who reads it, below
	a.w.must(err)
	a.w.t.Cleanup(stop)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		a.w.t.Fatalf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	l := &listener{t: a.w.t, lines: make(chan string, 1000), close: stop}
	go func() {
		defer answer.Body.Close()
		defer close(l.lines)
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			l.lines <- scanner.Text()
		}
	}()
	return l
}

const streamPatience = 10 * time.Second

// expect waits for a line that begins so, and returns the rest of it.
func (l *listener) expect(prefix string) string {
	l.t.Helper()
	timer := time.NewTimer(streamPatience)
	defer timer.Stop()
	for {
		select {
		case line, open := <-l.lines:
			if !open {
				l.t.Fatalf("the stream ended before %q", prefix)
			}
			if rest, found := strings.CutPrefix(line, prefix); found {
				return rest
			}
		case <-timer.C:
			l.t.Fatalf("%q does not come", prefix)
		}
	}
}

// dial opens a socket, with the token where the header or the query has it.
func (w *world) dial(query string, header http.Header, protocols ...string) (*listener, *http.Response) {
	w.t.Helper()
	dialer := websocket.Dialer{Subprotocols: protocols}
	socket, answer, err := dialer.DialContext(w.t.Context(), "ws"+strings.TrimPrefix(w.address("/api/v1/streaming"+query), "http"), header)
	if err != nil {
		if answer == nil {
			w.t.Fatal(err)
		}
		return nil, answer
	}
	l := &listener{t: w.t, events: make(chan event, 1000), socket: socket}
	w.t.Cleanup(func() { _ = socket.Close() })
	go func() {
		defer close(l.events)
		for {
			var e event
			if err := socket.ReadJSON(&e); err != nil {
				e.Error = err.Error()
				l.events <- event{Event: "closed", Error: err.Error()}
				return
			}
			l.events <- e
		}
	}()
	return l, answer
}

// socket opens a socket that listens to streams.
func (a app) socket(requests ...string) *listener {
	a.w.t.Helper()
	l, _ := a.w.dial("", http.Header{"Authorization": {"Bearer " + a.token}}) //nolint:bodyclose // the socket's
	if l == nil {
		a.w.t.Fatal("no socket")
	}
	for _, request := range requests {
		l.say(request)
	}
	l.settle()
	return l
}

func (l *listener) say(request string) {
	l.t.Helper()
	if err := l.socket.WriteMessage(websocket.TextMessage, []byte(request)); err != nil {
		l.t.Fatal(err)
	}
}

// settle waits until everything that was said has been heard: the answer to what nobody can subscribe to comes after it.
func (l *listener) settle() {
	l.t.Helper()
	l.say(`{"type":"subscribe","stream":"nothing"}`)
	for {
		if e := l.next(); e.Error != "" {
			return
		}
	}
}

func (l *listener) next() event {
	l.t.Helper()
	select {
	case e := <-l.events:
		return e
	case <-time.After(streamPatience):
		l.t.Fatal("nothing comes")
		return event{}
	}
}

// until collects what comes up to an event.
func (l *listener) until(last func(event) bool) []event {
	l.t.Helper()
	var list []event
	for {
		e := l.next()
		if e.Event == "closed" {
			l.t.Fatalf("closed: %s, after %v", e.Error, list)
		}
		list = append(list, e)
		if last(e) {
			return list
		}
	}
}

func subscribe(name string) string { return `{"type":"subscribe","stream":"` + name + `"}` }

// The token comes in three ways, and a protocol is said again.
func TestStreamTokens(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	token := w.token(w.bert, allScopes)
	for _, test := range []struct {
		query     string
		header    http.Header
		protocols []string
		status    int
	}{
		{"?access_token=" + token, nil, nil, 101},
		{"", http.Header{"Authorization": {"Bearer " + token}}, nil, 101},
		{"?stream=user", nil, []string{token}, 101},
		{"", nil, nil, 401},
		{"?access_token=made-up", nil, nil, 401},
		{"", nil, []string{"made-up"}, 401},
		{"?stream=nothing&access_token=" + token, nil, nil, 400},
		{"?access_token=" + w.tokenOfApp(), nil, nil, 422},
	} {
		_, answer := w.dial(test.query, test.header, test.protocols...) //nolint:bodyclose // closed by the dialer
		if answer.StatusCode != test.status {
			t.Errorf("%s %v %v: %d, want %d", test.query, test.header, test.protocols, answer.StatusCode, test.status)
		}
		if test.status == 101 && len(test.protocols) > 0 && answer.Header.Get("Sec-Websocket-Protocol") != token {
			t.Error("the protocol is not said again")
		}
	}
	app{w: w}.get("/api/v1/timelines/home?access_token=" + token).refused(401) // nowhere else
}

// SECURITY O5: each stream asks for its scope, over a socket as over an address of its own.
func TestStreamScopes(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	paths := map[string]string{
		"user": "/user", "user:notification": "/user/notification", "public": "/public", "public:local": "/public/local",
		"public:remote": "/public/remote", "public:media": "/public?only_media=1", "public:local:media": "/public/local?only_media=1",
		"public:remote:media": "/public/remote?only_media=1", "hashtag": "/hashtag?tag=x", "hashtag:local": "/hashtag/local?tag=x",
		"list": "/list?list=" + id(w.fietsen.ID), "direct": "/direct",
	}
	for name, path := range paths {
		for scopes, opens := range map[string]bool{
			"read": true, "read:statuses": name != "user:notification", "read:notifications": name == "user:notification",
			"write follow push profile read:lists": false,
		} {
			who := app{w: w, token: w.token(w.bert, scopes)}
			l := who.socket()
			l.say(`{"type":"subscribe","stream":"` + name + `","tag":"x","list":"` + id(w.fietsen.ID) + `"}`)
			l.say(subscribe("nothing"))
			if e := l.next(); (e.Status == 400) != opens || !opens && e.Status != 403 {
				t.Errorf("a socket with %s on %s: %+v", scopes, name, e)
			}
			w.must(l.socket.Close())
			if opens {
				lines := who.listen("/api/v1/streaming" + path)
				lines.expect(":)")
				lines.close()
			} else {
				who.get("/api/v1/streaming" + path).refused(403)
			}
		}
	}
}

// What happens comes to who listens, in the words that apps know.
func TestStreamEvents(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		all := `{"type":"subscribe","stream":"hashtag","tag":"Brug"}`
		list := `{"type":"subscribe","stream":"list","list":` + id(w.fietsen.ID) + `}`
		l := bert.socket(subscribe("user"), subscribe("user:notification"), subscribe("public"), subscribe("public:local"),
			subscribe("public:remote"), subscribe("public:media"), all, list, subscribe("direct"))
		lines := bert.listen("/api/v1/streaming/user")
		lines.expect(":)")
		var made seen
		anna.post("/api/v1/statuses", url.Values{"status": {"@fietsen Open\n\nDe #brug is open, @bert"}}).ok(&made)
		got := map[string]int{}
		count := func(e event) { got[strings.Join(e.Stream, " ")+" "+e.Event]++ }
		for range 7 {
			count(l.next())
		}
		want := map[string]int{
			"user update": 1, "user notification": 1, "user:notification notification": 1, "public update": 1, "public:local update": 1,
			"hashtag brug update": 1, "list " + id(w.fietsen.ID) + " update": 1,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a new thread (-want +got):\n%s", diff)
		}
		lines.expect("event: update")
		var status seen
		w.must(json.Unmarshal([]byte(lines.expect("data: ")), &status))
		if status.Reblog == nil || status.Reblog.ID != made.ID || status.Account.Acct != "fietsen" {
			t.Errorf("it came home as %+v", status)
		}
		anna.call(http.MethodPut, "/api/v1/statuses/"+made.ID, url.Values{"status": {"**Open**\n\nDe #brug is dicht, @bert"}}).ok(nil)
		for _, e := range l.until(func(e event) bool { return e.Event == "status.update" && e.Stream[0] == "list" }) {
			if e.Event == "status.update" && !strings.Contains(e.Payload, "dicht") {
				t.Errorf("what changed came as %s", e.Payload)
			}
		}
		anna.call(http.MethodDelete, "/api/v1/statuses/"+made.ID, nil).ok(nil)
		gone := map[string]bool{}
		for len(gone) < 2 { // the thread, and the boost by which it came
			if e := l.next(); e.Event == "delete" && e.Stream[0] == "user" {
				gone[e.Payload] = true
			}
		}
		if !gone[made.ID] || !gone[status.ID] {
			t.Errorf("gone is %v, want %s and %s", gone, made.ID, status.ID)
		}
		bert.post("/api/v2/filters", url.Values{"title": {"Brug"}, "context[]": {"home"}, "keywords_attributes[0][keyword]": {"brug"}}).ok(nil)
		l.until(func(e event) bool { return e.Event == "filters_changed" && e.Payload == "" && e.Stream[0] == "user" })
		w.do(func(_ context.Context, tx communities.Tx) error {
			storage.Of(tx).Signal(storage.Signal{Event: "notifications_merged", Actor: w.bert.ID})
			return nil
		})
		l.until(func(e event) bool {
			return e.Event == "notifications_merged" && e.Payload == "1" && e.Stream[0] == "user:notification"
		})
		l.say(`{"type":"unsubscribe","stream":"user"}`)
		l.settle()
		anna.post("/api/v1/statuses", url.Values{"status": {"Nog een #brug, @bert"}}).ok(nil)
		for _, e := range l.until(func(e event) bool { return e.Stream[0] == "user:notification" }) {
			if e.Stream[0] == "user" {
				t.Errorf("unsubscribed, and still %s comes", e.Event)
			}
		}
	})
}

// SECURITY O6, O7: a stream ends with its token, and its owner's standing.
func TestStreamsEndWithTheirToken(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		ends := map[string]func(ctx context.Context, tx communities.Tx, hash string) error{
			"revoked": func(ctx context.Context, tx communities.Tx, hash string) error {
				return storage.Of(tx).RevokeAccessToken(ctx, hash, time.Now())
			},
			"app taken its rights": func(ctx context.Context, tx communities.Tx, _ string) error {
				return storage.Of(tx).RevokeApp(ctx, w.anna.ID, 0, "test", time.Now())
			},
			"new password": func(ctx context.Context, tx communities.Tx, _ string) error {
				return storage.Of(tx).LockOut(ctx, w.anna.ID, time.Now())
			},
			"closed account": func(ctx context.Context, tx communities.Tx, _ string) error {
				return w.town.Disable(ctx, tx, communities.Standing{Actor: w.bert.ID, By: w.anna.ID})
			},
			"gone": func(ctx context.Context, tx communities.Tx, _ string) error {
				return w.town.DeleteActor(ctx, tx, communities.Standing{Actor: w.cor.ID, By: w.cor.ID})
			},
		}
		for name, person := range map[string]*communities.Actor{
			"revoked": w.anna, "app taken its rights": w.anna, "new password": w.anna, "closed account": w.bert, "gone": w.cor,
		} {
			who := w.app(person)
			l, lines := who.socket(subscribe("user")), who.listen("/api/v1/streaming/user")
			lines.expect(":)")
			w.do(func(ctx context.Context, tx communities.Tx) error {
				return ends[name](ctx, tx, auth.HashSecret(who.token))
			})
			if e := l.next(); e.Event != "closed" || !strings.Contains(e.Error, "1008") {
				t.Errorf("%s: %+v", name, e)
			}
			for range lines.lines { // until it ends
			}
			who.get("/api/v1/streaming/user").refused(401)
		}
	})
}

// Limits of streams (SECURITY D26): of a person, and of a socket.
func TestStreamLimits(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	bert := w.app(w.bert)
	var first *listener
	for i := range stream.MaxPerPerson {
		l, answer := w.dial("", http.Header{"Authorization": {"Bearer " + bert.token}}) //nolint:bodyclose // the socket's
		if l == nil {
			t.Fatalf("stream %d: %d", i, answer.StatusCode)
		}
		first = l
	}
	bert.get("/api/v1/streaming/user").refused(429)
	w.app(w.cor).listen("/api/v1/streaming/user").expect(":)")
	for i := range stream.MaxSubscriptions + 1 {
		first.say(`{"type":"subscribe","stream":"hashtag","tag":"t` + id(communities.PostID(i)) + `"}`)
	}
	if e := first.next(); e.Status != 429 {
		t.Errorf("one subscription too many: %+v", e)
	}
	for range 100 {
		first.say(`{}`)
	}
	if e := first.next(); e.Event != "closed" || !strings.Contains(e.Error, "1008") {
		t.Errorf("who asks without end: %+v", e)
	}
}

// A node that stops says so.
func TestStreamsAreToldThatTheNodeStops(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	l := w.app(w.bert).socket(subscribe("user"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.api.hub.Run(ctx)
	if e := l.next(); e.Event != "closed" || !strings.Contains(e.Error, "1001") {
		t.Errorf("%+v", e)
	}
	w.app(w.bert).get("/api/v1/streaming/user").refused(503)
}

// The town's notices, and what people say to them, come to everybody: drawn for nobody in particular.
func TestStreamsOfNotices(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		l := w.app(w.cor).socket(subscribe("user"))
		bert := w.app(w.bert)
		notice := func(source string, draft bool) {
			w.do(func(ctx context.Context, tx communities.Tx) error {
				_, err := w.town.Announce(ctx, tx, communities.Notice{ID: w.notice.ID, By: w.node.ID, Source: source, Draft: draft})
				return err
			})
		}
		notice("De brug is open", false)
		at := "/api/v1/announcements/" + id(w.notice.ID)
		bert.call(http.MethodPut, at+"/reactions/fiets", nil).ok(nil)
		l.heard("announcement", "Announcement", "<p>De brug is open</p>")
		l.heard("announcement.reaction", "AnnouncementReaction", `"name":"fiets","count":1,"url":`)
		bert.call(http.MethodDelete, at+"/reactions/fiets", nil).ok(nil)
		l.heard("announcement.reaction", "AnnouncementReaction", `"name":"fiets","count":0,"url":`)
		notice("Nog niet", true)
		if e := l.heard("announcement.delete", "", ""); e.Payload != id(w.notice.ID) {
			t.Errorf("%+v", e)
		}
		notice("Toch", false)
		l.heard("announcement", "Announcement", "Toch")
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Unannounce(ctx, tx, w.notice.ID, w.node.ID)
		})
		l.heard("announcement.delete", "", id(w.notice.ID))
	})
}

// A conversation comes to each who is in it: what is said, what is said otherwise, and that another app has read it.
func TestStreamsOfConversations(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		l, own, strange := bert.socket(subscribe("direct")), anna.socket(subscribe("direct")), w.app(w.cor).socket(subscribe("direct"))
		var said seen
		anna.post("/api/v1/statuses", url.Values{"status": {"Psst @bert"}, "visibility": {"direct"}}).ok(&said)
		l.heard("conversation", "Conversation", `"unread":true`)
		own.heard("conversation", "Conversation", `"unread":false`)
		anna.call(http.MethodPut, "/api/v1/statuses/"+said.ID, url.Values{"status": {"Pst @bert"}}).ok(nil)
		l.heard("conversation", "Conversation", "Pst")
		bert.post("/api/v1/conversations/"+said.ID+"/read", nil).ok(nil)
		l.heard("conversation", "Conversation", `"unread":false`)
		anna.post("/api/v1/statuses", url.Values{"status": {"En @cor"}, "visibility": {"direct"}}).ok(nil)
		strange.heard("conversation", "Conversation", "En")
	})
}

// heard is the next event, which has the shape of an entity and says something.
func (l *listener) heard(name, entity, says string) event {
	l.t.Helper()
	e := l.next()
	if e.Event != name || !strings.Contains(e.Payload, says) {
		l.t.Fatalf("%s %s comes, want %s with %s", e.Event, e.Payload, name, says)
	}
	if entity != "" {
		decoder := json.NewDecoder(strings.NewReader(e.Payload))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			l.t.Fatal(err)
		}
		for _, wrong := range fits(e.Event, entity, value) {
			l.t.Error(wrong)
		}
	}
	return e
}
