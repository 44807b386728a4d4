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
	{"GET", "/api/v2/search", Anyone, "read:search", (*API).search, 0},
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
	return a.statuses(c, unmuted(views), where)
}

func postCursors(views []*storage.View) []int64 {
	cursors := make([]int64, len(views))
	for i, v := range views {
		cursors[i] = int64(v.Post.ID)
	}
	return cursors
}

// home is what the caller follows.
func (a *API) home(c *call) (any, error) { return a.arrivals(c, int64(c.id()), a.reader(c).Home) }

// arrivals draws a home, or a list, to which posts are brought one by one. A thread in a group comes as the group's boost, and then not once
// more for its author's sake.
func (a *API) arrivals(c *call, owner int64, read func(context.Context, storage.Page) ([]*storage.View, error)) (any, error) {
	at := c.page(statusLength)
	views, err := read(c.Context(), at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	if views, err = a.once(c, owner, views); err != nil {
		return nil, err
	}
	return a.drawTimeline(c, onHome, views)
}

// once leaves out the threads that come as shared by their group as well, be it on another page.
func (a *API) once(c *call, owner int64, views []*storage.View) ([]*storage.View, error) {
	var threads []communities.PostID
	for _, v := range views {
		if v.Post.Group != 0 && v.Boosted == nil {
			threads = append(threads, v.Post.ID)
		}
	}
	shared, err := a.reader(c).SharedAtHome(c.Context(), owner, threads)
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

func (a *API) favourites(c *call) (any, error) { return a.keptPage(c, a.reader(c).Favourites) }
func (a *API) bookmarks(c *call) (any, error)  { return a.keptPage(c, a.reader(c).Bookmarks) }

// keptPage draws a list in the order in which its items were kept. Its cursors are of that order, and no app can make them up (Mastodon API, pagination).
func (a *API) keptPage(c *call, read func(context.Context, storage.Page) ([]*storage.View, []int64, error)) (any, error) {
	at := c.page(statusLength)
	views, cursors, err := read(c.Context(), at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, cursors)
	return a.statuses(c, views, anywhere)
}
