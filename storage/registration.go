package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Confirmation is a link that was mailed, of which only a hash is kept: whoever brings it can read mail to the address.
type Confirmation struct {
	Hash      string
	Actor     communities.ActorID
	Email     string
	CreatedAt time.Time
	ExpiresAt time.Time
}

type inviteRow struct {
	bun.BaseModel `bun:"table:invites,alias:inv"`

	ID        communities.InviteID `bun:"id,pk"`
	Hash      string               `bun:"hash"`
	By        communities.ActorID  `bun:"by_id"`
	Note      string               `bun:"note"`
	MaxUses   int                  `bun:"max_uses"`
	Uses      int                  `bun:"uses"`
	CreatedAt moment               `bun:"created_at"`
	ExpiresAt moment               `bun:"expires_at,nullzero"`
	RevokedAt moment               `bun:"revoked_at,nullzero"`
}

// registrations is the name of the setting.
const registrations = "registrations"

// Registrations is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Registrations(ctx context.Context) (communities.Registrations, error) {
	set := communities.Registrations{Door: communities.DoorClosed}
	value, err := r.Setting(ctx, registrations)
	if communities.IsNotFound(err) {
		return set, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &set)
	}
	if err != nil {
		return set, fmt.Errorf("read how one registers: %w", err)
	}
	return set, nil
}

// PutRegistrations is told in [communities.Tx].
func (tx *Tx) PutRegistrations(ctx context.Context, set communities.Registrations) error {
	value, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("put how one registers: %w", err)
	}
	return tx.PutSetting(ctx, registrations, string(value))
}

// PutConfirmation stores a new link.
func (tx *Tx) PutConfirmation(ctx context.Context, c Confirmation) error {
	_, err := tx.idb.NewRaw("INSERT INTO confirmations (hash, actor_id, email, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		c.Hash, c.Actor, c.Email, momentOf(c.CreatedAt), momentOf(c.ExpiresAt)).Exec(ctx)
	return found(err, "put confirmation of", c.Actor)
}

// TakeConfirmation is told in [communities.Tx].
func (tx *Tx) TakeConfirmation(ctx context.Context, hash string, now time.Time) (person communities.ActorID, email string, err error) {
	err = tx.idb.NewRaw("DELETE FROM confirmations WHERE hash = ? AND expires_at > ? RETURNING actor_id, email", hash, momentOf(now)).
		Scan(ctx, &person, &email)
	return person, email, found(err, "use", "confirmation")
}

// ForgetPerson is told in [communities.Tx].
func (tx *Tx) ForgetPerson(ctx context.Context, person communities.ActorID) error {
	if err := tx.Sever(ctx, person); err != nil {
		return err
	}
	b := tx.batch()
	b.add("DELETE FROM keys WHERE actor_id = ?", person)
	b.add("DELETE FROM actors WHERE id = ?", person)
	return found(b.exec(ctx), "forget", person)
}

// CreateInvite is told in [communities.Tx].
func (tx *Tx) CreateInvite(ctx context.Context, i *communities.Invitation) error {
	row := inviteRow{
		ID: i.ID, Hash: i.Hash, By: i.By, Note: i.Note, MaxUses: i.MaxUses, CreatedAt: momentOf(i.CreatedAt), ExpiresAt: momentOf(i.ExpiresAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "create invitation", i.ID)
}

// UseInvite is told in [communities.Tx].
func (tx *Tx) UseInvite(ctx context.Context, hash string, now time.Time) (*communities.Invitation, error) {
	var row inviteRow
	err := tx.idb.NewUpdate().Model(&row).Set("uses = uses + 1").
		Where("hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) AND (max_uses = 0 OR uses < max_uses)", hash, momentOf(now)).
		Returning("*").Scan(ctx)
	if err != nil {
		return nil, found(err, "use", "invitation")
	}
	return row.noun(), nil
}

// InviteByHash finds an invitation that holds.
func (r reads) InviteByHash(ctx context.Context, hash string, now time.Time) (*communities.Invitation, error) {
	var row inviteRow
	err := r.idb.NewSelect().Model(&row).
		Where("hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) AND (max_uses = 0 OR uses < max_uses)", hash, momentOf(now)).Scan(ctx)
	if err != nil {
		return nil, found(err, "read", "invitation")
	}
	return row.noun(), nil
}

// Invite finds an invitation, whether it holds or not.
func (r reads) Invite(ctx context.Context, id communities.InviteID) (*communities.Invitation, error) {
	var row inviteRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read invitation", id)
	}
	return row.noun(), nil
}

// Invites lists all invitations, newest first.
func (r reads) Invites(ctx context.Context, page Page) ([]*communities.Invitation, error) {
	var rows []inviteRow
	if err := page.apply(r.idb.NewSelect().Model(&rows), "id").Scan(ctx); err != nil {
		return nil, found(err, "list", "invitations")
	}
	invites := make([]*communities.Invitation, len(rows))
	for i := range rows {
		invites[i] = rows[i].noun()
	}
	return invites, nil
}

// RevokeInvite is told in [communities.Tx].
func (tx *Tx) RevokeInvite(ctx context.Context, id communities.InviteID, at time.Time) error {
	result, err := tx.idb.NewUpdate().Model((*inviteRow)(nil)).Set("revoked_at = ?", momentOf(at)).
		Where("id = ? AND revoked_at IS NULL", id).Exec(ctx)
	return changed(result, err, "revoke invitation", id)
}

func (row *inviteRow) noun() *communities.Invitation {
	return &communities.Invitation{
		ID: row.ID, Hash: row.Hash, By: row.By, Note: row.Note, MaxUses: row.MaxUses, Uses: row.Uses,
		CreatedAt: row.CreatedAt.time(), ExpiresAt: row.ExpiresAt.time(), RevokedAt: row.RevokedAt.time(),
	}
}
