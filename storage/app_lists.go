package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Lists of posts that only apps ask for.

// hashtags brings names into the form that they are kept in.
func hashtags(names []string) []string {
	kept := make([]string, len(names))
	for i, name := range names {
		kept[i] = strings.ToLower(strings.TrimPrefix(name, "#"))
	}
	return kept
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

// SharedAtHome tells which of the posts a timeline, the viewer's home or a list of theirs, also holds as shared by the group that they
// were written in.
func (r *Reader) SharedAtHome(ctx context.Context, owner int64, ids []communities.PostID) (map[communities.PostID]bool, error) {
	shared := map[communities.PostID]bool{}
	if len(ids) == 0 {
		return shared, nil
	}
	var posts []communities.PostID
	err := r.db.idb.NewRaw(`SELECT p.id FROM posts AS p JOIN posts AS b ON b.boost_of_id = p.id AND b.author_id = p.group_id
		WHERE p.id IN (?) AND EXISTS (SELECT 1 FROM home_entries AS h WHERE h.owner_id = ? AND h.post_id = b.id)`,
		bun.List(ids), owner).Scan(ctx, &posts)
	for _, id := range posts {
		shared[id] = true
	}
	return shared, found(err, "read home of", r.viewer.Actor)
}
