package storage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// KeptTag is a hashtag that a person follows or shows on their profile, with the id by which the list is paged.
type KeptTag struct {
	ID   int64  `bun:"id"`
	Name string `bun:"name"`
}

// ShownTag is a hashtag on a profile, with what its owner wrote with it for everybody.
type ShownTag struct {
	KeptTag
	Posts      int
	LastPostAt time.Time
}

// FollowTag brings what is written with a hashtag to a person's home from now on. At most limit are followed; to do it twice does nothing more.
func (tx *Tx) FollowTag(ctx context.Context, actor communities.ActorID, name string, limit int) error {
	return tx.keepTag(ctx, "followed_tags", actor, name, limit)
}

// FeatureTag shows a hashtag on a person's profile. At most limit are shown; to do it twice does nothing more.
func (tx *Tx) FeatureTag(ctx context.Context, actor communities.ActorID, name string, limit int) error {
	return tx.keepTag(ctx, "featured_tags", actor, name, limit)
}

func (tx *Tx) keepTag(ctx context.Context, table string, actor communities.ActorID, name string, limit int) error {
	var kept []KeptTag
	err := tx.idb.NewRaw("SELECT id, name FROM ? WHERE actor_id = ?", bun.Ident(table), actor).Scan(ctx, &kept)
	switch {
	case err != nil:
		return found(err, "count hashtags of", actor)
	case slices.ContainsFunc(kept, func(t KeptTag) bool { return t.Name == name }):
		return nil
	case len(kept) >= limit:
		return communities.Invalidf("You can keep at most %d hashtags", limit)
	}
	_, err = tx.idb.NewRaw("INSERT INTO ? (id, actor_id, name) VALUES (?, ?, ?)", bun.Ident(table), tx.db.IDs().Next(), actor, name).Exec(ctx)
	return found(err, "keep hashtag", name)
}

// UnfollowTag and UnfeatureTag end it. Where there is nothing they do nothing.
func (tx *Tx) UnfollowTag(ctx context.Context, actor communities.ActorID, name string) error {
	_, err := tx.idb.NewRaw("DELETE FROM followed_tags WHERE actor_id = ? AND name = ?", actor, name).Exec(ctx)
	return found(err, "unfollow hashtag", name)
}

func (tx *Tx) UnfeatureTag(ctx context.Context, actor communities.ActorID, name string) error {
	_, err := tx.idb.NewRaw("DELETE FROM featured_tags WHERE actor_id = ? AND name = ?", actor, name).Exec(ctx)
	return found(err, "unfeature hashtag", name)
}

// FollowedTags lists the hashtags that the viewer follows, the last one first.
func (r *Reader) FollowedTags(ctx context.Context, page Page) ([]KeptTag, error) {
	var tags []KeptTag
	query := r.db.idb.NewSelect().TableExpr("followed_tags AS t").Column("t.id", "t.name").Where("t.actor_id = ?", r.viewer.Actor)
	if err := page.apply(query, "t.id").Scan(ctx, &tags); err != nil {
		return nil, found(err, "list hashtags followed by", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(tags)
	}
	return tags, nil
}

// KeptTags tells which of some hashtags the viewer follows, and which they feature.
func (r *Reader) KeptTags(ctx context.Context, names []string) (followed, featured map[string]bool, err error) {
	followed, featured = map[string]bool{}, map[string]bool{}
	if r.viewer.Actor == 0 || len(names) == 0 {
		return followed, featured, nil
	}
	var rows []struct {
		Name     string
		Featured bool
	}
	err = r.db.idb.NewRaw(`SELECT name, FALSE AS featured FROM followed_tags WHERE actor_id = ? AND name IN (?)
		UNION ALL SELECT name, TRUE FROM featured_tags WHERE actor_id = ? AND name IN (?)`,
		r.viewer.Actor, bun.List(names), r.viewer.Actor, bun.List(names)).Scan(ctx, &rows)
	for _, row := range rows {
		if row.Featured {
			featured[row.Name] = true
		} else {
			followed[row.Name] = true
		}
	}
	return followed, featured, found(err, "read hashtags of", r.viewer.Actor)
}

// FeaturedTags lists the hashtags on somebody's profile, in the order in which they came there.
func (r *Reader) FeaturedTags(ctx context.Context, actor communities.ActorID) ([]ShownTag, error) {
	var rows []struct {
		ID         int64
		Name       string
		Posts      int
		LastPostAt moment
	}
	err := r.db.idb.NewRaw(`SELECT f.id, f.name, count(p.id) AS posts, COALESCE(max(p.created_at), 0) AS last_post_at FROM featured_tags AS f
		LEFT JOIN hashtags AS h ON h.name = f.name AND h.post_id IN (SELECT o.id FROM posts AS o WHERE o.author_id = f.actor_id)
		LEFT JOIN posts AS p ON p.id = h.post_id AND p.visibility IN ('public', 'unlisted') AND p.deleted_at IS NULL AND p.removed_at IS NULL
		WHERE f.actor_id = ? GROUP BY f.id, f.name ORDER BY f.id`, actor).Scan(ctx, &rows)
	tags := make([]ShownTag, len(rows))
	for i, row := range rows {
		tags[i] = ShownTag{KeptTag: KeptTag{ID: row.ID, Name: row.Name}, Posts: row.Posts, LastPostAt: row.LastPostAt.time()}
	}
	return tags, found(err, "list hashtags featured by", actor)
}

// postsLookedInto bounds how far back the hashtags that somebody uses are looked for.
const postsLookedInto = 500

// UsedTags lists the hashtags that the viewer used lately and does not feature, the most used first.
func (r *Reader) UsedTags(ctx context.Context, limit int) ([]string, error) {
	var names []string
	err := r.db.idb.NewRaw(`SELECT h.name FROM (SELECT id FROM posts WHERE author_id = ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?) AS p
		JOIN hashtags AS h ON h.post_id = p.id
		WHERE NOT EXISTS (SELECT 1 FROM featured_tags AS f WHERE f.actor_id = ? AND f.name = h.name)
		GROUP BY h.name ORDER BY count(*) DESC, h.name LIMIT ?`, r.viewer.Actor, postsLookedInto, r.viewer.Actor, limit).Scan(ctx, &names)
	return names, found(err, "list hashtags used by", r.viewer.Actor)
}

// TagDay is how often a hashtag was used in public on a day, and by how many.
type TagDay struct {
	Day      time.Time // its midnight, UTC
	Uses     int
	Accounts int
}

const (
	tagDays    = 7
	tagCounted = 2000 // of the newest posts with a hashtag that are counted
)

// TagHistory counts the last week of each of some hashtags, today first (Mastodon API, entities/Tag).
func (r *Reader) TagHistory(ctx context.Context, names []string) (map[string][]TagDay, error) {
	today := r.db.now().UTC().Truncate(24 * time.Hour)
	from := today.AddDate(0, 0, 1-tagDays)
	history := make(map[string][]TagDay, len(names))
	if len(names) == 0 {
		return history, nil
	}
	gen, newest := r.db.writer.QueryGen(), make([]string, len(names))
	for i, name := range names {
		newest[i] = gen.FormatQuery("SELECT * FROM (SELECT name, post_id FROM hashtags WHERE name = ? AND post_id >= ? ORDER BY post_id DESC LIMIT ?) AS n",
			name, communities.IDBefore(from), tagCounted)
		history[name] = make([]TagDay, tagDays)
		for day := range history[name] {
			history[name][day].Day = today.AddDate(0, 0, -day)
		}
	}
	var rows []struct {
		Name                string
		Day, Uses, Accounts int
	}
	err := r.db.idb.NewRaw(`SELECT h.name, (p.created_at - ?) / ? AS day, count(*) AS uses, count(DISTINCT p.author_id) AS accounts
		FROM (?) AS h JOIN posts AS p ON p.id = h.post_id
		WHERE p.visibility = 'public' AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.created_at >= ? GROUP BY 1, 2`,
		momentOf(from), (24*time.Hour).Milliseconds(), bun.Safe(strings.Join(newest, " UNION ALL ")), momentOf(from)).Scan(ctx, &rows)
	for _, row := range rows {
		if at := tagDays - 1 - row.Day; at >= 0 && at < tagDays {
			history[row.Name][at].Uses, history[row.Name][at].Accounts = row.Uses, row.Accounts
		}
	}
	return history, found(err, "count the uses of", names)
}
