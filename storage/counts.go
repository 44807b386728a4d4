package storage

import (
	"context"
	"time"

	"meent/communities"
)

// Counts are the node's figures (NodeInfo 2.1, usage).
type Counts struct {
	People         int
	ActiveMonth    int // who wrote something in the last 30 days
	ActiveHalfYear int // in the last 180
	Threads        int
	Replies        int
}

const (
	month    = 30 * 24 * time.Hour
	halfYear = 180 * 24 * time.Hour
)

// Counts counts the people of this node and what they wrote for anybody.
func (r reads) Counts(ctx context.Context, now time.Time) (Counts, error) {
	var c Counts
	err := r.idb.NewRaw(`SELECT count(*) AS people, count(CASE WHEN last_post_at > ? THEN 1 END) AS active_month,
			count(CASE WHEN last_post_at > ? THEN 1 END) AS active_half_year,
			(SELECT count(*) FROM posts AS p WHERE p.local AND `+isListed+`) AS threads,
			(SELECT count(*) FROM posts AS p WHERE p.local AND p.in_reply_to_uri <> '' AND p.deleted_at IS NULL) AS replies
		FROM actors WHERE kind = ? AND host = '' AND suspended_at IS NULL AND deleted_at IS NULL`,
		momentOf(now.Add(-month)), momentOf(now.Add(-halfYear)), communities.Person).
		Scan(ctx, &c.People, &c.ActiveMonth, &c.ActiveHalfYear, &c.Threads, &c.Replies)
	return c, found(err, "count", "people and posts")
}

// QueueDepths tells how much waits in each queue: deliveries, received activities, tasks.
func (r reads) QueueDepths(ctx context.Context) (map[string]int, error) {
	var deliveries, received, tasks int
	err := r.idb.NewRaw(`SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM received WHERE due_at IS NOT NULL),
		(SELECT count(*) FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))`).
		Scan(ctx, &deliveries, &received, &tasks)
	return map[string]int{"deliveries": deliveries, "received": received, "tasks": tasks}, found(err, "count", "what waits")
}
