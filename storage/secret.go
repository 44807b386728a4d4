package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Secrets are kept as hashes only: whoever reads the tables can sign in as nobody. How they are hashed is the caller's affair.

// SignInLink lets a person in, once.
type SignInLink struct {
	Hash      string
	Actor     communities.ActorID
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Session is a browser in which a person has signed in.
type Session struct {
	Hash      string
	Actor     communities.ActorID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// AccessToken lets an app act for a person.
type AccessToken struct {
	Hash      string
	Actor     communities.ActorID
	App       string
	Scopes    string // separated by spaces
	CreatedAt time.Time
	UsedAt    time.Time
	RevokedAt time.Time
}

type signInLinkRow struct {
	bun.BaseModel `bun:"table:sign_in_links,alias:link"`

	Hash      string              `bun:"hash,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	CreatedAt moment              `bun:"created_at"`
	ExpiresAt moment              `bun:"expires_at"`
}

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:s"`

	Hash      string              `bun:"hash,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	CreatedAt moment              `bun:"created_at"`
	SeenAt    moment              `bun:"seen_at"`
	ExpiresAt moment              `bun:"expires_at"`
}

type accessTokenRow struct {
	bun.BaseModel `bun:"table:access_tokens,alias:t"`

	Hash      string              `bun:"hash,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	App       string              `bun:"app"`
	Scopes    string              `bun:"scopes"`
	CreatedAt moment              `bun:"created_at"`
	UsedAt    moment              `bun:"used_at,nullzero"`
	RevokedAt moment              `bun:"revoked_at,nullzero"`
}

// PutSignInLink stores a new link.
func (tx *Tx) PutSignInLink(ctx context.Context, l SignInLink) error {
	row := signInLinkRow{Hash: l.Hash, Actor: l.Actor, CreatedAt: momentOf(l.CreatedAt), ExpiresAt: momentOf(l.ExpiresAt)}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "put sign-in link of", l.Actor)
}

// TakeSignInLink uses a link up and tells whom it lets in. One that has run out is absent.
func (tx *Tx) TakeSignInLink(ctx context.Context, hash string, now time.Time) (communities.ActorID, error) {
	var actor communities.ActorID
	err := tx.idb.NewRaw("DELETE FROM sign_in_links WHERE hash = ? AND expires_at > ? RETURNING actor_id", hash, momentOf(now)).Scan(ctx, &actor)
	return actor, found(err, "use", "sign-in link")
}

// CountSignInLinks tells how many links a person was given since a moment that were not used.
func (tx *Tx) CountSignInLinks(ctx context.Context, actor communities.ActorID, since time.Time) (int, error) {
	var n int
	err := tx.idb.NewRaw("SELECT count(*) FROM sign_in_links WHERE actor_id = ? AND created_at > ?", actor, momentOf(since)).Scan(ctx, &n)
	return n, found(err, "count the sign-in links of", actor)
}

// Session finds a session that has not run out.
func (r reads) Session(ctx context.Context, hash string, now time.Time) (Session, error) {
	var row sessionRow
	if err := r.idb.NewSelect().Model(&row).Where("hash = ? AND expires_at > ?", hash, momentOf(now)).Scan(ctx); err != nil {
		return Session{}, found(err, "read", "session")
	}
	return Session{
		Hash: row.Hash, Actor: row.Actor, CreatedAt: row.CreatedAt.time(), SeenAt: row.SeenAt.time(), ExpiresAt: row.ExpiresAt.time(),
	}, nil
}

// PutSession makes or replaces a session.
func (tx *Tx) PutSession(ctx context.Context, s Session) error {
	row := sessionRow{
		Hash: s.Hash, Actor: s.Actor, CreatedAt: momentOf(s.CreatedAt), SeenAt: momentOf(s.SeenAt), ExpiresAt: momentOf(s.ExpiresAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (hash) DO UPDATE").
		Set("seen_at = EXCLUDED.seen_at, expires_at = EXCLUDED.expires_at").Exec(ctx)
	return found(err, "put session of", s.Actor)
}

// DeleteSession signs one browser out.
func (tx *Tx) DeleteSession(ctx context.Context, hash string) error {
	result, err := tx.idb.NewDelete().Model((*sessionRow)(nil)).Where("hash = ?", hash).Exec(ctx)
	return changed(result, err, "delete", "session")
}

// LockOut ends everything but the password by which somebody comes in as a person: sessions, links, tokens, codes on their way, and with
// them what apps are called for (SECURITY O8).
func (tx *Tx) LockOut(ctx context.Context, person communities.ActorID, at time.Time) error {
	b := tx.batch()
	for _, key := range []string{"sessions", "sign_in_links", "authorization_codes", "app_tokens", "push_subscriptions"} {
		b.add("DELETE FROM "+key+" WHERE actor_id = ?", person)
	}
	b.add("UPDATE access_tokens SET revoked_at = ? WHERE actor_id = ? AND revoked_at IS NULL", momentOf(at), person)
	tx.noteEnd(person)
	return found(b.exec(ctx), "lock out", person)
}

// AccessToken finds a token that was not revoked.
func (r reads) AccessToken(ctx context.Context, hash string) (AccessToken, error) {
	var row accessTokenRow
	if err := r.idb.NewSelect().Model(&row).Where("hash = ? AND revoked_at IS NULL", hash).Scan(ctx); err != nil {
		return AccessToken{}, found(err, "read", "access token")
	}
	return row.noun(), nil
}

func (row *accessTokenRow) noun() AccessToken {
	return AccessToken{
		Hash: row.Hash, Actor: row.Actor, App: row.App, Scopes: row.Scopes, CreatedAt: row.CreatedAt.time(), UsedAt: row.UsedAt.time(),
	}
}

// PutAccessToken stores a new token.
func (tx *Tx) PutAccessToken(ctx context.Context, t AccessToken) error {
	row := accessTokenRow{Hash: t.Hash, Actor: t.Actor, App: t.App, Scopes: t.Scopes, CreatedAt: momentOf(t.CreatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "put access token of", t.Actor)
}

// UseAccessToken notes when a token was last used.
func (tx *Tx) UseAccessToken(ctx context.Context, hash string, at time.Time) error {
	result, err := tx.idb.NewUpdate().Model((*accessTokenRow)(nil)).Set("used_at = ?", momentOf(at)).Where("hash = ?", hash).Exec(ctx)
	return changed(result, err, "note use of", "access token")
}

// RevokeAccessToken ends a token, and with it what its app is called for.
func (tx *Tx) RevokeAccessToken(ctx context.Context, hash string, at time.Time) error {
	if err := tx.DeletePushSubscriptionOf(ctx, hash); err != nil {
		return err
	}
	result, err := tx.idb.NewUpdate().Model((*accessTokenRow)(nil)).
		Set("revoked_at = ?", momentOf(at)).Where("hash = ? AND revoked_at IS NULL", hash).Exec(ctx)
	tx.noteEnd(0)
	return changed(result, err, "revoke", "access token")
}

// PurgeSecrets forgets links and sessions that have run out.
func (tx *Tx) PurgeSecrets(ctx context.Context, now time.Time) error {
	b := tx.batch()
	b.add("DELETE FROM sign_in_links WHERE expires_at <= ?", momentOf(now))
	b.add("DELETE FROM sessions WHERE expires_at <= ?", momentOf(now))
	b.add("DELETE FROM confirmations WHERE expires_at <= ?", momentOf(now))
	return found(b.exec(ctx), "purge", "secrets")
}
