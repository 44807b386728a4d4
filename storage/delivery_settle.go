package storage

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"
)

// Settlement is what became of deliveries.
type Settlement struct {
	Now     time.Time
	Done    []Delivery // taken in: their inboxes hold the object now
	Dropped []Delivery // not to be tried again
	Retry   []Retry
	Hosts   map[string]HostOutcome
}

// Retry leaves a delivery for later.
type Retry struct {
	ID     int64
	DueAt  time.Time
	Reason string
}

// HostOutcome is what deliveries said about a host.
type HostOutcome struct {
	Succeeded  bool          // something got through
	Failed     bool          // nothing gets through any more; its claim ends
	Released   bool          // its claim ends
	Signature  string        // a scheme that it was seen to take; "": nothing new
	RetryAfter time.Duration // what it asked for
	Reason     string
}

// The pauses of a host that fails: doubling, bounded.
const (
	firstHostPause = time.Second
	longHostPause  = time.Hour
	doublings      = 12
)

// SettleDeliveries writes results down, many in one transaction. The claims that are released are the holder's own.
func (db *DB) SettleDeliveries(ctx context.Context, holder string, s Settlement) error {
	return db.write(ctx, func(tx *Tx) error {
		b := tx.batch()
		b.finish(s)
		b.retry(s)
		b.outcomes(holder, s)
		return found(b.exec(ctx), "settle", "deliveries")
	})
}

// finish drops the rows that are done with, and keeps who holds what: a Delete will go to all of them.
func (b *batch) finish(s Settlement) {
	over := make([]int64, 0, len(s.Done)+len(s.Dropped))
	rows := make([]holderRow, 0, len(s.Done))
	for _, d := range s.Done {
		over = append(over, d.ID)
		rows = append(rows, holderRow{ObjectURI: d.ObjectURI, Inbox: d.Inbox, Host: d.Host})
	}
	for _, d := range s.Dropped {
		over = append(over, d.ID)
	}
	if len(rows) > 0 {
		slices.SortFunc(rows, func(x, y holderRow) int {
			return cmp.Or(cmp.Compare(x.ObjectURI, y.ObjectURI), cmp.Compare(x.Inbox, y.Inbox))
		})
		b.query(b.tx.idb.NewInsert().Model(&rows).On("CONFLICT DO NOTHING"))
	}
	if len(over) > 0 {
		b.add("DELETE FROM deliveries WHERE id IN (?)", bun.In(over))
	}
}

type holderRow struct {
	bun.BaseModel `bun:"table:holders,alias:holder"`

	ObjectURI string `bun:"object_uri,pk"`
	Inbox     string `bun:"inbox,pk"`
	Host      string `bun:"host"`
}

func (b *batch) retry(s Settlement) {
	for _, r := range s.Retry {
		b.add("UPDATE deliveries SET attempts = attempts + 1, due_at = ?, last_error = ? WHERE id = ?", r.DueAt.UnixMilli(), r.Reason, r.ID)
	}
}

// outcomes keeps each host's health. A released host is due again when its next row is or, when it fails, after a pause that doubles.
func (b *batch) outcomes(holder string, s Settlement) {
	names := slices.Sorted(maps.Keys(s.Hosts))
	if len(names) == 0 {
		return
	}
	if b.tx.db.engine.postgres {
		// Whoever writes deliveries locks the host until their commit. Waiting for them here lets the statements below see their rows;
		// a host that were left without a date would never be claimed again.
		b.add("SELECT 1 FROM hosts WHERE name IN (?) ORDER BY name FOR UPDATE", bun.In(names))
	}
	b.succeed(names, s)
	b.fail(names, holder, s)
	var well []string
	for _, name := range names {
		if o := s.Hosts[name]; o.Released && !o.Failed {
			well = append(well, name)
		}
	}
	if len(well) > 0 {
		b.add(`UPDATE hosts SET claimed_by = '', claimed_until = 0, due_at = (SELECT min(d.due_at) FROM deliveries AS d WHERE d.host = hosts.name)
			WHERE name IN (?) AND claimed_by = ?`, bun.In(well), holder)
	}
}

func (b *batch) succeed(names []string, s Settlement) {
	var well []string
	for _, name := range names {
		o := s.Hosts[name]
		if o.Succeeded {
			well = append(well, name)
		}
		if o.Signature != "" {
			b.add("UPDATE hosts SET signature = ? WHERE name = ?", o.Signature, name)
		}
	}
	if len(well) > 0 {
		b.add("UPDATE hosts SET failures = 0, failing_since = NULL, last_error = '', last_success_at = ? WHERE name IN (?)",
			s.Now.UnixMilli(), bun.In(well))
	}
}

func (b *batch) fail(names []string, holder string, s Settlement) {
	for _, name := range names {
		if o := s.Hosts[name]; o.Failed {
			b.add("UPDATE hosts SET failures = failures + 1, failing_since = COALESCE(failing_since, ?), last_error = ? WHERE name = ?",
				s.Now.UnixMilli(), o.Reason, name)
			b.add("UPDATE hosts SET claimed_by = '', claimed_until = 0, due_at = ? + "+hostPause()+" WHERE name = ? AND claimed_by = ?",
				s.Now.Add(o.RetryAfter).UnixMilli(), name, holder)
		}
	}
}

// hostPause is the pause after a host's failures in a row, in milliseconds, as SQL: doubling, with a fifth of chance.
func hostPause() string {
	spread := 900 + rand.IntN(200) //nolint:gosec // spreads load, guards nothing
	first, long := firstHostPause.Milliseconds(), longHostPause.Milliseconds()
	return "(CASE WHEN failures > " + itoa(doublings) + " THEN " + strconv.FormatInt(long, 10) +
		" ELSE (1 << CASE WHEN failures > 0 THEN CAST(failures AS INTEGER) - 1 ELSE 0 END) * " + strconv.FormatInt(first, 10) +
		" END * " + itoa(spread) + " / 1000)"
}

func itoa(n int) string { return strconv.Itoa(n) }

// WakeHosts makes every host due that has something waiting: a start is a good moment to try again, and mends what a crash left. On
// SQLite, where one process serves, it ends all claims; on PostgreSQL those of others run out by themselves.
func (db *DB) WakeHosts(ctx context.Context, now time.Time) error {
	return db.write(ctx, func(tx *Tx) error {
		b := tx.batch()
		if !db.engine.postgres {
			b.add("UPDATE hosts SET claimed_by = '', claimed_until = 0 WHERE claimed_until > 0")
		}
		b.add("UPDATE hosts SET due_at = ?0 WHERE (due_at > ?0 OR due_at IS NULL) AND name IN (SELECT host FROM deliveries)", now.UnixMilli())
		return found(b.exec(ctx), "wake", "hosts")
	})
}
