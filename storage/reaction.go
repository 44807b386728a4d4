package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// reactionRow is a reaction as the tables keep it.
type reactionRow struct {
	bun.BaseModel `bun:"table:reactions,alias:r"`

	Post      communities.PostID       `bun:"post_id,pk"`
	Actor     communities.ActorID      `bun:"actor_id,pk"`
	Kind      communities.ReactionKind `bun:"kind,pk"`
	Emoji     string                   `bun:"emoji"`
	URI       string                   `bun:"uri"`
	CreatedAt moment                   `bun:"created_at"`
	Number    int64                    `bun:"number"` // grows with each, as an id does
}

// reactionCounter names the column of a post that counts reactions of a kind.
var reactionCounter = map[communities.ReactionKind]bun.Ident{
	communities.Favourite: "favourites_count",
	communities.Dislike:   "dislikes_count",
}

// Reaction is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Reaction(
	ctx context.Context, post communities.PostID, actor communities.ActorID, kind communities.ReactionKind,
) (*communities.Reaction, error) {
	var row reactionRow
	if err := r.idb.NewSelect().Model(&row).Where("post_id = ? AND actor_id = ? AND kind = ?", post, actor, kind).Scan(ctx); err != nil {
		return nil, found(err, "read reaction to", post)
	}
	return row.noun(), nil
}

// PutReaction stores a reaction and counts it when it is new; see [communities.Tx].
func (tx *Tx) PutReaction(ctx context.Context, r *communities.Reaction) (created bool, err error) {
	counter, ok := reactionCounter[r.Kind]
	if !ok {
		return false, communities.Invalidf("there is no reaction %q", r.Kind)
	}
	row := reactionRow{
		Post: r.Post, Actor: r.Actor, Kind: r.Kind, Emoji: r.Emoji, URI: r.URI, CreatedAt: momentOf(r.CreatedAt), Number: tx.db.IDs().Next(),
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	made, err := affected(result, err)
	if err != nil || made == 0 {
		return false, found(err, "react to", r.Post)
	}
	tx.seen.forget()
	_, err = tx.idb.NewRaw("UPDATE posts SET ? = ? + 1 WHERE id = ?", counter, counter, r.Post).Exec(ctx)
	return true, found(err, "count reaction to", r.Post)
}

// DeleteReaction takes a reaction back and keeps the counter; see [communities.Tx].
func (tx *Tx) DeleteReaction(
	ctx context.Context, post communities.PostID, actor communities.ActorID, kind communities.ReactionKind,
) error {
	result, err := tx.idb.NewDelete().Model((*reactionRow)(nil)).
		Where("post_id = ? AND actor_id = ? AND kind = ?", post, actor, kind).Exec(ctx)
	if err := changed(result, err, "take back reaction to", post); err != nil {
		return err
	}
	tx.seen.forget()
	counter := reactionCounter[kind]
	_, err = tx.idb.NewRaw("UPDATE posts SET ? = ? - 1 WHERE id = ?", counter, counter, post).Exec(ctx)
	return found(err, "count reaction to", post)
}

func (row *reactionRow) noun() *communities.Reaction {
	return &communities.Reaction{
		Post: row.Post, Actor: row.Actor, Kind: row.Kind, Emoji: row.Emoji, URI: row.URI, CreatedAt: row.CreatedAt.time(),
	}
}
