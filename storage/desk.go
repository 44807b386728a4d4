package storage

import (
	"context"
	"time"

	"meent/communities"
)

// OpenReport is a report as it is shown to who decides.
type OpenReport struct {
	*communities.Report
	Reporter   *communities.Actor
	Target     *communities.Actor
	AssignedTo *communities.Actor // nil: nobody is on it
	ResolvedBy *communities.Actor // nil: it waits for a decision
	Posts      []*View            // without those that were deleted since, or that the viewer may not see
}

// OpenReports lists the open reports to the moderators of a group, or of the node where it is 0, oldest first. The caller has asked whether
// the viewer is one of them.
func (r *Reader) OpenReports(ctx context.Context, group communities.ActorID, limit int) ([]*OpenReport, error) {
	var rows []reportRow
	err := r.db.idb.NewSelect().Model(&rows).Where("resolved_at IS NULL AND COALESCE(group_id, 0) = ?", group).
		OrderExpr("id").Limit(int64(Page{Limit: limit}.limit())).Scan(ctx)
	if err != nil {
		return nil, found(err, "list reports to", group)
	}
	return r.withParties(ctx, rows)
}

// withParties adds who and what reports are about.
func (r *Reader) withParties(ctx context.Context, rows []reportRow) ([]*OpenReport, error) {
	posts, actors := map[communities.PostID]*View{}, map[communities.ActorID]*communities.Actor{}
	for _, row := range rows {
		actors[row.Reporter], actors[row.Target], actors[row.AssignedTo], actors[row.ResolvedBy] = nil, nil, nil, nil
		for _, id := range row.Posts {
			posts[id] = nil
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if err := r.fill(ctx, posts, actors); err != nil {
		return nil, err
	}
	reports := make([]*OpenReport, len(rows))
	for i := range rows {
		report := &OpenReport{
			Report: rows[i].noun(), Reporter: actors[rows[i].Reporter], Target: actors[rows[i].Target],
			AssignedTo: actors[rows[i].AssignedTo], ResolvedBy: actors[rows[i].ResolvedBy],
		}
		for _, id := range rows[i].Posts {
			if posts[id] != nil {
				report.Posts = append(report.Posts, posts[id])
			}
		}
		reports[i] = report
	}
	return reports, nil
}

// CountReports tells how many reports wait for the moderators of a group, or of the node where it is 0.
func (r reads) CountReports(ctx context.Context, group communities.ActorID) (int, error) {
	var n int
	err := r.idb.NewSelect().Model((*reportRow)(nil)).ColumnExpr("count(*)").
		Where("resolved_at IS NULL AND COALESCE(group_id, 0) = ?", group).Scan(ctx, &n)
	return n, found(err, "count reports to", group)
}

// JoinRequest is somebody who waits to become a member.
type JoinRequest struct {
	Person *communities.Actor
	Since  time.Time
}

// JoinRequests lists who waits to become a member of a group, the longest waiting first.
func (r *Reader) JoinRequests(ctx context.Context, group communities.ActorID, limit int) ([]JoinRequest, error) {
	var rows []membershipRow
	err := r.db.idb.NewSelect().Model(&rows).Where("group_id = ? AND pending", group).
		OrderExpr("created_at").Limit(int64(Page{Limit: limit}.limit())).Scan(ctx)
	if err != nil {
		return nil, found(err, "list requests to join", group)
	}
	persons := map[communities.ActorID]*communities.Actor{}
	for _, row := range rows {
		persons[row.Person] = nil
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if err := r.fill(ctx, nil, persons); err != nil {
		return nil, err
	}
	requests := make([]JoinRequest, len(rows))
	for i, row := range rows {
		requests[i] = JoinRequest{Person: persons[row.Person], Since: row.CreatedAt.time()}
	}
	return requests, nil
}

// Banned is somebody who is kept out, with the ban.
type Banned struct {
	*communities.Ban
	Person *communities.Actor
}

// Banned lists who is kept out of a group, or out of the node where it is 0, the last one first.
func (r *Reader) Banned(ctx context.Context, group communities.ActorID) ([]Banned, error) {
	bans, err := r.db.Bans(ctx, group)
	if err != nil || len(bans) == 0 {
		return nil, err
	}
	persons := map[communities.ActorID]*communities.Actor{}
	for _, ban := range bans {
		persons[ban.Person] = nil
	}
	if err := r.fill(ctx, nil, persons); err != nil {
		return nil, err
	}
	banned := make([]Banned, len(bans))
	for i, ban := range bans {
		banned[i] = Banned{Ban: ban, Person: persons[ban.Person]}
	}
	return banned, nil
}

// CountUnread tells how many notifications the viewer has not marked as read.
func (r *Reader) CountUnread(ctx context.Context) (int, error) {
	var n int
	err := r.db.idb.NewSelect().Model((*notificationRow)(nil)).ColumnExpr("count(*)").
		Where("n.recipient_id = ? AND n.read_at IS NULL AND NOT n.filtered", r.viewer.Actor).Scan(ctx, &n)
	return n, found(err, "count notifications of", r.viewer.Actor)
}

// ReadNotifications marks what a person was told, up to one notification, as read.
func (tx *Tx) ReadNotifications(ctx context.Context, person communities.ActorID, upTo communities.NotificationID, at time.Time) error {
	_, err := tx.idb.NewUpdate().Model((*notificationRow)(nil)).Set("read_at = ?", momentOf(at)).
		Where("n.recipient_id = ? AND n.id <= ? AND n.read_at IS NULL", person, upTo).Exec(ctx)
	return found(err, "read notifications of", person)
}
