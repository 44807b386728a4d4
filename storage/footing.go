package storage

import (
	"context"

	"meent/communities"
)

// Footing asks for everything in one question; see [communities.Tx]. Bans, which few have, are read when there is one.
func (r reads) Footing(ctx context.Context, person, group, other communities.ActorID) (communities.Footing, error) {
	m := membershipRow{Group: group, Person: person}
	var s communities.Footing
	var banned bool
	err := r.idb.NewRaw(`SELECT COALESCE(m.role, ''), COALESCE(m.pending, FALSE), COALESCE(m.created_at, 0),
			EXISTS (SELECT 1 FROM bans WHERE group_id IN (0, ?) AND person_id = ?),
			`+hasBlocked+` OR `+hasBlocked+`
		FROM (SELECT 1) AS one LEFT JOIN memberships AS m ON m.group_id = ? AND m.person_id = ?`,
		group, person, person, other, person, other, other, person, other, person, group, person).Scan(ctx, &m.Role, &m.Pending, &m.CreatedAt, &banned, &s.Blocked)
	if err != nil {
		return s, found(err, "read the footing of", person)
	}
	if m.Role != "" {
		s.Membership = m.noun()
	}
	if !banned {
		return s, nil
	}
	if s.NodeBan, err = r.ban(ctx, 0, person); err != nil || group == 0 {
		return s, err
	}
	s.GroupBan, err = r.ban(ctx, group, person)
	return s, err
}

// ban is nil where there is none.
func (r reads) ban(ctx context.Context, group, person communities.ActorID) (*communities.Ban, error) {
	b, err := r.Ban(ctx, group, person)
	if communities.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that is the point
	}
	return b, err
}
