package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Narrow says which posts of a public list are wanted (Mastodon API, timelines).
type Narrow struct {
	Local  bool // only by people of this node
	Remote bool // only by others
	Media  bool // only with files

	Tags []string // with one of these hashtags; none: with or without
	All  []string // and with each of these
	None []string // and with none of these
}

// narrowing is the index of a timeline that leaves posts out, with the condition that it was made for, word for word.
type narrowing struct{ index, condition string }

// Narrowed lists public posts: threads only, unless hashtags are asked for.
func (r *Reader) Narrowed(ctx context.Context, which Narrow, page Page) ([]*View, error) {
	if which.Local && which.Remote {
		which.Local, which.Remote = false, false
	}
	if len(which.Tags) > 0 {
		return r.tagged(ctx, which, page)
	}
	n := which.index()
	return r.public(ctx, n.index, n.condition, page)
}

func (n Narrow) index() narrowing {
	const media = string(OnlyMedia) + " AND " + isListed
	switch {
	case n.Media && n.Local:
		return narrowing{"posts_public_media_home", "p.local = TRUE AND " + media}
	case n.Media && n.Remote:
		return narrowing{"posts_public_media_home", "p.local = FALSE AND " + media}
	case n.Media:
		return narrowing{"posts_public_media", media}
	case n.Local:
		return narrowing{"posts_public_local", "p.local AND " + isListed}
	case n.Remote:
		return narrowing{"posts_public_remote", "NOT p.local AND " + isListed}
	default:
		return narrowing{"posts_public", isListed}
	}
}

// maxTags is how many hashtags of each kind a timeline obeys, beside the one that it is of (Mastodon API, timelines/tag).
const maxTags = 4

// tagged reads a page of each hashtag by its index, and puts them together.
func (r *Reader) tagged(ctx context.Context, which Narrow, page Page) ([]*View, error) {
	var ids []communities.PostID
	for _, tag := range atMost(hashtags(which.Tags), maxTags+1) {
		var some []communities.PostID
		query := which.without(r.db.idb.NewSelect().TableExpr("hashtags AS tag").Join("JOIN posts AS p ON p.id = tag.post_id")).
			Where("tag.name = ? AND p.visibility = 'public'", tag).Where("?", r.visible()).Where("?", r.wanted()).Where("?", r.unlimited()).ColumnExpr("tag.post_id")
		if err := page.apply(query, "tag.post_id").Scan(ctx, &some); err != nil {
			return nil, found(err, "read hashtag", tag)
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if page.MinID > 0 {
		ids = atMost(ids, page.limit())
	}
	slices.Reverse(ids)
	return r.Posts(ctx, atMost(ids, page.limit()))
}

// where is the same for one post, wherever it comes from: see [InPublic].
func (n Narrow) where(query *bun.SelectQuery) *bun.SelectQuery {
	if len(n.Tags) == 0 {
		query = query.Where(isListed)
	} else {
		query = query.Where("p.visibility = 'public' AND p.id IN (SELECT t.post_id FROM hashtags AS t WHERE t.name IN (?))", bun.List(hashtags(n.Tags)))
	}
	return n.without(query)
}

func (n Narrow) without(query *bun.SelectQuery) *bun.SelectQuery {
	for _, row := range []struct {
		wanted    bool
		condition string
	}{{n.Local, "p.local"}, {n.Remote, "NOT p.local"}, {n.Media, string(OnlyMedia)}} {
		if row.wanted {
			query = query.Where(row.condition)
		}
	}
	const has = "EXISTS (SELECT 1 FROM hashtags AS t WHERE t.post_id = p.id AND t.name IN (?))"
	for _, tag := range atMost(hashtags(n.All), maxTags) {
		query = query.Where(has, bun.List([]string{tag}))
	}
	if none := atMost(hashtags(n.None), maxTags); len(none) > 0 {
		query = query.Where("NOT "+has, bun.List(none))
	}
	return query
}

func atMost[T any](items []T, n int) []T { return items[:min(len(items), n)] }

// WithoutAnswersToOthers keeps what an author added to their own words (Mastodon API, exclude_replies).
const WithoutAnswersToOthers PostFilter = `(p.in_reply_to_uri = '' OR
	(SELECT parent.author_id FROM posts AS parent WHERE parent.id = p.in_reply_to_id) = p.author_id)`

// Tagged lists what an actor wrote with a hashtag.
func (r *Reader) Tagged(ctx context.Context, author communities.ActorID, tag string, page Page, filters ...PostFilter) ([]*View, error) {
	var rows []postRow
	query := r.postsOf(&rows, author, filters).
		Where("(SELECT t.post_id FROM hashtags AS t WHERE t.name = ? AND t.post_id = p.id) IS NOT NULL", hashtags([]string{tag})[0]) // put to each post
	return r.list(ctx, page, &rows, page.apply(query, "p.id"))
}
