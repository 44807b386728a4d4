package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// blockRow is a block as the tables keep it.
type blockRow struct {
	bun.BaseModel `bun:"table:blocks,alias:block"`

	Blocker   communities.ActorID `bun:"blocker_id,pk"`
	Blocked   communities.ActorID `bun:"blocked_id,pk"`
	URI       string              `bun:"uri"`
	CreatedAt moment              `bun:"created_at"`
}

// Block and BlockBetween are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Block(ctx context.Context, blocker, blocked communities.ActorID) (*communities.Block, error) {
	var row blockRow
	if err := r.idb.NewSelect().Model(&row).Where("blocker_id = ? AND blocked_id = ?", blocker, blocked).Scan(ctx); err != nil {
		return nil, found(err, "read block of", blocked)
	}
	return &communities.Block{Blocker: row.Blocker, Blocked: row.Blocked, URI: row.URI, CreatedAt: row.CreatedAt.time()}, nil
}

func (r reads) BlockBetween(ctx context.Context, a, b communities.ActorID) (bool, error) {
	var blocked bool
	err := r.idb.NewRaw("SELECT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ? AND blocked_id = ?)"+
		" OR EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ? AND blocked_id = ?)", a, b, b, a).Scan(ctx, &blocked)
	return blocked, found(err, "look for a block of", a)
}

// PutBlock makes or replaces a block; see [communities.Tx].
func (tx *Tx) PutBlock(ctx context.Context, b *communities.Block) error {
	row := blockRow{Blocker: b.Blocker, Blocked: b.Blocked, URI: b.URI, CreatedAt: momentOf(b.CreatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (blocker_id, blocked_id) DO UPDATE").
		Set("uri = EXCLUDED.uri, created_at = EXCLUDED.created_at").Exec(ctx)
	return found(err, "put block of", b.Blocked)
}

// DeleteBlock ends a block; see [communities.Tx].
func (tx *Tx) DeleteBlock(ctx context.Context, blocker, blocked communities.ActorID) error {
	result, err := tx.idb.NewDelete().Model((*blockRow)(nil)).Where("blocker_id = ? AND blocked_id = ?", blocker, blocked).Exec(ctx)
	return changed(result, err, "delete block of", blocked)
}
