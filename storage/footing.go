package storage

import (
	"context"

	"github.com/uptrace/bun/schema"

	"meent/communities"
)

// footingRow is what one question tells of one stand.
type footingRow struct {
	Person    communities.ActorID
	Group     communities.ActorID `bun:"of_group"`
	Other     communities.ActorID
	Role      communities.Role
	Pending   bool
	CreatedAt moment
	Banned    bool
	Blocked   bool
}

// Footing asks for everything in one question; see [communities.Tx]. Bans, which few have, are read when there is one.
func (r reads) Footing(ctx context.Context, person, group, other communities.ActorID) (communities.Footing, error) {
	rows, err := r.footings(ctx, []Stand{{person, group, other}})
	if err != nil {
		return communities.Footing{}, found(err, "read the footing of", person)
	}
	s := rows[0].footing()
	if !rows[0].Banned {
		return s, nil
	}
	if s.NodeBan, err = r.ban(ctx, 0, person); err != nil || group == 0 {
		return s, err
	}
	s.GroupBan, err = r.ban(ctx, group, person)
	return s, err
}

func (r reads) footings(ctx context.Context, stands []Stand) ([]footingRow, error) {
	asked, gen := make(values, len(stands)), schema.NewQueryGen(r.idb.Dialect())
	for i, s := range stands {
		asked[i] = gen.FormatQuery("(?, ?, ?)", s.Person, s.Group, s.Other)
	}
	var rows []footingRow
	// Both databases call the columns of such a table so.
	err := r.idb.NewRaw(`SELECT s.column1 AS person, s.column2 AS of_group, s.column3 AS other,
			COALESCE(m.role, '') AS role, COALESCE(m.pending, FALSE) AS pending, COALESCE(m.created_at, 0) AS created_at,
			EXISTS (SELECT 1 FROM bans WHERE group_id IN (0, s.column2) AND person_id = s.column1) AS banned,
			`+blocks("s.column1", "s.column3")+` OR `+blocks("s.column3", "s.column1")+` AS blocked
		FROM (VALUES ?) AS s LEFT JOIN memberships AS m ON m.group_id = s.column2 AND m.person_id = s.column1`, asked.list()).Scan(ctx, &rows)
	return rows, err
}

func (row footingRow) footing() communities.Footing {
	s := communities.Footing{Blocked: row.Blocked}
	if row.Role != "" {
		m := membershipRow{Group: row.Group, Person: row.Person, Role: row.Role, Pending: row.Pending, CreatedAt: row.CreatedAt}
		s.Membership = m.noun()
	}
	return s
}

// ban is nil where there is none.
func (r reads) ban(ctx context.Context, group, person communities.ActorID) (*communities.Ban, error) {
	b, err := r.Ban(ctx, group, person)
	if communities.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that is the point
	}
	return b, err
}
