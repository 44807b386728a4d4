package mastodon

import (
	"context"
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// selfRoutes are what people keep for themselves, and who asks to follow them.
var selfRoutes = []row{
	{"GET", "/api/v1/markers", User, "read:statuses", (*API).markers, 0},
	{"POST", "/api/v1/markers", User, "write:statuses", (*API).setMarkers, 0},
	{"GET", "/api/v1/favourites", User, "read:favourites", (*API).favourites, 0},
	{"GET", "/api/v1/bookmarks", User, "read:bookmarks", (*API).bookmarks, 0},
	{"GET", "/api/v1/blocks", User, "read:blocks", (*API).blocks, 0},
	{"GET", "/api/v1/mutes", User, "read:mutes", (*API).mutes, 0},
	{"GET", "/api/v1/follow_requests", User, "read:follows", (*API).followRequests, 0},
	{"POST", "/api/v1/follow_requests/{id}/authorize", User, "write:follows", (*API).authorizeFollow, 0},
	{"POST", "/api/v1/follow_requests/{id}/reject", User, "write:follows", (*API).rejectFollow, 0},
	{"POST", "/api/v1/reports", User, "write:reports", (*API).report, 0},
}

func (a *API) showAccount(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	return a.drawAccount(c.Context(), actor)
}

// pathActor finds the actor that the address names.
func (a *API) pathActor(c *call) (*communities.Actor, error) {
	id, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.actor(c, id)
}

const maxAsked = 40 // ids in one request

func (a *API) showAccounts(c *call) (any, error) {
	actors, err := a.askedActors(c)
	if err != nil {
		return nil, err
	}
	return a.drawAccounts(c.Context(), actors)
}

// askedActors finds those whose ids a request lists, as far as they are known.
func (a *API) askedActors(c *call) ([]*communities.Actor, error) {
	ids := parseIDs[communities.ActorID](c.form.list("id"))
	actors, err := a.reader(c).Actors(c.Context(), ids[:min(len(ids), maxAsked)])
	if err != nil {
		return nil, err
	}
	return a.knownOf(c, actors)
}

// lookup finds somebody who is known here by their handle.
func (a *API) lookup(c *call) (any, error) {
	actor, err := a.byHandle(c, c.form.text("acct"))
	if err != nil {
		return nil, err
	}
	return a.drawAccount(c.Context(), actor)
}

func (a *API) byHandle(c *call, handle string) (*communities.Actor, error) {
	name, host, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(strings.TrimSpace(handle), "@")), "@")
	if host == a.town.Host() {
		host = ""
	}
	actor, err := a.archive.ActorByName(c.Context(), name, host)
	if err != nil {
		return nil, err
	}
	return a.actor(c, actor.ID)
}

func (a *API) searchAccounts(c *call) (any, error) {
	limit := c.page(accountLength).Limit
	actors, err := a.findActors(c, c.form.text("q"), c.form.number("offset", 0), limit, c.form.flag("resolve"), c.form.flag("following"))
	if err != nil {
		return nil, err
	}
	return a.drawAccounts(c.Context(), actors)
}

func idsOf(actors []*communities.Actor) []communities.ActorID {
	ids := make([]communities.ActorID, len(actors))
	for i, actor := range actors {
		ids[i] = actor.ID
	}
	return ids
}

// accountStatuses lists what somebody wrote. Of a group these are its boosts of threads, and pinned are its pinned threads.
func (a *API) accountStatuses(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	at := c.page(statusLength)
	var views []*storage.View
	switch tag := c.form.text("tagged"); {
	case c.form.flag("pinned"):
		return a.pinned(c, actor)
	case tag != "":
		views, err = a.reader(c).Tagged(c.Context(), actor.ID, tag, at, a.wanted(c)...)
	default:
		views, err = a.reader(c).PostsOf(c.Context(), actor.ID, at, a.wanted(c)...)
	}
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	return a.statuses(c, views, onAccount)
}

func (a *API) wanted(c *call) []storage.PostFilter {
	var filters []storage.PostFilter
	for name, filter := range map[string]storage.PostFilter{
		"exclude_replies": storage.WithoutAnswersToOthers, "exclude_reblogs": storage.WithoutBoosts, "only_media": storage.OnlyMedia,
	} {
		if c.form.flag(name) {
			filters = append(filters, filter)
		}
	}
	return filters
}

// pinned lists a group's pinned threads, or what somebody has pinned on their profile.
func (a *API) pinned(c *call, actor *communities.Actor) (any, error) {
	read := a.reader(c).PinnedBy
	if actor.IsGroup() {
		read = a.reader(c).Pinned
	}
	views, err := read(c.Context(), actor.ID)
	if err != nil {
		return nil, err
	}
	return a.statuses(c, views[:min(len(views), c.page(statusLength).Limit)], onAccount)
}

func (a *API) followers(c *call) (any, error) { return a.people(c, (*storage.Reader).Followers) }
func (a *API) following(c *call) (any, error) { return a.people(c, (*storage.Reader).Following) }

// people lists who follows, or is followed, unless that is nobody else's business.
func (a *API) people(
	c *call, read func(*storage.Reader, context.Context, communities.ActorID, storage.Page) ([]storage.Edge, error),
) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	if actor.Shows.NoFollows && actor.ID != c.id() {
		return []entity.Account{}, nil
	}
	at := c.page(accountLength)
	edges, err := read(a.reader(c), c.Context(), actor.ID, at)
	return a.edges(c, at, edges, err)
}

// edges draws a page of people and says where the next one is.
func (a *API) edges(c *call, at storage.Page, edges []storage.Edge, err error) ([]entity.Account, error) {
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(edges))
	actors := make([]*communities.Actor, len(edges))
	for i, edge := range edges {
		cursors[i], actors[i] = edge.ID, edge.Actor
	}
	if at.MinID > 0 && len(cursors) > 1 && cursors[0] < cursors[len(cursors)-1] { // newest first, also when the page went up
		slices.Reverse(cursors)
		slices.Reverse(actors)
	}
	a.link(c, at, cursors)
	if actors, err = a.knownOf(c, actors); err != nil {
		return nil, err
	}
	return a.drawAccounts(c.Context(), actors)
}

// none is the answer for what this node does not keep: an empty list, once the account is known.
func (a *API) noneOf(c *call) (any, error) {
	_, err := a.pathActor(c)
	return []entity.Empty{}, err
}

func (a *API) none(*call) (any, error) { return []entity.Empty{}, nil }
