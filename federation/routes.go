package federation

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"meent/communities"
	"meent/federation/wire"
)

// Route is a path of the road.
type Route struct {
	Pattern string // as [http.ServeMux] reads it
	Handler http.HandlerFunc
	// Shared tells that the same path also has a page for people: the handler serves those who ask for ActivityPub, see [WantsActivity].
	Shared bool
}

// Routes lists everything that other servers ask of this node. Who may read what is decided by the archive's reader, for each document.
func (r *Road) Routes() []Route {
	return []Route{
		{Pattern: "GET /.well-known/webfinger", Handler: r.serve(r.webfinger)},
		{Pattern: "GET /.well-known/host-meta", Handler: r.serve(r.hostMeta)},
		{Pattern: "GET /.well-known/nodeinfo", Handler: r.serve(r.nodeInfoDiscovery)},
		{Pattern: "GET /nodeinfo/{version}", Handler: r.serve(r.nodeInfo)},

		{Pattern: "GET /{$}", Handler: r.serve(r.nodeActor), Shared: true},
		{Pattern: "GET /actor/{collection}", Handler: r.serve(r.nodeCollection)},
		{Pattern: "GET /u/{name}", Handler: r.serve(r.person), Shared: true},
		{Pattern: "GET /u/{name}/{collection}", Handler: r.serve(r.personCollection)},
		{Pattern: "GET /u/{name}/collections/{id}", Handler: r.serve(r.collectionDocument), Shared: true},
		{Pattern: "GET /u/{name}/featured-in/{id}", Handler: r.serve(r.authorization)},
		{Pattern: "GET /g/{name}/featured-in/{id}", Handler: r.serve(r.authorization)},
		{Pattern: "GET /g/{name}", Handler: r.serve(r.group), Shared: true},
		{Pattern: "GET /g/{name}/{collection}", Handler: r.serve(r.groupCollection)},
		{Pattern: "GET /p/{id}", Handler: r.serve(r.object), Shared: true},
		{Pattern: "GET /p/{id}/{part...}", Handler: r.serve(r.objectPart)},
		{Pattern: "GET /act/{id...}", Handler: r.serve(r.activity)},

		{Pattern: "POST /inbox", Handler: r.Inbox},
		{Pattern: "POST /actor/inbox", Handler: r.Inbox},
		{Pattern: "POST /u/{name}/inbox", Handler: r.Inbox},
		{Pattern: "POST /g/{name}/inbox", Handler: r.Inbox},
	}
}

// WantsActivity tells whether a request asks for the ActivityPub form of a path rather than for its page (ActivityPub 3.2). Browsers name
// text/html; a client that names neither gets the page.
func WantsActivity(req *http.Request) bool {
	accept := strings.Join(req.Header.Values("Accept"), ",")
	for _, part := range strings.Split(accept, ",") {
		kind, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "text/html", "application/xhtml+xml":
			return false // whichever is named first wins: none of the servers that we know sends q values that say otherwise
		case wire.MediaType:
			return true
		case "application/ld+json":
			return parameters == "" || strings.Contains(parameters, "activitystreams")
		}
	}
	return false
}

// varying is what the form of a document depends on: who asks, and for what (SECURITY V18).
const varying = "Accept, Signature, Cookie, Authorization"

// document is an answer.
type document struct {
	mediaType string // default: ActivityPub
	body      []byte
	status    int  // default: 200
	private   bool // not for everybody: no cache may keep it
}

// serve answers with the document of fn or with its error, as JSON both. What is hidden and what is absent look alike (SECURITY V7).
func (r *Road) serve(fn func(*http.Request, asker) (document, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Vary", varying)
		who, err := r.asker(req)
		if err != nil {
			r.fail(w, req, err)
			return
		}
		doc, err := fn(req, who)
		if err != nil {
			r.fail(w, req, err)
			return
		}
		header := w.Header()
		header.Set("Content-Type", orElse(doc.mediaType, wire.MediaType))
		header.Set("X-Content-Type-Options", "nosniff")
		if doc.private || r.AuthorizedFetch {
			header.Set("Cache-Control", "private, no-store")
		} else {
			header.Set("Cache-Control", "public, max-age=60")
		}
		w.WriteHeader(max(doc.status, http.StatusOK))
		if _, err := w.Write(doc.body); err != nil {
			r.Log.DebugContext(req.Context(), "answer", "error", err) // the asker has gone
		}
	}
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// statuses maps the town's kinds of error to HTTP.
var statuses = map[communities.Kind]int{
	communities.KindNotFound: http.StatusNotFound, communities.KindInvalid: http.StatusBadRequest,
	communities.KindForbidden: http.StatusForbidden, communities.KindConflict: http.StatusConflict,
	communities.KindGone: http.StatusGone, communities.KindLimited: http.StatusTooManyRequests,
}

// fail answers with an error. Only errors that are made for people are shown; the rest is logged.
func (r *Road) fail(w http.ResponseWriter, req *http.Request, err error) {
	status, message := http.StatusInternalServerError, "internal error"
	var refused *refusal
	var known *communities.Error
	switch {
	case errors.As(err, &refused):
		status, message = refused.status, refused.message
	case errors.As(err, &known):
		status, message = statuses[known.Kind], known.Message
	case statusOf(err) != http.StatusInternalServerError:
		status = statusOf(err)
		message = http.StatusText(status)
	default:
		r.Log.ErrorContext(req.Context(), "answer a server", "path", req.URL.Path, "error", err)
	}
	body, _ := json.Marshal(map[string]string{"error": message}) // two strings: cannot fail
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		r.Log.DebugContext(req.Context(), "answer", "error", err)
	}
}

// refusal is a no with an HTTP number of its own.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }
