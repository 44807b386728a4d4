package storage

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"meent/communities"
)

// Delivery is an activity on its way to one inbox.
type Delivery struct {
	ID         int64
	Host       string
	Inbox      string
	ActivityID communities.ActivityID
	ObjectURI  string // deliveries of one object to one inbox keep their order
	Attempts   int
	CreatedAt  time.Time
}

// Forms are the activities that say one thing, in order, by the dialect of who receives them. A dialect that is missing gets nothing.
type Forms map[string][]communities.ActivityID

// Audience is who hears of something: everybody of other nodes in any of its parts. Local actors are left out.
type Audience struct {
	FollowersOf []communities.ActorID // accepted followers
	FollowedBy  []communities.ActorID // whom they follow
	Actors      []communities.ActorID
	Holders     string              // URI of an object: everybody who got it before
	ExceptHost  string              // has it already
	Echo        string              // dialect of hosts that want back even what they sent
	Unless      communities.ActorID // a group whose followers' hosts hear it from the group
}

// Deliver writes down a delivery for each inbox of the audience and each of the forms that its host reads, and wakes the hosts: at most two
// statements, whatever the number of inboxes. Blocked hosts get nothing.
func (tx *Tx) Deliver(_ context.Context, to Audience, forms Forms, objectURI string) error {
	gen, now := tx.db.writer.QueryGen(), momentOf(tx.db.now())
	inboxes, values := inboxesOf(gen, to), valuesOf(gen, forms)
	if inboxes == "" || values == "" {
		return nil
	}
	with, insert := "form (dialect, place, activity_id) AS (VALUES "+values+")",
		gen.FormatQuery(deliverSQL, objectURI, now, now, bun.Safe(inboxes), to.ExceptHost, to.Echo, communities.HostBlocked, unlessSQL(gen, to.Unless))
	b := tx.later()
	if tx.db.engine.postgres {
		b.follow(tx.sees, "?", bun.Safe("WITH "+with+", written AS ("+insert+" RETURNING host) "+gen.FormatQuery(wakeSQL, now, bun.Safe("written"))))
		return b.err
	}
	b.follow(tx.sees, "?", bun.Safe("WITH "+with+" "+insert))
	// The only writer that there is numbers its rows without a gap.
	b.follow(nil, "?", bun.Safe("WITH written AS MATERIALIZED (SELECT last_insert_rowid() AS last, changes() AS n) "+gen.FormatQuery(wakeSQL, now,
		bun.Safe("written JOIN deliveries ON id > last - n AND id <= last WHERE n > 0"))))
	return b.err
}

func (tx *Tx) sees(deliveries int64) error {
	tx.delivers = tx.delivers || deliveries > 0
	return nil
}

// Delivers tells, after the commit, whether the transaction has written down what can be delivered at once.
func (tx *Tx) Delivers() bool { return tx.delivers }

const (
	// deliverSQL: the forms have places, so that several for one inbox are written, and so delivered, in their order.
	deliverSQL = `INSERT INTO deliveries (host, inbox, activity_id, object_uri, due_at, created_at)
		SELECT r.host, r.inbox, form.activity_id, ?, ?, ? FROM (SELECT DISTINCT host, inbox FROM (?) AS all_of_them) AS r
		LEFT JOIN hosts AS h ON h.name = r.host
		JOIN form ON form.dialect = COALESCE(h.dialect, '')
		WHERE r.inbox <> '' AND (r.host <> ? OR form.dialect = NULLIF(?, '')) AND COALESCE(h.policy, '') <> ? ?
		ORDER BY r.host, r.inbox, form.place`

	// wakeSQL has hosts tried at once, but for failing ones, which have a moment of their own. Whoever locks several hosts locks them in
	// order of their names. The lock lasts until the rows can be seen, so that nobody takes the host for done in between.
	wakeSQL = `INSERT INTO hosts (name, due_at) SELECT DISTINCT host, ? FROM ? ORDER BY host
		ON CONFLICT (name) DO UPDATE SET due_at = EXCLUDED.due_at
		WHERE hosts.due_at IS NULL OR (hosts.failures = 0 AND hosts.due_at > EXCLUDED.due_at)`

	// inboxSQL picks where to deliver to an actor of another node: the shared inbox where there is one (ActivityPub 7.1.3).
	inboxSQL     = "SELECT a.inbox_host AS host, CASE WHEN a.shared_inbox <> '' THEN a.shared_inbox ELSE a.inbox END AS inbox "
	activeFarSQL = " AND a.host <> '' AND a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked'"
)

// inboxesOf returns the query for the inboxes of an audience; "" for none.
func inboxesOf(gen schema.QueryGen, to Audience) string {
	var parts []string
	if len(to.FollowersOf) > 0 {
		parts = append(parts, gen.FormatQuery(inboxSQL+"FROM follows AS f JOIN actors AS a ON a.id = f.follower_id"+
			" WHERE f.followee_id IN (?) AND f.accepted AND NOT f.follower_local"+activeFarSQL, bun.List(to.FollowersOf)))
	}
	if len(to.FollowedBy) > 0 {
		parts = append(parts, gen.FormatQuery(inboxSQL+"FROM follows AS f JOIN actors AS a ON a.id = f.followee_id"+
			" WHERE f.follower_id IN (?) AND f.accepted"+activeFarSQL, bun.List(to.FollowedBy)))
	}
	if len(to.Actors) > 0 {
		parts = append(parts, gen.FormatQuery(inboxSQL+"FROM actors AS a WHERE a.id IN (?)"+activeFarSQL, bun.List(to.Actors)))
	}
	if to.Holders != "" {
		parts = append(parts, gen.FormatQuery("SELECT host, inbox FROM holders WHERE object_uri = ?", to.Holders))
	}
	return strings.Join(parts, " UNION ALL ")
}

// unlessSQL leaves out the hosts where somebody follows an actor.
func unlessSQL(gen schema.QueryGen, followee communities.ActorID) bun.Safe {
	if followee == 0 {
		return ""
	}
	return bun.Safe("AND r.host NOT IN (SELECT followers.host FROM (" + inboxesOf(gen, Audience{FollowersOf: []communities.ActorID{followee}}) + ") AS followers)")
}

// valuesOf returns the rows of the table of forms; "" for none.
func valuesOf(gen schema.QueryGen, forms Forms) string {
	var rows []string
	for _, dialect := range slices.Sorted(maps.Keys(forms)) { // so that the same is said in the same words
		for place, id := range forms[dialect] {
			rows = append(rows, gen.FormatQuery("(?, ?, ?)", dialect, place, id))
		}
	}
	return strings.Join(rows, ", ")
}
