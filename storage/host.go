package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// The policies towards a host.
const (
	PolicyBlocked = "blocked" // nothing is taken from it and nothing sent to it
	PolicyLimited = "limited" // its people are kept out of public lists
)

// Host is another server as we know it.
type Host struct {
	Name           string
	Software       string
	Version        string
	Dialect        string
	CheckedAt      time.Time // when its software was last asked for
	Signature      string    // the scheme it was last seen to take
	Policy         string
	PolicyReason   string
	Failures       int // in a row
	FailingSince   time.Time
	LastSuccessAt  time.Time
	LastReceivedAt time.Time
	LastError      string
	DueAt          time.Time // of its next delivery; zero: nothing waits
}

type hostRow struct {
	bun.BaseModel `bun:"table:hosts,alias:h"`

	Name           string `bun:"name,pk"`
	Software       string `bun:"software"`
	Version        string `bun:"version"`
	Dialect        string `bun:"dialect"`
	CheckedAt      moment `bun:"checked_at,nullzero"`
	Signature      string `bun:"signature"`
	Policy         string `bun:"policy"`
	PolicyReason   string `bun:"policy_reason"`
	DueAt          moment `bun:"due_at,nullzero"`
	Failures       int    `bun:"failures"`
	FailingSince   moment `bun:"failing_since,nullzero"`
	LastSuccessAt  moment `bun:"last_success_at,nullzero"`
	LastError      string `bun:"last_error"`
	LastReceivedAt moment `bun:"last_received_at,nullzero"`
}

func (row *hostRow) host() *Host {
	return &Host{
		Name: row.Name, Software: row.Software, Version: row.Version, Dialect: row.Dialect, CheckedAt: row.CheckedAt.time(),
		Signature: row.Signature, Policy: row.Policy, PolicyReason: row.PolicyReason, Failures: row.Failures,
		FailingSince: row.FailingSince.time(), LastSuccessAt: row.LastSuccessAt.time(), LastReceivedAt: row.LastReceivedAt.time(),
		LastError: row.LastError, DueAt: row.DueAt.time(),
	}
}

// Host finds a host by its canonical name.
func (r reads) Host(ctx context.Context, name string) (*Host, error) {
	var row hostRow
	if err := r.idb.NewSelect().Model(&row).Where("name = ?", name).Scan(ctx); err != nil {
		return nil, found(err, "read host", name)
	}
	return row.host(), nil
}

// Hosts lists the hosts that we know, by name.
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

// PutHostSoftware keeps what a host runs and which dialect follows from it.
func (tx *Tx) PutHostSoftware(ctx context.Context, name, software, version, dialect string, at time.Time) error {
	row := &hostRow{Name: name, Software: software, Version: version, Dialect: dialect, CheckedAt: momentOf(at)}
	_, err := tx.idb.NewInsert().Model(row).Column("name", "software", "version", "dialect", "checked_at").
		On("CONFLICT (name) DO UPDATE").Set("software = EXCLUDED.software, version = EXCLUDED.version").
		Set("dialect = EXCLUDED.dialect, checked_at = EXCLUDED.checked_at").Exec(ctx)
	return found(err, "keep the software of", name)
}

// SetHostPolicy decides about a host; "" takes a decision back. What waits for a blocked host is dropped.
func (tx *Tx) SetHostPolicy(ctx context.Context, name, policy, reason string) error {
	b := tx.batch()
	b.query(tx.idb.NewInsert().Model(&hostRow{Name: name, Policy: policy, PolicyReason: reason}).Column("name", "policy", "policy_reason").
		On("CONFLICT (name) DO UPDATE").Set("policy = EXCLUDED.policy, policy_reason = EXCLUDED.policy_reason"))
	if policy == PolicyBlocked {
		b.add("DELETE FROM deliveries WHERE host = ?", name)
		b.add("UPDATE hosts SET due_at = NULL WHERE name = ?", name)
	}
	return found(b.exec(ctx), "set the policy for", name)
}

// HostPolicies lists the hosts that a decision was made about.
func (r reads) HostPolicies(ctx context.Context) (map[string]string, error) {
	var rows []hostRow
	if err := r.idb.NewSelect().Model(&rows).Column("name", "policy").Where("policy <> ''").Scan(ctx); err != nil {
		return nil, found(err, "list", "host policies")
	}
	policies := make(map[string]string, len(rows))
	for _, row := range rows {
		policies[row.Name] = row.Policy
	}
	return policies, nil
}

// HostSpoke takes note that we heard from a host: if it was failing, it is well enough to be tried now.
func (tx *Tx) HostSpoke(ctx context.Context, name string, at time.Time) error {
	b := tx.batch()
	b.add(`INSERT INTO hosts (name, last_received_at) VALUES (?0, ?1) ON CONFLICT (name) DO UPDATE SET last_received_at = EXCLUDED.last_received_at,
		due_at = CASE WHEN hosts.failures > 0 AND hosts.due_at IS NOT NULL THEN EXCLUDED.last_received_at ELSE hosts.due_at END`, name, at.UnixMilli())
	return found(b.exec(ctx), "hear from", name)
}
