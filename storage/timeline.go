package storage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Sort is the order of a group's threads.
type Sort int

const (
	SortNew    Sort = iota // newest first
	SortActive             // the one with the latest answer first
)

// Each timeline below reads an index of its own; the conditions repeat those of the index, word for word, as the databases demand.
const (
	isThread = "p.in_reply_to_uri = '' AND p.boost_of_id IS NULL"
	isListed = "p.visibility = 'public' AND " + isThread + " AND p.deleted_at IS NULL AND p.removed_at IS NULL"
)

// GroupThreads lists the threads of a group.
func (r *Reader) GroupThreads(ctx context.Context, group communities.ActorID, sort Sort, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Where("p.group_id = ? AND "+isThread, group).Where("?", r.wanted())
	if sort == SortNew {
		return r.list(ctx, page, &rows, page.apply(query, "p.id"))
	}
	if page.MaxID > 0 {
		query = query.Where("(p.last_activity_at, p.id) < ((SELECT last_activity_at FROM posts WHERE id = ?), ?)", page.MaxID, page.MaxID)
	}
	page = Page{Limit: page.Limit} // there is no way up this list: it changes all the time
	return r.list(ctx, page, &rows, query.OrderExpr("p.last_activity_at DESC, p.id DESC").Limit(int64(page.limit())))
}

// Pinned lists the pinned threads of a group, the last pinned first.
func (r *Reader) Pinned(ctx context.Context, group communities.ActorID) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Where("p.group_id = ? AND p.pinned_at IS NOT NULL", group).OrderExpr("p.pinned_at DESC").Limit(maxPage)
	return r.list(ctx, Page{}, &rows, query)
}

// PinnedBy lists what an actor has pinned on their own profile, the last pinned first.
func (r *Reader) PinnedBy(ctx context.Context, author communities.ActorID) ([]*View, error) {
	var rows []postRow
	query := r.by("posts_author_pinned", r.posts(&rows)).
		Where("p.author_id = ? AND p.pinned_at IS NOT NULL AND p.group_id IS NULL", author).OrderExpr("p.pinned_at DESC").Limit(maxPage)
	return r.list(ctx, Page{}, &rows, query)
}

// Events lists what a group has on its agenda and is not over at a moment, the next first.
func (r *Reader) Events(ctx context.Context, group communities.ActorID, from time.Time, limit int) ([]*View, error) {
	const longest = 31 * 24 * time.Hour // an event that began before that is not looked for
	var rows []postRow
	query := r.posts(&rows).Join("JOIN events AS e ON e.post_id = p.id").Where("p.group_id = ? AND "+isThread, group).
		Where("e.starts_at > ? AND COALESCE(e.ends_at, e.starts_at) >= ?", momentOf(from.Add(-longest)), momentOf(from)).
		OrderExpr("e.starts_at, p.id").Limit(int64(Page{Limit: limit}.limit()))
	return r.list(ctx, Page{}, &rows, query)
}

// PostFilter leaves posts out of a person's list.
type PostFilter string

const (
	WithoutReplies PostFilter = "p.in_reply_to_uri = ''"
	WithoutBoosts  PostFilter = "p.boost_of_id IS NULL"
	OnlyMedia      PostFilter = "length(p.attachments) > 2" // not [], which would be taken out of the text, see lift.go
)

// PostsOf lists what an actor wrote and shared.
func (r *Reader) PostsOf(ctx context.Context, author communities.ActorID, page Page, filters ...PostFilter) ([]*View, error) {
	var rows []postRow
	return r.mixed(ctx, page, page.apply(r.postsOf(&rows, author, filters), "p.id"))
}

// postsOf looks only at posts of the kind that is wanted, where there is an index of those: a group has shared a million threads of others.
func (r *Reader) postsOf(rows *[]postRow, author communities.ActorID, filters []PostFilter) *bun.SelectQuery {
	query := r.posts(rows).Where("p.author_id = ?", author)
	index := "posts_author"
	for _, filter := range filters {
		query = query.Where(string(filter))
		if filter == OnlyMedia || filter == WithoutBoosts && index == "posts_author" {
			index = map[PostFilter]string{OnlyMedia: "posts_author_media", WithoutBoosts: "posts_author_own"}[filter]
		}
	}
	return r.by(index, query)
}

// by names the index to read to SQLite, which knows too little of the tables to choose; PostgreSQL does.
func (r *Reader) by(index string, query *bun.SelectQuery) *bun.SelectQuery {
	if r.db.engine.postgres {
		return query
	}
	return query.ModelTableExpr("posts AS p INDEXED BY ?", bun.Ident(index))
}

// Outbox lists the newest posts of an actor that anybody may see.
func (r *Reader) Outbox(ctx context.Context, author communities.ActorID, limit int) ([]*View, error) {
	return r.db.As(communities.Viewer{}).PostsOf(ctx, author, Page{Limit: limit})
}

// Home lists what those have written and shared whom the viewer follows, and the viewer's own.
func (r *Reader) Home(ctx context.Context, page Page) ([]*View, error) {
	return r.entries(ctx, int64(r.viewer.Actor), page)
}

// entries lists what was brought to a home or a list.
func (r *Reader) entries(ctx context.Context, owner int64, page Page) ([]*View, error) {
	query := r.db.idb.NewSelect().TableExpr("home_entries AS home").Join("JOIN posts AS p ON p.id = home.post_id").
		Where("home.owner_id = ?", owner).Where("?", r.listed())
	return r.mixed(ctx, page, page.apply(query, "home.post_id"))
}

// PublicThreads lists the public threads that are known here.
func (r *Reader) PublicThreads(ctx context.Context, page Page) ([]*View, error) {
	return r.Narrowed(ctx, Narrow{}, page)
}

// LocalThreads lists the public threads that were written here.
func (r *Reader) LocalThreads(ctx context.Context, page Page) ([]*View, error) {
	return r.Narrowed(ctx, Narrow{Local: true}, page)
}

func (r *Reader) public(ctx context.Context, index, condition string, page Page) ([]*View, error) {
	var rows []postRow
	query := r.by(index, r.db.idb.NewSelect().Model(&rows).Where(condition).Where("?", r.listed()).Where("?", r.unlimited()))
	return r.list(ctx, page, &rows, page.apply(query, "p.id"))
}

// Hashtag lists the public posts with a hashtag, given in lower case and without #.
func (r *Reader) Hashtag(ctx context.Context, name string, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Join("JOIN hashtags AS tag ON tag.post_id = p.id").
		Where("tag.name = ? AND p.visibility = 'public'", name).Where("?", r.wanted()).Where("?", r.unlimited())
	return r.list(ctx, page, &rows, page.apply(query, "tag.post_id"))
}

// mixedRow is a post of a list, or one that is shared there.
type mixedRow struct {
	bun.BaseModel `bun:"table:posts,alias:p"`
	postRow

	Shared bool `bun:"shared,scanonly"`
}

// mixed runs a query that finds posts p in the order of their ids, boosts among them, and reads them with what they share in the same look: the
// query has asked already whether the viewer may see both.
func (r *Reader) mixed(ctx context.Context, page Page, query *bun.SelectQuery) ([]*View, error) {
	rows := make([]mixedRow, 0, 2*page.limit())
	err := r.db.idb.NewSelect().With("page", query.ColumnExpr("p.id, p.boost_of_id")).Model(&rows).
		ModelTableExpr("(SELECT id, FALSE AS shared FROM page UNION ALL SELECT boost_of_id, TRUE FROM page WHERE boost_of_id IS NOT NULL) AS found").
		Join("JOIN posts AS p ON p.id = found.id").ColumnExpr("?TableColumns").ColumnExpr("found.shared").Scan(ctx)
	if err != nil {
		return nil, found(err, "read", "timeline")
	}
	posts, shared := make([]*postRow, 0, page.limit()), make([]*postRow, 0, page.limit())
	for i := range rows {
		if rows[i].Shared {
			shared = append(shared, &rows[i].postRow)
		} else {
			posts = append(posts, &rows[i].postRow)
		}
	}
	slices.SortFunc(posts, func(a, b *postRow) int { return cmp.Compare(b.ID, a.ID) })
	return r.together(ctx, posts, shared)
}

// list runs a query for posts. Where the page went up, the newest is put first again.
func (r *Reader) list(ctx context.Context, page Page, rows *[]postRow, query *bun.SelectQuery) ([]*View, error) {
	if err := query.Scan(ctx); err != nil {
		return nil, found(err, "read", "timeline")
	}
	if page.MinID > 0 {
		slices.Reverse(*rows)
	}
	return r.views(ctx, *rows)
}
