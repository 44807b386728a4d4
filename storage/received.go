package storage

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Received is an activity that another node sent: remembered by its id for good, so that its effects happen once, and a queue of what
// is still to be worked on.
type Received struct {
	ID         communities.ActivityID
	URI        string
	Host       string // that vouched for it
	ActorURI   string
	Kind       string
	Body       []byte // as it came; nil once purged
	Outcome    Outcome
	Reason     string
	Attempts   int
	ReceivedAt time.Time
	DoneAt     time.Time
}

// Outcome is what became of a received activity.
type Outcome string

const (
	Waiting Outcome = ""
	Done    Outcome = "done"
	Refused Outcome = "refused" // may not be
	Ignored Outcome = "ignored" // is not for us, or changes nothing
	Failed  Outcome = "failed"  // given up
)

type receivedRow struct {
	bun.BaseModel `bun:"table:received,alias:r"`

	ID           communities.ActivityID `bun:"id,pk"`
	URI          string                 `bun:"uri"`
	Host         string                 `bun:"host"`
	ActorURI     string                 `bun:"actor_uri"`
	Kind         string                 `bun:"kind"`
	Outcome      Outcome                `bun:"outcome"`
	Reason       string                 `bun:"reason"`
	Attempts     int                    `bun:"attempts"`
	DueAt        moment                 `bun:"due_at,nullzero"`
	ClaimedUntil moment                 `bun:"claimed_until"`
	ReceivedAt   moment                 `bun:"received_at"`
	DoneAt       moment                 `bun:"done_at,nullzero"`
	Body         []byte                 `bun:"body"`
}

// Received reads a received activity with its bytes.
func (r reads) Received(ctx context.Context, id communities.ActivityID) (Received, error) {
	var row receivedRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return Received{}, found(err, "read received activity", id)
	}
	return row.received(), nil
}

// Have tells the transaction an activity that its caller has read already.
func (tx *Tx) Have(r Received) { tx.seen.received[r.ID] = r }

// Received is that of reads, with a memory.
func (tx *Tx) Received(ctx context.Context, id communities.ActivityID) (Received, error) {
	if r, ok := tx.seen.received[id]; ok {
		return r, nil
	}
	return tx.reads.Received(ctx, id)
}

// Memory is what became of an activity that was to be remembered.
type Memory int

const (
	KnownBefore Memory = iota // one with its id came before, which is left as it is
	New
	Unwelcome // its actor is suspended, or of a blocked host: nothing was stored
)

// Remember stores an activity to be worked on at once, unless nothing is taken from its actor: that is looked up in the same statement, so that a
// decision holds at once, whichever process took it.
func (tx *Tx) Remember(ctx context.Context, r Received) (Memory, error) {
	const unwelcome = "EXISTS (SELECT 1 FROM actors WHERE uri = ? AND (suspended_at IS NOT NULL OR host_policy = 'blocked'))"
	at := momentOf(r.ReceivedAt)
	n, err := affected(tx.tx.NewRaw(`INSERT INTO received (id, uri, host, actor_uri, kind, outcome, reason, attempts, due_at, claimed_until, received_at, body)
		SELECT ?, ?, ?, ?, ?, '', '', 0, ?, 0, ?, ? WHERE NOT `+unwelcome+` ON CONFLICT DO NOTHING`,
		r.ID, r.URI, r.Host, r.ActorURI, r.Kind, at, at, r.Body, r.ActorURI).Exec(ctx))
	if err != nil || n > 0 {
		return New, found(err, "remember", r.URI)
	}
	var refused bool
	if err := tx.tx.NewRaw("SELECT "+unwelcome, r.ActorURI).Scan(ctx, &refused); err != nil || !refused {
		return KnownBefore, found(err, "remember", r.URI)
	}
	return Unwelcome, nil
}

// ClaimReceived takes up to limit activities that are due, oldest first, for the time of the lease. Several processes share the work. A claim
// counts as an attempt, so that one which kills the process each time is found out.
func (db *DB) ClaimReceived(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Received, error) {
	due := db.idb.NewSelect().Model((*receivedRow)(nil)).Column("id").
		Where("due_at <= ? AND claimed_until <= ?", momentOf(now), momentOf(now)).OrderExpr("due_at, id").Limit(int64(limit))
	if db.engine.postgres {
		due = due.For("UPDATE SKIP LOCKED")
	} else if some, err := due.Clone().Exists(ctx); err != nil || !some { // asked on a reading connection, so that an idle node never writes
		return nil, found(err, "look for", "received activities")
	}
	var rows []receivedRow
	err := db.retry(ctx, func() error {
		rows = rows[:0]
		return db.writer.NewUpdate().Model((*receivedRow)(nil)).Set("claimed_until = ?, attempts = attempts + 1", momentOf(now.Add(lease))).
			Where("id IN (?)", due).Returning("id, uri, host, actor_uri, kind, outcome, reason, attempts, received_at, done_at, body").Scan(ctx, &rows)
	})
	if err != nil {
		return nil, found(err, "claim", "received activities")
	}
	claimed := make([]Received, len(rows))
	for i := range rows {
		claimed[i] = rows[i].received()
	}
	slices.SortFunc(claimed, func(a, b Received) int { return int(a.ID - b.ID) })
	return claimed, nil
}

// RenewReceived prolongs the claim on activities that are still being worked on.
func (db *DB) RenewReceived(ctx context.Context, ids []communities.ActivityID, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.exec(ctx, db.writer.NewUpdate().Model((*receivedRow)(nil)).Set("claimed_until = ?", momentOf(until)).
		Where("id IN (?) AND outcome = ''", bun.List(ids)))
	return found(err, "renew claim on", "received activities")
}

// ErrSettled says that what became of an activity was known already: somebody else has brought its effects about.
var ErrSettled = errors.New("received activity is settled")

// SettleReceived writes down what became of an activity, in the transaction of its effects, which fails with [ErrSettled] where that was
// known already, so that its effects are undone.
func (tx *Tx) SettleReceived(id communities.ActivityID, outcome Outcome, reason string, at time.Time) {
	b := tx.later()
	i := slices.IndexFunc(b.settled, func(s settled) bool { return s.outcome == outcome && s.reason == reason })
	if i < 0 {
		i = len(b.settled)
		b.settled = append(b.settled, settled{outcome: outcome, reason: reason})
	}
	s := &b.settled[i]
	s.ids, s.at = append(s.ids, id), max(s.at, momentOf(at))
}

// settled are activities of which the same became.
type settled struct {
	outcome Outcome
	reason  string
	at      moment
	ids     []communities.ActivityID
}

func (s settled) errand(b *batch) errand {
	return errand{
		text: b.gen().FormatQuery("UPDATE received SET outcome = ?, reason = ?, done_at = ?, due_at = NULL, claimed_until = 0 WHERE id IN (?) AND outcome = ''",
			s.outcome, s.reason, s.at, bun.List(evened(s.ids))),
		met: func(n int64) error {
			if n < int64(len(s.ids)) {
				return ErrSettled
			}
			return nil
		},
	}
}

// PostponeReceived has an activity wait for another attempt.
func (db *DB) PostponeReceived(ctx context.Context, id communities.ActivityID, due time.Time, reason string) error {
	_, err := db.exec(ctx, db.writer.NewUpdate().Model((*receivedRow)(nil)).
		Set("due_at = ?, claimed_until = 0, reason = ?", momentOf(due), reason).
		Where("id = ? AND outcome = ''", id))
	return found(err, "postpone received activity", id)
}

// FreeReceived ends all claims: what a process that died had claimed need not wait for the end of the lease. Where another process is at
// work on one, [Tx.SettleReceived] sees to it that only one of both counts.
func (db *DB) FreeReceived(ctx context.Context) error {
	_, err := db.exec(ctx, db.writer.NewUpdate().Model((*receivedRow)(nil)).
		Set("claimed_until = 0").Where("due_at IS NOT NULL AND claimed_until > 0"))
	return found(err, "free", "received activities")
}

// PurgeReceived drops the bytes of up to limit activities that were done before a moment. Their ids stay.
func (db *DB) PurgeReceived(ctx context.Context, before time.Time, limit int) (purged int, err error) {
	old := db.idb.NewSelect().Model((*receivedRow)(nil)).Column("id").
		Where("body IS NOT NULL AND done_at IS NOT NULL AND done_at < ?", momentOf(before)).OrderExpr("done_at").Limit(int64(limit))
	n, err := db.exec(ctx, db.writer.NewUpdate().Model((*receivedRow)(nil)).Set("body = NULL").Where("id IN (?)", old))
	return int(n), found(err, "purge", "received activities")
}

func (row *receivedRow) received() Received {
	return Received{
		ID: row.ID, URI: row.URI, Host: row.Host, ActorURI: row.ActorURI, Kind: row.Kind, Body: row.Body, Outcome: row.Outcome,
		Reason: row.Reason, Attempts: row.Attempts, ReceivedAt: row.ReceivedAt.time(), DoneAt: row.DoneAt.time(),
	}
}
