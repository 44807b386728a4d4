package storage

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// PersonState is a way to choose people by what was decided about them (Mastodon API, admin/accounts).
type PersonState string

const (
	AnyState  PersonState = ""
	Active    PersonState = "active"
	Pending   PersonState = "pending"
	Disabled  PersonState = "disabled"
	Silenced  PersonState = "silenced"
	Suspended PersonState = "suspended"
	Sensitive PersonState = "sensitized"
)

// stateSQL is the condition for each.
var stateSQL = map[PersonState]string{
	AnyState:  "TRUE",
	Active:    "a.suspended_at IS NULL AND a.host_policy <> 'blocked' AND (acc.actor_id IS NULL OR NOT acc.unapproved AND acc.disabled_at IS NULL)",
	Pending:   "acc.unapproved",
	Disabled:  "acc.disabled_at IS NOT NULL",
	Silenced:  "(a.limited_at IS NOT NULL OR a.host_policy = 'limited')",
	Suspended: "a.suspended_at IS NOT NULL AND NOT COALESCE(acc.unapproved OR acc.unconfirmed, FALSE)",
	Sensitive: "a.sensitive_at IS NOT NULL",
}

// PeopleFilter chooses people for those who look after the node.
type PeopleFilter struct {
	Local       bool
	Remote      bool
	State       PersonState
	Roles       []communities.NodeRole // one of these; none: any
	InvitedBy   communities.ActorID
	Name        string // begins with
	DisplayName string // holds
	Host        string
	Email       string
}

// Resident is an actor with their account; none for groups and who lives elsewhere.
type Resident struct {
	Actor   *communities.Actor
	Account *communities.Account
}

// People lists actors by their ids, newest first. It is for those who look after the node: the caller has asked whether they may.
func (r reads) People(ctx context.Context, which PeopleFilter, page Page) ([]Resident, error) {
	state, known := stateSQL[which.State]
	if !known {
		return nil, communities.Invalidf("there is no state %q", which.State)
	}
	var rows []actorRow
	query := r.idb.NewSelect().Model(&rows).Join("LEFT JOIN accounts AS acc ON acc.actor_id = a.id").
		Where("a.deleted_at IS NULL AND a.kind <> ? AND (?)", communities.Application, bun.Safe(state))
	if err := page.apply(which.where(query), "a.id").Scan(ctx); err != nil {
		return nil, found(err, "list", "people")
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.residents(ctx, rows)
}

func (which PeopleFilter) where(query *bun.SelectQuery) *bun.SelectQuery {
	escape := likeEscape.Replace
	for _, row := range []struct {
		wanted    bool
		condition string
		args      []any
	}{
		{which.Local, "a.host = ''", nil},
		{which.Remote, "a.host <> ''", nil},
		{len(which.Roles) > 0, "acc.role IN (?)", []any{bun.List(which.Roles)}},
		{which.InvitedBy != 0, "acc.invite_id IN (SELECT inv.id FROM invites AS inv WHERE inv.by_id = ?)", []any{which.InvitedBy}},
		{which.Name != "", "a.name LIKE ? ESCAPE '!'", []any{escape(strings.ToLower(which.Name)) + "%"}},
		{which.DisplayName != "", "lower(a.display_name) LIKE ? ESCAPE '!'", []any{"%" + escape(strings.ToLower(which.DisplayName)) + "%"}},
		{which.Host != "", "a.host = ?", []any{strings.ToLower(which.Host)}},
		{which.Email != "", "acc.email = ?", []any{strings.ToLower(which.Email)}},
	} {
		if row.wanted {
			query = query.Where(row.condition, row.args...)
		}
	}
	return query
}

// likeEscape writes a text for LIKE ... ESCAPE '!'.
var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (r reads) residents(ctx context.Context, rows []actorRow) ([]Resident, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]communities.ActorID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	accounts, err := r.AccountsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Resident, len(rows))
	for i := range rows {
		list[i] = Resident{Actor: rows[i].noun(), Account: accounts[rows[i].ID]}
	}
	return list, nil
}

// AccountsOf finds the accounts of those of the actors who have one.
func (r reads) AccountsOf(ctx context.Context, ids []communities.ActorID) (map[communities.ActorID]*communities.Account, error) {
	accounts := map[communities.ActorID]*communities.Account{}
	if len(ids) == 0 {
		return accounts, nil
	}
	var rows []accountRow
	err := r.idb.NewSelect().Model(&rows).Where("actor_id IN (?)", bun.List(ids)).Scan(ctx)
	for i := range rows {
		accounts[rows[i].Actor] = rows[i].noun()
	}
	return accounts, found(err, "read", "accounts")
}

// Resident reads one of them; a deleted one is absent.
func (r reads) Resident(ctx context.Context, id communities.ActorID) (Resident, error) {
	a, err := r.Actor(ctx, id)
	if err == nil && !a.DeletedAt.IsZero() {
		err = communities.NotFound
	}
	if err != nil {
		return Resident{}, err
	}
	accounts, err := r.AccountsOf(ctx, []communities.ActorID{id})
	return Resident{Actor: a, Account: accounts[id]}, err
}

// ReportFilter chooses reports.
type ReportFilter struct {
	Resolved bool
	Reporter communities.ActorID
	Target   communities.ActorID
}

// Reports lists reports to the moderators of the node and of its groups, newest first, for the node's moderators: the caller has asked whether
// the viewer is one.
func (r *Reader) Reports(ctx context.Context, which ReportFilter, page Page) ([]*OpenReport, error) {
	var rows []reportRow
	query := r.db.idb.NewSelect().Model(&rows)
	if which.Resolved {
		query = query.Where("resolved_at IS NOT NULL")
	} else {
		query = query.Where("resolved_at IS NULL")
	}
	if which.Reporter != 0 {
		query = query.Where("reporter_id = ?", which.Reporter)
	}
	if which.Target != 0 {
		query = query.Where("target_id = ?", which.Target)
	}
	if err := page.apply(query, "id").Scan(ctx); err != nil {
		return nil, found(err, "list", "reports")
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.withParties(ctx, rows)
}

// OpenReportsAbout lists the reports about somebody that wait for a decision.
func (r reads) OpenReportsAbout(ctx context.Context, target communities.ActorID) ([]communities.ReportID, error) {
	var ids []communities.ReportID
	err := r.idb.NewSelect().Model((*reportRow)(nil)).Column("id").Where("target_id = ? AND resolved_at IS NULL", target).OrderExpr("id").Scan(ctx, &ids)
	return ids, found(err, "list reports about", target)
}

// Report reads one, with what it is about.
func (r *Reader) Report(ctx context.Context, id communities.ReportID) (*OpenReport, error) {
	var row reportRow
	if err := r.db.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read report", id)
	}
	reports, err := r.withParties(ctx, []reportRow{row})
	if err != nil {
		return nil, err
	}
	return reports[0], nil
}
