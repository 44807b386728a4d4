package storage

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// An audience is found for all who have a stream open at once: the conditions are those of the timelines, word for word, with the viewer as
// a column of the query in the place of one who is known.
const viewerColumn = "v.id"

// Place is where a post must stand to be read there.
type Place func(*bun.SelectQuery) *bun.SelectQuery

// AtHome is the home timeline, as [Reader.Home] has it; a thread in a group does not come once more when the group shared it.
func AtHome(query *bun.SelectQuery) *bun.SelectQuery {
	return query.Where("EXISTS (SELECT 1 FROM home_entries AS home WHERE home.owner_id = v.id AND home.post_id = p.id)").
		Where(`NOT (p.group_id IS NOT NULL AND p.boost_of_id IS NULL AND EXISTS (SELECT 1 FROM posts AS share
			JOIN home_entries AS own ON own.post_id = share.id
			WHERE share.boost_of_id = p.id AND share.author_id = p.group_id AND own.owner_id = v.id))`)
}

// HeldAtHome is the home timeline with what it holds in boosts.
func HeldAtHome(query *bun.SelectQuery) *bun.SelectQuery { return query.Where(heldAtHome) }

const heldAtHome = `(EXISTS (SELECT 1 FROM home_entries AS home WHERE home.owner_id = v.id AND home.post_id = p.id)
	OR EXISTS (SELECT 1 FROM posts AS share JOIN home_entries AS home ON home.post_id = share.id
		WHERE share.boost_of_id = p.id AND home.owner_id = v.id))`

// HomeOwners lists on whose home timelines a post stands, by itself or as shared: of those who listen, only these need to be looked at.
func (db *DB) HomeOwners(ctx context.Context, post communities.PostID) ([]communities.ActorID, error) {
	var owners []communities.ActorID
	err := db.idb.NewRaw(`SELECT owner_id FROM home_entries WHERE post_id = ?
		UNION SELECT home.owner_id FROM posts AS share JOIN home_entries AS home ON home.post_id = share.id WHERE share.boost_of_id = ?`,
		post, post).Scan(ctx, &owners)
	return owners, found(err, "find the homes of post", post)
}

// InPublic is a public timeline, as [Reader.Narrowed] has it.
func InPublic(which Narrow) Place { return which.where }

// NearBy is wherever somebody finds what those do whom they follow, or what stands in a group that they follow.
func NearBy(query *bun.SelectQuery) *bun.SelectQuery {
	return query.Where(`(p.author_id = v.id OR EXISTS (SELECT 1 FROM follows AS f
		WHERE f.follower_id = v.id AND f.accepted AND (f.followee_id = p.author_id OR f.followee_id = p.group_id)))`)
}

// Audience tells who of some persons find a post in a place: those who may see it, and have neither blocked nor muted who wrote or shared it.
func (db *DB) Audience(ctx context.Context, post communities.PostID, where Place, among []communities.ActorID) ([]communities.ActorID, error) {
	query := db.viewers(among).Join("JOIN posts AS p ON p.id = ?", post).
		Where("?", visibleTo(db.seenBy(viewerColumn))).Where("?", wantedBy(viewerColumn)).
		Where(unmuted, momentOf(db.now()))
	return audience(ctx, where(query), post)
}

const unmuted = `NOT EXISTS (SELECT 1 FROM mutes AS m WHERE m.muter_id = v.id AND ` + unexpired + `
	AND (m.muted_id = p.author_id OR m.muted_id = (SELECT o.author_id FROM posts AS o WHERE o.id = p.boost_of_id)))`

// Bereft tells who of some persons could see a post that is gone, and no longer can; with atHome, those who may have had it at home.
func (db *DB) Bereft(ctx context.Context, post communities.PostID, gone Gone, atHome bool, among []communities.ActorID) ([]communities.ActorID, error) {
	if !atHome && (gone.Visibility != communities.Public || len(among) == 0) {
		return nil, nil
	}
	query := db.viewers(among).
		Where("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = ? AND b.blocked_id = v.id)", gone.Author).
		Where("NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.id = ? AND ?)", post, visibleTo(db.seenBy(viewerColumn)))
	if gone.Removed {
		query = query.Where("(v.id = ? OR EXISTS (SELECT 1 FROM memberships AS m WHERE m.group_id = ? AND m.person_id = v.id AND NOT m.pending AND m.role IN (?)))",
			gone.Author, gone.Group, bun.List(moderatorRoles))
	}
	if atHome {
		query = query.Where("?", db.hadAtHome(post, gone))
	} else {
		query = query.Where("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = v.id AND b.blocked_id = ?)", gone.Author)
	}
	return audience(ctx, query, post)
}

// hadAtHome is the condition for those to whom the post could come home.
func (db *DB) hadAtHome(post communities.PostID, gone Gone) bun.Safe {
	gen := db.writer.QueryGen()
	parts := []string{gen.FormatQuery("v.id = ?", gone.Author), gen.FormatQuery("?", db.oneOf("v.id", gone.Named))}
	const follows = "EXISTS (SELECT 1 FROM follows AS f WHERE f.follower_id = v.id AND f.followee_id = ? AND f.accepted)"
	switch gone.Visibility {
	case communities.Public, communities.Unlisted:
		parts = append(parts, gen.FormatQuery(follows, gone.Author), gen.FormatQuery(follows, gone.Group),
			gen.FormatQuery("EXISTS (SELECT 1 FROM posts AS p WHERE p.id = ? AND "+heldAtHome+")", post))
		if gone.Visibility == communities.Public && len(gone.Hashtags) > 0 {
			parts = append(parts, gen.FormatQuery("EXISTS (SELECT 1 FROM followed_tags AS t WHERE t.actor_id = v.id AND t.name IN (?))", bun.List(gone.Hashtags)))
		}
	case communities.Direct:
	case communities.Followers:
		parts = append(parts, gen.FormatQuery(follows, gone.Author))
	case communities.GroupOnly:
		parts = []string{parts[0], gen.FormatQuery(
			"EXISTS (SELECT 1 FROM memberships AS m WHERE m.group_id = ? AND m.person_id = v.id AND NOT m.pending)", gone.Group)}
	}
	return bun.Safe("(" + strings.Join(parts, " OR ") + ")")
}

// viewers begins a query for some persons.
func (db *DB) viewers(among []communities.ActorID) *bun.SelectQuery {
	return db.idb.NewSelect().TableExpr("actors AS v").ColumnExpr("v.id").Where("?", db.oneOf("v.id", among))
}

func audience(ctx context.Context, query *bun.SelectQuery, post communities.PostID) ([]communities.ActorID, error) {
	var persons []communities.ActorID
	if err := query.Scan(ctx, &persons); err != nil {
		return nil, found(err, "find the audience of post", post)
	}
	return persons, nil
}

// oneOf is the condition that a column holds one of some ids, however many: the statement stays the same, so that its compiled form serves.
func (db *DB) oneOf(column string, ids []communities.ActorID) bun.Safe {
	numbers := make([]byte, 0, 20*len(ids))
	for i, id := range ids {
		if i > 0 {
			numbers = append(numbers, ',')
		}
		numbers = strconv.AppendInt(numbers, int64(id), 10)
	}
	if db.engine.postgres {
		return bun.Safe(column + " = ANY (CAST('{" + string(numbers) + "}' AS bigint[]))")
	}
	return bun.Safe(column + " IN (SELECT value FROM json_each('[" + string(numbers) + "]'))")
}

// Footmark is what makes a post look different to one of its viewers than to others.
type Footmark struct {
	Own      bool // wrote or shared it, or did something with it: favoured, shared, put aside, voted
	Follows  bool // follows who wrote it
	Followed bool // is followed by who wrote it
}

// Footmarks tells how some persons stand to a post, or to what it shares. Who is missing from the answer did nothing with it.
func (db *DB) Footmarks(ctx context.Context, post communities.PostID, among []communities.ActorID) (map[communities.ActorID]Footmark, error) {
	var rows []struct {
		Who  communities.ActorID
		What string
	}
	one := func(column string) bun.Safe { return db.oneOf(column, among) }
	const these = "(SELECT p.id FROM posts AS p WHERE p.id = ? UNION ALL SELECT p.boost_of_id FROM posts AS p WHERE p.id = ? AND p.boost_of_id IS NOT NULL)"
	err := db.idb.NewRaw(`SELECT actor_id AS who, 'own' AS what FROM reactions WHERE post_id IN `+these+` AND ?
		UNION ALL SELECT actor_id, 'own' FROM bookmarks WHERE post_id IN `+these+` AND ?
		UNION ALL SELECT actor_id, 'own' FROM thread_mutes WHERE thread_id IN (SELECT thread_id FROM posts WHERE id IN `+these+`) AND ?
		UNION ALL SELECT voter_id, 'own' FROM poll_votes WHERE post_id IN `+these+` AND ?
		UNION ALL SELECT author_id, 'own' FROM posts WHERE id IN `+these+` AND ?
		UNION ALL SELECT author_id, 'own' FROM posts WHERE boost_of_id IN `+these+` AND ?
		UNION ALL SELECT follower_id, 'follows' FROM follows WHERE followee_id IN (SELECT author_id FROM posts WHERE id IN `+these+`) AND accepted AND ?
		UNION ALL SELECT followee_id, 'followed' FROM follows WHERE follower_id IN (SELECT author_id FROM posts WHERE id IN `+these+`) AND accepted AND ?`,
		post, post, one("actor_id"), post, post, one("actor_id"), post, post, one("actor_id"), post, post, one("voter_id"), post, post, one("author_id"),
		post, post, one("author_id"), post, post, one("follower_id"), post, post, one("followee_id")).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "find what viewers did with post", post)
	}
	marks := make(map[communities.ActorID]Footmark, len(rows))
	for _, row := range rows {
		mark := marks[row.Who]
		*map[string]*bool{"own": &mark.Own, "follows": &mark.Follows, "followed": &mark.Followed}[row.What] = true
		marks[row.Who] = mark
	}
	return marks, nil
}

// FiltersOf lists the filters of some persons.
func (db *DB) FiltersOf(ctx context.Context, among []communities.ActorID) (map[communities.ActorID][]*Filter, error) {
	var rows []filterRow
	if err := db.idb.NewSelect().Model(&rows).Where("?", db.oneOf("fi.actor_id", among)).OrderExpr("fi.id").Scan(ctx); err != nil {
		return nil, found(err, "read the filters of", len(among))
	}
	filters := map[communities.ActorID][]*Filter{}
	for i := range rows {
		filters[rows[i].Actor] = append(filters[rows[i].Actor], rows[i].noun())
	}
	return filters, nil
}

// GoodTokens tells which of some access tokens, given as their hashes, still let somebody in.
func (db *DB) GoodTokens(ctx context.Context, hashes []string) (map[string]bool, error) {
	good := make(map[string]bool, len(hashes))
	for len(hashes) > 0 {
		some := hashes[:min(len(hashes), maxPage)]
		hashes = hashes[len(some):]
		var kept []string
		err := db.idb.NewRaw(`SELECT t.hash FROM access_tokens AS t JOIN accounts AS acc ON acc.actor_id = t.actor_id JOIN actors AS a ON a.id = t.actor_id
			WHERE t.hash IN (?) AND t.revoked_at IS NULL AND acc.disabled_at IS NULL AND a.suspended_at IS NULL AND a.deleted_at IS NULL`,
			bun.List(some)).Scan(ctx, &kept)
		if err != nil {
			return nil, found(err, "look at tokens", len(some))
		}
		for _, hash := range kept {
			good[hash] = true
		}
	}
	return good, nil
}
