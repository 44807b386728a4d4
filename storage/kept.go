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

// Keeping is what a person keeps of a post for themselves.
type Keeping struct {
	Bookmarked bool
	Muted      bool // its thread
}

// Kept tells what the viewer keeps of posts, in one question.
func (r *Reader) Kept(ctx context.Context, views []*View) (map[communities.PostID]Keeping, error) {
	kept := map[communities.PostID]Keeping{}
	if len(views) == 0 || r.viewer.Actor == 0 {
		return kept, nil
	}
	ids, threads := make([]communities.PostID, len(views)), make([]communities.PostID, len(views))
	for i, v := range views {
		ids[i], threads[i] = v.Post.ID, v.Post.Thread
	}
	var rows []struct {
		Post  communities.PostID
		Muted bool
	}
	err := r.db.idb.NewRaw(`SELECT post_id AS post, FALSE AS muted FROM bookmarks WHERE actor_id = ? AND post_id IN (?)
		UNION ALL SELECT thread_id, TRUE FROM thread_mutes WHERE actor_id = ? AND thread_id IN (?)`,
		r.viewer.Actor, bun.List(ids), r.viewer.Actor, bun.List(threads)).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "read what is kept by", r.viewer.Actor)
	}
	for _, row := range rows {
		for _, v := range views {
			keeping := kept[v.Post.ID]
			keeping.Bookmarked = keeping.Bookmarked || !row.Muted && v.Post.ID == row.Post
			keeping.Muted = keeping.Muted || row.Muted && v.Post.Thread == row.Post
			kept[v.Post.ID] = keeping
		}
	}
	return kept, nil
}
