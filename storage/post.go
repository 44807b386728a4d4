package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"meent/communities"
)

// postRow is a post as the tables keep it, without its poll and event.
type postRow struct {
	bun.BaseModel `bun:"table:posts,alias:p"`

	ID           communities.PostID   `bun:"id,pk"`
	URI          string               `bun:"uri"`
	URL          string               `bun:"url"`
	Kind         communities.PostKind `bun:"kind"`
	Author       communities.ActorID  `bun:"author_id"`
	Local        bool                 `bun:"local"`
	Group        communities.ActorID  `bun:"group_id,nullzero"`
	Thread       communities.PostID   `bun:"thread_id"`
	InReplyTo    communities.PostID   `bun:"in_reply_to_id,nullzero"`
	InReplyToURI string               `bun:"in_reply_to_uri"`
	BoostOf      communities.PostID   `bun:"boost_of_id,nullzero"`
	Card         CardID               `bun:"card_id,nullzero"`
	Conversation string               `bun:"conversation"`

	Title       string                       `bun:"title"`
	Source      string                       `bun:"source"`
	Content     string                       `bun:"content"`
	Warning     string                       `bun:"warning"`
	Sensitive   bool                         `bun:"sensitive"`
	Language    string                       `bun:"language"`
	Visibility  communities.Visibility       `bun:"visibility"`
	Attachments list[communities.Attachment] `bun:"attachments"`
	Mentions    list[communities.Mention]    `bun:"mentions"`
	Hashtags    list[string]                 `bun:"hashtags"`
	Emojis      list[communities.Emoji]      `bun:"emojis"`

	Quoting  bool        `bun:"quoting"`
	Quotable quotability `bun:"quotable"`

	RepliesCount    int `bun:"replies_count"`
	FavouritesCount int `bun:"favourites_count"`
	DislikesCount   int `bun:"dislikes_count"`
	BoostsCount     int `bun:"boosts_count"`
	QuotesCount     int `bun:"quotes_count"`

	CreatedAt      moment              `bun:"created_at"`
	EditedAt       moment              `bun:"edited_at,nullzero"`
	LastActivityAt moment              `bun:"last_activity_at"`
	PinnedAt       moment              `bun:"pinned_at,nullzero"`
	LockedAt       moment              `bun:"locked_at,nullzero"`
	DeletedAt      moment              `bun:"deleted_at,nullzero"`
	RemovedAt      moment              `bun:"removed_at,nullzero"`
	RemovedBy      communities.ActorID `bun:"removed_by,nullzero"`
	RemovalReason  string              `bun:"removal_reason"`
}

// postFixed are the columns that [Tx.UpdatePost] leaves alone: what a post is, and what is counted.
var postFixed = []string{
	"id", "uri", "author_id", "local", "boost_of_id", "visibility", "created_at", "deleted_at",
	"replies_count", "favourites_count", "dislikes_count", "boosts_count", "quotes_count", "quoting", "last_activity_at", "card_id",
}

// Post, PostByURI, BoostBy, PostsBy and Replies are told in [communities.Tx]; they work outside a transaction as well, for the
// program itself: what is shown to somebody is read through [DB.As].
func (r reads) Post(ctx context.Context, id communities.PostID) (*communities.Post, error) {
	return r.postWhere(ctx, id, "id = ?", id)
}

func (r reads) PostByURI(ctx context.Context, uri string) (*communities.Post, error) {
	return r.postWhere(ctx, uri, "uri = ?", uri)
}

func (r reads) BoostBy(ctx context.Context, actor communities.ActorID, post communities.PostID) (*communities.Post, error) {
	return r.postWhere(ctx, post, "boost_of_id = ? AND author_id = ?", post, actor)
}

// LocalSharers is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) LocalSharers(ctx context.Context, post communities.PostID) ([]communities.ActorID, error) {
	var ids []communities.ActorID
	err := r.idb.NewRaw(`SELECT a.id FROM posts AS b JOIN actors AS a ON a.id = b.author_id
		WHERE b.boost_of_id = ? AND a.host = '' AND a.kind = ? ORDER BY a.id`, post, communities.Person).Scan(ctx, &ids)
	return ids, found(err, "list who shared", post)
}

func (r reads) PostsBy(
	ctx context.Context, author, group communities.ActorID, before communities.PostID, limit int,
) ([]*communities.Post, error) {
	var rows []postRow
	query := r.idb.NewSelect().Model(&rows).Where("author_id = ? AND deleted_at IS NULL", author).OrderExpr("id DESC").Limit(int64(limit))
	if group != 0 {
		query = query.Where("group_id = ?", group)
	}
	if before != 0 {
		query = query.Where("id < ?", before)
	}
	return r.postNouns(ctx, &rows, query.Scan(ctx))
}

// CountPinned is told in [communities.Tx].
func (r reads) CountPinned(ctx context.Context, author communities.ActorID) (int, error) {
	var n int
	err := r.idb.NewRaw("SELECT count(*) FROM posts WHERE author_id = ? AND pinned_at IS NOT NULL AND group_id IS NULL AND deleted_at IS NULL", author).Scan(ctx, &n)
	return n, found(err, "count what is pinned by", author)
}

func (r reads) Replies(ctx context.Context, post communities.PostID) ([]*communities.Post, error) {
	var rows []postRow
	err := r.idb.NewSelect().Model(&rows).Where("in_reply_to_id = ? AND deleted_at IS NULL", post).OrderExpr("id").Scan(ctx)
	return r.postNouns(ctx, &rows, err)
}

func (r reads) postWhere(ctx context.Context, what any, condition string, args ...any) (*communities.Post, error) {
	var row postRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, args...).Limit(1).Scan(ctx); err != nil {
		return nil, found(err, "read post", what)
	}
	p := row.noun()
	return p, r.loadParts(ctx, []*communities.Post{p})
}

func (r reads) postNouns(ctx context.Context, rows *[]postRow, err error) ([]*communities.Post, error) {
	if err != nil {
		return nil, found(err, "read", "posts")
	}
	posts := make([]*communities.Post, len(*rows))
	for i := range *rows {
		posts[i] = (*rows)[i].noun()
	}
	return posts, r.loadParts(ctx, posts)
}

// CreatePost stores a new post, which may be refused; everything that hangs on it follows later.
func (tx *Tx) CreatePost(ctx context.Context, p *communities.Post) error {
	waiting, err := tx.insertPost(ctx, p)
	if err != nil {
		return err
	}
	tx.seen.count(p)
	tx.notePost(NotePosted, p.ID)
	b := tx.later()
	b.insertMentions(p)
	b.insertHashtags(p)
	b.insertPoll(p)
	b.insertEvent(p)
	b.insertQuote(p.ID, p.Quote)
	b.indexText(p)
	b.converse(p)
	b.count(p, 1)
	if waiting > 0 {
		tx.seen.forget()
		p.RepliesCount = waiting
		b.adopt(p, waiting)
	}
	return nil
}

// insertPost tells how many replies to the post came before it, and learns who waits for its author.
func (tx *Tx) insertPost(ctx context.Context, p *communities.Post) (waiting int, err error) {
	delete(tx.seen.absent, p.URI)
	var wait awaited
	row := postOf(p)
	row.Thread = orElse(row.Thread, row.ID)
	row.LastActivityAt = max(row.LastActivityAt, row.CreatedAt)
	err = tx.tx.NewInsert().Model(row).
		Value("local", "(SELECT host = '' FROM actors WHERE id = ?)", p.Author).
		On("CONFLICT DO NOTHING").
		Returning("(SELECT count(*) FROM posts AS early WHERE "+waitingFor+")", p.URI).
		Returning("EXISTS (SELECT 1 FROM list_members AS m WHERE m.member_id = ?)", p.Author).
		Returning("EXISTS (SELECT 1 FROM follows AS f WHERE f.followee_id = ? AND f.notify)", p.Author).
		Scan(ctx, &waiting, &wait.listed, &wait.told)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, communities.Conflictf("this post is known already")
	}
	tx.awaited[p.Author] = wait
	return waiting, found(err, "create post", p.URI)
}

// waitingFor is the condition for replies whose parent is not known yet; its argument is the parent's URI. With the argument by itself,
// SQLite would compile the statement anew for each, as other indexes hold for an empty one.
const waitingFor = "in_reply_to_uri = '' || ? AND in_reply_to_uri <> '' AND in_reply_to_id IS NULL"

func orElse[T comparable](v, other T) T {
	var zero T
	if v == zero {
		return other
	}
	return v
}

func (b *batch) insertMentions(p *communities.Post) {
	for _, m := range p.Mentions {
		if m.Actor != 0 {
			b.row("mentions (actor_id, post_id)", unlessThere, "(?, ?)", m.Actor, p.ID)
		}
	}
}

func (b *batch) insertHashtags(p *communities.Post) {
	for _, name := range p.Hashtags {
		b.row("hashtags (name, post_id)", unlessThere, "(?, ?)", name, p.ID)
	}
}

// count adds n for the post to the counters of others. What only the persons named in it may see is not counted, so that a number betrays
// nothing.
func (b *batch) count(p *communities.Post, n int) {
	if p.Visibility == communities.Direct {
		return
	}
	author := b.raise("actors", int64(p.Author))
	author.add("posts_count", n)
	if n > 0 {
		author.latest("last_post_at", momentOf(p.CreatedAt))
	}
	if p.BoostOf != 0 {
		b.raise("posts", int64(p.BoostOf)).add("boosts_count", n)
		return
	}
	if p.InReplyTo != 0 && p.InReplyTo != p.ID {
		b.raise("posts", int64(p.InReplyTo)).add("replies_count", n)
	}
	if n > 0 && p.Thread != 0 && p.Thread != p.ID {
		b.raise("posts", int64(p.Thread)).latest("last_activity_at", momentOf(p.CreatedAt))
	}
	switch quoted := counted(p, p.Quote); {
	case quoted == 0:
	case n > 0:
		b.raise("posts", int64(quoted)).add("quotes_count", n)
	default: // of what is deleted nothing is counted any more
		b.countQuote(quoted, p, n)
	}
}

// adopt hangs the replies that came before the post under it.
func (b *batch) adopt(p *communities.Post, waiting int) {
	if p.Visibility == communities.Direct {
		b.rejoin(orElse(p.Thread, p.ID), p.URI)
	}
	b.add("UPDATE posts SET thread_id = ? WHERE thread_id IN (SELECT id FROM posts WHERE "+waitingFor+")", orElse(p.Thread, p.ID), p.URI)
	b.add("UPDATE posts SET in_reply_to_id = ? WHERE "+waitingFor, p.ID, p.URI)
	b.add("UPDATE posts SET replies_count = replies_count + ? WHERE id = ?", waiting, p.ID)
}

func postOf(p *communities.Post) *postRow {
	return &postRow{
		ID: p.ID, URI: p.URI, URL: p.URL, Kind: p.Kind, Author: p.Author, Group: p.Group, Thread: p.Thread,
		InReplyTo: p.InReplyTo, InReplyToURI: p.InReplyToURI, BoostOf: p.BoostOf, Conversation: p.Conversation,
		Title: p.Title, Source: p.Source, Content: p.Content, Warning: p.Warning, Sensitive: p.Sensitive, Language: p.Language,
		Visibility: p.Visibility, Attachments: p.Attachments, Mentions: p.Mentions, Hashtags: p.Hashtags, Emojis: p.Emojis,
		Quoting: p.Quote != nil, Quotable: quotabilityOf(p.Quotability),
		RepliesCount: p.RepliesCount, FavouritesCount: p.FavouritesCount, DislikesCount: p.DislikesCount, BoostsCount: p.BoostsCount,
		QuotesCount: p.QuotesCount,
		CreatedAt:   momentOf(p.CreatedAt), EditedAt: momentOf(p.EditedAt), LastActivityAt: momentOf(p.LastActivityAt),
		PinnedAt: momentOf(p.PinnedAt), LockedAt: momentOf(p.LockedAt), DeletedAt: momentOf(p.DeletedAt),
		RemovedAt: momentOf(p.Removal.At), RemovedBy: p.Removal.By, RemovalReason: p.Removal.Reason,
	}
}

func (row *postRow) noun() *communities.Post {
	p := &communities.Post{
		ID: row.ID, URI: row.URI, URL: row.URL, Kind: row.Kind, Author: row.Author, Group: row.Group, Thread: row.Thread,
		InReplyTo: row.InReplyTo, InReplyToURI: row.InReplyToURI, BoostOf: row.BoostOf, Conversation: row.Conversation,
		Title: row.Title, Source: row.Source, Content: row.Content, Warning: row.Warning, Sensitive: row.Sensitive, Language: row.Language,
		Visibility: row.Visibility, Attachments: row.Attachments, Mentions: row.Mentions, Hashtags: row.Hashtags, Emojis: row.Emojis, Quotability: row.Quotable.noun(),
		RepliesCount: row.RepliesCount, FavouritesCount: row.FavouritesCount, DislikesCount: row.DislikesCount, BoostsCount: row.BoostsCount,
		QuotesCount: row.QuotesCount,
		CreatedAt:   row.CreatedAt.time(), EditedAt: row.EditedAt.time(), LastActivityAt: row.LastActivityAt.time(),
		PinnedAt: row.PinnedAt.time(), LockedAt: row.LockedAt.time(), DeletedAt: row.DeletedAt.time(),
		Removal: communities.Removal{At: row.RemovedAt.time(), By: row.RemovedBy, Reason: row.RemovalReason},
	}
	if row.Quoting {
		p.Quote = &communities.Quote{} // until [reads.loadParts] fills it
	}
	return p
}
