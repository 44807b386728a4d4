package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// announcementRow is an announcement as the tables keep it.
type announcementRow struct {
	bun.BaseModel `bun:"table:announcements,alias:ann"`

	ID          communities.AnnouncementID `bun:"id,pk"`
	By          communities.ActorID        `bun:"by_id"`
	Source      string                     `bun:"source"`
	Content     string                     `bun:"content"`
	StartsAt    moment                     `bun:"starts_at,nullzero"`
	EndsAt      moment                     `bun:"ends_at,nullzero"`
	AllDay      bool                       `bun:"all_day"`
	PublishedAt moment                     `bun:"published_at,nullzero"`
	CreatedAt   moment                     `bun:"created_at"`
	UpdatedAt   moment                     `bun:"updated_at"`
}

// NoticeView is an announcement as it is shown to somebody.
type NoticeView struct {
	*communities.Announcement
	Read      bool // put away by the viewer
	Reactions []NoticeCount
}

// NoticeCount is how many reacted with one emoji.
type NoticeCount struct {
	Name  string
	Count int
	Own   bool // the viewer did
}

// maxNotices is how many announcements are shown at once.
const maxNotices = 40

// Announcements lists what is announced and not over at a moment, newest first; without what the viewer put away, unless that is wanted.
func (r *Reader) Announcements(ctx context.Context, now time.Time, withRead bool) ([]NoticeView, error) {
	var rows []announcementRow
	query := r.db.idb.NewSelect().Model(&rows).Where("published_at IS NOT NULL AND (ends_at IS NULL OR ends_at > ?)", momentOf(now.Add(-allDay))).
		OrderExpr("id DESC").Limit(maxNotices)
	if err := query.Scan(ctx); err != nil {
		return nil, found(err, "list", "announcements")
	}
	var views []NoticeView
	var ids []communities.AnnouncementID
	for i := range rows {
		a := rows[i].noun()
		if a.EndsAt.IsZero() || a.EndsAt.After(now) || a.AllDay {
			views, ids = append(views, NoticeView{Announcement: a}), append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if err := r.fillNotices(ctx, views, ids); err != nil || withRead {
		return views, err
	}
	unread := views[:0]
	for _, v := range views {
		if !v.Read {
			unread = append(unread, v)
		}
	}
	return unread, nil
}

// allDay is how long a notice stays that ends on a day and not at an hour.
const allDay = 24 * time.Hour

// Announcement reads one as the viewer sees it. A draft is absent.
func (r *Reader) Announcement(ctx context.Context, id communities.AnnouncementID) (NoticeView, error) {
	a, err := r.db.Announcement(ctx, id)
	if err == nil && a.PublishedAt.IsZero() {
		err = communities.NotFound
	}
	if err != nil {
		return NoticeView{}, err
	}
	views := []NoticeView{{Announcement: a}}
	return views[0], r.fillNotices(ctx, views, []communities.AnnouncementID{id})
}

func (r *Reader) fillNotices(ctx context.Context, views []NoticeView, ids []communities.AnnouncementID) error {
	at := map[communities.AnnouncementID]*NoticeView{}
	for i := range views {
		at[views[i].ID] = &views[i]
	}
	var counts []struct {
		ID    communities.AnnouncementID `bun:"announcement_id"`
		Name  string
		Count int
		Own   bool
	}
	err := r.db.idb.NewRaw(`SELECT announcement_id, name, count(*) AS count, max(CASE WHEN actor_id = ? THEN 1 ELSE 0 END) = 1 AS own
		FROM announcement_reactions WHERE announcement_id IN (?) GROUP BY announcement_id, name ORDER BY min(created_at), name`,
		r.viewer.Actor, bun.List(ids)).Scan(ctx, &counts)
	if err != nil {
		return found(err, "count", "reactions to announcements")
	}
	for _, c := range counts {
		at[c.ID].Reactions = append(at[c.ID].Reactions, NoticeCount{Name: c.Name, Count: c.Count, Own: c.Own})
	}
	if r.viewer.Actor == 0 {
		return nil
	}
	var read []communities.AnnouncementID
	err = r.db.idb.NewRaw("SELECT announcement_id FROM announcement_reads WHERE actor_id = ? AND announcement_id IN (?)",
		r.viewer.Actor, bun.List(ids)).Scan(ctx, &read)
	for _, id := range read {
		at[id].Read = true
	}
	return found(err, "read which announcements were put away by", r.viewer.Actor)
}

// AllAnnouncements lists every announcement, drafts and what is over too, newest first, for those who make them.
func (r reads) AllAnnouncements(ctx context.Context, page Page) ([]*communities.Announcement, error) {
	var rows []announcementRow
	if err := page.apply(r.idb.NewSelect().Model(&rows), "id").Scan(ctx); err != nil {
		return nil, found(err, "list", "announcements")
	}
	list := make([]*communities.Announcement, len(rows))
	for i := range rows {
		list[i] = rows[i].noun()
	}
	return list, nil
}

// Announcement is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Announcement(ctx context.Context, id communities.AnnouncementID) (*communities.Announcement, error) {
	var row announcementRow
	if err := r.idb.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, found(err, "read announcement", id)
	}
	return row.noun(), nil
}

// PutAnnouncement is told in [communities.Tx].
func (tx *Tx) PutAnnouncement(ctx context.Context, a *communities.Announcement) error {
	row := announcementRow{
		ID: a.ID, By: a.By, Source: a.Source, Content: a.Content, StartsAt: momentOf(a.StartsAt), EndsAt: momentOf(a.EndsAt), AllDay: a.AllDay,
		PublishedAt: momentOf(a.PublishedAt), CreatedAt: momentOf(a.CreatedAt), UpdatedAt: momentOf(a.UpdatedAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").
		Set("source = EXCLUDED.source, content = EXCLUDED.content, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at").
		Set("all_day = EXCLUDED.all_day, published_at = EXCLUDED.published_at, updated_at = EXCLUDED.updated_at").Exec(ctx)
	if err != nil {
		return found(err, "put announcement", a.ID)
	}
	_, err = tx.idb.NewRaw("DELETE FROM announcement_reads WHERE announcement_id = ?", a.ID).Exec(ctx)
	return found(err, "forget who read announcement", a.ID)
}

// DeleteAnnouncement is told in [communities.Tx].
func (tx *Tx) DeleteAnnouncement(ctx context.Context, id communities.AnnouncementID) error {
	result, err := tx.idb.NewDelete().Model((*announcementRow)(nil)).Where("id = ?", id).Exec(ctx)
	return changed(result, err, "delete announcement", id)
}

// PutAway notes that a person has read an announcement.
func (tx *Tx) PutAway(ctx context.Context, id communities.AnnouncementID, person communities.ActorID) error {
	_, err := tx.idb.NewRaw("INSERT INTO announcement_reads (announcement_id, actor_id) VALUES (?, ?) ON CONFLICT DO NOTHING", id, person).Exec(ctx)
	return found(err, "put away announcement", id)
}

// PutNoticeReaction is told in [communities.Tx].
func (tx *Tx) PutNoticeReaction(ctx context.Context, r communities.NoticeReaction, at time.Time) (created bool, err error) {
	n, err := affected(tx.idb.NewRaw(`INSERT INTO announcement_reactions (announcement_id, name, actor_id, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, r.Announcement, r.Name, r.By, momentOf(at)).Exec(ctx))
	return n > 0, found(err, "react to announcement", r.Announcement)
}

// DeleteNoticeReaction is told in [communities.Tx].
func (tx *Tx) DeleteNoticeReaction(ctx context.Context, r communities.NoticeReaction) error {
	result, err := tx.idb.NewRaw("DELETE FROM announcement_reactions WHERE announcement_id = ? AND name = ? AND actor_id = ?",
		r.Announcement, r.Name, r.By).Exec(ctx)
	return changed(result, err, "take back a reaction to announcement", r.Announcement)
}

// NoticeReactionNames is told in [communities.Tx].
func (r reads) NoticeReactionNames(ctx context.Context, id communities.AnnouncementID) ([]string, error) {
	var names []string
	err := r.idb.NewRaw("SELECT DISTINCT name FROM announcement_reactions WHERE announcement_id = ? ORDER BY name", id).Scan(ctx, &names)
	return names, found(err, "list the reactions to announcement", id)
}

func (row *announcementRow) noun() *communities.Announcement {
	return &communities.Announcement{
		ID: row.ID, By: row.By, Source: row.Source, Content: row.Content, StartsAt: row.StartsAt.time(), EndsAt: row.EndsAt.time(),
		AllDay: row.AllDay, PublishedAt: row.PublishedAt.time(), CreatedAt: row.CreatedAt.time(), UpdatedAt: row.UpdatedAt.time(),
	}
}
