package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// banRow is a ban as the tables keep it; group 0 is the whole node.
type banRow struct {
	bun.BaseModel `bun:"table:bans,alias:ban"`

	Group     communities.ActorID `bun:"group_id,pk"`
	Person    communities.ActorID `bun:"person_id,pk"`
	By        communities.ActorID `bun:"by_id"`
	Reason    string              `bun:"reason"`
	CreatedAt moment              `bun:"created_at"`
	Until     moment              `bun:"until,nullzero"`
}

// Ban is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Ban(ctx context.Context, group, person communities.ActorID) (*communities.Ban, error) {
	var row banRow
	if err := r.idb.NewSelect().Model(&row).Where("group_id = ? AND person_id = ?", group, person).Scan(ctx); err != nil {
		return nil, found(err, "read ban of", person)
	}
	return row.noun(), nil
}

// Bans lists who is banned from a group, or from the node when it is 0, newest first.
func (r reads) Bans(ctx context.Context, group communities.ActorID) ([]*communities.Ban, error) {
	var rows []banRow
	if err := r.idb.NewSelect().Model(&rows).Where("group_id = ?", group).OrderExpr("created_at DESC, person_id").Scan(ctx); err != nil {
		return nil, found(err, "list bans of", group)
	}
	bans := make([]*communities.Ban, len(rows))
	for i := range rows {
		bans[i] = rows[i].noun()
	}
	return bans, nil
}

// PutBan makes or replaces a ban; see [communities.Tx].
func (tx *Tx) PutBan(ctx context.Context, b *communities.Ban) error {
	row := banRow{
		Group: b.Group, Person: b.Person, By: b.By, Reason: b.Reason, CreatedAt: momentOf(b.CreatedAt), Until: momentOf(b.Until),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (group_id, person_id) DO UPDATE").
		Set("by_id = EXCLUDED.by_id, reason = EXCLUDED.reason, created_at = EXCLUDED.created_at, until = EXCLUDED.until").Exec(ctx)
	return found(err, "put ban of", b.Person)
}

// DeleteBan lifts a ban; see [communities.Tx].
func (tx *Tx) DeleteBan(ctx context.Context, group, person communities.ActorID) error {
	result, err := tx.idb.NewDelete().Model((*banRow)(nil)).Where("group_id = ? AND person_id = ?", group, person).Exec(ctx)
	return changed(result, err, "delete ban of", person)
}

func (row *banRow) noun() *communities.Ban {
	return &communities.Ban{
		Group: row.Group, Person: row.Person, By: row.By, Reason: row.Reason, CreatedAt: row.CreatedAt.time(), Until: row.Until.time(),
	}
}
