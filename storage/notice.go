package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

// NoticeFilter says which notifications are wanted. From and Post may be 0: any.
type NoticeFilter struct {
	Kinds    []communities.NotificationKind
	From     communities.ActorID
	Post     communities.PostID
	Filtered bool // also what was set aside
}

// Notices lists what the viewer is told, newest first.
func (r *Reader) Notices(ctx context.Context, which NoticeFilter, page Page) ([]*Notice, error) {
	var rows []notificationRow
	query := r.noticeRows(&rows, which)
	if err := page.apply(query, "n.id").Scan(ctx); err != nil {
		return nil, found(err, "list notifications of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.notices(ctx, rows)
}

// noticeRows leaves out whom the viewer blocked, or muted with what they cause.
func (r *Reader) noticeRows(rows *[]notificationRow, which NoticeFilter) *bun.SelectQuery {
	query := r.db.idb.NewSelect().Model(rows).Where("n.recipient_id = ?", r.viewer.Actor).
		Where("n.kind IN (?)", bun.List(append([]communities.NotificationKind{""}, which.Kinds...))).
		Where(shownSender, communities.NotifySignUp).
		Where("?", r.unblockedSender()).
		Where("NOT EXISTS (SELECT 1 FROM mutes AS m WHERE m.muter_id = n.recipient_id AND m.muted_id = n.from_id AND m.notifications AND "+
			unexpired+")", momentOf(r.db.now()))
	if which.From != 0 {
		query = query.Where("n.from_id = ?", which.From)
	}
	if which.Post != 0 {
		query = query.Where("n.post_id = ?", which.Post)
	}
	if !which.Filtered {
		query = query.Where("NOT n.filtered")
	}
	return query
}

// Notice finds one of the viewer's own notifications.
func (r *Reader) Notice(ctx context.Context, id communities.NotificationID) (*Notice, error) {
	var rows []notificationRow
	err := r.db.idb.NewSelect().Model(&rows).Where("n.recipient_id = ? AND n.id = ?", r.viewer.Actor, id).Scan(ctx)
	if err != nil {
		return nil, found(err, "read notification", id)
	}
	list, err := r.notices(ctx, rows)
	if err == nil && (len(list) == 0 || list[0].From == nil) {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// NoticesAbove lists what the viewer is told above a notification, bare and newest first, up to a limit, for who counts it.
func (r *Reader) NoticesAbove(ctx context.Context, which NoticeFilter, above int64, limit int) ([]*communities.Notification, error) {
	var rows []notificationRow
	err := r.noticeRows(&rows, which).Where("n.id > ?", above).OrderExpr("n.id DESC").Limit(int64(limit)).Scan(ctx)
	list := make([]*communities.Notification, len(rows))
	for i := range rows {
		list[i] = rows[i].noun()
	}
	return list, found(err, "count notifications of", r.viewer.Actor)
}

// ForgetNotifications takes away some of a person's notifications; all of them when none is named.
func (tx *Tx) ForgetNotifications(ctx context.Context, recipient communities.ActorID, ids ...communities.NotificationID) error {
	query := tx.idb.NewDelete().Model((*notificationRow)(nil)).Where("recipient_id = ?", recipient)
	if len(ids) > 0 {
		query = query.Where("id IN (?)", bun.List(ids))
	}
	_, err := query.Exec(ctx)
	return found(err, "forget notifications of", recipient)
}
