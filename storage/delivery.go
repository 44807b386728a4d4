package storage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Audience says to whose inboxes something goes: the union of what is named. Actors of this node and blocked hosts get nothing.
type Audience struct {
	FollowersOf []communities.ActorID
	FollowedBy  []communities.ActorID
	Actors      []communities.ActorID
	Holders     string // the id of an object: everybody who was sent something about it
	ExceptHost  string
}

// Forms are the activities that a dialect gets, in their order. A dialect that is missing gets nothing.
type Forms map[string][]communities.ActivityID

// Delivery is an activity on its way to an inbox.
type Delivery struct {
	ID         int64
	Host       string
	Inbox      string
	ActivityID communities.ActivityID
	ObjectURI  string
	Attempts   int
	CreatedAt  time.Time
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries,alias:d"`

	ID         int64                  `bun:"id,pk,autoincrement"`
	Host       string                 `bun:"host"`
	Inbox      string                 `bun:"inbox"`
	ActivityID communities.ActivityID `bun:"activity_id"`
	ObjectURI  string                 `bun:"object_uri"`
	Attempts   int                    `bun:"attempts"`
	CreatedAt  moment                 `bun:"created_at"`
}

// Deliver writes a row for each inbox of the audience and each activity of its dialect, and makes their hosts due: one statement each,
// whatever the number of inboxes.
func (tx *Tx) Deliver(ctx context.Context, to Audience, forms Forms, objectURI string) error {
	inboxes, args := to.inboxes()
	if inboxes == "" || len(forms) == 0 {
		return nil
	}
	now := tx.db.now().UnixMilli()
	gen := tx.db.writer.QueryGen()
	list := string(gen.AppendQuery(nil, inboxes, args...))
	b := tx.batch()
	b.add(`INSERT INTO deliveries (host, inbox, activity_id, object_uri, due_at, created_at)
		SELECT i.host, i.inbox, f.activity_id, ?0, ?1, ?1 FROM (?2) AS i
		LEFT JOIN hosts AS h ON h.name = i.host
		JOIN (?3) AS f ON f.dialect = COALESCE(h.dialect, '')
		WHERE i.inbox <> '' AND i.host <> ?4 AND COALESCE(h.policy, '') <> ?5
		ORDER BY i.host, i.inbox, f.place`, objectURI, now, bun.Safe(list), bun.Safe(forms.values()), to.ExceptHost, PolicyBlocked)
	b.add(`INSERT INTO hosts (name, due_at)
		SELECT DISTINCT i.host, ?0 FROM (?1) AS i LEFT JOIN hosts AS h ON h.name = i.host
		WHERE i.inbox <> '' AND i.host <> ?2 AND COALESCE(h.policy, '') <> ?3 AND COALESCE(h.dialect, '') IN (?4) ORDER BY 1
		ON CONFLICT (name) DO UPDATE SET due_at = EXCLUDED.due_at WHERE hosts.due_at IS NULL`,
		now, bun.Safe(list), to.ExceptHost, PolicyBlocked, bun.In(forms.dialects()))
	return found(b.exec(ctx), "deliver what concerns", objectURI)
}

// inboxes is the union as a query for host and inbox, each pair once.
func (a Audience) inboxes() (query string, args []any) {
	const of = "SELECT host, COALESCE(NULLIF(shared_inbox, ''), inbox) AS inbox FROM actors "
	var parts []string
	add := func(part string, arg any) {
		parts = append(parts, part)
		args = append(args, arg)
	}
	if len(a.FollowersOf) > 0 {
		add(of+"WHERE id IN (SELECT follower_id FROM follows WHERE followee_id IN (?) AND accepted AND NOT follower_local) AND deleted_at IS NULL", bun.In(a.FollowersOf))
	}
	if len(a.FollowedBy) > 0 {
		add(of+"WHERE id IN (SELECT followee_id FROM follows WHERE follower_id IN (?)) AND host <> ''", bun.In(a.FollowedBy))
	}
	if len(a.Actors) > 0 {
		add(of+"WHERE id IN (?) AND host <> ''", bun.In(a.Actors))
	}
	if a.Holders != "" {
		add("SELECT host, inbox FROM holders WHERE object_uri = ?", a.Holders)
	}
	if len(parts) == 1 {
		return strings.Replace(parts[0], "SELECT", "SELECT DISTINCT", 1), args
	}
	return strings.Join(parts, " UNION "), args
}

// values is the table of dialect, place and activity as a query.
func (f Forms) values() string {
	var rows []string
	for _, dialect := range f.dialects() {
		for place, id := range f[dialect] {
			rows = append(rows, "SELECT '"+dialect+"' AS dialect, "+itoa(place)+" AS place, "+itoa(int(id))+" AS activity_id")
		}
	}
	return strings.Join(rows, " UNION ALL ")
}

func (f Forms) dialects() []string {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// HostQueue is a host with something due, and what we know of how to reach it.
type HostQueue struct {
	Name         string
	Dialect      string
	Signature    string
	Failures     int
	FailingSince time.Time
}

// ClaimHosts takes hosts that have something due, the longest waiting first. Nobody else gets them until the lease runs out or they are
// released by [DB.SettleDeliveries].
func (db *DB) ClaimHosts(ctx context.Context, holder string, now time.Time, lease time.Duration, limit int) ([]HostQueue, error) {
	if due, err := db.anyDue(ctx, now); !due || err != nil {
		return nil, err
	}
	chosen := db.writer.NewSelect().Model((*hostRow)(nil)).Column("name").
		Where("due_at <= ? AND claimed_until < ? AND policy <> ?", now.UnixMilli(), now.UnixMilli(), PolicyBlocked).
		OrderExpr("due_at, name").Limit(int64(limit))
	if db.engine.postgres {
		chosen = chosen.For("UPDATE SKIP LOCKED")
	}
	var rows []hostRow
	err := db.write(ctx, func(tx *Tx) error {
		rows = nil
		_, err := tx.idb.NewUpdate().Model((*hostRow)(nil)).Set("claimed_by = ?, claimed_until = ?", holder, now.Add(lease).UnixMilli()).
			Where("name IN (?)", chosen).Returning("name, dialect, signature, failures, failing_since").Exec(ctx, &rows)
		return err
	})
	if err != nil {
		return nil, found(err, "claim", "hosts")
	}
	queues := make([]HostQueue, len(rows))
	for i, row := range rows {
		queues[i] = HostQueue{
			Name: row.Name, Dialect: row.Dialect, Signature: row.Signature, Failures: row.Failures, FailingSince: row.FailingSince.time(),
		}
	}
	return queues, nil
}

// anyDue looks without writing, so that a node at rest writes nothing.
func (db *DB) anyDue(ctx context.Context, now time.Time) (bool, error) {
	return db.idb.NewSelect().Model((*hostRow)(nil)).Where("due_at <= ? AND claimed_until < ?", now.UnixMilli(), now.UnixMilli()).Exists(ctx)
}

// DueDeliveries lists what is due for hosts, at most perHost each, in the order in which it was written; never a row before which
// another one about the same object to the same inbox waits.
func (db *DB) DueDeliveries(ctx context.Context, hosts []string, now time.Time, perHost int) (map[string][]Delivery, error) {
	due := make(map[string][]Delivery, len(hosts))
	if len(hosts) == 0 {
		return due, nil
	}
	var rows []deliveryRow
	err := db.idb.NewRaw(`SELECT id, host, inbox, activity_id, object_uri, attempts, created_at FROM (
			SELECT d.*, row_number() OVER (PARTITION BY host ORDER BY id) AS place FROM deliveries AS d
			WHERE host IN (?0) AND due_at <= ?1 AND NOT EXISTS (SELECT 1 FROM deliveries AS early WHERE early.attempts > 0
				AND early.object_uri = d.object_uri AND early.inbox = d.inbox AND early.id < d.id AND early.due_at > ?1)
		) AS ranked WHERE place <= ?2 ORDER BY id`, bun.In(hosts), now.UnixMilli(), perHost).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "list due", "deliveries")
	}
	for _, row := range rows {
		due[row.Host] = append(due[row.Host], Delivery{
			ID: row.ID, Host: row.Host, Inbox: row.Inbox, ActivityID: row.ActivityID, ObjectURI: row.ObjectURI, Attempts: row.Attempts,
			CreatedAt: row.CreatedAt.time(),
		})
	}
	return due, nil
}
