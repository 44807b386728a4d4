package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// membershipRow is a membership as the tables keep it.
type membershipRow struct {
	bun.BaseModel `bun:"table:memberships,alias:m"`

	Group     communities.ActorID `bun:"group_id,pk"`
	Person    communities.ActorID `bun:"person_id,pk"`
	Role      communities.Role    `bun:"role"`
	Pending   bool                `bun:"pending"`
	CreatedAt moment              `bun:"created_at"`
}

// moderatorRoles are the roles that may moderate, highest first.
var moderatorRoles = []communities.Role{communities.RoleOwner, communities.RoleManager, communities.RoleModerator}

// Membership and Moderators are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Membership(ctx context.Context, group, person communities.ActorID) (*communities.Membership, error) {
	var row membershipRow
	if err := r.idb.NewSelect().Model(&row).Where("group_id = ? AND person_id = ?", group, person).Scan(ctx); err != nil {
		return nil, found(err, "read membership of", person)
	}
	return row.noun(), nil
}

func (r reads) Moderators(ctx context.Context, group communities.ActorID) ([]*communities.Membership, error) {
	var rows []membershipRow
	err := r.idb.NewSelect().Model(&rows).
		Where("group_id = ? AND NOT pending AND role IN (?)", group, bun.List(moderatorRoles)).
		OrderExpr("CASE role WHEN ? THEN 0 WHEN ? THEN 1 ELSE 2 END, created_at, person_id", communities.RoleOwner, communities.RoleManager).
		Scan(ctx)
	if err != nil {
		return nil, found(err, "list moderators of", group)
	}
	return membershipNouns(rows), nil
}

// Members lists the memberships of a group, pending ones too, oldest first.
func (r reads) Members(ctx context.Context, group communities.ActorID) ([]*communities.Membership, error) {
	var rows []membershipRow
	if err := r.idb.NewSelect().Model(&rows).Where("group_id = ?", group).OrderExpr("created_at, person_id").Scan(ctx); err != nil {
		return nil, found(err, "list members of", group)
	}
	return membershipNouns(rows), nil
}

// PutMembership makes or replaces a membership; see [communities.Tx].
func (tx *Tx) PutMembership(ctx context.Context, m *communities.Membership) error {
	row := membershipRow{Group: m.Group, Person: m.Person, Role: m.Role, Pending: m.Pending, CreatedAt: momentOf(m.CreatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (group_id, person_id) DO UPDATE").
		Set("role = EXCLUDED.role, pending = EXCLUDED.pending, created_at = EXCLUDED.created_at").Exec(ctx)
	return found(err, "put membership of", m.Person)
}

// DeleteMembership ends a membership; see [communities.Tx].
func (tx *Tx) DeleteMembership(ctx context.Context, group, person communities.ActorID) error {
	result, err := tx.idb.NewDelete().Model((*membershipRow)(nil)).Where("group_id = ? AND person_id = ?", group, person).Exec(ctx)
	return changed(result, err, "delete membership of", person)
}

func membershipNouns(rows []membershipRow) []*communities.Membership {
	members := make([]*communities.Membership, len(rows))
	for i := range rows {
		members[i] = rows[i].noun()
	}
	return members
}

func (row *membershipRow) noun() *communities.Membership {
	return &communities.Membership{
		Group: row.Group, Person: row.Person, Role: row.Role, Pending: row.Pending, CreatedAt: row.CreatedAt.time(),
	}
}
