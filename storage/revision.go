package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// revisionRow is what a post once said, as the tables keep it.
type revisionRow struct {
	bun.BaseModel `bun:"table:post_revisions,alias:rev"`

	Post        communities.PostID           `bun:"post_id,pk"`
	Number      int                          `bun:"number,pk"`
	Title       string                       `bun:"title"`
	Source      string                       `bun:"source"`
	Content     string                       `bun:"content"`
	Warning     string                       `bun:"warning"`
	Sensitive   bool                         `bun:"sensitive"`
	Attachments list[communities.Attachment] `bun:"attachments"`
	Options     list[string]                 `bun:"options"`
	CreatedAt   moment                       `bun:"created_at"`
}

// AddRevision keeps a revision; see [communities.Tx]. One without a number gets the next.
func (tx *Tx) AddRevision(ctx context.Context, r *communities.Revision) error {
	row := revisionRow{
		Post: r.Post, Number: r.Number, Title: r.Title, Source: r.Source, Content: r.Content, Warning: r.Warning,
		Sensitive: r.Sensitive, Attachments: r.Attachments, Options: r.Options, CreatedAt: momentOf(r.CreatedAt),
	}
	insert := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING")
	if r.Number == 0 {
		insert = insert.Value("number", "(SELECT COALESCE(MAX(number), 0) + 1 FROM post_revisions WHERE post_id = ?)", r.Post)
	}
	n, err := affected(insert.Exec(ctx))
	if err == nil && n == 0 {
		return communities.Conflictf("revision %d of post %d is kept already", r.Number, r.Post)
	}
	return found(err, "add revision of", r.Post)
}

// Revisions lists what a post said, oldest first; see [communities.Tx].
func (r reads) Revisions(ctx context.Context, post communities.PostID) ([]*communities.Revision, error) {
	var rows []revisionRow
	if err := r.idb.NewSelect().Model(&rows).Where("post_id = ?", post).OrderExpr("number").Scan(ctx); err != nil {
		return nil, found(err, "read revisions of", post)
	}
	revisions := make([]*communities.Revision, len(rows))
	for i, row := range rows {
		revisions[i] = &communities.Revision{
			Post: row.Post, Number: row.Number, Title: row.Title, Source: row.Source, Content: row.Content, Warning: row.Warning,
			Sensitive: row.Sensitive, Attachments: row.Attachments, Options: row.Options, CreatedAt: row.CreatedAt.time(),
		}
	}
	return revisions, nil
}
