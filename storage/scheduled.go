package storage

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// ScheduledID names something that is to be published later.
type ScheduledID int64

// Scheduled is what somebody wants published later, as their app asked for it: it is read anew at that moment.
type Scheduled struct {
	ID        ScheduledID
	Actor     communities.ActorID
	App       AppID // 0: none
	DueAt     time.Time
	Params    url.Values
	CreatedAt time.Time
}

type scheduledRow struct {
	bun.BaseModel `bun:"table:scheduled_posts,alias:s"`

	ID        ScheduledID         `bun:"id,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	App       AppID               `bun:"app_id"`
	DueAt     moment              `bun:"due_at"`
	Params    record[url.Values]  `bun:"params"`
	CreatedAt moment              `bun:"created_at"`
}

func (row *scheduledRow) noun() *Scheduled {
	return &Scheduled{
		ID: row.ID, Actor: row.Actor, App: row.App, DueAt: row.DueAt.time(), Params: row.Params.of, CreatedAt: row.CreatedAt.time(),
	}
}

// Scheduled lists what the viewer has waiting, newest first.
func (r *Reader) Scheduled(ctx context.Context, page Page) ([]*Scheduled, error) {
	var rows []scheduledRow
	query := r.db.idb.NewSelect().Model(&rows).Where("s.actor_id = ?", r.viewer.Actor)
	if err := page.apply(query, "s.id").Scan(ctx); err != nil {
		return nil, found(err, "list what waits of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	list := make([]*Scheduled, len(rows))
	for i := range rows {
		list[i] = rows[i].noun()
	}
	return list, nil
}

// ScheduledPost finds what waits to be published, for the program itself: the caller asks whose it is.
func (r reads) ScheduledPost(ctx context.Context, id ScheduledID) (*Scheduled, error) {
	var row scheduledRow
	if err := r.idb.NewSelect().Model(&row).Where("s.id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read what waits", id)
	}
	return row.noun(), nil
}

// CountScheduled tells how much a person has waiting, in all and for the day from a moment on.
func (r reads) CountScheduled(ctx context.Context, actor communities.ActorID, day time.Time) (all, onDay int, err error) {
	err = r.idb.NewRaw(`SELECT (SELECT count(*) FROM scheduled_posts WHERE actor_id = ?),
			(SELECT count(*) FROM scheduled_posts WHERE actor_id = ? AND due_at >= ? AND due_at < ?)`,
		actor, actor, momentOf(day), momentOf(day.Add(24*time.Hour))).Scan(ctx, &all, &onDay)
	return all, onDay, found(err, "count what waits of", actor)
}

// PutScheduled keeps something for later, or changes when it is due. What belongs to somebody else is absent.
func (tx *Tx) PutScheduled(ctx context.Context, s *Scheduled) error {
	row := scheduledRow{
		ID: s.ID, Actor: s.Actor, App: s.App, DueAt: momentOf(s.DueAt), Params: record[url.Values]{s.Params}, CreatedAt: momentOf(s.CreatedAt),
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("due_at = EXCLUDED.due_at").
		Where("s.actor_id = EXCLUDED.actor_id").Exec(ctx)
	return changed(result, err, "keep for later", s.ID)
}

// TakeScheduled takes away what waits; absent when it is somebody else's, or was taken before. Of two who take it at once, one does.
func (tx *Tx) TakeScheduled(ctx context.Context, actor communities.ActorID, id ScheduledID) error {
	result, err := tx.idb.NewDelete().Model((*scheduledRow)(nil)).Where("s.id = ? AND s.actor_id = ?", id, actor).Exec(ctx)
	return changed(result, err, "take what waits", id)
}
