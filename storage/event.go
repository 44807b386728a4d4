package storage

import (
	"context"

	"github.com/uptrace/bun"

	"meent/communities"
)

// eventRow is the place and time of a post as the tables keep it.
type eventRow struct {
	bun.BaseModel `bun:"table:events,alias:e"`

	Post     communities.PostID `bun:"post_id,pk"`
	StartsAt moment             `bun:"starts_at"`
	EndsAt   moment             `bun:"ends_at,nullzero"`
	Timezone string             `bun:"timezone"`
	Place    string             `bun:"place"`
	Address  string             `bun:"address"`
	URL      string             `bun:"url"`
	Status   string             `bun:"status"`
}

func (r reads) loadEvents(ctx context.Context, posts map[communities.PostID]*communities.Post) error {
	if len(posts) == 0 {
		return nil
	}
	var rows []eventRow
	if err := r.idb.NewSelect().Model(&rows).Where("post_id IN (?)", bun.List(keysOf(posts))).Scan(ctx); err != nil {
		return found(err, "read", "events")
	}
	for _, row := range rows {
		posts[row.Post].Event = &communities.Event{
			StartsAt: row.StartsAt.time(), EndsAt: row.EndsAt.time(), Timezone: row.Timezone,
			Place: row.Place, Address: row.Address, URL: row.URL, Status: row.Status,
		}
	}
	return nil
}

func (b *batch) insertEvent(p *communities.Post) {
	e := p.Event
	if e == nil {
		return
	}
	b.query(b.tx.idb.NewInsert().Model(&eventRow{
		Post: p.ID, StartsAt: momentOf(e.StartsAt), EndsAt: momentOf(e.EndsAt), Timezone: e.Timezone,
		Place: e.Place, Address: e.Address, URL: e.URL, Status: e.Status,
	}))
}
