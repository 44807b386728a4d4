package storage

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

// TownThreads lists the newest public threads of the town: those that its people wrote, and those that people elsewhere wrote in its groups.
func (r *Reader) TownThreads(ctx context.Context, limit int) ([]*View, error) {
	threads, err := r.LocalThreads(ctx, Page{Limit: limit})
	if err != nil {
		return nil, err
	}
	shares, err := r.sharedByGroups(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, share := range shares {
		if share.Boosted != nil && share.Boosted.Post.Visibility == communities.Public {
			threads = append(threads, share.Boosted)
		}
	}
	slices.SortFunc(threads, func(a, b *View) int { return cmp.Compare(b.Post.ID, a.Post.ID) })
	threads = slices.CompactFunc(threads, func(a, b *View) bool { return a.Post.ID == b.Post.ID })
	return threads[:min(len(threads), Page{Limit: limit}.limit())], nil
}

// sharedByGroups lists the boosts by which the groups of this node show threads to their followers.
func (r *Reader) sharedByGroups(ctx context.Context, limit int) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Where("p.local AND p.boost_of_id IS NOT NULL").Where("?", r.wanted()).
		Where("(SELECT a.kind FROM actors AS a WHERE a.id = p.author_id) = ?", communities.Group)
	if !r.db.engine.postgres { // as in [Reader.public]
		query = query.ModelTableExpr("posts AS p INDEXED BY posts_shared")
	}
	page := Page{Limit: limit}
	return r.mixed(ctx, page, page.apply(query, "p.id"))
}

// Answers counts, of each thread, the posts below the first one that the viewer may see. A thread without any is missing from the answer.
func (r *Reader) Answers(ctx context.Context, threads []communities.PostID) (map[communities.PostID]int, error) {
	counts := map[communities.PostID]int{}
	if len(threads) == 0 {
		return counts, nil
	}
	var rows []struct {
		Thread communities.PostID `bun:"thread_id"`
		Posts  int                `bun:"posts"`
	}
	err := r.db.idb.NewSelect().Model((*postRow)(nil)).Column("p.thread_id").ColumnExpr("count(*) AS posts").
		Where("p.thread_id IN (?) AND p.id <> p.thread_id", bun.List(threads)).Where("?", r.visible()).
		Group("p.thread_id").Scan(ctx, &rows)
	for _, row := range rows {
		counts[row.Thread] = row.Posts
	}
	return counts, found(err, "count", "answers")
}
