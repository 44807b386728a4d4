package storage

import (
	"context"
	"slices"

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
}

// PutNotification stores a notification once; see [communities.Tx].
func (tx *Tx) PutNotification(ctx context.Context, n *communities.Notification) (created bool, err error) {
	row := notificationRow{
		ID: n.ID, Recipient: n.Recipient, Kind: n.Kind, From: n.From, Post: n.Post, Group: n.Group, Report: n.Report,
		CreatedAt: momentOf(n.CreatedAt), ReadAt: momentOf(n.ReadAt),
	}
	result, err := tx.idb.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx)
	made, err := affected(result, err)
	return made > 0, found(err, "notify", n.Recipient)
}

func (row *notificationRow) noun() *communities.Notification {
	return &communities.Notification{
		ID: row.ID, Recipient: row.Recipient, Kind: row.Kind, From: row.From, Post: row.Post, Group: row.Group, Report: row.Report,
		CreatedAt: row.CreatedAt.time(), ReadAt: row.ReadAt.time(),
	}
}

// Notice is a notification as it is shown.
type Notice struct {
	*communities.Notification
	From  *communities.Actor
	Post  *View // nil: none, or no longer seen
	Group *communities.Actor
}

// Notifications lists what the viewer is told, newest first. What comes from somebody who was blocked since, or is no longer active, is left out.
func (r *Reader) Notifications(ctx context.Context, page Page) ([]*Notice, error) {
	var rows []notificationRow
	query := r.db.idb.NewSelect().Model(&rows).Where("n.recipient_id = ?", r.viewer.Actor).
		Where("((SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.host_policy <> 'blocked' FROM actors AS a WHERE a.id = n.from_id)"+
			" OR n.kind = ?)", communities.NotifySignUp). // from somebody whom nobody sees yet

		Where("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = n.recipient_id AND b.blocked_id = n.from_id)")
	if err := page.apply(query, "n.id").Scan(ctx); err != nil {
		return nil, found(err, "list notifications of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.notices(ctx, rows)
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
	if err := r.fill(ctx, posts, actors); err != nil {
		return nil, err
	}
	notices := make([]*Notice, len(rows))
	for i := range rows {
		n := rows[i].noun()
		notices[i] = &Notice{Notification: n, From: actors[n.From], Post: posts[n.Post], Group: actors[n.Group]}
	}
	return notices, nil
}

// fill reads what the keys of the maps name.
func (r *Reader) fill(ctx context.Context, posts map[communities.PostID]*View, actors map[communities.ActorID]*communities.Actor) error {
	if len(posts) > 0 {
		var rows []postRow
		views, err := r.list(ctx, Page{}, &rows, r.posts(&rows).Where("p.id IN (?)", bun.List(keysOf(posts))))
		if err != nil {
			return err
		}
		for _, v := range views {
			posts[v.Post.ID] = v
		}
	}
	named, err := r.db.actorsWhere(ctx, "id IN (?)", bun.List(keysOf(actors)))
	for _, a := range named {
		actors[a.ID] = a
	}
	return err
}
