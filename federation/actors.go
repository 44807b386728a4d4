package federation

import (
	"net/http"

	"meent/communities"
	"meent/federation/wire"
)

// nodeActor is the node's own actor at "/": Lemmy reads it as the site, and our fetches are signed by it. It is shown to everybody, also
// when all else demands a signature: how else would anybody find its key?
func (r *Road) nodeActor(req *http.Request, _ asker) (document, error) {
	actor, err := r.archive.ActorByURI(req.Context(), r.Actor(communities.Application, ""))
	if err != nil {
		return document{}, err
	}
	return r.encodeActor(req, actor)
}

func (r *Road) person(req *http.Request, who asker) (document, error) {
	return r.actor(req, who, false)
}

func (r *Road) group(req *http.Request, who asker) (document, error) { return r.actor(req, who, true) }

func (r *Road) actor(req *http.Request, who asker, group bool) (document, error) {
	actor, err := r.localActor(req, req.PathValue("name"))
	switch {
	case communities.KindOf(err) == communities.KindGone:
		return r.grave(r.Base + req.URL.Path)
	case err != nil:
		return document{}, err
	case actor.IsGroup() != group:
		return document{}, communities.NotFound
	}
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return document{}, err
	}
	return r.encodeActor(req, actor)
}

func (r *Road) encodeActor(req *http.Request, a *communities.Actor) (document, error) {
	doc, err := r.actorDocument(req.Context(), a)
	if err != nil {
		return document{}, err
	}
	body, err := doc.Encode()
	return document{body: body}, err
}

// grave answers 410 with a Tombstone (ActivityPub 6.4; Mastodon deletes its copy on 410).
func (r *Road) grave(uri string) (document, error) {
	body, err := wire.Object{ID: uri, Types: []string{"Tombstone"}}.Encode()
	return document{body: body, status: http.StatusGone}, err
}
