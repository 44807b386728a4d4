package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// quoteRow is the tie of a post to another that it shows within, as the tables keep it.
type quoteRow struct {
	bun.BaseModel `bun:"table:quotes,alias:q"`

	Post          communities.PostID     `bun:"post_id,pk"`
	Quoted        communities.PostID     `bun:"quoted_id,nullzero"`
	QuotedURI     string                 `bun:"quoted_uri"`
	State         communities.QuoteState `bun:"state"`
	Authorization string                 `bun:"authorization_uri"`
	Legacy        bool                   `bun:"legacy"`
}

// quotability is a [communities.Quotability] as one column keeps it.
type quotability int64

const manualBits = 8 // where the second circle begins

func quotabilityOf(q communities.Quotability) quotability {
	return quotability(q.Automatic) | quotability(q.Manual)<<manualBits
}

func (q quotability) noun() communities.Quotability {
	return communities.Quotability{Automatic: communities.Circle(q), Manual: communities.Circle(q >> manualBits)} //nolint:gosec // a byte each
}

func (r reads) loadQuotes(ctx context.Context, posts map[communities.PostID]*communities.Post) error {
	if len(posts) == 0 {
		return nil
	}
	var rows []quoteRow
	if err := r.idb.NewSelect().Model(&rows).Where("post_id ?", among(r.idb, keysOf(posts))).Scan(ctx); err != nil {
		return found(err, "read", "quotes")
	}
	for _, row := range rows {
		posts[row.Post].Quote = &communities.Quote{
			Of: row.Quoted, URI: row.QuotedURI, State: row.State, Authorization: row.Authorization, Legacy: row.Legacy,
		}
	}
	return nil
}

func (b *batch) insertQuote(post communities.PostID, q *communities.Quote) {
	if q == nil {
		return
	}
	b.query(b.tx.idb.NewInsert().Model(&quoteRow{
		Post: post, Quoted: q.Of, QuotedURI: q.URI, State: q.State, Authorization: q.Authorization, Legacy: q.Legacy,
	}))
}

// counted is the post on which a quote counts: 0 when it is not accepted, or only for the persons named in the post around it.
func counted(p *communities.Post, q *communities.Quote) communities.PostID {
	if !q.Accepted() || p.Visibility == communities.Direct || p.Deleted() {
		return 0
	}
	return q.Of
}

// countQuote counts the post as a quote of another one.
func (b *batch) countQuote(id communities.PostID, p *communities.Post, n int) {
	if id != 0 && id == counted(p, p.Quote) {
		b.add("UPDATE posts SET quotes_count = quotes_count + ? WHERE id = ? AND deleted_at IS NULL", n, id)
	}
}

// PutQuote replaces what a post quotes; see [communities.Tx].
func (tx *Tx) PutQuote(ctx context.Context, post communities.PostID, q *communities.Quote) error {
	tx.seen.forget()
	p, err := tx.lockPost(ctx, post)
	if err != nil {
		return err
	}
	if p.Deleted() {
		return communities.NotFound
	}
	tx.note(Note{Kind: NoteEdited, Post: post})
	is := *p
	is.Quote = q
	b := tx.batch()
	b.add("UPDATE posts SET quoting = ? WHERE id = ?", q != nil, post)
	b.add("DELETE FROM quotes WHERE post_id = ?", post)
	b.insertQuote(post, q)
	if counted(p, p.Quote) != counted(&is, q) {
		b.countQuote(counted(p, p.Quote), p, -1)
		b.countQuote(counted(&is, q), &is, 1)
	}
	return found(b.exec(ctx), "put quote of post", post)
}

// QuotesBy and LocalQuotes are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) QuotesBy(ctx context.Context, authorization string) ([]*communities.Post, error) {
	var rows []postRow
	err := r.idb.NewSelect().Model(&rows).
		Where("id IN (SELECT q.post_id FROM quotes AS q WHERE q.authorization_uri = ? AND q.authorization_uri <> '')", authorization).
		OrderExpr("id").Scan(ctx)
	return r.postNouns(ctx, &rows, err)
}

func (r reads) LocalQuotes(ctx context.Context, post communities.PostID) ([]*communities.Post, error) {
	var rows []postRow
	err := r.idb.NewSelect().Model(&rows).
		Where("local AND id IN (SELECT q.post_id FROM quotes AS q WHERE q.quoted_id = ? AND q.state = 'accepted')", post).
		OrderExpr("id").Scan(ctx)
	return r.postNouns(ctx, &rows, err)
}

// Quotes lists the posts that quote a post with its author's consent.
func (r *Reader) Quotes(ctx context.Context, post communities.PostID, page Page) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Join("JOIN quotes AS q ON q.post_id = p.id").
		Where("q.quoted_id = ? AND q.state = 'accepted'", post).Where("?", r.wanted())
	return r.list(ctx, page, &rows, page.apply(query, "q.post_id"))
}

// quoteDepth is how far quotes of quotes are read: what is quoted is shown, and of its own quote how that stands.
const quoteDepth = 2

// loadQuoted adds what the posts quote, as far as the viewer may see it.
func (c *company) loadQuoted(ctx context.Context) error {
	for range quoteDepth {
		quoting := map[communities.PostID][]*View{}
		for _, v := range c.views {
			if q := v.Post.Quote; q != nil && q.Of != 0 && v.Quoted == nil {
				quoting[q.Of] = append(quoting[q.Of], v)
			}
		}
		if len(quoting) == 0 {
			return nil
		}
		if err := c.loadQuotedBy(ctx, quoting); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) loadQuotedBy(ctx context.Context, quoting map[communities.PostID][]*View) error {
	var rows []postRow
	if err := c.reader.posts(&rows).Where("p.id ?", among(c.reader.db.idb, keysOf(quoting))).Scan(ctx); err != nil {
		return found(err, "read", "quoted posts")
	}
	var fresh []*communities.Post
	for i := range rows {
		v := c.views[rows[i].ID]
		if v == nil {
			v = c.add(&rows[i])
			fresh = append(fresh, v.Post)
		}
		for _, outer := range quoting[v.Post.ID] {
			outer.Quoted = v
		}
		delete(quoting, v.Post.ID)
	}
	if err := c.reader.db.loadParts(ctx, fresh); err != nil {
		return err
	}
	return c.loadGone(ctx, quoting)
}

// loadGone tells, of what the viewer does not see, what was deleted.
func (c *company) loadGone(ctx context.Context, quoting map[communities.PostID][]*View) error {
	if len(quoting) == 0 {
		return nil
	}
	var gone []communities.PostID
	err := c.reader.db.idb.NewSelect().Model((*postRow)(nil)).Column("id").
		Where("p.id IN (?) AND p.deleted_at IS NOT NULL", bun.List(keysOf(quoting))).Scan(ctx, &gone)
	for _, id := range gone {
		for _, outer := range quoting[id] {
			outer.QuotedGone = true
		}
	}
	return found(err, "read", "quoted posts that are gone")
}
