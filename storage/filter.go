package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// FilterID names a filter, a word of it or a post in it: all come out of one [communities.IDs].
type FilterID int64

// Filter hides or warns a person of posts with certain words, or of certain posts.
type Filter struct {
	ID        FilterID
	Actor     communities.ActorID
	Title     string
	Contexts  []string // home, notifications, public, thread, account
	Action    string   // warn, hide, blur
	ExpiresAt time.Time
	Keywords  []FilterKeyword
	Posts     []FilterPost
}

// FilterKeyword is a word that a filter looks for.
type FilterKeyword struct {
	ID        FilterID `json:"id"`
	Word      string   `json:"word"`
	WholeWord bool     `json:"whole_word,omitempty"`
}

// FilterPost is a post that a filter holds.
type FilterPost struct {
	ID   FilterID           `json:"id"`
	Post communities.PostID `json:"post"`
}

type filterRow struct {
	bun.BaseModel `bun:"table:filters,alias:fi"`

	ID        FilterID            `bun:"id,pk"`
	Actor     communities.ActorID `bun:"actor_id"`
	Title     string              `bun:"title"`
	Contexts  list[string]        `bun:"contexts"`
	Action    string              `bun:"action"`
	ExpiresAt moment              `bun:"expires_at,nullzero"`
	Keywords  list[FilterKeyword] `bun:"keywords"`
	Posts     list[FilterPost]    `bun:"statuses"`
}

// Filters lists a person's own filters, oldest first.
func (r reads) Filters(ctx context.Context, actor communities.ActorID) ([]*Filter, error) {
	var rows []filterRow
	if err := r.idb.NewSelect().Model(&rows).Where("actor_id = ?", actor).OrderExpr("id").Scan(ctx); err != nil {
		return nil, found(err, "read filters of", actor)
	}
	filters := make([]*Filter, len(rows))
	for i := range rows {
		filters[i] = rows[i].noun()
	}
	return filters, nil
}

func (row *filterRow) noun() *Filter {
	return &Filter{
		ID: row.ID, Actor: row.Actor, Title: row.Title, Contexts: row.Contexts, Action: row.Action,
		ExpiresAt: row.ExpiresAt.time(), Keywords: row.Keywords, Posts: row.Posts,
	}
}

// filtersChanged has a person's other apps read their filters again.
const filtersChanged = "filters_changed"

// PutFilter makes or replaces a person's filter. One that belongs to somebody else is absent.
func (tx *Tx) PutFilter(ctx context.Context, f *Filter) error {
	row := filterRow{
		ID: f.ID, Actor: f.Actor, Title: f.Title, Contexts: f.Contexts, Action: f.Action,
		ExpiresAt: momentOf(f.ExpiresAt), Keywords: f.Keywords, Posts: f.Posts,
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").
		Set("title = EXCLUDED.title, contexts = EXCLUDED.contexts, action = EXCLUDED.action, expires_at = EXCLUDED.expires_at").
		Set("keywords = EXCLUDED.keywords, statuses = EXCLUDED.statuses").
		Where("fi.actor_id = EXCLUDED.actor_id").Exec(ctx)
	tx.Signal(Signal{Event: filtersChanged, Actor: f.Actor})
	return changed(result, err, "put filter", f.ID)
}

// DeleteFilter takes away a person's filter. One that belongs to somebody else is absent.
func (tx *Tx) DeleteFilter(ctx context.Context, actor communities.ActorID, id FilterID) error {
	result, err := tx.idb.NewDelete().Model((*filterRow)(nil)).Where("id = ? AND actor_id = ?", id, actor).Exec(ctx)
	tx.Signal(Signal{Event: filtersChanged, Actor: actor})
	return changed(result, err, "delete filter", id)
}
