package communities

import (
	"context"
	"fmt"
	"time"
)

// Invitation lets people in who have its code, of which only a hash is kept.
type Invitation struct {
	ID        InviteID
	Hash      string
	By        ActorID
	Note      string // for whom it is
	MaxUses   int    // 0: no limit
	Uses      int
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: holds
}

// CreateInvite makes an invitation for a code that the caller drew.
func (t *Town) CreateInvite(ctx context.Context, tx Tx, i Invitation) (*Invitation, error) {
	c, err := t.May(ctx, tx, Invite, i.By, On{})
	if err != nil {
		return nil, err
	}
	if i.Hash == "" || i.MaxUses < 0 || !i.ExpiresAt.IsZero() && i.ExpiresAt.Before(t.now()) {
		return nil, Invalidf("an invitation has a code, and ends in the future")
	}
	i.ID, i.Note, i.Uses, i.CreatedAt = InviteID(t.ids.Next()), line(i.Note), 0, t.now()
	if err := tx.CreateInvite(ctx, &i); err != nil {
		return nil, fmt.Errorf("invite: %w", err)
	}
	return &i, t.audit(ctx, tx, c.Actor, Audit{Action: Invite, Kind: AuditInvite, Target: int64(i.ID), Name: i.Note})
}

// RevokeInvite ends an invitation. Who came by it stays.
func (t *Town) RevokeInvite(ctx context.Context, tx Tx, id InviteID, by ActorID) error {
	c, err := t.May(ctx, tx, Invite, by, On{})
	if err != nil {
		return err
	}
	if err := tx.RevokeInvite(ctx, id, t.now()); err != nil {
		return err
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: "un" + Invite, Kind: AuditInvite, Target: int64(id)})
}
