// Package files is the face by which browsers, apps and other servers fetch files: those of this node by a name that nobody can guess, those
// of other nodes under an address that this node has sealed. It has a room of its own because what it answers was made by strangers: every
// answer says what it is and nothing else, may do nothing in a browser, and never passes for a document of this node.
package files

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"meent/communities"
	"meent/storage/media"
)

// Files hands out files. Safe for concurrent use.
type Files struct {
	Depot *media.Depot
	Seal  *media.Seal
	Log   *slog.Logger
}

// Mount adds the routes to mux. Who knows an address may come in: that is the whole of the permission, so none can be guessed.
func (f *Files) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /media/{name}", f.own)
	mux.HandleFunc("GET "+media.RemotePath+"{seal}/{address}", f.remote)
}

func (f *Files) own(w http.ResponseWriter, r *http.Request) {
	s, err := f.Depot.Own(r.Context(), r.PathValue("name"))
	f.serve(w, r, s, err)
}

func (f *Files) remote(w http.ResponseWriter, r *http.Request) {
	url, ok := f.Seal.Open(r.PathValue("seal"), r.PathValue("address"))
	if !ok {
		f.fail(w, r, communities.NotFound)
		return
	}
	s, err := f.Depot.Remote(r.Context(), url)
	f.serve(w, r, s, err)
}

// How long a file is kept by who has fetched it. Under one address there is always the same.
const (
	cacheOpen    = "public, max-age=31536000, immutable"
	cachePrivate = "private, max-age=31536000, immutable" // by the one browser, and no cache between
)

// sending is how long a large file may take to a slow client.
const sending = 15 * time.Minute

// harmless keeps a browser from taking a file for anything but what it is (SECURITY I3, H14).
func harmless(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", "inline")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // apps in a browser show it
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("X-Robots-Tag", "noindex")
}

func (f *Files) serve(w http.ResponseWriter, r *http.Request, s media.Served, err error) {
	if err != nil {
		f.fail(w, r, err)
		return
	}
	h := w.Header()
	harmless(h)
	if s.Elsewhere != "" {
		h.Set("Cache-Control", "private, no-cache") // the file keeps its address here when its bytes move
		http.Redirect(w, r, s.Elsewhere, http.StatusFound)
		return
	}
	defer s.Content.Close() //nolint:errcheck // only read
	h.Set("Cache-Control", cachePrivate)
	if s.Open {
		h.Set("Cache-Control", cacheOpen)
	}
	h.Set("Content-Type", s.MediaType)
	h.Set("ETag", strconv.Quote(s.Tag))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sending)) // a writer that has none needs none
	http.ServeContent(w, r, "", s.Changed, s.Content)
}

func (f *Files) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case communities.IsNotFound(err):
		status = http.StatusNotFound
	case errors.Is(err, media.ErrUnsafe):
		status = http.StatusUnsupportedMediaType
	case communities.KindOf(err) == communities.KindLimited:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	case r.Context().Err() != nil:
		return // whoever asked has gone
	default:
		f.Log.ErrorContext(r.Context(), "hand out a file", "path", r.URL.Path, "err", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}
