package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// notificationRow is a notification as the tables keep it.
type notificationRow struct {
	bun.BaseModel `bun:"table:notifications,alias:n"`

	ID        communities.NotificationID   `bun:"id,pk"`
	Recipient communities.ActorID          `bun:"recipient_id"`
	Kind      communities.NotificationKind `bun:"kind"`
	From      communities.ActorID          `bun:"from_id"`
	Post      communities.PostID           `bun:"post_id"`
	Group     communities.ActorID          `bun:"group_id"`
	Report    communities.ReportID         `bun:"report_id"`
	CreatedAt moment                       `bun:"created_at"`
	ReadAt    moment                       `bun:"read_at,nullzero"`
	Filtered  bool                         `bun:"filtered"`
}

// PutNotification stores a notification once; see [communities.Tx]. What concerns a thread that its recipient has muted is not stored.
func (tx *Tx) PutNotification(ctx context.Context, n *communities.Notification) (communities.Stored, error) {
	wanted := bun.Safe("TRUE")
	if n.Post != 0 && aboutThread[n.Kind] {
		wanted = bun.Safe("NOT " + tx.db.writer.QueryGen().FormatQuery(inMutedThread, n.Recipient, n.Post))
	}
	about := n.Report
	if n.Collection != 0 {
		about = communities.ReportID(n.Collection)
	}
	stored := communities.Stored{New: true}
	// Whatever waits, this does not depend on it.
	err := tx.tx.NewRaw(`INSERT INTO notifications (id, recipient_id, kind, from_id, post_id, group_id, report_id, created_at, read_at)
		SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? ON CONFLICT DO NOTHING
		RETURNING EXISTS (SELECT 1 FROM notification_policies WHERE actor_id = ?)
			OR EXISTS (SELECT 1 FROM actors WHERE id = ? AND (limited_at IS NOT NULL OR host_policy = ?)), EXISTS (SELECT 1 FROM push_subscriptions WHERE actor_id = ?)`,
		n.ID, n.Recipient, n.Kind, n.From, n.Post, n.Group, about, momentOf(n.CreatedAt), bun.NullZero(momentOf(n.ReadAt)), wanted,
		n.Recipient, n.From, communities.HostLimited, n.Recipient).Scan(ctx, &stored.Screened, &stored.Pushed)
	if errors.Is(err, sql.ErrNoRows) {
		return communities.Stored{}, nil
	}
	if err == nil {
		tx.note(Note{Kind: NoteNotified, Actor: n.Recipient, ID: int64(n.ID)})
	}
	return stored, found(err, "notify", n.Recipient)
}

func (row *notificationRow) noun() *communities.Notification {
	n := &communities.Notification{
		ID: row.ID, Recipient: row.Recipient, Kind: row.Kind, From: row.From, Post: row.Post, Group: row.Group, Report: row.Report,
		CreatedAt: row.CreatedAt.time(), ReadAt: row.ReadAt.time(), Filtered: row.Filtered,
	}
	if aboutCollection[n.Kind] {
		n.Report, n.Collection = 0, communities.CollectionID(row.Report)
	}
	return n
}

// aboutCollection are the kinds whose row names a collection where others name a report: a notification is about one thing.
var aboutCollection = map[communities.NotificationKind]bool{communities.NotifyCollected: true, communities.NotifyCollectionUpdate: true}

// Notice is a notification as it is shown.
type Notice struct {
	*communities.Notification
	From  *communities.Actor
	Post  *View // nil: none, or no longer seen
	Group *communities.Actor

	Reported   *communities.Report     // nil: nothing
	Target     *communities.Actor      // of the report
	Collection *communities.Collection // nil: none
}

// shownSender is the condition for notifications from somebody who is shown; of whoever signed up moderators hear before.
const shownSender = "((SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked' FROM actors AS a WHERE a.id = n.from_id)" +
	" OR n.kind = ?)"

// Notifications lists what the viewer is told, newest first. What comes from somebody who was blocked since, or is no longer active, is left out.
func (r *Reader) Notifications(ctx context.Context, page Page) ([]*Notice, error) {
	var rows []notificationRow
	query := r.db.idb.NewSelect().Model(&rows).Where("n.recipient_id = ? AND NOT n.filtered", r.viewer.Actor).
		Where(shownSender, communities.NotifySignUp).
		Where("?", r.unblockedSender())
	if err := page.apply(query, "n.id").Scan(ctx); err != nil {
		return nil, found(err, "list notifications of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.notices(ctx, rows)
}

// unblockedSender leaves out what comes from whom the viewer has blocked, or whose host.
func (r *Reader) unblockedSender() bun.Safe {
	return bun.Safe(strings.ReplaceAll(strings.ReplaceAll(unblocked, "$author", "n.from_id"), "$me", r.db.writer.QueryGen().FormatQuery("?", r.viewer.Actor)))
}

func (r *Reader) notices(ctx context.Context, rows []notificationRow) ([]*Notice, error) {
	posts := map[communities.PostID]*View{}
	actors := map[communities.ActorID]*communities.Actor{}
	for _, row := range rows {
		if row.Post != 0 {
			posts[row.Post] = nil
		}
		actors[row.From], actors[row.Group] = nil, nil
	}
	if len(rows) == 0 {
		return nil, nil
	}
	reports, err := r.reports(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, report := range reports {
		actors[report.Target] = nil
	}
	if err := r.fill(ctx, posts, actors); err != nil {
		return nil, err
	}
	notices := make([]*Notice, len(rows))
	for i := range rows {
		n := rows[i].noun()
		notices[i] = &Notice{Notification: n, From: actors[n.From], Post: posts[n.Post], Group: actors[n.Group]}
		if report := reports[n.Report]; report != nil {
			notices[i].Reported, notices[i].Target = report, actors[report.Target]
		}
	}
	return notices, r.addCollections(ctx, notices)
}

// reports reads those that the viewer was told of.
func (r *Reader) reports(ctx context.Context, notices []notificationRow) (map[communities.ReportID]*communities.Report, error) {
	var ids []communities.ReportID
	for _, row := range notices {
		if row.Report != 0 {
			ids = append(ids, row.Report)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []reportRow
	err := r.db.idb.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	reports := make(map[communities.ReportID]*communities.Report, len(rows))
	for i := range rows {
		reports[rows[i].ID] = rows[i].noun()
	}
	return reports, found(err, "read reports to", r.viewer.Actor)
}

// fill reads what the keys of the maps name.
func (r *Reader) fill(ctx context.Context, posts map[communities.PostID]*View, actors map[communities.ActorID]*communities.Actor) error {
	if err := r.fillPosts(ctx, posts); err != nil {
		return err
	}
	named, err := r.db.actorsWhere(ctx, "id IN (?)", bun.List(keysOf(actors)))
	for _, a := range named {
		actors[a.ID] = a
	}
	return err
}

func (r *Reader) fillPosts(ctx context.Context, posts map[communities.PostID]*View) error {
	if len(posts) == 0 {
		return nil
	}
	var rows []postRow
	views, err := r.list(ctx, Page{}, &rows, r.posts(&rows).Where("p.id IN (?)", bun.List(keysOf(posts))))
	for _, v := range views {
		posts[v.Post.ID] = v
	}
	return err
}
