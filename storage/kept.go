package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

// What a person keeps of others' posts, read again: lists by an order of their own, which is that of keeping.

// Favourites lists what the viewer favoured, the last one first, and the cursors of that order.
func (r *Reader) Favourites(ctx context.Context, page Page) ([]*View, []int64, error) {
	return r.kept(ctx, page, r.db.idb.NewSelect().TableExpr("reactions AS kept").
		Where("kept.actor_id = ? AND kept.kind = ?", r.viewer.Actor, communities.Favourite))
}

// Bookmarks lists what the viewer put aside, the last one first, and the cursors of that order.
func (r *Reader) Bookmarks(ctx context.Context, page Page) ([]*View, []int64, error) {
	return r.kept(ctx, page, r.db.idb.NewSelect().TableExpr("bookmarks AS kept").Where("kept.actor_id = ?", r.viewer.Actor))
}

// kept reads a page of posts by the number under which each was kept.
func (r *Reader) kept(ctx context.Context, page Page, query *bun.SelectQuery) ([]*View, []int64, error) {
	var rows []struct {
		Number int64
		Post   communities.PostID
	}
	query = query.Join("JOIN posts AS p ON p.id = kept.post_id").Where("?", r.visible()).ColumnExpr("kept.number, kept.post_id AS post")
	if err := page.apply(query, "kept.number").Scan(ctx, &rows); err != nil {
		return nil, nil, found(err, "list what is kept by", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	ids, cursors := make([]communities.PostID, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		ids[i], cursors[i] = row.Post, row.Number
	}
	views, err := r.Posts(ctx, ids)
	return views, cursors, err
}
