package federation

import (
	"context"
	"net/http"
	"strconv"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

const (
	outboxLength = 50  // what newcomers read of a group (Lemmy, PieFed)
	pageLength   = 100 // items of a page
	firstPage    = "?after=0"
)

// A lister makes one of an actor's collections.
type lister func(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error)

var personCollections = map[string]lister{
	"outbox": personOutbox, "followers": followersCount, "following": followingCount, "featured": featuredOwn,
	"tags": featuredTags, "collections": featuredCollections,
}

var groupCollections = map[string]lister{
	"outbox": groupOutbox, "followers": followersCount, "following": followingCount, "featured": featured, "moderators": moderators,
}

var nodeCollections = map[string]lister{
	"outbox": emptyCollection, "followers": emptyCollection, "following": emptyCollection, "featured": emptyCollection,
}

func (r *Road) personCollection(req *http.Request, who asker) (document, error) {
	return r.collection(req, who, personCollections, false)
}

func (r *Road) groupCollection(req *http.Request, who asker) (document, error) {
	return r.collection(req, who, groupCollections, true)
}

func (r *Road) collection(req *http.Request, who asker, from map[string]lister, group bool) (document, error) {
	list, ok := from[req.PathValue("collection")]
	if !ok {
		return document{}, communities.NotFound
	}
	actor, err := r.localActor(req, req.PathValue("name"))
	if err != nil {
		return document{}, err
	}
	if actor.IsGroup() != group {
		return document{}, communities.NotFound
	}
	return r.list(req, who, actor, list)
}

func (r *Road) nodeCollection(req *http.Request, who asker) (document, error) {
	list, ok := nodeCollections[req.PathValue("collection")]
	if !ok {
		return document{}, communities.NotFound
	}
	actor, err := r.archive.ActorByURI(req.Context(), r.Actor(communities.Application, ""))
	if err != nil {
		return document{}, err
	}
	return r.list(req, who, actor, list)
}

func (r *Road) list(req *http.Request, who asker, a *communities.Actor, list lister) (document, error) {
	if err := who.mayRead(r.AuthorizedFetch); err != nil {
		return document{}, err
	}
	collection, err := list(req.Context(), r, a, r.Base+req.URL.Path)
	if err != nil {
		return document{}, err
	}
	body, err := collection.Encode()
	return document{body: body}, err
}

// counted is a collection that tells only how many there are. Lemmy wants a Collection with an empty list, or it loses the count.
func counted(id string, n int) wire.Collection {
	return wire.Collection{ID: id, Type: "Collection", TotalItems: n, HasTotalItems: true}
}

func emptyCollection(_ context.Context, _ *Road, _ *communities.Actor, id string) (wire.Collection, error) {
	return wire.Collection{ID: id, Type: "OrderedCollection", HasTotalItems: true}, nil
}

// followersCount hides who the followers are, as all group software does.
func followersCount(_ context.Context, _ *Road, a *communities.Actor, id string) (wire.Collection, error) {
	return counted(id, a.FollowersCount), nil
}

func followingCount(_ context.Context, _ *Road, a *communities.Actor, id string) (wire.Collection, error) {
	return counted(id, a.FollowingCount), nil
}

// personOutbox is what the person wrote for everybody: the newest, as Creates.
func personOutbox(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	views, err := r.archive.As(communities.Viewer{}).Outbox(ctx, a.ID, outboxLength)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(views))
	for _, v := range views {
		item, err := r.outboxItem(ctx, v)
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, item)
	}
	return wholeCollection(id, items), nil
}

func (r *Road) outboxItem(ctx context.Context, v *storage.View) (wire.Reference, error) {
	if v.Post.Kind == communities.Boost {
		return wire.Activity{
			ID: v.Post.URI, Type: "Announce", Actor: v.Author.URI, Objects: []wire.Reference{reference(v.Boosted.Post.URI)},
			To: []string{wire.Public}, Published: v.Post.CreatedAt,
		}.Embed()
	}
	around, err := r.surroundView(ctx, v)
	if err != nil {
		return wire.Reference{}, err
	}
	doc := r.objectDocument(v.Post, around, dialectUnknown)
	inner, err := doc.Embed()
	if err != nil {
		return wire.Reference{}, err
	}
	return wire.Activity{
		ID: saying{verb: "Create"}.id(v.Post), Type: "Create", Actor: v.Author.URI, Objects: []wire.Reference{inner},
		To: doc.To, Cc: doc.Cc, Audience: doc.Audience, Published: v.Post.CreatedAt,
	}.Embed()
}

// groupOutbox is what the group announced of its newest threads, byte for byte as it was sent.
func groupOutbox(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	threads, err := r.archive.As(communities.Viewer{}).GroupThreads(ctx, a.ID, storage.SortNew, storage.Page{Limit: outboxLength})
	if err != nil {
		return wire.Collection{}, err
	}
	uris := make([]string, 0, len(threads))
	for _, v := range threads {
		uris = append(uris, v.Post.URI)
	}
	announced, err := r.archive.Announced(ctx, a.ID, uris)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(uris))
	for _, uri := range uris {
		body, ok := announced[uri]
		if !ok {
			continue
		}
		item, err := wire.Embed(body)
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, item)
	}
	return wholeCollection(id, items), nil
}

// featured holds the pinned threads as whole objects: Lemmy and PieFed read nothing less, and Lemmy nothing at all when one item is
// something that it does not take for a thread (crates/apub/apub/src/protocol/collections/group_featured.rs), so polls are left out. It
// unpins what is not in the list.
func featured(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	pinned, err := r.archive.As(communities.Viewer{}).Pinned(ctx, a.ID)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(pinned))
	for _, v := range pinned {
		if v.Post.Kind == communities.Question {
			continue
		}
		doc, err := r.pinnedDocument(ctx, v)
		if err != nil {
			return wire.Collection{}, err
		}
		item, err := doc.Embed()
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, item)
	}
	return wholeCollection(id, items), nil
}

// featuredTags are the hashtags that a person shows on their profile (toot:featuredTags).
func featuredTags(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	shown, err := r.archive.As(communities.Viewer{}).FeaturedTags(ctx, a.ID)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(shown))
	for _, tag := range shown {
		item, err := wire.Hashtag{Href: r.Hashtag(tag.Name), Name: "#" + tag.Name}.Embed()
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, item)
	}
	return wire.Collection{ID: id, Type: "Collection", TotalItems: len(items), HasTotalItems: true, Items: items}, nil
}

// featuredOwn holds the ids of what a person has pinned on their profile (Mastodon reads the posts from there).
func featuredOwn(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	pinned, err := r.archive.As(communities.Viewer{}).PinnedBy(ctx, a.ID)
	items := make([]wire.Reference, len(pinned))
	for i, v := range pinned {
		items[i] = reference(v.Post.URI)
	}
	return wholeCollection(id, items), err
}

// pinnedDocument is a pinned thread. Of a thread of another node, for which only that node speaks, it says what it is, no more: who wants
// to read it fetches it there by its id.
func (r *Road) pinnedDocument(ctx context.Context, v *storage.View) (wire.Object, error) {
	if !r.Owns(v.Post.URI) {
		return wire.Object{
			ID: v.Post.URI, URL: v.Post.URL, Types: []string{"Article"}, Name: v.Post.Title, AttributedTo: []string{v.Author.URI},
			To: []string{wire.Public, v.Group.URI}, Cc: []string{r.boxesOf(v.Group).Followers}, Audience: []string{v.Group.URI},
			Published: v.Post.CreatedAt,
		}, nil
	}
	around, err := r.surroundView(ctx, v)
	if err != nil {
		return wire.Object{}, err
	}
	return r.objectDocument(v.Post, around, dialectUnknown), nil
}

// moderators lists actor ids (FEP-1b12).
func moderators(ctx context.Context, r *Road, a *communities.Actor, id string) (wire.Collection, error) {
	members, err := r.archive.Moderators(ctx, a.ID)
	if err != nil {
		return wire.Collection{}, err
	}
	items := make([]wire.Reference, 0, len(members))
	for _, m := range members {
		actor, err := r.archive.Actor(ctx, m.Person)
		if err != nil {
			return wire.Collection{}, err
		}
		items = append(items, reference(actor.URI))
	}
	return wholeCollection(id, items), nil
}

func wholeCollection(id string, items []wire.Reference) wire.Collection {
	return wire.Collection{ID: id, Type: "OrderedCollection", TotalItems: len(items), HasTotalItems: true, Items: items}
}

// parts are a post's collections.
func (r *Road) parts() map[string]func(*http.Request, *storage.View) (wire.Collection, error) {
	return map[string]func(*http.Request, *storage.View) (wire.Collection, error){
		"replies": r.replies, "context": r.threadContext, "likes": likes, "shares": shares,
	}
}

func likes(_ *http.Request, v *storage.View) (wire.Collection, error) {
	return counted(v.Post.URI+"/likes", v.Post.FavouritesCount), nil
}

func shares(_ *http.Request, v *storage.View) (wire.Collection, error) {
	return counted(v.Post.URI+"/shares", v.Post.BoostsCount), nil
}

// replies lists the direct answers by id: Mastodon fetches what it misses when a thread is opened (FEP-7458).
func (r *Road) replies(req *http.Request, v *storage.View) (wire.Collection, error) {
	answers, err := r.archive.As(communities.Viewer{}).Replies(req.Context(), v.Post.ID, pageOf(req))
	if err != nil {
		return wire.Collection{}, err
	}
	return paged(req, v.Post.URI+"/replies", "Collection", answers, v.Post.RepliesCount), nil
}

// threadContext lists the whole thread in the order of time (FEP-7888, FEP-f228); the group owns it (FEP-11dd).
func (r *Road) threadContext(req *http.Request, v *storage.View) (wire.Collection, error) {
	thread, total, err := r.archive.As(communities.Viewer{}).ThreadPage(req.Context(), v.Post.Thread, pageOf(req))
	if err != nil {
		return wire.Collection{}, err
	}
	collection := paged(req, v.Post.URI+"/context", "OrderedCollection", thread, total)
	if v.Group != nil {
		collection.AttributedTo = v.Group.URI
	}
	return collection, nil
}

// pageOf reads which page is asked for: ?after=ID, oldest first.
func pageOf(req *http.Request) storage.Page {
	after, err := strconv.ParseInt(req.URL.Query().Get("after"), 10, 64)
	if err != nil {
		after = 0 // the first page
	}
	return storage.Page{MinID: after, Limit: pageLength}
}

// paged is a collection whose first page is embedded, or one page of it when ?after= asks for that.
func paged(req *http.Request, id, kind string, views []*storage.View, total int) wire.Collection {
	page := wire.Collection{ID: id + firstPage, Type: kind + "Page", PartOf: id}
	if after := req.URL.Query().Get("after"); after != "" {
		page.ID = id + "?after=" + strconv.FormatInt(pageOf(req).MinID, 10)
	}
	for _, v := range views {
		page.Items = append(page.Items, reference(v.Post.URI))
	}
	if len(views) == pageLength {
		page.Next = id + "?after=" + strconv.FormatInt(int64(views[len(views)-1].Post.ID), 10)
	}
	if req.URL.Query().Has("after") {
		return page
	}
	return wire.Collection{ID: id, Type: kind, TotalItems: total, HasTotalItems: true, FirstPage: &page}
}
