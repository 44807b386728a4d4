package storage

import (
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// visible is the condition under which the viewer may see a post p: the twin of [communities.MaySee], which a test holds
// equal to it. A boost is seen by those who may see both it and what it shares.
//
// The questions about others are asked as single values, not joined, so that the databases put them to the few posts of a page, by
// index, and never read all actors or follows.
func (r *Reader) visible() bun.Safe {
	return visibleTo(r.condition)
}

func visibleTo(condition string) bun.Safe {
	maySee := func(alias string) string { return strings.ReplaceAll(condition, "$post", alias) }
	return bun.Safe("(" + maySee("p") + " AND (p.boost_of_id IS NULL" +
		" OR EXISTS (SELECT 1 FROM posts AS shared WHERE shared.id = p.boost_of_id AND " + maySee("shared") + ")))")
}

// listed is the condition of lists: what is [Reader.visible] and [Reader.wanted], put to a post that is shared in one question.
func (r *Reader) listed() bun.Safe {
	if r.viewer.Actor == 0 {
		return r.visible()
	}
	maySee := strings.NewReplacer("$me", r.db.writer.QueryGen().FormatQuery("?", r.viewer.Actor)).Replace(r.condition + " AND " + strings.ReplaceAll(unblocked, "$author", "$post.author_id"))
	return visibleTo("(" + maySee + ")")
}

// The conditions stand for $post, the viewer's actor $me and the viewer's host $host.
const (
	mayBeSeen = "($post.deleted_at IS NULL AND (SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked' FROM actors AS a WHERE a.id = $post.author_id)"

	seenByAnybody = " AND $post.removed_at IS NULL AND $post.visibility IN ('public', 'unlisted'))"

	seenByActor = ` AND ($post.author_id = $me OR (
		NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = $post.author_id AND b.blocked_id = $me)
		AND (` + livesHere + ` OR NOT EXISTS (SELECT 1 FROM host_blocks AS hb WHERE hb.actor_id = $post.author_id AND hb.host = ` + hostOfMe + `))
		AND ($post.removed_at IS NULL OR ` + memberOf + ` AND m.role IN ($moderators)))
		AND ($post.visibility IN ('public', 'unlisted')
			OR $post.visibility IN ('followers', 'direct') AND ` + mentioned + `
			OR $post.visibility = 'followers' AND ` + followedBy + `
			OR $post.visibility = 'group' AND ` + memberOf + `)))))`

	// What is asked of the viewer alone, the databases ask once for a whole list.
	hostOfMe  = "(SELECT me.host FROM actors AS me WHERE me.id = $me)"
	livesHere = hostOfMe + " = ''"

	memberOf   = "EXISTS (SELECT 1 FROM memberships AS m WHERE m.group_id = $post.group_id AND m.person_id = $me AND NOT m.pending"
	followedBy = "EXISTS (SELECT 1 FROM follows AS f WHERE f.follower_id = $me AND f.followee_id = $post.author_id AND f.accepted)"
	mentioned  = "EXISTS (SELECT 1 FROM mentions AS n WHERE n.actor_id = $me AND n.post_id = $post.id)"

	// seenByHost: another node sees what one of its actors may see, whom the author has not blocked; but nothing that is for members.
	seenByHost = ` AND ((SELECT a.host FROM actors AS a WHERE a.id = $post.author_id) = $host OR ($post.removed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM host_blocks AS hb WHERE hb.actor_id = $post.author_id AND hb.host = $host)
		AND ($post.visibility IN ('public', 'unlisted')
			OR $post.visibility = 'followers' AND (` + followedFrom + ` OR ` + mentionedFrom + `)
			OR $post.visibility = 'direct' AND ` + mentionedFrom + `))))`

	followedFrom = "EXISTS (SELECT 1 FROM follows AS f JOIN actors AS x ON x.id = f.follower_id" +
		" WHERE f.followee_id = $post.author_id AND f.accepted AND x.host = $host AND " + notBlocked + ")"
	mentionedFrom = "EXISTS (SELECT 1 FROM mentions AS n JOIN actors AS x ON x.id = n.actor_id" +
		" WHERE n.post_id = $post.id AND x.host = $host AND " + notBlocked + ")"
	notBlocked = "NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = $post.author_id AND b.blocked_id = x.id)"
)

// condition writes the viewer into the condition for $post.
func (db *DB) condition(v communities.Viewer) string {
	gen := db.writer.QueryGen()
	switch {
	case v.Actor != 0:
		return db.seenBy(gen.FormatQuery("?", v.Actor))
	case v.Host != "":
		return strings.ReplaceAll(mayBeSeen+seenByHost, "$host", gen.FormatQuery("?", v.Host))
	default:
		return mayBeSeen + seenByAnybody
	}
}

// unlimited leaves out of lists for everybody whom the node shows to their followers only.
func (r *Reader) unlimited() bun.Safe {
	const free = "(SELECT a.limited_at IS NULL AND a.host_policy <> 'limited' FROM actors AS a WHERE a.id = p.author_id)"
	if r.viewer.Actor == 0 {
		return free
	}
	const known = "(" + free + " OR p.author_id = $me OR EXISTS (SELECT 1 FROM follows AS f WHERE f.follower_id = $me AND f.followee_id = p.author_id AND f.accepted))"
	return bun.Safe(strings.ReplaceAll(known, "$me", r.db.writer.QueryGen().FormatQuery("?", r.viewer.Actor)))
}

// seenBy writes an actor into the condition: an id, or a column that holds one.
func (db *DB) seenBy(me string) string {
	return strings.NewReplacer("$me", me, "$moderators", db.writer.QueryGen().FormatQuery("?", bun.List(moderatorRoles))).
		Replace(mayBeSeen + seenByActor)
}

// wanted leaves out of lists whom the viewer has blocked, or whose host, as author of a post or of what it shares.
func (r *Reader) wanted() bun.Safe {
	if r.viewer.Actor == 0 {
		return "TRUE"
	}
	return wantedBy(r.db.writer.QueryGen().FormatQuery("?", r.viewer.Actor))
}

// wantedBy is the same for an actor: an id, or a column that holds one.
func wantedBy(me string) bun.Safe {
	const shared = "(SELECT o.author_id FROM posts AS o WHERE o.id = p.boost_of_id)"
	text := strings.ReplaceAll(unblocked, "$author", "p.author_id") + " AND (p.boost_of_id IS NULL OR " +
		strings.ReplaceAll(unblocked, "$author", shared) + ")"
	return bun.Safe(strings.ReplaceAll(text, "$me", me))
}

// unblocked is the condition that the viewer $me has blocked neither $author nor their host. Whether the viewer blocks any host at all, the
// databases ask once for a whole list: most people block none.
const unblocked = `NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = $me AND b.blocked_id = $author)
	AND NOT (EXISTS (SELECT 1 FROM host_blocks AS h WHERE h.actor_id = $me) AND EXISTS (SELECT 1 FROM host_blocks AS h
		WHERE h.actor_id = $me AND h.host = (SELECT a.host FROM actors AS a WHERE a.id = $author)))`
