package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// AppID names a registered app.
type AppID int64

// App is a program that asked to be known here (Mastodon API, entities/Application).
type App struct {
	ID           AppID
	ClientID     string
	SecretHash   string
	Name         string
	Website      string
	RedirectURIs []string
	Scopes       string // the most it will ask for, separated by spaces
	CreatedAt    time.Time
}

// AuthorizationCode is a person's consent on its way to an app (RFC 6749 4.1).
type AuthorizationCode struct {
	Hash        string
	App         AppID
	Actor       communities.ActorID
	RedirectURI string
	Scopes      string
	Challenge   string // PKCE S256; "": none was given
	ExpiresAt   time.Time
	UsedAt      time.Time
}

// AppToken tells which app has a token. Of a person's, the [AccessToken] decides whether it still works.
type AppToken struct {
	Hash      string
	App       AppID
	Actor     communities.ActorID // 0: the app itself
	CodeHash  string              // of the code that it was given for
	Scopes    string
	CreatedAt time.Time
}

type appRow struct {
	bun.BaseModel `bun:"table:apps,alias:app"`

	ID           AppID        `bun:"id,pk"`
	ClientID     string       `bun:"client_id"`
	SecretHash   string       `bun:"secret_hash"`
	Name         string       `bun:"name"`
	Website      string       `bun:"website"`
	RedirectURIs list[string] `bun:"redirect_uris"`
	Scopes       string       `bun:"scopes"`
	CreatedAt    moment       `bun:"created_at"`
}

type codeRow struct {
	bun.BaseModel `bun:"table:authorization_codes,alias:code"`

	Hash        string              `bun:"hash,pk"`
	App         AppID               `bun:"app_id"`
	Actor       communities.ActorID `bun:"actor_id"`
	RedirectURI string              `bun:"redirect_uri"`
	Scopes      string              `bun:"scopes"`
	Challenge   string              `bun:"challenge"`
	ExpiresAt   moment              `bun:"expires_at"`
	UsedAt      moment              `bun:"used_at,nullzero"`
}

type appTokenRow struct {
	bun.BaseModel `bun:"table:app_tokens,alias:at"`

	Hash      string              `bun:"hash,pk"`
	App       AppID               `bun:"app_id"`
	Actor     communities.ActorID `bun:"actor_id"`
	CodeHash  string              `bun:"code_hash"`
	Scopes    string              `bun:"scopes"`
	CreatedAt moment              `bun:"created_at"`
}

// PutApp stores a new app.
func (tx *Tx) PutApp(ctx context.Context, a App) error {
	row := appRow{
		ID: a.ID, ClientID: a.ClientID, SecretHash: a.SecretHash, Name: a.Name, Website: a.Website,
		RedirectURIs: a.RedirectURIs, Scopes: a.Scopes, CreatedAt: momentOf(a.CreatedAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "put app", a.Name)
}

// App finds an app by its id.
func (r reads) App(ctx context.Context, id AppID) (App, error) { return r.appWhere(ctx, "id = ?", id) }

// AppByClientID finds an app by the id that it was told.
func (r reads) AppByClientID(ctx context.Context, id string) (App, error) {
	return r.appWhere(ctx, "client_id = ?", id)
}

func (r reads) appWhere(ctx context.Context, condition string, arg any) (App, error) {
	var row appRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, arg).Scan(ctx); err != nil {
		return App{}, found(err, "read app", arg)
	}
	return App{
		ID: row.ID, ClientID: row.ClientID, SecretHash: row.SecretHash, Name: row.Name, Website: row.Website,
		RedirectURIs: row.RedirectURIs, Scopes: row.Scopes, CreatedAt: row.CreatedAt.time(),
	}, nil
}

// PutAuthorizationCode stores a new code, and forgets those that ran out so long ago that nobody tries them again.
func (tx *Tx) PutAuthorizationCode(ctx context.Context, c AuthorizationCode, now time.Time) error {
	row := codeRow{
		Hash: c.Hash, App: c.App, Actor: c.Actor, RedirectURI: c.RedirectURI, Scopes: c.Scopes, Challenge: c.Challenge,
		ExpiresAt: momentOf(c.ExpiresAt),
	}
	if _, err := tx.idb.NewInsert().Model(&row).Exec(ctx); err != nil {
		return found(err, "put code of", c.Actor)
	}
	_, err := tx.idb.NewRaw("DELETE FROM authorization_codes WHERE expires_at < ?", momentOf(now.Add(-codeMemory))).Exec(ctx)
	return found(err, "forget", "old codes")
}

// codeMemory is how long a used code is remembered, to notice when it is used again.
const codeMemory = 24 * time.Hour

// TakeAuthorizationCode uses a code up and returns it as it was: with UsedAt set when it had been used before.
func (tx *Tx) TakeAuthorizationCode(ctx context.Context, hash string, now time.Time) (AuthorizationCode, error) {
	query := tx.idb.NewSelect().Model((*codeRow)(nil)).Where("hash = ?", hash)
	if tx.db.engine.postgres {
		query = query.For("UPDATE")
	}
	var row codeRow
	if err := query.Scan(ctx, &row); err != nil {
		return AuthorizationCode{}, found(err, "use", "code")
	}
	if row.UsedAt == 0 {
		if _, err := tx.idb.NewRaw("UPDATE authorization_codes SET used_at = ? WHERE hash = ?", momentOf(now), hash).Exec(ctx); err != nil {
			return AuthorizationCode{}, found(err, "use", "code")
		}
	}
	return AuthorizationCode{
		Hash: row.Hash, App: row.App, Actor: row.Actor, RedirectURI: row.RedirectURI, Scopes: row.Scopes, Challenge: row.Challenge,
		ExpiresAt: row.ExpiresAt.time(), UsedAt: row.UsedAt.time(),
	}, nil
}

// AppToken finds which app has a token.
func (r reads) AppToken(ctx context.Context, hash string) (AppToken, error) {
	var row appTokenRow
	if err := r.idb.NewSelect().Model(&row).Where("hash = ?", hash).Scan(ctx); err != nil {
		return AppToken{}, found(err, "read", "app token")
	}
	return AppToken{
		Hash: row.Hash, App: row.App, Actor: row.Actor, CodeHash: row.CodeHash, Scopes: row.Scopes, CreatedAt: row.CreatedAt.time(),
	}, nil
}

// PutAppToken stores whose a new token is.
func (tx *Tx) PutAppToken(ctx context.Context, t AppToken) error {
	row := appTokenRow{Hash: t.Hash, App: t.App, Actor: t.Actor, CodeHash: t.CodeHash, Scopes: t.Scopes, CreatedAt: momentOf(t.CreatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "put token of app", t.App)
}

// RevokeAppToken ends a token of an app, the app's own or a person's. One of another app stays, and is absent to this one.
func (tx *Tx) RevokeAppToken(ctx context.Context, app AppID, hash string, at time.Time) error {
	result, err := tx.idb.NewRaw("DELETE FROM app_tokens WHERE hash = ? AND app_id = ?", hash, app).Exec(ctx)
	if err := changed(result, err, "revoke token of app", app); err != nil {
		return err
	}
	if err := tx.DeletePushSubscriptionOf(ctx, hash); err != nil {
		return err
	}
	_, err = tx.idb.NewRaw("UPDATE access_tokens SET revoked_at = ? WHERE hash = ? AND revoked_at IS NULL", momentOf(at), hash).Exec(ctx)
	tx.noteEnd(0)
	return found(err, "revoke token of app", app)
}

// RevokeTokensOfCode ends every token that a code was exchanged for (RFC 6749 4.1.2: a code that is used twice).
func (tx *Tx) RevokeTokensOfCode(ctx context.Context, code string, at time.Time) error {
	b := tx.batch()
	b.add("UPDATE access_tokens SET revoked_at = ? WHERE revoked_at IS NULL AND hash IN (SELECT hash FROM app_tokens WHERE code_hash = ?)", momentOf(at), code)
	b.add("DELETE FROM push_subscriptions WHERE token_hash IN (SELECT hash FROM app_tokens WHERE code_hash = ?)", code)
	b.add("DELETE FROM app_tokens WHERE code_hash = ?", code)
	tx.noteEnd(0)
	return found(b.exec(ctx), "revoke", "tokens of a code")
}
