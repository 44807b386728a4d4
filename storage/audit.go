package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// auditRow is a decision as the tables keep it.
type auditRow struct {
	bun.BaseModel `bun:"table:audit,alias:au"`

	ID     communities.AuditID   `bun:"id,pk"`
	By     communities.ActorID   `bun:"actor_id"`
	Action communities.Action    `bun:"action"`
	Kind   communities.AuditKind `bun:"kind"`
	Target int64                 `bun:"target_id"`
	Name   string                `bun:"target"`
	Reason string                `bun:"reason"`
	At     moment                `bun:"created_at"`
}

// PutAudit is told in [communities.Tx].
func (tx *Tx) PutAudit(ctx context.Context, a *communities.Audit) error {
	row := auditRow{ID: a.ID, By: a.By, Action: a.Action, Kind: a.Kind, Target: a.Target, Name: a.Name, Reason: a.Reason, At: momentOf(a.At)}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "write down", a.Action)
}

// Audits lists the decisions of those who look after the node, newest first.
func (r reads) Audits(ctx context.Context, page Page) ([]communities.Audit, error) {
	var rows []auditRow
	if err := page.apply(r.idb.NewSelect().Model(&rows), "id").Scan(ctx); err != nil {
		return nil, found(err, "list", "decisions")
	}
	list := make([]communities.Audit, len(rows))
	for i, row := range rows {
		list[i] = communities.Audit{
			ID: row.ID, By: row.By, Action: row.Action, Kind: row.Kind, Target: row.Target, Name: row.Name, Reason: row.Reason, At: row.At.time(),
		}
	}
	return list, nil
}
