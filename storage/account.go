package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// accountRow is an account as the tables keep it.
type accountRow struct {
	bun.BaseModel `bun:"table:accounts,alias:acc"`

	Actor        communities.ActorID  `bun:"actor_id,pk"`
	Email        string               `bun:"email"`
	PasswordHash string               `bun:"password_hash"`
	Role         communities.NodeRole `bun:"role"`
	Locale       string               `bun:"locale"`

	Visibility  communities.Visibility  `bun:"visibility"`
	Sensitive   bool                    `bun:"sensitive"`
	QuotePolicy communities.QuoteChoice `bun:"quote_policy"`

	CreatedAt  moment `bun:"created_at"`
	DisabledAt moment `bun:"disabled_at,nullzero"`

	Unconfirmed bool                 `bun:"unconfirmed"`
	Unapproved  bool                 `bun:"unapproved"`
	Reason      string               `bun:"reason"`
	Invite      communities.InviteID `bun:"invite_id,nullzero"`
	App         int64                `bun:"app_id,nullzero"`
}

// Account, AccountByEmail and Staff are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Account(ctx context.Context, person communities.ActorID) (*communities.Account, error) {
	return r.accountWhere(ctx, person, "actor_id = ?", person)
}

func (r reads) AccountByEmail(ctx context.Context, email string) (*communities.Account, error) {
	return r.accountWhere(ctx, "by e-mail", "email = ?", email)
}

// Accounts lists all accounts in order of their persons.
func (r reads) Accounts(ctx context.Context) ([]*communities.Account, error) {
	var rows []accountRow
	if err := r.idb.NewSelect().Model(&rows).OrderExpr("actor_id").Scan(ctx); err != nil {
		return nil, found(err, "list", "accounts")
	}
	accounts := make([]*communities.Account, len(rows))
	for i := range rows {
		accounts[i] = rows[i].noun()
	}
	return accounts, nil
}

func (r reads) Staff(ctx context.Context, role communities.NodeRole) ([]*communities.Actor, error) {
	var roles []communities.NodeRole
	for _, candidate := range []communities.NodeRole{communities.RoleResident, communities.RoleNodeModerator, communities.RoleAdmin} {
		if candidate.AtLeast(role) {
			roles = append(roles, candidate)
		}
	}
	return r.actorsWhere(ctx,
		"id IN (SELECT actor_id FROM accounts WHERE role IN (?) AND disabled_at IS NULL) AND suspended_at IS NULL AND deleted_at IS NULL",
		bun.List(roles))
}

func (r reads) accountWhere(ctx context.Context, what any, condition string, args ...any) (*communities.Account, error) {
	var row accountRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, args...).Scan(ctx); err != nil {
		return nil, found(err, "read account", what)
	}
	return row.noun(), nil
}

// PutAccount makes or replaces an account; see [communities.Tx].
func (tx *Tx) PutAccount(ctx context.Context, a *communities.Account) error {
	if !a.DisabledAt.IsZero() {
		tx.noteEnd(a.Actor)
	}
	row := accountRow{
		Actor: a.Actor, Email: a.Email, PasswordHash: a.PasswordHash, Role: a.Role, Locale: a.Locale,
		Visibility: a.Posting.Visibility, Sensitive: a.Posting.Sensitive, QuotePolicy: a.Posting.QuotePolicy,
		CreatedAt: momentOf(a.CreatedAt), DisabledAt: momentOf(a.DisabledAt),
		Unconfirmed: a.Unconfirmed, Unapproved: a.Unapproved, Reason: a.Reason, Invite: a.Invite, App: a.App,
	}
	result, err := tx.idb.NewUpdate().Model(&row).WherePK().
		Where("NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.email = ? AND other.actor_id <> ?)", a.Email, a.Actor).Exec(ctx)
	if n, err := affected(result, err); err != nil || n > 0 {
		return found(err, "put account", a.Actor)
	}
	result, err = tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("another account has this e-mail address")
	}
	return found(err, "put account", a.Actor)
}

func (row *accountRow) noun() *communities.Account {
	return &communities.Account{
		Actor: row.Actor, Email: row.Email, PasswordHash: row.PasswordHash, Role: row.Role, Locale: row.Locale,
		Posting:   communities.Defaults{Visibility: row.Visibility, Sensitive: row.Sensitive, QuotePolicy: row.QuotePolicy},
		CreatedAt: row.CreatedAt.time(), DisabledAt: row.DisabledAt.time(),
		Unconfirmed: row.Unconfirmed, Unapproved: row.Unapproved, Reason: row.Reason, Invite: row.Invite, App: row.App,
	}
}
