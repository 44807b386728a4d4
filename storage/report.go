package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// reportRow is a report as the tables keep it.
type reportRow struct {
	bun.BaseModel `bun:"table:reports,alias:rep"`

	ID          communities.ReportID           `bun:"id,pk"`
	URI         string                         `bun:"uri"`
	Reporter    communities.ActorID            `bun:"reporter_id"`
	Target      communities.ActorID            `bun:"target_id"`
	Group       communities.ActorID            `bun:"group_id,nullzero"`
	Category    string                         `bun:"category"`
	Comment     string                         `bun:"comment"`
	Forward     bool                           `bun:"forward"`
	Posts       list[communities.PostID]       `bun:"posts"`
	Collections list[communities.CollectionID] `bun:"collections"`
	Rules       list[communities.RuleID]       `bun:"rules"`
	AssignedTo  communities.ActorID            `bun:"assigned_to,nullzero"`
	CreatedAt   moment                         `bun:"created_at"`
	ResolvedAt  moment                         `bun:"resolved_at,nullzero"`
	ResolvedBy  communities.ActorID            `bun:"resolved_by,nullzero"`
}

// Report is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Report(ctx context.Context, id communities.ReportID) (*communities.Report, error) {
	var row reportRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read report", id)
	}
	return row.noun(), nil
}

// OpenReports lists the reports that wait for a decision, oldest first.
func (r reads) OpenReports(ctx context.Context) ([]*communities.Report, error) {
	var rows []reportRow
	if err := r.idb.NewSelect().Model(&rows).Where("resolved_at IS NULL").OrderExpr("id").Scan(ctx); err != nil {
		return nil, found(err, "list", "reports")
	}
	reports := make([]*communities.Report, len(rows))
	for i := range rows {
		reports[i] = rows[i].noun()
	}
	return reports, nil
}

// CreateReport stores a new report; see [communities.Tx].
func (tx *Tx) CreateReport(ctx context.Context, r *communities.Report) error {
	row := reportRow{
		ID: r.ID, URI: r.URI, Reporter: r.Reporter, Target: r.Target, Group: r.Group, Category: r.Category, Comment: r.Comment,
		Forward: r.Forward, Posts: r.Posts, Collections: r.Collections, Rules: r.Rules, AssignedTo: r.AssignedTo, CreatedAt: momentOf(r.CreatedAt), ResolvedAt: momentOf(r.ResolvedAt), ResolvedBy: r.ResolvedBy,
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("this report is known already")
	}
	return found(err, "create report", r.URI)
}

// UpdateReport stores what can change of a report; see [communities.Tx].
func (tx *Tx) UpdateReport(ctx context.Context, r *communities.Report) error {
	row := reportRow{
		ID: r.ID, Category: r.Category, Rules: r.Rules, AssignedTo: r.AssignedTo, ResolvedAt: momentOf(r.ResolvedAt), ResolvedBy: r.ResolvedBy,
	}
	result, err := tx.idb.NewUpdate().Model(&row).Column("category", "rules", "assigned_to", "resolved_at", "resolved_by").WherePK().Exec(ctx)
	return changed(result, err, "update report", r.ID)
}

func (row *reportRow) noun() *communities.Report {
	return &communities.Report{
		ID: row.ID, URI: row.URI, Reporter: row.Reporter, Target: row.Target, Group: row.Group, Category: row.Category,
		Comment: row.Comment, Forward: row.Forward, Posts: row.Posts, Collections: row.Collections, Rules: row.Rules, AssignedTo: row.AssignedTo, CreatedAt: row.CreatedAt.time(),
		ResolvedAt: row.ResolvedAt.time(), ResolvedBy: row.ResolvedBy,
	}
}
