// Package mastodon is the face that apps meet: the Mastodon client API (https://docs.joinmastodon.org/api/), by which a resident signs in
// with the app they already have. It translates: what an app asks becomes a read through [storage.DB.As], bound to who asks, or a verb
// of the town; what comes back becomes one of the shapes in the room entity. It decides nothing itself.
//
// Everything that it answers stands in the tables that routes.go joins, with who may enter and by what scope. An address that is not there is
// answered with 404 in JSON.
package mastodon

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"meent/cmd/meent/locale"
	"meent/cmd/meent/mastodon/entity"
	"meent/cmd/meent/mastodon/stream"
	"meent/communities"
	"meent/communities/auth"
	"meent/federation/fetch"
	"meent/federation/webpush"
	"meent/storage"
	"meent/storage/media"
)

// Road reads what is in other towns. A handle or address that leads nowhere is [communities.NotFound].
type Road interface {
	ActorByHandle(ctx context.Context, handle string) (*communities.Actor, error)
	ActorByURI(ctx context.Context, uri string) (*communities.Actor, error)
	PostByURI(ctx context.Context, uri string) (*communities.Post, error)
	// Freshen has a thread looked at elsewhere, at most once in a while, and returns the last look.
	Freshen(ctx context.Context, thread communities.PostID) (*storage.Refresh, error)
	// Running tells whether a look is under way.
	Running(look *storage.Refresh) bool
}

// Outside sends to other servers, behind all guards (see [fetch.Client]).
type Outside interface {
	Parse(rawURL string) (*url.URL, error)
	Post(ctx context.Context, rawURL string, body []byte, contentType string, sign fetch.Sign) (fetch.Answer, error)
}

// Options are what this face needs to know of the node.
type Options struct {
	Name        string // of the node
	Version     string // of the program
	Description string // plain text, a sentence; for when no text says it
	Email       string // to turn to
	Contact     string // handle of a local person to turn to; "": nobody
	Source      string // address of the program's own text; "": the page about the node
	Log         *slog.Logger
	Now         func() time.Time

	// Media takes in the files that people give.
	Media *media.Depot
	// Shown returns where this node hands out a file, also one of another node.
	Shown           func(url string) string
	PublishPeers    Publish // the hosts that the node deals with
	PublishActivity Publish // figures of the last weeks
	PublishBlocks   Publish // the hosts that it keeps out
	Trends          bool    // count what is talked about
	AllowedOnly     bool    // the node deals with no host but those that it allows

	// Session returns who is signed in to the web pages, for the consent page; false when nobody is.
	Session func(r *http.Request) (*communities.Actor, bool)
	// SignIn is the address of the page to sign in at. It gets the parameter return_to.
	SignIn string
	// AppsPage is the address of the page that lists the apps of who looks, and takes their rights back.
	AppsPage string
	// Stylesheet is the address of the style of the pages; "": none.
	Stylesheet string
	// Translator says texts in another language; nil: the node has no such service.
	Translator Translator
	// Outside reaches push services: the one client for whatever leaves the node.
	Outside Outside
	// PushKey is by what push services know this node, see [PushKey].
	PushKey webpush.Key
	// Allow tells whether a client may come to a route once more, at most so many times a minute. Nil: always.
	Allow func(r *http.Request, route string, perMinute int) bool
	// Crowd hears how many streams are open, each time that one opens or closes. It must not wait. Nil: nobody cares.
	Crowd func(streams int)
}

// Translator is a machine that translates, elsewhere.
type Translator interface {
	Name() string
	// Languages lists, for each language, those that it can be translated into.
	Languages(ctx context.Context) (map[string][]string, error)
	// Translate says texts, which are HTML, in another language. From may be empty; detected is what they were taken for.
	Translate(ctx context.Context, texts []string, from, to string) (translated []string, detected string, err error)
}

// API answers apps. Safe for concurrent use.
type API struct {
	Options
	town    *communities.Town
	archive *storage.DB
	road    Road
	ids     *communities.IDs
	consent *template.Template
	avatar  []byte // for who has none
	header  []byte
	scopes  []string // that some route asks for
	hub     *stream.Hub
	buffers buffers

	languages *locale.Speech
	sealer    auth.Sealer
	services  *services

	passwords  *auth.Passwords
	emojiBook  *storage.EmojiBook
	tagTrends  counted[[]storage.Trend]
	linkTrends counted[[]entity.TrendingLink]
	weeks      counted[[]entity.WeekActivity]
}

// New ties the face to a town, its archive and the road. A missing option is an error, so that it shows at the start.
func New(town *communities.Town, archive *storage.DB, road Road, options Options) (*API, error) {
	if options.Log == nil || options.Now == nil || options.Session == nil || options.SignIn == "" || options.Version == "" || options.Outside == nil ||
		options.Media == nil || options.Shown == nil {
		return nil, fmt.Errorf("the client API needs a log, a clock, a session, a page to sign in at, a version, a way to the outside and a place for files")
	}
	a := &API{
		Options: options, town: town, archive: archive, road: road, ids: archive.IDs(), scopes: supportedScopes(), services: newServices(),
	}
	a.hub = stream.New(a.attended)
	a.passwords, a.emojiBook = auth.NewPasswords(), storage.NewEmojiBook(archive)
	var err error
	if a.sealer, err = sealerOf(options.PushKey); err != nil {
		return nil, err
	}
	if a.languages, err = locale.Read(); err != nil {
		return nil, err
	}
	if a.consent, err = parseConsent(); err != nil {
		return nil, err
	}
	a.avatar, a.header, err = drawDefaults()
	return a, err
}

// Mount adds every route to mux, the answers to browsers that ask what other sites may do, and the 404 for the rest of /api/ and /oauth/.
func (a *API) Mount(mux *http.ServeMux) {
	preflight := map[string]bool{}
	for _, route := range a.Routes() {
		mux.Handle(route.Method+" "+route.Pattern, route.Handler)
		if route.Open && !preflight[route.Pattern] && !within(route.Pattern, "/api/") {
			preflight[route.Pattern] = true
			mux.HandleFunc("OPTIONS "+route.Pattern, preflightAnswer)
		}
	}
	mux.HandleFunc("OPTIONS /api/", preflightAnswer)
	mux.HandleFunc("/api/", a.nowhere)
	mux.HandleFunc("/oauth/", a.nowhere)
}

func (a *API) nowhere(w http.ResponseWriter, r *http.Request) {
	allowAll(w.Header())
	a.fail(w, r, caller{}, communities.NotFound)
}
