package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Reader reads the archive with the eyes of one viewer: what they may not see is absent. Safe for concurrent use.
type Reader struct {
	db        *DB
	viewer    communities.Viewer
	condition string
}

// As returns a reader for a viewer.
func (db *DB) As(viewer communities.Viewer) *Reader {
	return &Reader{db: db, viewer: viewer, condition: db.condition(viewer)}
}

// View is a post as it is shown, with those it names.
type View struct {
	Post    *communities.Post
	Author  *communities.Actor // nil when only a tombstone is left
	Group   *communities.Actor // nil: in no group
	Boosted *View              // what a boost shares; nil for all else
	Quoted  *View              // what it quotes, where the viewer may see that, whatever its author thinks of it

	QuotedGone bool // what it quotes was deleted

	Card    *Card               // of the first page that it links to; nil: none, or not known yet
	ReplyTo communities.ActorID // author of what it answers; 0: nobody known

	// Withheld: a moderator took the post away, and only ids and dates are left for this viewer.
	Withheld bool

	// What the viewer did with it.
	Favourited bool
	Disliked   bool
	Boost      communities.PostID // the viewer's boost of it; 0: none
	Votes      []int              // options of the poll
	Bookmarked bool
	Silenced   bool // its thread is muted
	Muted      bool // its author is
}

// Page bounds a list by ids: those below MaxID, above SinceID, or next above MinID (Mastodon API). Zero bounds nothing.
type Page struct {
	MaxID   int64
	SinceID int64
	MinID   int64
	Limit   int // 0: defaultPage; at most maxPage
}

const (
	defaultPage = 20
	maxPage     = 200
)

func (p Page) limit() int {
	if p.Limit <= 0 {
		return defaultPage
	}
	return min(p.Limit, maxPage)
}

// apply adds the bounds on a column and the order: newest first, unless the page goes up from MinID; then the caller turns it round.
func (p Page) apply(query *bun.SelectQuery, column string) *bun.SelectQuery {
	query = p.bound(query, column)
	if p.MinID > 0 {
		return query.OrderExpr(column + " ASC").Limit(int64(p.limit()))
	}
	return query.OrderExpr(column + " DESC").Limit(int64(p.limit()))
}

// ascend adds the bounds on a column and the order: oldest first.
func (p Page) ascend(query *bun.SelectQuery, column string) *bun.SelectQuery {
	return p.bound(query, column).OrderExpr(column + " ASC").Limit(int64(p.limit()))
}

func (p Page) bound(query *bun.SelectQuery, column string) *bun.SelectQuery {
	if p.MaxID > 0 {
		query = query.Where(column+" < ?", p.MaxID)
	}
	if low := max(p.SinceID, p.MinID); low > 0 {
		query = query.Where(column+" > ?", low)
	}
	return query
}

// Post reads one post. Of a deleted one that anybody could see, a tombstone is left.
func (r *Reader) Post(ctx context.Context, id communities.PostID) (*View, error) {
	return r.one(ctx, "p.id = ?", id)
}

// PostByURI does the same by the post's global id.
func (r *Reader) PostByURI(ctx context.Context, uri string) (*View, error) {
	return r.one(ctx, "p.uri = ?", uri)
}

func (r *Reader) one(ctx context.Context, condition string, what any) (*View, error) {
	var row postRow
	err := r.db.idb.NewSelect().Model(&row).Where(condition, what).
		Where("? OR (p.deleted_at IS NOT NULL AND p.removed_at IS NULL AND "+open+")", r.visible()).Limit(1).Scan(ctx)
	if err != nil {
		return nil, found(err, "read post", what)
	}
	views, err := r.views(ctx, []postRow{row})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// open is the condition for posts that anybody can see, or could.
const open = "p.visibility IN ('public', 'unlisted')"

// posts begins a query for posts that the viewer may see.
func (r *Reader) posts(rows *[]postRow) *bun.SelectQuery {
	return r.db.idb.NewSelect().Model(rows).Where("?", r.visible())
}

// views gives posts their company, in a number of queries that does not depend on theirs.
func (r *Reader) views(ctx context.Context, rows []postRow) ([]*View, error) {
	shared, err := r.shared(ctx, rows)
	if err != nil {
		return nil, err
	}
	return r.together(ctx, pointers(rows), pointers(shared))
}

func pointers[T any](items []T) []*T {
	list := make([]*T, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	return list
}

// shared reads what posts share, where the viewer may see it.
func (r *Reader) shared(ctx context.Context, posts []postRow) ([]postRow, error) {
	var ids []communities.PostID
	for i := range posts {
		if posts[i].BoostOf != 0 {
			ids = append(ids, posts[i].BoostOf)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []postRow
	err := r.posts(&rows).Where("p.id ?", among(r.db.idb, ids)).Scan(ctx)
	return rows, found(err, "read", "shared posts")
}

// together gives posts the rest of their company, once what they share is there.
func (r *Reader) together(ctx context.Context, rows, shared []*postRow) ([]*View, error) {
	c := company{reader: r, views: make(map[communities.PostID]*View, len(rows)+len(shared)), cards: map[CardID][]*View{}}
	list := make([]*View, len(rows))
	for i, row := range rows {
		list[i] = c.add(row)
	}
	c.share(shared)
	for _, load := range []func(context.Context) error{c.loadParts, c.loadQuoted, c.loadActors, c.loadParents, c.loadCards, c.loadOwn} {
		if err := load(ctx); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// company is a page of posts, with what they share, while it is put together.
type company struct {
	reader *Reader
	views  map[communities.PostID]*View
	cards  map[CardID][]*View
}

// add takes a post in. Where a post is deleted, its tombstone does not say whose it was.
func (c *company) add(row *postRow) *View {
	v := &View{Post: row.noun()}
	c.views[v.Post.ID] = v
	if row.Card != 0 && !v.Post.Deleted() {
		c.cards[row.Card] = append(c.cards[row.Card], v)
	}
	return v
}

// share hands boosts what they share.
func (c *company) share(rows []*postRow) {
	shared := make(map[communities.PostID]*View, len(rows))
	for _, row := range rows {
		if shared[row.ID] = c.views[row.ID]; shared[row.ID] == nil {
			shared[row.ID] = c.add(row)
		}
	}
	for _, v := range c.views {
		if v.Post.BoostOf != 0 {
			v.Boosted = shared[v.Post.BoostOf]
		}
	}
}

func (c *company) loadActors(ctx context.Context) error {
	wanted := map[communities.ActorID]*communities.Actor{}
	for _, v := range c.views {
		if v.Post.Author != 0 && !v.Post.Deleted() {
			wanted[v.Post.Author] = nil
		}
		if v.Post.Group != 0 {
			wanted[v.Post.Group] = nil
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	actors, err := c.reader.shown(ctx, keysOf(wanted))
	if err != nil {
		return err
	}
	for _, a := range actors {
		wanted[a.ID] = a
	}
	for _, v := range c.views {
		v.Group = wanted[v.Post.Group]
		if !v.Post.Deleted() {
			v.Author = wanted[v.Post.Author]
		}
	}
	return nil
}

// roadColumns are those of actors that say by which road they are reached and how they edit themselves: no person sees them of another.
var roadColumns = []string{
	"inbox_host", "source", "inbox", "shared_inbox", "outbox", "followers_url", "following_url", "featured_url", "moderators_url",
	"attribution_domains", "also_known_as", "fetched_at",
}

// shown reads actors as they are shown beside posts: to a person without the road to them. A page of posts names many.
func (r *Reader) shown(ctx context.Context, ids []communities.ActorID) ([]*communities.Actor, error) {
	rows := make([]actorRow, 0, len(ids))
	query := r.db.idb.NewSelect().Model(&rows).Where("id ?", among(r.db.idb, ids))
	if r.viewer.Actor != 0 {
		query = query.ExcludeColumn(roadColumns...)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, found(err, "read", "actors of a page")
	}
	actors := make([]*communities.Actor, len(rows))
	for i := range rows {
		actors[i] = rows[i].noun()
	}
	return actors, nil
}

func (c *company) loadParts(ctx context.Context) error {
	posts := make([]*communities.Post, 0, len(c.views))
	for _, v := range c.views {
		posts = append(posts, v.Post)
	}
	return c.reader.db.loadParts(ctx, posts)
}

func (c *company) loadParents(ctx context.Context) error {
	answers := map[communities.PostID][]*View{}
	for _, v := range c.views {
		if v.Post.InReplyTo == 0 {
			continue
		}
		if parent := c.views[v.Post.InReplyTo]; parent != nil {
			v.ReplyTo = parent.Post.Author
		} else {
			answers[v.Post.InReplyTo] = append(answers[v.Post.InReplyTo], v)
		}
	}
	if len(answers) == 0 {
		return nil
	}
	var parents []postRow
	err := c.reader.db.idb.NewSelect().Model(&parents).Column("id", "author_id").Where("id ?", among(c.reader.db.idb, keysOf(answers))).Scan(ctx)
	for _, parent := range parents {
		for _, v := range answers[parent.ID] {
			v.ReplyTo = parent.Author
		}
	}
	return found(err, "read", "parents")
}
