package storage

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Lists of posts that only apps ask for.

// hashtags brings names into the form that they are kept in.
func hashtags(names []string) []string {
	kept := make([]string, len(names))
	for i, name := range names {
		kept[i] = strings.ToLower(strings.TrimPrefix(name, "#"))
	}
	return kept
}

// Posts finds those of the posts that the viewer may see, in the order asked for.
func (r *Reader) Posts(ctx context.Context, ids []communities.PostID) ([]*View, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []postRow
	views, err := r.list(ctx, Page{}, &rows, r.posts(&rows).Where("p.id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, err
	}
	byID := make(map[communities.PostID]*View, len(views))
	for _, v := range views {
		byID[v.Post.ID] = v
	}
	ordered := make([]*View, 0, len(views))
	for _, id := range ids {
		if v := byID[id]; v != nil {
			ordered = append(ordered, v)
		}
	}
	return ordered, nil
}

// SharedAtHome tells which of the posts the viewer's home also holds as shared by the group that they were written in.
func (r *Reader) SharedAtHome(ctx context.Context, ids []communities.PostID) (map[communities.PostID]bool, error) {
	shared := map[communities.PostID]bool{}
	if len(ids) == 0 {
		return shared, nil
	}
	var posts []communities.PostID
	err := r.db.idb.NewRaw(`SELECT p.id FROM posts AS p JOIN posts AS b ON b.boost_of_id = p.id AND b.author_id = p.group_id
		WHERE p.id IN (?) AND EXISTS (SELECT 1 FROM home_entries AS h WHERE h.owner_id = ? AND h.post_id = b.id)`,
		bun.List(ids), r.viewer.Actor).Scan(ctx, &posts)
	for _, id := range posts {
		shared[id] = true
	}
	return shared, found(err, "read home of", r.viewer.Actor)
}

// NoticeFilter says which notifications are wanted. From and Post may be 0: any.
type NoticeFilter struct {
	Kinds []communities.NotificationKind
	From  communities.ActorID
	Post  communities.PostID
}

// Notices lists what the viewer is told, newest first.
func (r *Reader) Notices(ctx context.Context, which NoticeFilter, page Page) ([]*Notice, error) {
	var rows []notificationRow
	query := r.noticeRows(&rows, which.Kinds)
	if which.From != 0 {
		query = query.Where("n.from_id = ?", which.From)
	}
	if which.Post != 0 {
		query = query.Where("n.post_id = ?", which.Post)
	}
	if err := page.apply(query, "n.id").Scan(ctx); err != nil {
		return nil, found(err, "list notifications of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(rows)
	}
	return r.notices(ctx, rows)
}

// noticeRows leaves out whom the viewer blocked, or muted with what they cause.
func (r *Reader) noticeRows(rows *[]notificationRow, kinds []communities.NotificationKind) *bun.SelectQuery {
	return r.db.idb.NewSelect().Model(rows).Where("n.recipient_id = ?", r.viewer.Actor).
		Where("n.kind IN (?)", bun.List(append([]communities.NotificationKind{""}, kinds...))).
		Where("(SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL FROM actors AS a WHERE a.id = n.from_id)").
		Where("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = n.recipient_id AND b.blocked_id = n.from_id)").
		Where("NOT EXISTS (SELECT 1 FROM mutes AS m WHERE m.muter_id = n.recipient_id AND m.muted_id = n.from_id AND m.notifications AND "+
			unexpired+")", momentOf(r.db.now()))
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

// CountNotices counts what the viewer is told of certain kinds above a notification, up to a limit.
func (r *Reader) CountNotices(ctx context.Context, kinds []communities.NotificationKind, above int64, limit int) (int, error) {
	var rows []notificationRow
	err := r.noticeRows(&rows, kinds).Where("n.id > ?", above).Limit(int64(limit)).Scan(ctx)
	return len(rows), found(err, "count notifications of", r.viewer.Actor)
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
