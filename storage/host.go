package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Host is another server, as far as this node has dealings with it.
type Host struct {
	Name          string
	Software      string // as its NodeInfo names it
	Version       string
	Dialect       string // the form of our activities that it reads; "" when not known
	CheckedAt     time.Time
	Signature     string                 // the scheme that it was last seen to take
	Policy        communities.HostPolicy // decided about this very host; see [reads.HostRules] for those above
	PolicyReason  string
	DueAt         time.Time // when deliveries go on; zero: none wait
	Failures      int       // in a row
	FailingSince  time.Time
	LastSuccessAt time.Time
	LastError     string
	LastReceived  time.Time
}

type hostRow struct {
	bun.BaseModel `bun:"table:hosts,alias:h"`

	Name          string                 `bun:"name,pk"`
	Software      string                 `bun:"software"`
	Version       string                 `bun:"version"`
	Dialect       string                 `bun:"dialect"`
	CheckedAt     moment                 `bun:"checked_at,nullzero"`
	Signature     string                 `bun:"signature"`
	Policy        communities.HostPolicy `bun:"policy"`
	PolicyReason  string                 `bun:"policy_reason"`
	PolicyID      int64                  `bun:"policy_id,nullzero"`
	PolicyAt      moment                 `bun:"policy_at,nullzero"`
	PolicyComment string                 `bun:"policy_comment"`
	RejectMedia   bool                   `bun:"reject_media"`
	RejectReports bool                   `bun:"reject_reports"`
	DueAt         moment                 `bun:"due_at,nullzero"`
	ClaimedBy     string                 `bun:"claimed_by"`
	ClaimedUntil  moment                 `bun:"claimed_until"`
	Failures      int                    `bun:"failures"`
	FailingSince  moment                 `bun:"failing_since,nullzero"`
	LastSuccessAt moment                 `bun:"last_success_at,nullzero"`
	LastError     string                 `bun:"last_error"`
	LastReceived  moment                 `bun:"last_received_at,nullzero"`
}

// Host reads what is known of a host.
func (r reads) Host(ctx context.Context, name string) (*Host, error) {
	var row hostRow
	if err := r.idb.NewSelect().Model(&row).Where("name = ?", name).Scan(ctx); err != nil {
		return nil, found(err, "read host", name)
	}
	return row.host(), nil
}

// Hosts lists all hosts by name.
func (r reads) Hosts(ctx context.Context) ([]*Host, error) {
	var rows []hostRow
	if err := r.idb.NewSelect().Model(&rows).OrderExpr("name").Scan(ctx); err != nil {
		return nil, found(err, "list", "hosts")
	}
	hosts := make([]*Host, len(rows))
	for i := range rows {
		hosts[i] = rows[i].host()
	}
	return hosts, nil
}

// PutHostSoftware notes what a host runs and which form of our activities that reads.
func (tx *Tx) PutHostSoftware(ctx context.Context, name, software, version, dialect string, at time.Time) error {
	row := hostRow{Name: name, Software: software, Version: version, Dialect: dialect, CheckedAt: momentOf(at)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").
		Set("software = EXCLUDED.software, version = EXCLUDED.version, dialect = EXCLUDED.dialect, checked_at = EXCLUDED.checked_at").Exec(ctx)
	return found(err, "put software of", name)
}

// heardEvery is how exactly we know when a host was last heard of: to note each time would make it a place where all wait.
const heardEvery = 10 * time.Minute

// HostSpoke notes that a host that we know sent us something: when it was failing, what waits for it is due now.
func (tx *Tx) HostSpoke(ctx context.Context, name string, now time.Time) error {
	var failures []int
	err := tx.idb.NewRaw(`UPDATE hosts SET last_received_at = ?, due_at = CASE WHEN failures > 0 AND due_at > ? THEN ? ELSE due_at END
		WHERE name = ? AND (last_received_at IS NULL OR last_received_at < ? OR (failures > 0 AND due_at > ?)) RETURNING failures`,
		momentOf(now), momentOf(now), momentOf(now), name, momentOf(now.Add(-heardEvery)), momentOf(now)).Scan(ctx, &failures)
	if err != nil || len(failures) == 0 || failures[0] == 0 {
		return found(err, "note that it spoke:", name)
	}
	_, err = tx.idb.NewRaw("UPDATE deliveries SET due_at = ? WHERE host = ? AND due_at > ?", momentOf(now), name, momentOf(now)).Exec(ctx)
	return found(err, "wake deliveries to", name)
}

func (row *hostRow) host() *Host {
	return &Host{
		Name: row.Name, Software: row.Software, Version: row.Version, Dialect: row.Dialect, CheckedAt: row.CheckedAt.time(),
		Signature: row.Signature, Policy: row.Policy, PolicyReason: row.PolicyReason, DueAt: row.DueAt.time(), Failures: row.Failures,
		FailingSince: row.FailingSince.time(), LastSuccessAt: row.LastSuccessAt.time(), LastError: row.LastError,
		LastReceived: row.LastReceived.time(),
	}
}
