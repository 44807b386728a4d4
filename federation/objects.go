package federation

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// object is a post in the form that the asker's software reads. Each receiver always sees the same one.
func (r *Road) object(req *http.Request, who asker) (document, error) {
	found, private, err := r.findPost(req, who)
	if err != nil {
		return document{}, err
	}
	p := found.Post
	switch {
	case !r.Owns(p.URI):
		return document{}, communities.NotFound // a copy of somebody else's: ask there
	case p.Deleted():
		return r.grave(p.URI)
	case p.Kind == communities.Boost:
		return document{}, communities.NotFound
	}
	around, err := r.surroundView(req.Context(), found)
	if err != nil {
		return document{}, err
	}
	body, err := r.objectDocument(p, around, who.dialect).Encode()
	return document{body: body, private: private}, err
}

// findPost reads the post of the path with the asker's eyes: those of everybody first, and only for what they do not see those of the
// node that the signature proves.
func (r *Road) findPost(req *http.Request, who asker) (found *storage.View, private bool, err error) {
	id, err := strconv.ParseInt(req.PathValue("id"), 10, 64)
	if err != nil {
		return nil, false, communities.NotFound
	}
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return nil, false, err
	}
	ctx := req.Context()
	found, err = r.archive.As(communities.Viewer{}).Post(ctx, communities.PostID(id))
	if !communities.IsNotFound(err) || !who.signed {
		return found, false, err
	}
	viewer, err := who.prove()
	if err != nil {
		return nil, false, err
	}
	found, err = r.archive.As(viewer).Post(ctx, communities.PostID(id))
	return found, true, err
}

// objectPart is one of a post's collections, or an activity about it.
func (r *Road) objectPart(req *http.Request, who asker) (document, error) {
	part := req.PathValue("part")
	if quoting, ok := strings.CutPrefix(part, "quotes/"); ok {
		return r.consent(req, who, quoting)
	}
	fn, ok := r.parts()[part]
	if !ok {
		return r.activityAt(req, who, r.Base+req.URL.Path)
	}
	found, private, err := r.findPost(req, who)
	if err != nil {
		return document{}, err
	}
	if found.Post.Deleted() || !r.Owns(found.Post.URI) {
		return document{}, communities.NotFound
	}
	collection, err := fn(req, found)
	if err != nil {
		return document{}, err
	}
	body, err := collection.Encode()
	return document{body: body, private: private}, err
}

// consent is the word of the author of what is quoted, as long as it stands, to whoever may see that.
func (r *Road) consent(req *http.Request, who asker, quoting string) (document, error) {
	id, err := strconv.ParseInt(quoting, 10, 64)
	if err != nil {
		return document{}, communities.NotFound
	}
	found, private, err := r.findPost(req, who)
	if err != nil || found.Post.Deleted() {
		return document{}, orNotFound(err)
	}
	p, err := r.archive.Post(req.Context(), communities.PostID(id))
	if err != nil {
		return document{}, err
	}
	uri := r.QuoteAuthorization(found.Post.URI, p.ID)
	if !p.Quote.Accepted() || p.Quote.Authorization != uri {
		return document{}, communities.NotFound
	}
	body, err := consent(uri, found.Post, found.Author, p.URI).Encode()
	return document{body: body, private: private}, err
}

// activity is something that this node said, under its id.
func (r *Road) activity(req *http.Request, who asker) (document, error) {
	return r.activityAt(req, who, r.Base+req.URL.Path)
}

func (r *Road) activityAt(req *http.Request, who asker, uri string) (document, error) {
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return document{}, err
	}
	form := dialectUnknown
	if who.dialect.readsNotes() {
		form = dialectMicroblog
	}
	said, err := r.archive.ActivityByURI(req.Context(), uri, string(form))
	if err != nil {
		return document{}, err
	}
	if !said.Public {
		return document{}, communities.NotFound
	}
	if hidden, err := r.hides(req.Context(), said.ObjectURI); hidden || err != nil {
		return document{}, orNotFound(err)
	}
	return document{body: said.Body}, nil
}

// hides tells whether what an activity is about is no longer to be seen: the activity repeats it, so it goes with it (SECURITY V4).
func (r *Road) hides(ctx context.Context, uri string) (bool, error) {
	if !strings.HasPrefix(uri, r.Base+"/p/") {
		return false, nil
	}
	found, err := r.archive.As(communities.Viewer{}).PostByURI(ctx, uri)
	if communities.IsNotFound(err) {
		return true, nil
	}
	return err == nil && found.Post.Deleted(), err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return communities.NotFound
}

// surround reads what a post's document says beside the post, inside a transaction.
func (o outgoing) surround(ctx context.Context, p *communities.Post, author, group *communities.Actor) (surroundings, error) {
	return o.surrounding(ctx, o.tx, p, author, group)
}

// surroundView is the same for a post that was read for display.
func (r *Road) surroundView(ctx context.Context, v *storage.View) (surroundings, error) {
	return r.surrounding(ctx, r.archive, v.Post, v.Author, v.Group)
}

// posts is what both the archive and a transaction can look up.
type posts interface {
	Post(ctx context.Context, id communities.PostID) (*communities.Post, error)
}

func (r *Road) surrounding(ctx context.Context, from posts, p *communities.Post, author, group *communities.Actor) (surroundings, error) {
	s := surroundings{author: author, group: group, inReplyTo: p.InReplyToURI, context: p.Conversation}
	if p.Quote != nil && p.Quote.Of != 0 {
		quoted, err := from.Post(ctx, p.Quote.Of)
		if err != nil {
			return s, err
		}
		s.quoted = quoted.URL
	}
	if s.context != "" || !r.Owns(p.URI) {
		return s, nil
	}
	root := p
	if p.Thread != p.ID {
		var err error
		if root, err = from.Post(ctx, p.Thread); err != nil {
			return s, err
		}
	}
	switch {
	case root.Conversation != "":
		s.context = root.Conversation // FEP-7888: replies copy the thread's context
	case r.Owns(root.URI):
		s.context = root.URI + "/context"
	}
	return s, nil
}

// saying is a Create or Update of a post at a moment.
type saying struct {
	verb string
	at   time.Time
}

// id is that of the activity. Both forms of one share it, and retries keep it.
func (s saying) id(p *communities.Post) string {
	if s.verb == "Update" {
		return p.URI + "/updates/" + strconv.FormatInt(s.at.UnixMilli(), 10)
	}
	return p.URI + "/create"
}

// reference names something by its id.
func reference(uri string) wire.Reference { return wire.Reference{ID: uri} }
