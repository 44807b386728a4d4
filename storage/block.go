package storage

import (
	"context"
	"slices"

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

// Block, HasBlocked and BlockBetween are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Block(ctx context.Context, blocker, blocked communities.ActorID) (*communities.Block, error) {
	var row blockRow
	if err := r.idb.NewSelect().Model(&row).Where("blocker_id = ? AND blocked_id = ?", blocker, blocked).Scan(ctx); err != nil {
		return nil, found(err, "read block of", blocked)
	}
	return &communities.Block{Blocker: row.Blocker, Blocked: row.Blocked, URI: row.URI, CreatedAt: row.CreatedAt.time()}, nil
}

func (r reads) BlockBetween(ctx context.Context, a, b communities.ActorID) (bool, error) {
	var blocked bool
	err := r.idb.NewRaw("SELECT "+blocks("?", "?")+" OR "+blocks("?", "?"), a, b, a, b, b, a, b, a).Scan(ctx, &blocked)
	return blocked, found(err, "look for a block of", a)
}

func (r reads) HasBlocked(ctx context.Context, blocker, blocked communities.ActorID) (bool, error) {
	var has bool
	err := r.idb.NewRaw("SELECT "+blocks("?", "?"), blocker, blocked, blocker, blocked).Scan(ctx, &has)
	return has, found(err, "look for a block by", blocker)
}

// blocks is the condition that one has blocked the other, or the host that the other lives on. Arguments come in this order, twice.
func blocks(one, other string) string {
	return "(EXISTS (SELECT 1 FROM blocks WHERE blocker_id = " + one + " AND blocked_id = " + other + ")" +
		" OR EXISTS (SELECT 1 FROM host_blocks AS h JOIN actors AS o ON o.host = h.host WHERE h.actor_id = " + one + " AND o.id = " + other + "))"
}

// PutHostBlock and DeleteHostBlock are told in [communities.Tx].
func (tx *Tx) PutHostBlock(ctx context.Context, blocker communities.ActorID, host string) error {
	_, err := tx.idb.NewRaw("INSERT INTO host_blocks (actor_id, host, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		blocker, host, tx.db.IDs().Next()).Exec(ctx)
	return found(err, "block host", host)
}

func (tx *Tx) DeleteHostBlock(ctx context.Context, blocker communities.ActorID, host string) error {
	_, err := tx.idb.NewRaw("DELETE FROM host_blocks WHERE actor_id = ? AND host = ?", blocker, host).Exec(ctx)
	return found(err, "unblock host", host)
}

// CountHostBlocks counts the hosts that a person blocked.
func (r reads) CountHostBlocks(ctx context.Context, blocker communities.ActorID) (int, error) {
	var n int
	err := r.idb.NewRaw("SELECT count(*) FROM host_blocks WHERE actor_id = ?", blocker).Scan(ctx, &n)
	return n, found(err, "count hosts blocked by", blocker)
}

// HostBlock is a host that the viewer blocked, with the id by which the list is paged.
type HostBlock struct {
	Host string
	ID   int64
}

// HostBlocks lists the hosts that the viewer blocked.
func (r *Reader) HostBlocks(ctx context.Context, page Page) ([]HostBlock, error) {
	var list []HostBlock
	query := r.db.idb.NewSelect().TableExpr("host_blocks AS h").Column("h.host", "h.id").Where("h.actor_id = ?", r.viewer.Actor)
	if err := page.apply(query, "h.id").Scan(ctx, &list); err != nil {
		return nil, found(err, "list hosts blocked by", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(list)
	}
	return list, nil
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
