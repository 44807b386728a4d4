package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Lists of posts that only apps ask for.

// WithoutAnswersToOthers keeps what an author added to their own words (Mastodon API, exclude_replies).
const WithoutAnswersToOthers PostFilter = `(p.in_reply_to_uri = '' OR
	(SELECT parent.author_id FROM posts AS parent WHERE parent.id = p.in_reply_to_id) = p.author_id)`

// Narrow says which posts of a public list are wanted (Mastodon API, timelines).
type Narrow struct {
	Local  bool // only by people of this node
	Remote bool // only by others
	Media  bool // only with files

	Tags []string // with one of these hashtags; none: with or without
	All  []string // and with each of these
	None []string // and with none of these
}

// Narrowed lists public posts: threads only, unless hashtags are asked for.
func (r *Reader) Narrowed(ctx context.Context, which Narrow, page Page) ([]*View, error) {
	if len(which.Tags) == 0 && !which.Remote && !which.Media {
		if which.Local {
			return r.LocalThreads(ctx, page)
		}
		return r.PublicThreads(ctx, page)
	}
	if len(which.Tags) == 1 && !which.Local && !which.Remote && !which.Media && len(which.All)+len(which.None) == 0 {
		return r.Hashtag(ctx, hashtags(which.Tags)[0], page)
	}
	var rows []postRow
	query := which.where(r.posts(&rows)).Where("?", r.wanted()).Where("?", r.unlimited())
	return r.list(ctx, page, &rows, page.apply(query, "p.id"))
}

func (n Narrow) where(query *bun.SelectQuery) *bun.SelectQuery {
	if len(n.Tags) == 0 {
		query = query.Where(isListed)
	} else {
		query = query.Where("p.visibility = 'public' AND p.id IN (SELECT t.post_id FROM hashtags AS t WHERE t.name IN (?))", bun.List(hashtags(n.Tags)))
	}
	for _, row := range []struct {
		wanted    bool
		condition string
	}{{n.Local && !n.Remote, "p.local"}, {n.Remote && !n.Local, "NOT p.local"}, {n.Media, string(OnlyMedia)}} {
		if row.wanted {
			query = query.Where(row.condition)
		}
	}
	const has = "EXISTS (SELECT 1 FROM hashtags AS t WHERE t.post_id = p.id AND t.name IN (?))"
	for _, tag := range hashtags(n.All) {
		query = query.Where(has, bun.List([]string{tag}))
	}
	if len(n.None) > 0 {
		query = query.Where("NOT "+has, bun.List(hashtags(n.None)))
	}
	return query
}

// hashtags brings names into the form that they are kept in.
func hashtags(names []string) []string {
	kept := make([]string, len(names))
	for i, name := range names {
		kept[i] = strings.ToLower(strings.TrimPrefix(name, "#"))
	}
	return kept
}

// Tagged lists what an actor wrote with a hashtag.
func (r *Reader) Tagged(ctx context.Context, author communities.ActorID, tag string, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Where("p.author_id = ?", author).
		Where("p.id IN (SELECT t.post_id FROM hashtags AS t WHERE t.name IN (?))", bun.List(hashtags([]string{tag})))
	return r.list(ctx, page, &rows, page.apply(query, "p.id"))
}

// Favourites lists what the viewer favoured.
func (r *Reader) Favourites(ctx context.Context, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Join("JOIN reactions AS fav ON fav.post_id = p.id").
		Where("fav.actor_id = ? AND fav.kind = ?", r.viewer.Actor, communities.Favourite)
	return r.list(ctx, page, &rows, page.apply(query, "fav.post_id"))
}

// Bookmarks lists what the viewer put aside.
func (r *Reader) Bookmarks(ctx context.Context, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Join("JOIN bookmarks AS mark ON mark.post_id = p.id").Where("mark.actor_id = ?", r.viewer.Actor)
	return r.list(ctx, page, &rows, page.apply(query, "mark.post_id"))
}

// Posts finds those of the posts that the viewer may see, in the order asked for.
func (r *Reader) Posts(ctx context.Context, ids []communities.PostID) ([]*View, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []postRow
	views, err := r.list(ctx, Page{}, &rows, r.posts(&rows).Where("p.id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, err
	}
	byID := make(map[communities.PostID]*View, len(views))
	for _, v := range views {
		byID[v.Post.ID] = v
	}
	ordered := make([]*View, 0, len(views))
	for _, id := range ids {
		if v := byID[id]; v != nil {
			ordered = append(ordered, v)
		}
	}
	return ordered, nil
}

// Bookmarked tells which of the posts the viewer put aside.
func (r *Reader) Bookmarked(ctx context.Context, ids []communities.PostID) (map[communities.PostID]bool, error) {
	marked := map[communities.PostID]bool{}
	if len(ids) == 0 || r.viewer.Actor == 0 {
		return marked, nil
	}
	var posts []communities.PostID
	err := r.db.idb.NewSelect().Model((*bookmarkRow)(nil)).Column("post_id").
		Where("actor_id = ? AND post_id IN (?)", r.viewer.Actor, bun.List(ids)).Scan(ctx, &posts)
	for _, id := range posts {
		marked[id] = true
	}
	return marked, found(err, "read bookmarks of", r.viewer.Actor)
}

// SharedAtHome tells which of the posts the viewer's home also holds as shared by the group that they were written in.
func (r *Reader) SharedAtHome(ctx context.Context, ids []communities.PostID) (map[communities.PostID]bool, error) {
	shared := map[communities.PostID]bool{}
	if len(ids) == 0 {
		return shared, nil
	}
	var posts []communities.PostID
	err := r.db.idb.NewRaw(`SELECT p.id FROM posts AS p JOIN posts AS b ON b.boost_of_id = p.id AND b.author_id = p.group_id
		WHERE p.id IN (?) AND EXISTS (SELECT 1 FROM home_entries AS h WHERE h.owner_id = ? AND h.post_id = b.id)`,
		bun.List(ids), r.viewer.Actor).Scan(ctx, &posts)
	for _, id := range posts {
		shared[id] = true
	}
	return shared, found(err, "read home of", r.viewer.Actor)
}
