package federation

import (
	"net/http"
	"strings"

	"meent/communities"
	"meent/federation/wire"
)

// webfinger answers who a handle or a URL of this node is (RFC 7033; FEP-d556 for the node itself).
func (r *Road) webfinger(req *http.Request, _ asker) (document, error) {
	actor, err := r.named(req)
	if err != nil {
		return document{}, err
	}
	answer := wire.JRD{
		Subject: "acct:" + actor.Handle(r.Host()), Aliases: []string{actor.URI},
		Links: []wire.JRDLink{
			{Rel: wire.RelSelf, Type: wire.MediaType, Href: actor.URI},
			{Rel: wire.RelProfilePage, Type: "text/html", Href: orElse(actor.URL, actor.URI)},
		},
	}
	body, err := answer.Encode()
	return document{mediaType: wire.MediaTypeJRD, body: body}, err
}

// named finds the local actor that ?resource= means: acct:name@host, or the URL of an actor.
func (r *Road) named(req *http.Request) (*communities.Actor, error) {
	resource := req.URL.Query().Get("resource")
	if resource == "" {
		return nil, communities.Invalidf("the parameter resource is missing")
	}
	if strings.HasPrefix(resource, "http://") || strings.HasPrefix(resource, "https://") {
		return r.namedByURL(req, resource)
	}
	name, host, ok := strings.Cut(strings.TrimPrefix(resource, "acct:"), "@")
	if !ok || !strings.EqualFold(host, r.Host()) {
		return nil, communities.NotFound
	}
	return r.localActor(req, strings.ToLower(name))
}

func (r *Road) namedByURL(req *http.Request, url string) (*communities.Actor, error) {
	if url == r.Base { // FEP-d556: the bare origin means the server's own actor
		url = r.Actor(communities.Application, "")
	}
	if !r.Owns(url) {
		return nil, communities.NotFound
	}
	actor, err := r.archive.ActorByURI(req.Context(), url)
	if err != nil {
		return nil, err
	}
	return shown(actor)
}

// localActor finds an actor of this node that may be shown.
func (r *Road) localActor(req *http.Request, name string) (*communities.Actor, error) {
	actor, err := r.archive.ActorByName(req.Context(), name, "")
	if err != nil {
		return nil, err
	}
	if !actor.SuspendedAt.IsZero() { // who waits to be let in is nobody yet; who is suspended says so
		account, err := r.archive.Account(req.Context(), actor.ID)
		if err == nil && account.Pending() {
			return nil, communities.NotFound
		}
		if err != nil && !communities.IsNotFound(err) {
			return nil, err
		}
	}
	return shown(actor)
}

// shown refuses an actor that is deleted, and one whose group is closed: that it exists is its members' business.
func shown(a *communities.Actor) (*communities.Actor, error) {
	switch {
	case !a.Local() || a.Group != nil && a.Group.Closed:
		return nil, communities.NotFound
	case !a.DeletedAt.IsZero():
		return nil, communities.Gone
	default:
		return a, nil
	}
}

// hostMeta says where WebFinger is (RFC 6415): Mastodon asks when WebFinger itself answers 404.
func (r *Road) hostMeta(*http.Request, asker) (document, error) {
	body, err := wire.HostMeta{WebFingerTemplate: r.Base + "/.well-known/webfinger?resource={uri}"}.Encode()
	return document{mediaType: wire.MediaTypeHostMeta, body: body}, err
}
