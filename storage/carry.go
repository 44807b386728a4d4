package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// HostQueue is a host that a process has claimed to deliver to.
type HostQueue struct {
	Name         string
	Dialect      string
	Signature    string
	Failures     int
	FailingSince time.Time
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries,alias:d"`

	ID         int64                  `bun:"id,pk"`
	Host       string                 `bun:"host"`
	Inbox      string                 `bun:"inbox"`
	ActivityID communities.ActivityID `bun:"activity_id"`
	ObjectURI  string                 `bun:"object_uri"`
	Attempts   int                    `bun:"attempts"`
	CreatedAt  moment                 `bun:"created_at"`
}

// heldBack is the condition for a delivery that must wait for an earlier one of the same object to the same inbox.
const heldBack = `EXISTS (SELECT 1 FROM deliveries AS e
	WHERE e.attempts > 0 AND e.object_uri = d.object_uri AND e.inbox = d.inbox AND e.id < d.id AND e.due_at > ?)`

// ClaimHosts takes up to limit hosts to which something is due for the time of the lease, most overdue first. Nobody else gets them until
// they are released (see [DB.SettleDeliveries]) or the lease has run out.
func (db *DB) ClaimHosts(ctx context.Context, holder string, now time.Time, lease time.Duration, limit int) ([]HostQueue, error) {
	due := db.idb.NewSelect().Model((*hostRow)(nil)).Column("name").
		Where("due_at <= ? AND claimed_until <= ? AND policy <> ?", momentOf(now), momentOf(now), communities.HostBlocked).
		OrderExpr("due_at").Limit(int64(limit))
	if db.engine.postgres {
		due = due.For("UPDATE SKIP LOCKED")
	} else if some, err := due.Clone().Exists(ctx); err != nil || !some { // asked on a reading connection, so that an idle node never writes
		return nil, found(err, "look for", "hosts to deliver to")
	}
	var rows []hostRow
	err := db.retry(ctx, func() error {
		rows = rows[:0]
		return db.writer.NewUpdate().Model((*hostRow)(nil)).
			Set("claimed_by = ?, claimed_until = ?", holder, momentOf(now.Add(lease))).
			Where("name IN (?)", due).Returning("name, dialect, signature, failures, failing_since, due_at").Scan(ctx, &rows)
	})
	if err != nil {
		return nil, found(err, "claim", "hosts to deliver to")
	}
	slices.SortFunc(rows, func(a, b hostRow) int { return int(a.DueAt - b.DueAt) })
	hosts := make([]HostQueue, len(rows))
	for i, row := range rows {
		hosts[i] = HostQueue{
			Name: row.Name, Dialect: row.Dialect, Signature: row.Signature, Failures: row.Failures, FailingSince: row.FailingSince.time(),
		}
	}
	return hosts, nil
}

// DueDeliveries reads, by host, the first perHost deliveries that are due, in the order in which they were written. A delivery is left
// out while an earlier one of the same object to the same inbox waits for another attempt.
func (db *DB) DueDeliveries(ctx context.Context, hosts []string, now time.Time, perHost int) (map[string][]Delivery, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	first := db.idb.NewSelect().Model((*deliveryRow)(nil)).
		Where("d.host = h.name AND d.due_at <= ?", momentOf(now)).Where("NOT "+heldBack, momentOf(now)).
		OrderExpr("d.id").Limit(int64(perHost))
	query := db.idb.NewSelect().TableExpr("hosts AS h").Where("h.name IN (?)", bun.List(hosts))
	if db.engine.postgres {
		query = query.Join("CROSS JOIN LATERAL (?) AS first", first).ColumnExpr("first.*").OrderExpr("first.id")
	} else { // no LATERAL, but the same by the row's number
		query = query.Join("JOIN deliveries AS row ON row.id IN (?)", first.Column("id")).ColumnExpr("row.id, row.host, row.inbox, row.activity_id, row.object_uri, row.attempts, row.created_at").OrderExpr("row.id")
	}
	var rows []deliveryRow
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, found(err, "read", "due deliveries")
	}
	byHost := make(map[string][]Delivery, len(hosts))
	for _, row := range rows {
		byHost[row.Host] = append(byHost[row.Host], Delivery{
			ID: row.ID, Host: row.Host, Inbox: row.Inbox, ActivityID: row.ActivityID, ObjectURI: row.ObjectURI,
			Attempts: row.Attempts, CreatedAt: row.CreatedAt.time(),
		})
	}
	return byHost, nil
}

// WakeHosts has everything that waits tried at once, as at the start of the program, and finds again what no host was noted for. What
// processes that died had claimed is free: all on SQLite, where one process serves; on PostgreSQL what nobody alive holds.
func (db *DB) WakeHosts(ctx context.Context, now time.Time) error {
	free := "UPDATE hosts SET claimed_by = '', claimed_until = 0 WHERE claimed_until > 0"
	if db.engine.postgres {
		free += fmt.Sprintf(" AND claimed_by <> '' AND pg_try_advisory_xact_lock(%d, hashtext(claimed_by))", lifeLocks)
	}
	err := db.write(ctx, func(tx *Tx) error {
		b := tx.batch()
		b.add(free)
		b.add("INSERT INTO hosts (name, due_at) SELECT DISTINCT host, ? FROM deliveries WHERE TRUE ORDER BY host"+
			" ON CONFLICT (name) DO UPDATE SET due_at = EXCLUDED.due_at", momentOf(now))
		b.add("UPDATE deliveries SET due_at = ? WHERE due_at > ?", momentOf(now), momentOf(now))
		return b.exec(ctx)
	})
	return found(err, "wake", "hosts")
}

// HostState tells how much waits for a host, for those who look after the node.
type HostState struct {
	Host         string
	Waiting      int
	Oldest       time.Time
	FailingSince time.Time // zero: it is well
	LastError    string
}

// QueueState lists the hosts for which something waits, the longest queue first.
func (db *DB) QueueState(ctx context.Context) ([]HostState, error) {
	var rows []struct {
		Host         string
		Waiting      int
		Oldest       moment
		FailingSince moment
		LastError    string
	}
	err := db.idb.NewRaw(`SELECT w.host, w.waiting, w.oldest, COALESCE(h.failing_since, 0) AS failing_since, COALESCE(h.last_error, '') AS last_error
		FROM (SELECT host, count(*) AS waiting, min(created_at) AS oldest FROM deliveries GROUP BY host) AS w
		LEFT JOIN hosts AS h ON h.name = w.host ORDER BY w.waiting DESC, w.host`).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "read the state of", "deliveries")
	}
	states := make([]HostState, len(rows))
	for i, row := range rows {
		states[i] = HostState{
			Host: row.Host, Waiting: row.Waiting, Oldest: row.Oldest.time(), FailingSince: row.FailingSince.time(), LastError: row.LastError,
		}
	}
	return states, nil
}
