package mastodon

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/communities/auth"
)

// streamRoutes are what happens, as it happens.
var streamRoutes = []row{
	{"GET", streamPath, User, "", (*API).openSocket, 0},
	{"GET", streamPath + "/health", Anyone, "", (*API).streamHealth, 0},
	{"GET", streamPath + "/user", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/user/notification", User, "read:notifications", (*API).openEvents, 0},
	{"GET", streamPath + "/public", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/public/local", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/public/remote", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/hashtag", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/hashtag/local", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/list", User, "read:statuses", (*API).openEvents, 0},
	{"GET", streamPath + "/direct", User, "read:statuses", (*API).openEvents, 0},
}

const streamPath = "/api/v1/streaming"

func (a *API) streamHealth(*call) (any, error) { return plain("OK"), nil }

// streamURL is the base of the streams: an address of its own scheme, as secure as the node's.
func (a *API) streamURL() string { return "ws" + strings.TrimPrefix(a.town.Base, "http") }

// streamSecret is a token as it comes with a stream: a browser cannot set headers on a socket, nor on an EventSource. It is in the address,
// or in the place of a protocol, which the answer repeats.
func streamSecret(r *http.Request) string {
	if !within(r.URL.Path, streamPath) {
		return ""
	}
	if query, err := url.ParseQuery(r.URL.RawQuery); err == nil && query.Get("access_token") != "" {
		return query.Get("access_token")
	}
	first, _, _ := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), ",")
	return strings.TrimSpace(first)
}

var (
	errUpgrade = &failure{status: http.StatusUpgradeRequired, Message: "Open this address as a WebSocket, or one of those below it"}
	errStreams = &failure{status: http.StatusTooManyRequests, Message: "You have too many streams open"}
	errStops   = &failure{status: http.StatusServiceUnavailable, Message: "This node is being restarted"}
)

// openPeer makes room for the caller's stream.
func (a *API) openPeer(c *call) (*stream.Peer, error) {
	peer, err := a.hub.Open(c.id(), c.token, c.scopes)
	switch {
	case errors.Is(err, stream.ErrTooMany):
		return nil, errStreams
	case errors.Is(err, stream.ErrClosed):
		return nil, errStops
	}
	return peer, err
}

// openSocket answers with a socket on which an app subscribes to as many streams as it needs, the first by the address.
func (a *API) openSocket(c *call) (any, error) {
	if !strings.EqualFold(c.Header.Get("Upgrade"), "websocket") {
		c.header.Set("Upgrade", "websocket")
		return nil, errUpgrade
	}
	peer, err := a.openPeer(c)
	if err != nil {
		return nil, err
	}
	if c.form.text("stream") != "" {
		if err := a.hearRequest(peer, requested(c, c.form.text("stream"))); err != nil {
			peer.Close()
			return nil, err
		}
	}
	return socketAnswer{a, peer}, nil
}

func requested(c *call, name string) stream.Request {
	return stream.Request{
		Type: "subscribe", Stream: stream.Text(name), List: stream.Text(c.form.text("list")), Tag: stream.Text(c.form.text("tag")),
	}
}

// socketAnswer turns the connection into a stream.
type socketAnswer struct {
	*API
	peer *stream.Peer
}

func (s socketAnswer) write(w http.ResponseWriter, r *http.Request) error {
	return s.peer.ServeSocket(w, r, s.hearRequest)
}

// hearRequest does what an app says over its socket.
func (a *API) hearRequest(peer *stream.Peer, r stream.Request) error {
	if r.Type != "subscribe" && r.Type != "unsubscribe" {
		return nil
	}
	channel, err := r.Channel()
	if err != nil {
		return &failure{status: http.StatusBadRequest, Message: err.Error()}
	}
	if r.Type == "unsubscribe" {
		peer.Unsubscribe(channel, stream.Channel{Kind: map[stream.Kind]stream.Kind{stream.User: stream.UserNotices}[channel.Kind]})
		return nil
	}
	return a.subscribe(peer, channel)
}

// subscribe lets a stream hear a channel, as far as its token reaches (SECURITY O5), and its owner does.
func (a *API) subscribe(peer *stream.Peer, channel stream.Channel) error {
	reads := auth.Allows(peer.Scopes, "read:statuses")
	hears := auth.Allows(peer.Scopes, "read:notifications")
	channels := []stream.Channel{channel}
	if channel.Kind == stream.UserNotification {
		reads = hears
	}
	if channel.Kind == stream.User && hears {
		channels = append(channels, stream.Channel{Kind: stream.UserNotices})
	}
	if !reads {
		return errScope
	}
	if channel.Kind == stream.List {
		if err := a.ownsList(peer.Owner, channel.Param); err != nil {
			return failureOf(err)
		}
	}
	if err := peer.Subscribe(channels...); err != nil {
		return &failure{status: http.StatusTooManyRequests, Message: "You have too many subscriptions on one socket"}
	}
	return nil
}

const lookUpTimeout = 10 * time.Second

// ownsList tells whether somebody could read a list by its timeline.
func (a *API) ownsList(owner communities.ActorID, list string) error {
	ctx, cancel := context.WithTimeout(context.Background(), lookUpTimeout)
	defer cancel()
	c, err := a.callOf(ctx, owner)
	if err != nil {
		return err
	}
	c.SetPathValue("id", list)
	_, err = a.readList(c)
	return err
}

// Status is the number that goes with the error over a socket.
func (f *failure) Status() int { return f.status }

// withFiles are the streams that hold only what comes with files, by those that hold all.
var withFiles = map[stream.Kind]stream.Kind{
	stream.Public: stream.PublicMedia, stream.Local: stream.LocalMedia, stream.Remote: stream.RemoteMedia,
}

// openEvents answers with one stream, which the address names, as server-sent events.
func (a *API) openEvents(c *call) (any, error) {
	kind := stream.Kind(strings.ReplaceAll(strings.TrimPrefix(c.URL.Path, streamPath+"/"), "/", ":"))
	if media, some := withFiles[kind]; some && c.form.flag("only_media") {
		kind = media
	}
	channel, err := requested(c, string(kind)).Channel()
	if err != nil {
		return nil, &failure{status: http.StatusBadRequest, Message: err.Error()}
	}
	peer, err := a.openPeer(c)
	if err != nil {
		return nil, err
	}
	if err := a.subscribe(peer, channel); err != nil {
		peer.Close()
		return nil, err
	}
	return eventsAnswer{peer}, nil
}

type eventsAnswer struct{ peer *stream.Peer }

func (e eventsAnswer) write(w http.ResponseWriter, r *http.Request) error {
	return e.peer.ServeEvents(w, r)
}

// channelsOf are the public streams that a post belongs to.
func channelsOf(hashtags []string, local, files bool) []stream.Channel {
	kinds := []stream.Kind{stream.Public, stream.Remote}
	tagged := []stream.Kind{stream.Hashtag}
	if local {
		kinds, tagged = []stream.Kind{stream.Public, stream.Local}, append(tagged, stream.LocalHashtag)
	}
	if files {
		kinds = append(kinds, withFiles[kinds[0]], withFiles[kinds[1]])
	}
	var channels []stream.Channel
	for _, kind := range kinds {
		channels = append(channels, stream.Channel{Kind: kind})
	}
	for _, kind := range tagged {
		for _, tag := range hashtags {
			channels = append(channels, stream.Channel{Kind: kind, Param: strings.ToLower(tag)})
		}
	}
	return channels
}

// listOwners are those who listen to lists of theirs, and which.
func listOwners(hub *stream.Hub) map[communities.ActorID][]stream.Channel {
	owners := map[communities.ActorID][]stream.Channel{}
	for _, channel := range hub.Channels(stream.List) {
		for _, owner := range hub.Listeners(channel) {
			if !slices.Contains(owners[owner], channel) {
				owners[owner] = append(owners[owner], channel)
			}
		}
	}
	return owners
}
