package stream

import (
	"errors"
	"slices"
	"strings"
)

// Kind is what apps call a stream (Mastodon API, streaming).
type Kind string

// The streams. Those with media hold only what comes with files.
const (
	User             Kind = "user"
	UserNotification Kind = "user:notification"
	Public           Kind = "public"
	PublicMedia      Kind = "public:media"
	Local            Kind = "public:local"
	LocalMedia       Kind = "public:local:media"
	Remote           Kind = "public:remote"
	RemoteMedia      Kind = "public:remote:media"
	Hashtag          Kind = "hashtag"
	LocalHashtag     Kind = "hashtag:local"
	List             Kind = "list"
	Direct           Kind = "direct"

	// UserNotices is the part of [User] that holds notifications; not every token may hear it.
	UserNotices Kind = "notifications of user"
)

// named are the streams that an app can ask for.
var named = []Kind{
	User, UserNotification, Public, PublicMedia, Local, LocalMedia, Remote, RemoteMedia, Hashtag, LocalHashtag, List, Direct,
}

// Channel is a stream with its parameter: a hashtag in lower case, the id of a list, "" for all others.
type Channel struct {
	Kind  Kind
	Param string
}

// Request is what an app says over a socket, or in an address.
type Request struct {
	Type   Text `json:"type"`
	Stream Text `json:"stream"`
	List   Text `json:"list"`
	Tag    Text `json:"tag"`
}

var errUnknown = errors.New("Unknown stream type") //nolint:staticcheck // shown to people by apps, as Mastodon words it

// Channel finds the stream that a request names.
func (r Request) Channel() (Channel, error) {
	c := Channel{Kind: Kind(r.Stream)}
	switch {
	case !slices.Contains(named, c.Kind):
		return c, errUnknown
	case c.Kind == Hashtag || c.Kind == LocalHashtag:
		c.Param = strings.ToLower(strings.TrimPrefix(string(r.Tag), "#"))
	case c.Kind == List:
		c.Param = string(r.List)
	default:
		return c, nil
	}
	if c.Param == "" {
		return c, errors.New("Missing parameter") //nolint:staticcheck // as above
	}
	return c, nil
}

// names is how a message says which stream it belongs to: a parameter is an element of its own.
func (c Channel) names() []string {
	if c.Kind == UserNotices {
		return []string{string(User)}
	}
	if c.Param != "" {
		return []string{string(c.Kind), c.Param}
	}
	return []string{string(c.Kind)}
}

// Text is a string, or the number that some apps send in its place.
type Text string

// UnmarshalJSON implements [encoding/json.Unmarshaler]. What is neither is as good as absent.
func (t *Text) UnmarshalJSON(raw []byte) error {
	word := strings.TrimSpace(string(raw))
	if unquoted, ok := unquote(word); ok {
		*t = Text(unquoted)
	} else if word != "null" && !strings.ContainsAny(word, "{[") {
		*t = Text(word)
	}
	return nil
}
