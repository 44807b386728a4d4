package storage

import (
	"context"

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
