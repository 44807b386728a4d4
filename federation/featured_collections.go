package federation

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// featuredCollections are the sets of people that a person recommends and wants to be seen, whole (FEP-7aa9).
func featuredCollections(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	list, err := r.archive.As(communities.Viewer{}).CollectionsOf(ctx, a.ID, 0, communities.MaxCollections)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(list))
	for _, c := range list {
		doc, err := r.featuredCollection(ctx, a, c)
		if err != nil {
			return wire.Collection{}, err
		}
		item, err := doc.Embed()
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, item)
	}
	return wire.Collection{ID: id, Type: "Collection", TotalItems: len(items), HasTotalItems: true, Items: items}, nil
}

// featuredCollection composes one, with those in it who are fine with it.
func (r *Road) featuredCollection(ctx context.Context, owner *communities.Actor, c *communities.Collection) (wire.FeaturedCollection, error) {
	uri := r.Collection(owner, c.ID)
	doc := wire.FeaturedCollection{
		ID: uri, URL: uri, AttributedTo: owner.URI, Name: c.Name, Summary: c.Description, Language: c.Language,
		Sensitive: c.Sensitive, Discoverable: c.Discoverable, Published: c.CreatedAt, Updated: c.UpdatedAt,
	}
	if c.Tag != "" {
		doc.Topic = wire.Hashtag{Href: r.Hashtag(c.Tag), Name: "#" + c.Tag}
	}
	for _, item := range c.Standing() {
		actor, err := r.archive.Actor(ctx, item.Actor)
		if err != nil {
			return doc, err
		}
		doc.Items = append(doc.Items, r.featuredItem(uri, actor, item))
	}
	return doc, nil
}

func (r *Road) featuredItem(collection string, actor *communities.Actor, i communities.CollectionItem) wire.FeaturedItem {
	return wire.FeaturedItem{
		ID: collection + "#" + strconv.FormatInt(int64(i.ID), 10), Object: actor.URI, Authorization: r.FeatureAuthorization(actor, i.ID),
		Published: i.CreatedAt,
	}
}

// collectionDocument answers who asks for one by its id: also one that is not listed, as it is shared by its address.
func (r *Road) collectionDocument(req *http.Request, who asker) (document, error) {
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return document{}, err
	}
	owner, err := r.localActor(req, req.PathValue("name"))
	if err != nil {
		return document{}, err
	}
	id, err := strconv.ParseInt(req.PathValue("id"), 10, 64)
	if err != nil {
		return document{}, communities.NotFound
	}
	c, err := r.archive.As(communities.Viewer{}).Collection(req.Context(), communities.CollectionID(id))
	if err == nil && c.Owner != owner.ID {
		err = communities.NotFound
	}
	if err != nil {
		return document{}, err
	}
	doc, err := r.featuredCollection(req.Context(), owner, c)
	if err != nil {
		return document{}, err
	}
	body, err := doc.Encode()
	return document{body: body}, err
}

// authorization answers that somebody of this node is fine with being in a collection, as long as they are.
func (r *Road) authorization(req *http.Request, who asker) (document, error) {
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return document{}, err
	}
	actor, err := r.localActor(req, req.PathValue("name"))
	if err != nil {
		return document{}, err
	}
	id, err := strconv.ParseInt(req.PathValue("id"), 10, 64)
	if err != nil {
		return document{}, communities.NotFound
	}
	c, err := r.archive.CollectionWith(req.Context(), communities.CollectionItemID(id))
	if err != nil {
		return document{}, err
	}
	stands := func(i communities.CollectionItem) bool { return int64(i.ID) == id && i.Actor == actor.ID }
	if !slices.ContainsFunc(c.Standing(), stands) {
		return document{}, communities.NotFound
	}
	owner, err := r.archive.Actor(req.Context(), c.Owner)
	if err != nil {
		return document{}, err
	}
	body, err := wire.FeatureAuthorization{
		ID: r.FeatureAuthorization(actor, communities.CollectionItemID(id)), Collection: r.Collection(owner, c.ID), Actor: actor.URI,
	}.Encode()
	return document{body: body}, err
}

// tellCollectionChanged: Add and Remove for what comes and goes, Update for what says something else, to those who follow the owner.
func (o outgoing) tellCollectionChanged(ctx context.Context, e communities.CollectionChanged) error {
	uri := o.Collection(e.Owner, e.Collection.ID)
	a := wire.Activity{
		Type: "Add", Target: wire.Reference{ID: e.Owner.URI + "/collections"}, To: []string{wire.Public}, Cc: []string{newBoxes(o.Base, e.Owner).Followers},
	}
	var inner wire.Reference
	var err error
	switch {
	case e.Item != nil:
		a.Target = wire.Reference{ID: uri}
		inner, err = o.featuredItem(uri, e.Featured, *e.Item).Embed()
	default:
		var doc wire.FeaturedCollection
		if doc, err = o.featuredCollection(ctx, e.Owner, e.Collection); err == nil {
			inner, err = doc.Embed()
		}
	}
	if err != nil {
		return err
	}
	switch {
	case e.Gone:
		a.Type, inner = "Remove", wire.Reference{ID: inner.ID}
	case e.Item == nil && !e.New:
		a.Type, a.Target = "Update", wire.Reference{}
	}
	a.Objects = []wire.Reference{inner}
	_, err = o.sayTo(ctx, e.Owner, a, uri, storage.Audience{FollowersOf: []communities.ActorID{e.Owner.ID}})
	return err
}
