package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// maxThread bounds what [Reader.Thread] reads at once.
const maxThread = 2000

// holdsThread is the condition for posts of which a trace is left in their thread, as others answered them.
const holdsThread = "(" + open + " AND p.replies_count > 0 AND (p.deleted_at IS NOT NULL OR p.removed_at IS NOT NULL))"

// Thread reads a whole thread in the order of time. Posts that were deleted or taken away are there as traces where there are answers.
func (r *Reader) Thread(ctx context.Context, thread communities.PostID) ([]*View, error) {
	var rows []tracedRow
	err := r.thread(&rows, thread).OrderExpr("p.id").Limit(maxThread).Scan(ctx)
	return r.traced(ctx, rows, err)
}

// ThreadPage reads a page of a thread, oldest first above MinID, and tells how many posts of it the viewer may see.
func (r *Reader) ThreadPage(ctx context.Context, thread communities.PostID, page Page) (views []*View, total int, err error) {
	var rows []tracedRow
	err = page.ascend(r.thread(&rows, thread), "p.id").Scan(ctx)
	if views, err = r.traced(ctx, rows, err); err != nil {
		return nil, 0, err
	}
	err = r.db.idb.NewSelect().Model((*postRow)(nil)).ColumnExpr("count(*)").
		Where("p.thread_id = ?", thread).Where("?", r.visible()).Scan(ctx, &total)
	return views, total, found(err, "count posts of thread", thread)
}

// Replies lists the answers to a post, oldest first above MinID.
func (r *Reader) Replies(ctx context.Context, post communities.PostID, page Page) ([]*View, error) {
	var rows []postRow
	return r.list(ctx, Page{}, &rows, page.ascend(r.posts(&rows).Where("p.in_reply_to_id = ?", post), "p.id"))
}

// tracedRow is a post, or the trace of one that the viewer may not see.
type tracedRow struct {
	bun.BaseModel `bun:"table:posts,alias:p"`
	postRow

	Seen bool `bun:"seen,scanonly"`
}

func (r *Reader) thread(rows *[]tracedRow, thread communities.PostID) *bun.SelectQuery {
	return r.db.idb.NewSelect().Model(rows).ColumnExpr("?TableColumns").ColumnExpr("? AS seen", r.visible()).
		Where("p.thread_id = ? AND (? OR "+holdsThread+")", thread, r.visible())
}

// traced makes views of a thread. Of what the viewer may not see only ids and dates are left.
func (r *Reader) traced(ctx context.Context, rows []tracedRow, err error) ([]*View, error) {
	if err != nil {
		return nil, found(err, "read", "thread")
	}
	posts := make([]postRow, len(rows))
	for i, row := range rows {
		posts[i] = row.postRow
		if !row.Seen {
			posts[i] = row.trace()
		}
	}
	views, err := r.views(ctx, posts)
	for i, v := range views {
		v.Withheld = !rows[i].Seen && !v.Post.Deleted()
	}
	return views, err
}

func (row *postRow) trace() postRow {
	return postRow{
		ID: row.ID, URI: row.URI, URL: row.URL, Kind: communities.Discussion, Group: row.Group, Thread: row.Thread,
		InReplyTo: row.InReplyTo, InReplyToURI: row.InReplyToURI, Visibility: row.Visibility, RepliesCount: row.RepliesCount,
		CreatedAt: row.CreatedAt, LastActivityAt: row.LastActivityAt, DeletedAt: row.DeletedAt, RemovedAt: row.RemovedAt,
	}
}
