package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Refresh is a look for what others elsewhere said in a thread (Mastodon API, AsyncRefresh).
type Refresh struct {
	Thread     communities.PostID
	Name       string // by which apps ask; it tells nothing
	StartedAt  time.Time
	FinishedAt time.Time // zero: it is under way
	Found      int       // posts that came of it
}

type refreshRow struct {
	bun.BaseModel `bun:"table:thread_refreshes,alias:tr"`

	Thread     communities.PostID `bun:"thread_id,pk"`
	Name       string             `bun:"name"`
	StartedAt  moment             `bun:"started_at"`
	FinishedAt moment             `bun:"finished_at,nullzero"`
	Found      int                `bun:"found"`
}

// RefreshOf finds the last look at a thread; RefreshNamed that with a name.
func (r reads) RefreshOf(ctx context.Context, thread communities.PostID) (*Refresh, error) {
	return r.refreshWhere(ctx, "thread_id = ?", thread)
}

// RefreshNamed is told at [reads.RefreshOf].
func (r reads) RefreshNamed(ctx context.Context, name string) (*Refresh, error) {
	return r.refreshWhere(ctx, "name = ?", name)
}

func (r reads) refreshWhere(ctx context.Context, condition string, arg any) (*Refresh, error) {
	var row refreshRow
	if err := r.idb.NewSelect().Model(&row).Where(condition, arg).Scan(ctx); err != nil {
		return nil, found(err, "read the last look at", arg)
	}
	return &Refresh{
		Thread: row.Thread, Name: row.Name, StartedAt: row.StartedAt.time(), FinishedAt: row.FinishedAt.time(), Found: row.Found,
	}, nil
}

// BeginRefresh notes a new look at a thread; false when the last one began after a moment. Of two who begin at once, one does.
func (tx *Tx) BeginRefresh(ctx context.Context, f Refresh, after time.Time) (begun bool, err error) {
	row := refreshRow{Thread: f.Thread, Name: f.Name, StartedAt: momentOf(f.StartedAt)}
	n, err := affected(tx.idb.NewInsert().Model(&row).On("CONFLICT (thread_id) DO UPDATE").
		Set("name = EXCLUDED.name, started_at = EXCLUDED.started_at, finished_at = NULL, found = 0").
		Where("tr.started_at <= ?", momentOf(after)).Exec(ctx))
	return n > 0, found(err, "begin to look at", f.Thread)
}

// NoteRefresh counts what came of a look, and that it is over when at is not zero.
func (tx *Tx) NoteRefresh(ctx context.Context, thread communities.PostID, name string, count int, at time.Time) error {
	_, err := tx.idb.NewRaw("UPDATE thread_refreshes SET found = ?, finished_at = ? WHERE thread_id = ? AND name = ?",
		count, bun.NullZero(momentOf(at)), thread, name).Exec(ctx)
	return found(err, "note the look at", thread)
}

// ForgetRefreshes drops what was looked at before a moment.
func (db *DB) ForgetRefreshes(ctx context.Context, before time.Time) error {
	_, err := db.exec(ctx, db.writer.NewDelete().Model((*refreshRow)(nil)).Where("tr.started_at < ?", momentOf(before)))
	return found(err, "forget", "old looks at threads")
}
