package storage

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// resident puts somebody into the archive.
func resident(t *testing.T, db *DB, name string) *communities.Actor {
	t.Helper()
	a := &communities.Actor{
		ID: communities.ActorID(db.IDs().Next()), Kind: communities.Person, Name: name, URI: "https://stad.example/u/" + name, CreatedAt: time.Now(),
	}
	inTx(t, db, func(ctx context.Context, tx *Tx) error { return tx.CreateActor(ctx, a) })
	return a
}

func inTx(t *testing.T, db *DB, do func(ctx context.Context, tx *Tx) error) {
	t.Helper()
	if err := db.write(t.Context(), func(tx *Tx) error { return do(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func registered(t *testing.T, db *DB) App {
	t.Helper()
	app := App{
		ID: AppID(db.IDs().Next()), ClientID: "client", SecretHash: "hash", Name: "App", RedirectURIs: []string{"https://app.example/%2F", "tuba://"},
		Scopes: "read", CreatedAt: time.UnixMilli(1).UTC(),
	}
	inTx(t, db, func(ctx context.Context, tx *Tx) error { return tx.PutApp(ctx, app) })
	return app
}

// A code is used once, however many bring it at once.
func TestACodeIsUsedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		app, anna := registered(t, db), resident(t, db, "anna")
		now := time.Now()
		inTx(t, db, func(ctx context.Context, tx *Tx) error {
			return tx.PutAuthorizationCode(ctx, AuthorizationCode{Hash: "code", App: app.ID, Actor: anna.ID, ExpiresAt: now.Add(time.Minute)}, now)
		})
		var fresh atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := db.write(t.Context(), func(tx *Tx) error {
					code, err := tx.TakeAuthorizationCode(t.Context(), "code", now)
					if err == nil && code.UsedAt.IsZero() {
						fresh.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if fresh.Load() != 1 {
			t.Errorf("the code was new %d times", fresh.Load())
		}
	})
}

// What an app was told comes back character by character; a token ends for its app alone, and all of a code's at once.
func TestAppsAndTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		app, anna := registered(t, db), resident(t, db, "anna")
		kept, err := db.AppByClientID(t.Context(), "client")
		if err != nil || !slices.Equal(kept.RedirectURIs, app.RedirectURIs) || kept.CreatedAt != app.CreatedAt {
			t.Errorf("kept %+v, %v", kept, err)
		}
		for _, hash := range []string{"a", "b"} {
			inTx(t, db, func(ctx context.Context, tx *Tx) error {
				if err := tx.PutAppToken(ctx, AppToken{Hash: hash, App: app.ID, Actor: anna.ID, CodeHash: "code", Scopes: "read"}); err != nil {
					return err
				}
				return tx.PutAccessToken(ctx, AccessToken{Hash: hash, Actor: anna.ID, Scopes: "read"})
			})
		}
		err = db.write(t.Context(), func(tx *Tx) error { return tx.RevokeAppToken(t.Context(), app.ID+1, "a", time.Now()) })
		if !communities.IsNotFound(err) || !opens(t, db, "a") {
			t.Errorf("another app ended a token: %v", err)
		}
		inTx(t, db, func(ctx context.Context, tx *Tx) error { return tx.RevokeAppToken(ctx, app.ID, "a", time.Now()) })
		if opens(t, db, "a") || !opens(t, db, "b") {
			t.Error("the wrong token ended")
		}
		inTx(t, db, func(ctx context.Context, tx *Tx) error { return tx.RevokeTokensOfCode(ctx, "code", time.Now()) })
		if opens(t, db, "b") {
			t.Error("a token outlives its code")
		}
	})
}

func opens(t *testing.T, db *DB, hash string) bool {
	t.Helper()
	_, err := db.AccessToken(t.Context(), hash)
	if err != nil && !communities.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil
}

// keepings puts one of everything aside for a person.
func keepings(t *testing.T, db *DB, anna, bert *communities.Actor) *Filter {
	t.Helper()
	filter := &Filter{ID: 1, Actor: anna.ID, Title: "x", Contexts: []string{"home"}, Action: "warn", Keywords: []FilterKeyword{{ID: 2, Word: "w"}}}
	mute := Mute{Muter: anna.ID, Muted: bert.ID, ExpiresAt: time.Now().Add(-time.Second)}
	for _, put := range []func(context.Context, *Tx) error{
		func(ctx context.Context, tx *Tx) error { return tx.PutFilter(ctx, filter) },
		func(ctx context.Context, tx *Tx) error { return tx.PutMute(ctx, mute) },
		func(ctx context.Context, tx *Tx) error { return tx.PutBookmark(ctx, anna.ID, 3, time.Now()) },
		func(ctx context.Context, tx *Tx) error {
			return tx.PutMarker(ctx, Marker{Actor: anna.ID, Timeline: "home", LastRead: 4})
		},
		func(ctx context.Context, tx *Tx) error {
			return tx.PutMarker(ctx, Marker{Actor: anna.ID, Timeline: "home", LastRead: 5})
		},
	} {
		inTx(t, db, put)
	}
	return filter
}

// What one keeps is one's own, and runs out when it should.
func TestWhatPeopleKeep(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		anna, bert := resident(t, db, "anna"), resident(t, db, "bert")
		filter := keepings(t, db, anna, bert)
		stolen := *filter
		stolen.Actor = bert.ID
		for name, do := range map[string]func(*Tx) error{
			"change": func(tx *Tx) error { return tx.PutFilter(t.Context(), &stolen) },
			"delete": func(tx *Tx) error { return tx.DeleteFilter(t.Context(), bert.ID, filter.ID) },
		} {
			if err := db.write(t.Context(), do); !communities.IsNotFound(err) {
				t.Errorf("%s another's filter: %v", name, err)
			}
		}
		if muted, err := db.As(communities.Viewer{Actor: anna.ID}).Muted(t.Context()); err != nil || len(muted) != 0 {
			t.Errorf("still muted: %v, %v", muted, err)
		}
		if markers, err := db.Markers(t.Context(), anna.ID); err != nil || len(markers) != 1 || markers[0].Version != 2 || markers[0].LastRead != 5 {
			t.Errorf("markers %+v, %v", markers, err)
		}
	})
}

// It goes with who kept it.
func TestWhatPeopleKeepGoesWithThem(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		anna, bert := resident(t, db, "anna"), resident(t, db, "bert")
		keepings(t, db, anna, bert)
		inTx(t, db, func(ctx context.Context, tx *Tx) error { return tx.Sever(ctx, anna.ID) })
		for _, table := range []string{"bookmarks", "markers", "filters", "mutes"} {
			var left int
			if err := db.idb.NewRaw("SELECT count(*) FROM ?", bun.Ident(table)).Scan(t.Context(), &left); err != nil || left != 0 {
				t.Errorf("%d rows of %s stay behind, %v", left, table, err)
			}
		}
	})
}
