package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Standing is what the word of some persons weighs: in a group, and on the whole node. Who has no say is missing.
type Standing struct {
	Roles     map[communities.ActorID]communities.Role
	NodeRoles map[communities.ActorID]communities.NodeRole
}

// Standing reads it of the given persons, whatever the number of members and residents.
func (r reads) Standing(ctx context.Context, group communities.ActorID, persons []communities.ActorID) (Standing, error) {
	s := Standing{map[communities.ActorID]communities.Role{}, map[communities.ActorID]communities.NodeRole{}}
	if len(persons) == 0 {
		return s, nil
	}
	var members []membershipRow
	err := r.idb.NewSelect().Model(&members).
		Where("group_id = ? AND person_id IN (?) AND NOT pending AND role IN (?)", group, bun.List(persons), bun.List(moderatorRoles)).Scan(ctx)
	if err != nil {
		return s, found(err, "read roles in", group)
	}
	for _, m := range members {
		s.Roles[m.Person] = m.Role
	}
	var accounts []accountRow
	err = r.idb.NewSelect().Model(&accounts).Column("actor_id", "role").
		Where("actor_id IN (?) AND role <> ? AND disabled_at IS NULL", bun.List(persons), communities.RoleResident).Scan(ctx)
	for _, a := range accounts {
		s.NodeRoles[a.Actor] = a.Role
	}
	return s, found(err, "read roles on", "the node")
}

// GroupStaff lists who runs a group, the highest role first, whatever the number of members.
func (r reads) GroupStaff(ctx context.Context, group communities.ActorID, limit int) ([]*communities.Actor, error) {
	var rows []actorRow
	err := r.idb.NewSelect().Model(&rows).Join("JOIN memberships AS m ON m.person_id = a.id").
		Where("m.group_id = ? AND m.role <> 'member' AND NOT m.pending", group).
		Where("a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked'").
		OrderExpr("CASE m.role WHEN ? THEN 0 WHEN ? THEN 1 ELSE 2 END, m.created_at, m.person_id", communities.RoleOwner, communities.RoleManager).
		Limit(int64(limit)).Scan(ctx)
	return actorNouns(rows, err)
}
