package storage

import (
	"context"
	"slices"
	"strings"
	"time"

	"meent/communities"
)

// Authorised is an app that may act for a person, with every token that it has.
type Authorised struct {
	App     AppID  // 0: it was never registered, somebody made it a token on the command line
	Name    string // what it calls itself
	Website string
	Scopes  []string // of all its tokens together
	Since   time.Time
	UsedAt  time.Time // zero: never
}

// maxAuthorised is how many tokens are looked at.
const maxAuthorised = 500

// AuthorisedApps lists the apps that may act for a person, the one that came last first.
func (r reads) AuthorisedApps(ctx context.Context, person communities.ActorID) ([]*Authorised, error) {
	var rows []struct {
		App       AppID
		Name      string
		Website   string
		Scopes    string
		CreatedAt moment
		UsedAt    moment
	}
	err := r.idb.NewRaw(`SELECT COALESCE(app.id, 0) AS app, COALESCE(app.name, t.app) AS name, COALESCE(app.website, '') AS website, t.scopes,
			t.created_at, COALESCE(t.used_at, 0) AS used_at
		FROM access_tokens AS t LEFT JOIN app_tokens AS at ON at.hash = t.hash LEFT JOIN apps AS app ON app.id = at.app_id
		WHERE t.actor_id = ? AND t.revoked_at IS NULL ORDER BY t.created_at DESC, t.hash LIMIT ?`, person, maxAuthorised).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "list the apps of", person)
	}
	type key struct {
		app  AppID
		name string
	}
	known := map[key]*Authorised{}
	var list []*Authorised
	for _, row := range rows {
		app := known[key{row.App, row.Name}]
		if app == nil {
			app = &Authorised{App: row.App, Name: row.Name, Website: row.Website, Since: row.CreatedAt.time()}
			known[key{row.App, row.Name}] = app
			list = append(list, app)
		}
		app.Since = row.CreatedAt.time() // the first of its tokens
		app.UsedAt = later(app.UsedAt, row.UsedAt.time())
		app.Scopes = union(app.Scopes, strings.Fields(row.Scopes))
	}
	return list, nil
}

// union keeps the order of what came first.
func union(list, more []string) []string {
	for _, one := range more {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// RevokeApp ends every token of an app for a person, with the codes on their way and what the app is called for. An app that was never
// registered is known by its name. Where there is none it does nothing.
func (tx *Tx) RevokeApp(ctx context.Context, person communities.ActorID, app AppID, name string, at time.Time) error {
	tokens := "SELECT hash FROM app_tokens WHERE actor_id = ? AND app_id = ?"
	args := []any{person, app}
	if app == 0 {
		tokens = `SELECT hash FROM access_tokens WHERE actor_id = ? AND app = ?
			AND NOT EXISTS (SELECT 1 FROM app_tokens AS at WHERE at.hash = access_tokens.hash)`
		args = []any{person, name}
	}
	b := tx.batch()
	b.add("DELETE FROM push_subscriptions WHERE token_hash IN ("+tokens+")", args...)
	b.add("UPDATE access_tokens SET revoked_at = ? WHERE revoked_at IS NULL AND hash IN ("+tokens+")", append([]any{momentOf(at)}, args...)...)
	b.add("DELETE FROM authorization_codes WHERE actor_id = ? AND app_id = ?", person, app)
	b.add("DELETE FROM app_tokens WHERE actor_id = ? AND app_id = ?", person, app)
	tx.noteEnd(person)
	return found(b.exec(ctx), "revoke the app", name)
}
