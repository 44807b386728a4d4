package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Lists of people that only apps ask for, and how the viewer stands to them.

const unexpired = "(m.expires_at IS NULL OR m.expires_at > ?)"

// Actors finds those that are neither suspended nor deleted, in the order asked for.
func (r *Reader) Actors(ctx context.Context, ids []communities.ActorID) ([]*communities.Actor, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	actors, err := r.db.actorsWhere(ctx, "id IN (?) AND suspended_at IS NULL AND deleted_at IS NULL AND host_policy <> 'blocked'", bun.List(ids))
	byID := make(map[communities.ActorID]*communities.Actor, len(actors))
	for _, a := range actors {
		byID[a.ID] = a
	}
	ordered := make([]*communities.Actor, 0, len(actors))
	for _, id := range ids {
		if a := byID[id]; a != nil {
			ordered = append(ordered, a)
			delete(byID, id)
		}
	}
	return ordered, err
}

// Blocks lists whom the viewer blocked.
func (r *Reader) Blocks(ctx context.Context, page Page) ([]Edge, error) {
	query := r.edges("b.blocked_id").Join("JOIN blocks AS b ON b.blocked_id = a.id").Where("b.blocker_id = ?", r.viewer.Actor)
	return r.edgeList(ctx, page.apply(query, "b.blocked_id"))
}

// Mutes lists whom the viewer muted.
func (r *Reader) Mutes(ctx context.Context, page Page) ([]Edge, error) {
	query := r.edges("m.muted_id").Join("JOIN mutes AS m ON m.muted_id = a.id").
		Where("m.muter_id = ? AND "+unexpired, r.viewer.Actor, momentOf(r.db.now()))
	return r.edgeList(ctx, page.apply(query, "m.muted_id"))
}

// Muted tells whom the viewer does not want to read.
func (r *Reader) Muted(ctx context.Context) (map[communities.ActorID]Mute, error) {
	muted := map[communities.ActorID]Mute{}
	if r.viewer.Actor == 0 {
		return muted, nil
	}
	var rows []muteRow
	err := r.db.idb.NewSelect().Model(&rows).Where("m.muter_id = ? AND "+unexpired, r.viewer.Actor, momentOf(r.db.now())).Scan(ctx)
	for _, row := range rows {
		muted[row.Muted] = Mute{
			Muter: row.Muter, Muted: row.Muted, Notifications: row.Notifications,
			CreatedAt: row.CreatedAt.time(), ExpiresAt: row.ExpiresAt.time(),
		}
	}
	return muted, found(err, "read mutes of", r.viewer.Actor)
}

// FollowedGroups lists the groups that the viewer follows.
func (r *Reader) FollowedGroups(ctx context.Context) ([]*communities.Actor, error) {
	return r.db.actorsWhere(ctx, `kind = ? AND suspended_at IS NULL AND deleted_at IS NULL AND host_policy <> 'blocked'
		AND id IN (SELECT followee_id FROM follows WHERE follower_id = ? AND accepted)`, communities.Group, r.viewer.Actor)
}

// Familiar lists who follows an actor and is followed by the viewer, but for those who keep that to themselves.
func (r *Reader) Familiar(ctx context.Context, of communities.ActorID, limit int) ([]*communities.Actor, error) {
	var rows []actorRow
	err := r.db.idb.NewSelect().Model(&rows).Where(`suspended_at IS NULL AND deleted_at IS NULL AND host_policy <> 'blocked' AND NOT hides_follows
		AND EXISTS (SELECT 1 FROM follows AS f WHERE f.followee_id = ? AND f.follower_id = a.id AND f.accepted)
		AND id IN (SELECT f.followee_id FROM follows AS f WHERE f.follower_id = ? AND f.accepted)`, of, r.viewer.Actor).
		OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	return actorNouns(rows, err)
}

// Tie is how the viewer stands to an actor.
type Tie struct {
	Following, Requested, FollowedBy, RequestedBy, Blocking, BlockedBy, HostBlocked, Endorsed bool

	Wishes communities.Wishes // of whom the viewer follows, or asked to
	Note   string             // that the viewer keeps about them
}

// Ties tells how the viewer stands to actors.
func (r *Reader) Ties(ctx context.Context, ids []communities.ActorID) (map[communities.ActorID]Tie, error) {
	ties := make(map[communities.ActorID]Tie, len(ids))
	if len(ids) == 0 || r.viewer.Actor == 0 {
		return ties, nil
	}
	var rows []struct {
		Other   communities.ActorID
		What    string
		Note    string
		Reblogs bool
		Notify  bool
		Tongues list[string]
	}
	me, others := r.viewer.Actor, bun.List(ids)
	err := r.db.idb.NewRaw(`SELECT followee_id AS other, CASE WHEN accepted THEN 'following' ELSE 'requested' END AS what, '' AS note,
			reblogs, notify, languages AS tongues FROM follows WHERE follower_id = ? AND followee_id IN (?)
		UNION ALL SELECT follower_id, CASE WHEN accepted THEN 'followed_by' ELSE 'requested_by' END, '', TRUE, FALSE, ''
			FROM follows WHERE followee_id = ? AND follower_id IN (?)
		UNION ALL SELECT blocked_id, 'blocking', '', TRUE, FALSE, '' FROM blocks WHERE blocker_id = ? AND blocked_id IN (?)
		UNION ALL SELECT blocker_id, 'blocked_by', '', TRUE, FALSE, '' FROM blocks WHERE blocked_id = ? AND blocker_id IN (?)
		UNION ALL SELECT a.id, 'host_blocked', '', TRUE, FALSE, '' FROM actors AS a JOIN host_blocks AS h ON h.host = a.host
			WHERE h.actor_id = ? AND a.id IN (?)
		UNION ALL SELECT endorsed_id, 'endorsed', '', TRUE, FALSE, '' FROM endorsements WHERE actor_id = ? AND endorsed_id IN (?)
		UNION ALL SELECT about_id, 'note', text, TRUE, FALSE, '' FROM notes WHERE actor_id = ? AND about_id IN (?)`,
		me, others, me, others, me, others, me, others, me, others, me, others, me, others).Scan(ctx, &rows)
	for _, row := range rows {
		tie := ties[row.Other]
		var noted bool
		*map[string]*bool{
			"following": &tie.Following, "requested": &tie.Requested, "followed_by": &tie.FollowedBy, "requested_by": &tie.RequestedBy,
			"blocking": &tie.Blocking, "blocked_by": &tie.BlockedBy, "host_blocked": &tie.HostBlocked, "endorsed": &tie.Endorsed, "note": &noted,
		}[row.What] = true
		switch row.What {
		case "following", "requested":
			tie.Wishes = communities.Wishes{NoBoosts: !row.Reblogs, Notify: row.Notify, Languages: row.Tongues}
		case "note":
			tie.Note = row.Note
		}
		ties[row.Other] = tie
	}
	return ties, found(err, "read the ties of", r.viewer.Actor)
}

// Endorsements lists whom somebody shows on their profile.
func (r *Reader) Endorsements(ctx context.Context, by communities.ActorID, page Page) ([]Edge, error) {
	query := r.edges("e.id").Join("JOIN endorsements AS e ON e.endorsed_id = a.id").Where("e.actor_id = ?", by)
	return r.edgeList(ctx, page.apply(query, "e.id"))
}

// HostTies counts the viewer's follows of the people of a host, and theirs of the viewer, up to a limit.
func (r *Reader) HostTies(ctx context.Context, host string, limit int) (following, followers int, err error) {
	follows, err := r.db.FollowsBetween(ctx, r.viewer.Actor, host, limit)
	for _, f := range follows {
		following += countOf(f.Follower == r.viewer.Actor)
		followers += countOf(f.Followee == r.viewer.Actor)
	}
	return following, followers, err
}

// CountFollowRequests counts who waits for the viewer's answer.
func (r *Reader) CountFollowRequests(ctx context.Context) (int, error) {
	var n int
	err := r.db.idb.NewRaw("SELECT count(*) FROM follows WHERE followee_id = ? AND NOT accepted", r.viewer.Actor).Scan(ctx, &n)
	return n, found(err, "count follow requests of", r.viewer.Actor)
}

// FindHashtags lists the hashtags of public posts that begin with a text.
func (r *Reader) FindHashtags(ctx context.Context, beginning string, offset, limit int) ([]string, error) {
	beginning = hashtags([]string{strings.TrimSpace(beginning)})[0]
	if beginning == "" {
		return nil, nil
	}
	var names []string
	err := r.db.idb.NewRaw(`SELECT DISTINCT t.name FROM hashtags AS t JOIN posts AS p ON p.id = t.post_id
		WHERE t.name LIKE ? ESCAPE '!' AND p.visibility = 'public' AND p.deleted_at IS NULL AND p.removed_at IS NULL
		ORDER BY t.name LIMIT ? OFFSET ?`, strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(beginning)+"%", limit, offset).Scan(ctx, &names)
	return names, found(err, "find hashtags", beginning)
}
