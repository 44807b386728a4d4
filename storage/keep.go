package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// What people keep with the help of an app, for themselves alone: bookmarks, mutes, how far they have read.

type bookmarkRow struct {
	bun.BaseModel `bun:"table:bookmarks,alias:bm"`

	Actor     communities.ActorID `bun:"actor_id,pk"`
	Post      communities.PostID  `bun:"post_id,pk"`
	CreatedAt moment              `bun:"created_at"`
	Number    int64               `bun:"number"` // grows with each, as an id does
}

// PutBookmark remembers a post for a person. To do it twice does nothing more.
func (tx *Tx) PutBookmark(ctx context.Context, actor communities.ActorID, post communities.PostID, at time.Time) error {
	row := bookmarkRow{Actor: actor, Post: post, CreatedAt: momentOf(at), Number: tx.db.IDs().Next()}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	return found(err, "bookmark", post)
}

// DeleteBookmark forgets a post. Where there is no bookmark it does nothing.
func (tx *Tx) DeleteBookmark(ctx context.Context, actor communities.ActorID, post communities.PostID) error {
	_, err := tx.idb.NewDelete().Model((*bookmarkRow)(nil)).Where("actor_id = ? AND post_id = ?", actor, post).Exec(ctx)
	return found(err, "unbookmark", post)
}

// Mute keeps somebody's posts from a person's timelines; nobody else knows.
type Mute struct {
	Muter         communities.ActorID
	Muted         communities.ActorID
	Notifications bool // muted as well
	CreatedAt     time.Time
	ExpiresAt     time.Time // zero: until lifted
}

type muteRow struct {
	bun.BaseModel `bun:"table:mutes,alias:m"`

	Muter         communities.ActorID `bun:"muter_id,pk"`
	Muted         communities.ActorID `bun:"muted_id,pk"`
	Notifications bool                `bun:"notifications"`
	CreatedAt     moment              `bun:"created_at"`
	ExpiresAt     moment              `bun:"expires_at,nullzero"`
}

// PutMute makes or replaces a mute.
func (tx *Tx) PutMute(ctx context.Context, m Mute) error {
	row := muteRow{Muter: m.Muter, Muted: m.Muted, Notifications: m.Notifications, CreatedAt: momentOf(m.CreatedAt), ExpiresAt: momentOf(m.ExpiresAt)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (muter_id, muted_id) DO UPDATE").
		Set("notifications = EXCLUDED.notifications, expires_at = EXCLUDED.expires_at").Exec(ctx)
	return found(err, "mute", m.Muted)
}

// DeleteMute lifts a mute. Where there is none it does nothing.
func (tx *Tx) DeleteMute(ctx context.Context, muter, muted communities.ActorID) error {
	_, err := tx.idb.NewDelete().Model((*muteRow)(nil)).Where("muter_id = ? AND muted_id = ?", muter, muted).Exec(ctx)
	return found(err, "unmute", muted)
}

// PutNote keeps what a person wants to remember about somebody; an empty text forgets it.
func (tx *Tx) PutNote(ctx context.Context, actor, about communities.ActorID, text string) error {
	query := tx.idb.NewRaw("INSERT INTO notes (actor_id, about_id, text) VALUES (?, ?, ?)"+
		" ON CONFLICT (actor_id, about_id) DO UPDATE SET text = EXCLUDED.text", actor, about, text)
	if text == "" {
		query = tx.idb.NewRaw("DELETE FROM notes WHERE actor_id = ? AND about_id = ?", actor, about)
	}
	_, err := query.Exec(ctx)
	return found(err, "keep a note about", about)
}

// PutEndorsement shows somebody on a person's profile; to do it twice does nothing more. Whom the person does not follow they do not endorse.
func (tx *Tx) PutEndorsement(ctx context.Context, actor, endorsed communities.ActorID) error {
	var following, done bool
	err := tx.idb.NewRaw(`SELECT EXISTS (SELECT 1 FROM follows WHERE follower_id = ? AND followee_id = ? AND accepted),
		EXISTS (SELECT 1 FROM endorsements WHERE actor_id = ? AND endorsed_id = ?)`, actor, endorsed, actor, endorsed).Scan(ctx, &following, &done)
	switch {
	case err != nil || done:
		return found(err, "look for an endorsement of", endorsed)
	case !following:
		return communities.Invalidf("Validation failed: You must be already following the person you want to endorse")
	}
	_, err = tx.idb.NewRaw("INSERT INTO endorsements (id, actor_id, endorsed_id) VALUES (?, ?, ?)", tx.db.IDs().Next(), actor, endorsed).Exec(ctx)
	return found(err, "endorse", endorsed)
}

// DeleteEndorsement ends it. Where there is none it does nothing.
func (tx *Tx) DeleteEndorsement(ctx context.Context, actor, endorsed communities.ActorID) error {
	_, err := tx.idb.NewRaw("DELETE FROM endorsements WHERE actor_id = ? AND endorsed_id = ?", actor, endorsed).Exec(ctx)
	return found(err, "endorse no longer", endorsed)
}

// Marker is how far a person has read a timeline.
type Marker struct {
	Actor     communities.ActorID
	Timeline  string
	LastRead  int64
	Version   int // counts the changes
	UpdatedAt time.Time
}

type markerRow struct {
	bun.BaseModel `bun:"table:markers,alias:mk"`

	Actor     communities.ActorID `bun:"actor_id,pk"`
	Timeline  string              `bun:"timeline,pk"`
	LastRead  int64               `bun:"last_read"`
	Version   int                 `bun:"version"`
	UpdatedAt moment              `bun:"updated_at"`
}

// Markers lists how far a person has read.
func (r reads) Markers(ctx context.Context, actor communities.ActorID) ([]Marker, error) {
	var rows []markerRow
	if err := r.idb.NewSelect().Model(&rows).Where("actor_id = ?", actor).OrderExpr("timeline").Scan(ctx); err != nil {
		return nil, found(err, "read markers of", actor)
	}
	markers := make([]Marker, len(rows))
	for i, row := range rows {
		markers[i] = Marker{
			Actor: row.Actor, Timeline: row.Timeline, LastRead: row.LastRead, Version: row.Version, UpdatedAt: row.UpdatedAt.time(),
		}
	}
	return markers, nil
}

// PutMarker notes how far a person has read; the version goes up by one.
func (tx *Tx) PutMarker(ctx context.Context, m Marker) error {
	row := markerRow{Actor: m.Actor, Timeline: m.Timeline, LastRead: m.LastRead, Version: 1, UpdatedAt: momentOf(m.UpdatedAt)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (actor_id, timeline) DO UPDATE").
		Set("last_read = EXCLUDED.last_read, version = mk.version + 1, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return found(err, "put marker of", m.Actor)
}

// idempotencyMemory is how long an app may repeat a request and still make one post.
const idempotencyMemory = 24 * time.Hour

// PostOnce finds the post that a person made under a key (Mastodon API, Idempotency-Key); [communities.NotFound] when there is none.
func (tx *Tx) PostOnce(ctx context.Context, actor communities.ActorID, key string) (communities.PostID, error) {
	var post communities.PostID
	err := tx.idb.NewRaw("SELECT post_id FROM idempotency_keys WHERE actor_id = ? AND name = ?", actor, key).Scan(ctx, &post)
	return post, found(err, "read idempotency key of", actor)
}

// KeepOnce remembers the post that was made under a key; a conflict when another transaction was first.
func (tx *Tx) KeepOnce(ctx context.Context, actor communities.ActorID, key string, post communities.PostID, at time.Time) error {
	_, err := tx.idb.NewRaw("DELETE FROM idempotency_keys WHERE created_at < ?", momentOf(at.Add(-idempotencyMemory))).Exec(ctx)
	if err != nil {
		return found(err, "forget", "old idempotency keys")
	}
	result, err := tx.idb.NewRaw(
		"INSERT INTO idempotency_keys (actor_id, name, post_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		actor, key, post, momentOf(at)).Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("this was posted a moment ago")
	}
	return found(err, "put idempotency key of", actor)
}
