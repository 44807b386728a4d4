//go:build unix

package clients

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
	"meent/storage/storagetest"
)

const streamWait = 15 * time.Second

// streaming opens a stream by the WebSocket client, on one process of the node.
func (w town) streaming(at *node.Node, who *mastodon.Client) chan mastodon.Event {
	w.t.Helper()
	client := who.NewWSClient()
	client.NetDialContext = at.Dial
	return got[chan mastodon.Event](w.t)(client.StreamingWSUser(w.streams()))
}

// streams is a context that ends with the test, before the node does.
func (w town) streams() context.Context {
	ctx, stop := context.WithCancel(w.ctx)
	w.t.Cleanup(stop)
	return ctx
}

var openStreams = regexp.MustCompile(`(?m)^meent_streams_open (\d+)`)

// awaitStreams waits until a process has so many streams, as the client says nothing when its own is open.
func (w town) awaitStreams(at *node.Node, count int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, streamWait)
	defer cancel()
	w.must(node.Await(ctx, fmt.Sprintf("%d streams are open", count), func() bool {
		_, figures, err := at.Read(ctx, at.Base+"/metrics", "text/plain")
		open := openStreams.FindSubmatch(figures)
		return err == nil && open != nil && string(open[1]) == strconv.Itoa(count)
	}))
}

// awaitEvent waits for an event that is of a kind and says what is expected.
func awaitEvent[T mastodon.Event](t *testing.T, stream chan mastodon.Event, wanted func(T) bool) {
	t.Helper()
	timer := time.NewTimer(streamWait)
	defer timer.Stop()
	for {
		select {
		case e := <-stream:
			if found, ok := e.(T); ok && wanted(found) {
				return
			}
			if failed, ok := e.(*mastodon.ErrorEvent); ok {
				t.Fatal(failed)
			}
		case <-timer.C:
			t.Fatalf("no %T comes", *new(T))
		}
	}
}

func says(text string) func(*mastodon.UpdateEvent) bool {
	return func(e *mastodon.UpdateEvent) bool { return strings.Contains(e.Status.Content, text) }
}

// What anna does comes to bert's apps, over a socket and as server-sent events; also when she does it by a command beside the node.
func TestStreamsInAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna, bert := w.app("anna"), w.app("bert")
		got[*mastodon.Relationship](t)(bert.AccountFollow(w.ctx, got[*mastodon.Account](t)(bert.AccountLookup(w.ctx, "anna")).ID))
		endless := *w.node.Client
		endless.Timeout = 0
		bert.Client = endless
		streams := map[string]chan mastodon.Event{
			"socket": w.streaming(w.node, bert), "events": got[chan mastodon.Event](t)(bert.StreamingUser(w.streams())),
		}
		w.awaitStreams(w.node, len(streams))
		status := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "De brug is open, @bert"}))
		for _, stream := range streams {
			heard := 0 // in either order
			for heard < 2 {
				select {
				case e := <-stream:
					switch e := e.(type) {
					case *mastodon.UpdateEvent:
						heard += map[bool]int{true: 1}[e.Status.ID == status.ID]
					case *mastodon.NotificationEvent:
						heard += map[bool]int{true: 1}[e.Notification.Type == "mention" && e.Notification.Status.ID == status.ID]
					case *mastodon.ErrorEvent:
						t.Fatal(e)
					}
				case <-time.After(streamWait):
					t.Fatal("nothing comes")
				}
			}
		}
		got[*mastodon.Status](t)(anna.UpdateStatus(w.ctx, &mastodon.Toot{Status: "De brug is dicht, @bert"}, status.ID))
		for _, stream := range streams {
			awaitEvent(t, stream, func(e *mastodon.UpdateEditEvent) bool { return strings.Contains(e.Status.Content, "dicht") })
		}
		w.must(anna.DeleteStatus(w.ctx, status.ID))
		for _, stream := range streams {
			awaitEvent(t, stream, func(e *mastodon.DeleteEvent) bool { return e.ID == status.ID })
		}
		w.run("post", "--person", "anna", "Van de opdrachtregel")
		for _, stream := range streams {
			awaitEvent(t, stream, says("opdrachtregel"))
		}
		w.endings(bert)
	})
}

// endings: a revoked token ends its stream (SECURITY O6), and a node that stops says so.
func (w town) endings(bert *mastodon.Client) {
	w.t.Helper()
	dialer := websocket.Dialer{NetDialContext: w.node.Dial}
	dial := func(token string) *websocket.Conn {
		socket, answer, err := dialer.DialContext(w.ctx, "ws"+strings.TrimPrefix(w.node.Base, "http")+"/api/v1/streaming?stream=user",
			http.Header{"Authorization": {"Bearer " + token}})
		w.must(err)
		w.must(answer.Body.Close())
		w.must(socket.SetReadDeadline(time.Now().Add(streamWait)))
		return socket
	}
	other := w.run("token", "create", "--person", "bert", "--scopes", scopes)
	revoked, stopped := dial(other), dial(bert.Config.AccessToken)
	w.run("person", "disable", "bert")
	for _, socket := range []*websocket.Conn{revoked, stopped} {
		if _, _, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
			w.t.Errorf("a closed account and its stream: %v", err)
		}
	}
	last := dial(w.run("token", "create", "--person", "anna", "--scopes", scopes))
	w.must(w.node.Stop())
	if _, _, err := last.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		w.t.Errorf("a node that stops: %v", err)
	}
}

// What the town announces by a command comes to who has an app open.
func TestStreamsOfAnnouncements(t *testing.T) {
	subject(t, func(w town, anna, _ *mastodon.Client) {
		ctx, stop := context.WithTimeout(w.ctx, streamWait)
		defer stop()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.node.Base+"/api/v1/streaming/user", nil)
		w.must(err)
		request.Header.Set("Authorization", "Bearer "+anna.Config.AccessToken)
		endless := *w.node.Client
		endless.Timeout = 0
		answer, err := endless.Do(request)
		w.must(err)
		defer answer.Body.Close()
		w.awaitStreams(w.node, 1)
		w.run("announce", "add", "Het zwembad is dicht.")
		event := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if name, found := strings.CutPrefix(lines.Text(), "event: "); found {
				event = name
			}
			if data, found := strings.CutPrefix(lines.Text(), "data: "); found && event == "announcement" && strings.Contains(data, "Het zwembad is dicht.") {
				return
			}
		}
		w.t.Error("the announcement does not come")
	})
}

// Two processes on one PostgreSQL: what anna posts through one comes to bert's stream at the other.
func TestStreamsOfATwin(t *testing.T) {
	t.Parallel()
	o := node.Options{Host: "stad.example", Dir: filepath.Join(t.TempDir(), "node"), Database: storagetest.Postgres(t)}
	w := town{t, t.Context(), node.ForTest(t, o, (*node.Node).Stop)}
	twin, err := w.node.Twin(t.TempDir())
	w.must(err)
	w.must(twin.Start(w.ctx))
	t.Cleanup(func() { w.must(twin.Stop()) })
	w.run("person", "add", "anna", "--email", "anna@stad.example")
	w.run("person", "add", "bert", "--email", "bert@stad.example")
	anna, bert := w.app("anna"), w.app("bert")
	got[*mastodon.Relationship](t)(bert.AccountFollow(w.ctx, got[*mastodon.Account](t)(bert.AccountLookup(w.ctx, "anna")).ID))
	stream := w.streaming(twin, bert)
	w.awaitStreams(twin, 1)
	time.Sleep(time.Second) // until the one knows that the other has a stream
	got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Door de ene"}))
	awaitEvent(t, stream, says("Door de ene"))
	w.run("post", "--person", "anna", "Van de opdrachtregel")
	awaitEvent(t, stream, says("opdrachtregel"))
}
