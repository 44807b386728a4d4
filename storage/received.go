package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// The outcomes of a received activity.
const (
	OutcomeDone    = "done"
	OutcomeRefused = "refused" // by a rule, see the reason
	OutcomeIgnored = "ignored" // nothing that we know how to take
	OutcomeFailed  = "failed"  // given up after many tries
)

// Received is an activity that another server sent. Its id is remembered for good, so that its effects happen once.
type Received struct {
	ID         communities.ActivityID
	URI        string
	Host       string
	ActorURI   string
	Kind       string
	Body       []byte // without bto and bcc; nil once it is no longer needed
	Outcome    string // "" while it waits
	Reason     string
	Attempts   int
	ReceivedAt time.Time
}

type receivedRow struct {
	bun.BaseModel `bun:"table:received,alias:r"`

	ID           communities.ActivityID `bun:"id,pk"`
	URI          string                 `bun:"uri"`
	Host         string                 `bun:"host"`
	ActorURI     string                 `bun:"actor_uri"`
	Kind         string                 `bun:"kind"`
	Outcome      string                 `bun:"outcome"`
	Reason       string                 `bun:"reason"`
	Attempts     int                    `bun:"attempts"`
	DueAt        moment                 `bun:"due_at,nullzero"`
	ClaimedUntil moment                 `bun:"claimed_until"`
	ReceivedAt   moment                 `bun:"received_at"`
	DoneAt       moment                 `bun:"done_at,nullzero"`
	Body         []byte                 `bun:"body"`
}

func (row *receivedRow) received() Received {
	return Received{
		ID: row.ID, URI: row.URI, Host: row.Host, ActorURI: row.ActorURI, Kind: row.Kind, Body: row.Body, Outcome: row.Outcome,
		Reason: row.Reason, Attempts: row.Attempts, ReceivedAt: row.ReceivedAt.time(),
	}
}

// Remember keeps a received activity, to be worked on at once. It tells false for one whose id is known.
func (tx *Tx) Remember(ctx context.Context, r Received) (isNew bool, err error) {
	row := receivedRow{
		ID: r.ID, URI: r.URI, Host: r.Host, ActorURI: r.ActorURI, Kind: r.Kind, Outcome: r.Outcome, Reason: r.Reason, Body: r.Body,
		ReceivedAt: momentOf(r.ReceivedAt), DueAt: momentOf(r.ReceivedAt),
	}
	if r.Outcome != "" {
		row.DueAt, row.DoneAt = 0, row.ReceivedAt
	}
	n, err := affected(tx.idb.NewInsert().Model(&row).On("CONFLICT (uri) DO NOTHING").Exec(ctx))
	return n == 1, found(err, "remember", r.URI)
}

// Received finds a received activity.
func (r reads) Received(ctx context.Context, id communities.ActivityID) (*Received, error) {
	var row receivedRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read received activity", id)
	}
	received := row.received()
	return &received, nil
}

// ClaimReceived takes activities to work on, in the order in which they came. Nobody else gets them until the lease runs out.
func (db *DB) ClaimReceived(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Received, error) {
	due := "due_at <= ? AND claimed_until < ?"
	chosen := db.writer.NewSelect().Model((*receivedRow)(nil)).Column("id").Where(due, now.UnixMilli(), now.UnixMilli()).
		OrderExpr("due_at, id").Limit(int64(limit))
	if db.engine.postgres {
		chosen = chosen.For("UPDATE SKIP LOCKED")
	}
	var rows []receivedRow
	err := db.write(ctx, func(tx *Tx) error {
		rows = nil
		_, err := tx.idb.NewUpdate().Model((*receivedRow)(nil)).Set("claimed_until = ?", now.Add(lease).UnixMilli()).
			Where("id IN (?)", chosen).Returning("*").Exec(ctx, &rows)
		return err
	})
	if err != nil {
		return nil, found(err, "claim", "received activities")
	}
	claimed := make([]Received, len(rows))
	for i := range rows {
		claimed[i] = rows[i].received()
	}
	return claimed, nil
}

// SettleReceived gives a received activity its outcome. It tells false for one that has an outcome already: whoever asks must then undo
// what it did, for its effects happened before.
func (tx *Tx) SettleReceived(ctx context.Context, id communities.ActivityID, outcome, reason string, at time.Time) (fresh bool, err error) {
	n, err := affected(tx.idb.NewUpdate().Model((*receivedRow)(nil)).
		Set("outcome = ?, reason = ?, due_at = NULL, done_at = ?", outcome, reason, at.UnixMilli()).
		Where("id = ? AND outcome = ''", id).Exec(ctx))
	return n == 1, found(err, "settle received activity", id)
}

// PostponeReceived leaves a received activity for later.
func (db *DB) PostponeReceived(ctx context.Context, id communities.ActivityID, due time.Time, reason string) error {
	return db.write(ctx, func(tx *Tx) error {
		_, err := tx.idb.NewUpdate().Model((*receivedRow)(nil)).
			Set("attempts = attempts + 1, claimed_until = 0, due_at = ?, reason = ?", due.UnixMilli(), reason).
			Where("id = ? AND outcome = ''", id).Exec(ctx)
		return found(err, "postpone received activity", id)
	})
}

// FreeReceived ends all claims, so that what a killed process left is worked on at once. Where several processes run, the others' work
// may be begun twice; its effects still happen once.
func (db *DB) FreeReceived(ctx context.Context) error {
	return db.write(ctx, func(tx *Tx) error {
		_, err := tx.idb.NewUpdate().Model((*receivedRow)(nil)).Set("claimed_until = 0").Where("due_at IS NOT NULL AND claimed_until > 0").Exec(ctx)
		return found(err, "free", "received activities")
	})
}

// ForgetBodies drops the bytes of activities that were done with before a moment, and tells how many. Their ids stay.
func (db *DB) ForgetBodies(ctx context.Context, before time.Time, limit int) (int64, error) {
	var n int64
	err := db.write(ctx, func(tx *Tx) error {
		old := tx.idb.NewSelect().Model((*receivedRow)(nil)).Column("id").
			Where("body IS NOT NULL AND done_at IS NOT NULL AND done_at < ?", before.UnixMilli()).Limit(int64(limit))
		var err error
		n, err = affected(tx.idb.NewUpdate().Model((*receivedRow)(nil)).Set("body = NULL").Where("id IN (?)", old).Exec(ctx))
		return found(err, "forget", "bodies")
	})
	return n, err
}
