package mastodon

import (
	"context"
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// timelineRoutes are lists of statuses, and what leads to them.
var timelineRoutes = []row{
	{"GET", "/api/v1/timelines/home", User, "read:statuses", (*API).home, 0},
	{"GET", "/api/v1/timelines/public", Anyone, "read:statuses", (*API).public, 0},
	{"GET", "/api/v1/timelines/tag/{hashtag}", Anyone, "read:statuses", (*API).hashtag, 0},
	{"GET", "/api/v1/timelines/list/{id}", User, "read:lists", (*API).listTimeline, 0},
	{"GET", "/api/v1/lists", User, "read:lists", (*API).lists, 0},
	{"POST", "/api/v1/lists", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v1/lists/{id}", User, "read:lists", (*API).showList, 0},
	{"PUT", "/api/v1/lists/{id}", User, "write:lists", (*API).noLists, 0},
	{"DELETE", "/api/v1/lists/{id}", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v1/lists/{id}/accounts", User, "read:lists", (*API).listAccounts, 0},
	{"POST", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).noLists, 0},
	{"DELETE", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v2/search", Anyone, "read:search", (*API).search, 0},
	{"GET", "/api/v1/tags/{name}", Anyone, "", (*API).showTag, 0},
}

// timeline draws a page of statuses, without those of people whom the caller muted, and says where the next page is: counted before that,
// so that a page from which all were left out does not look like the last one.
func (a *API) timeline(c *call, where board, read func(context.Context, storage.Page) ([]*storage.View, error)) (any, error) {
	at := c.page(statusLength)
	views, err := read(c.Context(), at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	return a.drawTimeline(c, where, views)
}

func (a *API) drawTimeline(c *call, where board, views []*storage.View) ([]entity.Status, error) {
	views, err := a.unmuted(c.Context(), c, views)
	if err != nil {
		return nil, err
	}
	return a.statuses(c, views, where)
}

func postCursors(views []*storage.View) []int64 {
	cursors := make([]int64, len(views))
	for i, v := range views {
		cursors[i] = int64(v.Post.ID)
	}
	return cursors
}

// home is what the caller follows. A thread in a group comes as the group's boost, and then not once more for its author's sake.
func (a *API) home(c *call) (any, error) {
	at := c.page(statusLength)
	views, err := a.reader(c).Home(c.Context(), at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	if views, err = a.once(c, views); err != nil {
		return nil, err
	}
	return a.drawTimeline(c, onHome, views)
}

// once leaves out the threads that come home as shared by their group as well, be it on another page.
func (a *API) once(c *call, views []*storage.View) ([]*storage.View, error) {
	var threads []communities.PostID
	for _, v := range views {
		if v.Post.Group != 0 && v.Boosted == nil {
			threads = append(threads, v.Post.ID)
		}
	}
	shared, err := a.reader(c).SharedAtHome(c.Context(), threads)
	return slices.DeleteFunc(views, func(v *storage.View) bool { return shared[v.Post.ID] }), err
}

func (a *API) public(c *call) (any, error) {
	return a.timeline(c, onPublic, a.narrowed(c, storage.Narrow{}))
}

func (a *API) hashtag(c *call) (any, error) {
	which := storage.Narrow{Tags: append([]string{c.PathValue("hashtag")}, c.form.list("any")...), All: c.form.list("all"), None: c.form.list("none")}
	return a.timeline(c, onPublic, a.narrowed(c, which))
}

func (a *API) narrowed(c *call, which storage.Narrow) func(context.Context, storage.Page) ([]*storage.View, error) {
	which.Local, which.Remote, which.Media = c.form.flag("local"), c.form.flag("remote"), c.form.flag("only_media")
	return func(ctx context.Context, at storage.Page) ([]*storage.View, error) {
		return a.reader(c).Narrowed(ctx, which, at)
	}
}

func (a *API) favourites(c *call) (any, error) {
	return a.timeline(c, anywhere, a.reader(c).Favourites)
}

func (a *API) bookmarks(c *call) (any, error) { return a.timeline(c, anywhere, a.reader(c).Bookmarks) }

// Lists: each group that the caller follows is one, to read only. Every app shows lists, so every app shows groups.

func (a *API) lists(c *call) (any, error) {
	groups, err := a.reader(c).FollowedGroups(c.Context())
	list := make([]entity.UserList, len(groups))
	for i, group := range groups {
		list[i] = groupList(group)
	}
	return list, err
}

func groupList(group *communities.Actor) entity.UserList {
	return entity.UserList{ID: entity.ID(group.ID), Title: group.Title(), RepliesPolicy: "none"}
}

// followedGroup finds the group that the address names among those that the caller follows.
func (a *API) followedGroup(c *call) (*communities.Actor, error) {
	group, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	ties, err := a.reader(c).Ties(c.Context(), []communities.ActorID{group.ID})
	if err == nil && (!group.IsGroup() || !ties[group.ID].Following) {
		return nil, communities.NotFound
	}
	return group, err
}

func (a *API) showList(c *call) (any, error) {
	group, err := a.followedGroup(c)
	if err != nil {
		return nil, err
	}
	return groupList(group), nil
}

func (a *API) listTimeline(c *call) (any, error) {
	read, err := a.readList(c)
	if err != nil {
		return nil, err
	}
	return a.timeline(c, onHome, read)
}

// readList returns how the list that the address names is read; its stream goes by the same way.
func (a *API) readList(c *call) (func(context.Context, storage.Page) ([]*storage.View, error), error) {
	group, err := a.followedGroup(c)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, at storage.Page) ([]*storage.View, error) {
		return a.reader(c).GroupThreads(ctx, group.ID, storage.SortNew, at)
	}, nil
}

// listAccounts names the group itself, which is what the list holds.
func (a *API) listAccounts(c *call) (any, error) {
	group, err := a.followedGroup(c)
	if err != nil {
		return nil, err
	}
	return []entity.Account{a.account(group)}, nil
}

// accountLists tells in which of the caller's lists somebody is: a group is in its own.
func (a *API) accountLists(c *call) (any, error) {
	group, err := a.followedGroup(c)
	switch {
	case communities.IsNotFound(err):
		return []entity.UserList{}, nil
	case err != nil:
		return nil, err
	}
	return []entity.UserList{groupList(group)}, nil
}

var errLists = communities.Invalidf("Lists are the groups that you follow here. Follow a group to get one, or unfollow it")

func (a *API) noLists(*call) (any, error) { return nil, errLists }
