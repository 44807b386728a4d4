package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

type pushRow struct {
	bun.BaseModel `bun:"table:push_subscriptions,alias:ps"`

	ID        communities.SubscriptionID         `bun:"id,pk,autoincrement"`
	TokenHash string                             `bun:"token_hash"`
	Actor     communities.ActorID                `bun:"actor_id"`
	Endpoint  string                             `bun:"endpoint"`
	PublicKey []byte                             `bun:"public_key"`
	Auth      []byte                             `bun:"auth"`
	Standard  bool                               `bun:"standard"`
	Audience  communities.Audience               `bun:"audience"`
	Alerts    list[communities.NotificationKind] `bun:"alerts"`
	Token     []byte                             `bun:"sealed_token"`
	CreatedAt moment                             `bun:"created_at"`
}

// stillIn is the condition for a subscription whose token still opens the door.
const stillIn = `EXISTS (SELECT 1 FROM access_tokens AS t JOIN accounts AS acc ON acc.actor_id = t.actor_id
	WHERE t.hash = ps.token_hash AND t.revoked_at IS NULL AND acc.disabled_at IS NULL)`

// PushSubscriptions is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) PushSubscriptions(ctx context.Context, person communities.ActorID) ([]*communities.PushSubscription, error) {
	var rows []pushRow
	if err := r.idb.NewSelect().Model(&rows).Where("ps.actor_id = ?", person).Where(stillIn).OrderExpr("ps.id").Scan(ctx); err != nil {
		return nil, found(err, "list push subscriptions of", person)
	}
	subscriptions := make([]*communities.PushSubscription, len(rows))
	for i := range rows {
		subscriptions[i] = rows[i].noun()
	}
	return subscriptions, nil
}

// PushSubscription finds one whose token is still good.
func (r reads) PushSubscription(ctx context.Context, id communities.SubscriptionID) (*communities.PushSubscription, error) {
	return r.pushWhere(ctx, id, "ps.id = ?", id)
}

// PushSubscriptionOf finds that of a token, by its hash.
func (r reads) PushSubscriptionOf(ctx context.Context, token string) (*communities.PushSubscription, error) {
	return r.pushWhere(ctx, "of a token", "ps.token_hash = ?", token)
}

func (r reads) pushWhere(ctx context.Context, what any, condition string, arg any) (*communities.PushSubscription, error) {
	var row pushRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, arg).Where(stillIn).Scan(ctx); err != nil {
		return nil, found(err, "read push subscription", what)
	}
	return row.noun(), nil
}

// PutPushSubscription makes or replaces that of a token, and gives it its id. What still waits for the one before is not sent.
func (tx *Tx) PutPushSubscription(ctx context.Context, s *communities.PushSubscription) error {
	if err := tx.endPush(ctx, "token_hash = ?", s.TokenHash); err != nil {
		return err
	}
	row := pushRow{
		TokenHash: s.TokenHash, Actor: s.Person, Endpoint: s.Endpoint, PublicKey: s.PublicKey, Auth: s.Auth, Standard: s.Standard,
		Audience: s.Audience, Alerts: s.Alerts, Token: s.Token, CreatedAt: momentOf(s.CreatedAt),
	}
	err := tx.idb.NewInsert().Model(&row).Returning("id").Scan(ctx, &s.ID)
	return found(err, "put push subscription of", s.Person)
}

// ChangePushSubscription stores what a subscription is for.
func (tx *Tx) ChangePushSubscription(ctx context.Context, s *communities.PushSubscription) error {
	result, err := tx.idb.NewUpdate().Model((*pushRow)(nil)).Set("audience = ?", s.Audience).
		Set("alerts = ?", list[communities.NotificationKind](s.Alerts)).Where("id = ?", s.ID).Exec(ctx)
	return changed(result, err, "change push subscription", s.ID)
}

// DeletePushSubscription ends one; where there is none it does nothing.
func (tx *Tx) DeletePushSubscription(ctx context.Context, id communities.SubscriptionID) error {
	return tx.endPush(ctx, "id = ?", id)
}

// DeletePushSubscriptionOf ends that of a token, by its hash; where there is none it does nothing.
func (tx *Tx) DeletePushSubscriptionOf(ctx context.Context, token string) error {
	return tx.endPush(ctx, "token_hash = ?", token)
}

func (tx *Tx) endPush(ctx context.Context, condition string, arg any) error {
	_, err := tx.idb.NewDelete().Model((*pushRow)(nil)).Where(condition, arg).Exec(ctx)
	return found(err, "end push subscription", arg)
}

func (row *pushRow) noun() *communities.PushSubscription {
	return &communities.PushSubscription{
		ID: row.ID, Person: row.Actor, TokenHash: row.TokenHash, Token: row.Token, Endpoint: row.Endpoint, PublicKey: row.PublicKey,
		Auth: row.Auth, Standard: row.Standard, Audience: row.Audience, Alerts: row.Alerts, CreatedAt: row.CreatedAt.time(),
	}
}
