package storage

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Settlement is what became of deliveries, and what was learnt of their hosts.
type Settlement struct {
	Now     time.Time
	Done    []Delivery // delivered: the inbox has the object
	Dropped []Delivery // not wanted, or given up
	Retry   []Retry
	Hosts   map[string]HostOutcome
}

// Retry has a delivery wait for another attempt.
type Retry struct {
	ID     int64
	DueAt  time.Time
	Reason string
}

// HostOutcome is what was learnt of a host. Of Succeeded and Failed the failure came last.
type HostOutcome struct {
	Succeeded  bool
	Failed     bool
	Released   bool          // the claim ends
	Signature  string        // the scheme that it took; "" when nothing was learnt
	RetryAfter time.Duration // what it asked for
	Reason     string
}

const (
	firstRest   = time.Second // after the first failure of a host; twice as long after each further one
	longestRest = time.Hour
	restSpread  = 0.2 // by chance, so that not all hosts are tried at the same moment
)

// SettleDeliveries writes down results of many deliveries in one transaction, with a number of statements that does not depend on theirs.
func (db *DB) SettleDeliveries(ctx context.Context, holder string, s Settlement) error {
	err := db.write(ctx, func(tx *Tx) error {
		failures, err := tx.lockHosts(ctx, s.Hosts)
		if err != nil {
			return err
		}
		b := tx.batch()
		b.settleRows(s)
		b.settleHosts(s, failures)
		b.releaseHosts(s, holder)
		return b.exec(ctx)
	})
	return found(err, "settle", "deliveries")
}

// lockHosts holds the hosts for the transaction and tells how often each has failed in a row. What a statement after it reads of
// deliveries is so complete: whoever writes one holds its host, too.
func (tx *Tx) lockHosts(ctx context.Context, outcomes map[string]HostOutcome) (map[string]int, error) {
	var rows []hostRow
	query := tx.idb.NewSelect().Model(&rows).Column("name", "failures").Where("name IN (?)", bun.List(namesOf(outcomes))).OrderExpr("name")
	if tx.db.engine.postgres {
		query = query.For("UPDATE")
	}
	if len(outcomes) == 0 {
		return nil, nil
	}
	if err := query.Scan(ctx); err != nil {
		return nil, err
	}
	failures := make(map[string]int, len(rows))
	for _, row := range rows {
		failures[row.Name] = row.Failures
	}
	return failures, nil
}

func namesOf(outcomes map[string]HostOutcome) []string {
	names := make([]string, 0, len(outcomes))
	for name := range outcomes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (b *batch) settleRows(s Settlement) {
	var held values
	for _, d := range s.Done {
		if d.ObjectURI != "" {
			held.add(b, "(?, ?, ?)", d.ObjectURI, d.Inbox, d.Host)
		}
	}
	if len(held) > 0 {
		b.add("INSERT INTO holders (object_uri, inbox, host) VALUES ? ON CONFLICT DO NOTHING", held.list())
	}
	if ended := slices.Concat(s.Done, s.Dropped); len(ended) > 0 {
		ids := make([]int64, len(ended))
		for i, d := range ended {
			ids[i] = d.ID
		}
		b.add("DELETE FROM deliveries WHERE id IN (?)", bun.List(ids))
	}
	var again values
	for _, r := range s.Retry {
		again.add(b, "(?, ?, ?)", r.ID, momentOf(r.DueAt), r.Reason)
	}
	if len(again) > 0 {
		b.add("WITH r (id, due_at, reason) AS (VALUES ?) UPDATE deliveries SET attempts = attempts + 1, due_at = r.due_at, last_error = r.reason"+
			" FROM r WHERE deliveries.id = r.id", again.list())
	}
}

func (b *batch) settleHosts(s Settlement, failures map[string]int) {
	var well []string
	var taken, failed values
	for name, host := range s.Hosts {
		before := failures[name]
		if host.Succeeded {
			before = 0
		}
		if host.Succeeded && !host.releasedWell() {
			well = append(well, name)
		}
		if host.Signature != "" {
			taken.add(b, "(?, ?)", name, host.Signature)
		}
		if host.Failed {
			failed.add(b, "(?, ?, ?)", name, momentOf(s.Now.Add(max(host.RetryAfter, rest(before)))), host.Reason)
		}
	}
	if len(well) > 0 {
		slices.Sort(well)
		b.add("UPDATE hosts SET "+isWell+" WHERE name IN (?)", momentOf(s.Now), bun.List(well))
	}
	if len(taken) > 0 {
		b.add("WITH r (name, signature) AS (VALUES ?) UPDATE hosts SET signature = r.signature FROM r WHERE hosts.name = r.name", taken.list())
	}
	if len(failed) > 0 {
		b.add("WITH r (name, due_at, reason) AS (VALUES ?) UPDATE hosts SET failures = failures + 1, failing_since = COALESCE(failing_since, ?),"+
			" due_at = r.due_at, last_error = r.reason FROM r WHERE hosts.name = r.name", failed.list(), momentOf(s.Now))
	}
}

// rest is how long a host is left alone that had failed so many times before.
func rest(failures int) time.Duration {
	pause := longestRest
	if doublings := min(failures, 30); firstRest<<doublings < longestRest {
		pause = firstRest << doublings
	}
	return time.Duration(float64(pause) * (1 - restSpread + 2*restSpread*rand.Float64())) //nolint:gosec // spreads load, guards nothing
}

// releasedWell tells of the common case: one update says it all.
func (o HostOutcome) releasedWell() bool { return o.Released && o.Succeeded && !o.Failed }

const (
	isWell = "failures = 0, failing_since = NULL, last_error = '', last_success_at = ?"

	// nextDue is when a host is to be looked at again: when the first of its deliveries is due that need not wait for another one; never,
	// when nothing waits.
	nextDue = `CASE WHEN EXISTS (SELECT 1 FROM deliveries AS d WHERE d.host = hosts.name) THEN COALESCE(
			(SELECT d.due_at FROM deliveries AS d WHERE d.host = hosts.name AND d.due_at <= ? AND NOT ` + heldBack + ` ORDER BY d.id LIMIT 1),
			(SELECT min(d.due_at) FROM deliveries AS d WHERE d.host = hosts.name AND d.due_at > ?)
		) END`

	releaseSQL = "UPDATE hosts SET claimed_by = '', claimed_until = 0, "
)

// releaseHosts ends claims. A failing host is left alone until its own moment.
func (b *batch) releaseHosts(s Settlement, holder string) {
	var well, others []string
	for name, host := range s.Hosts {
		switch {
		case host.releasedWell():
			well = append(well, name)
		case host.Released:
			others = append(others, name)
		}
	}
	now := momentOf(s.Now)
	if len(well) > 0 {
		slices.Sort(well)
		b.add(releaseSQL+isWell+", due_at = "+nextDue+" WHERE name IN (?) AND claimed_by = ?", now, now, now, now, bun.List(well), holder)
	}
	if len(others) > 0 {
		slices.Sort(others)
		b.add(releaseSQL+"due_at = CASE WHEN failures > 0 AND due_at > ? AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.host = hosts.name)"+
			" THEN due_at ELSE "+nextDue+" END WHERE name IN (?) AND claimed_by = ?", now, now, now, now, bun.List(others), holder)
	}
}

// values are rows written into a statement.
type values []string

func (v *values) add(b *batch, row string, args ...any) {
	*v = append(*v, b.gen().FormatQuery(row, args...))
}

func (v values) list() bun.Safe { return bun.Safe(strings.Join(v, ", ")) }
