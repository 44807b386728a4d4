package storage

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

type policyRow struct {
	bun.BaseModel `bun:"table:notification_policies,alias:np"`

	Actor           communities.ActorID   `bun:"actor_id,pk"`
	NotFollowing    communities.Treatment `bun:"not_following"`
	NotFollowers    communities.Treatment `bun:"not_followers"`
	NewAccounts     communities.Treatment `bun:"new_accounts"`
	PrivateMentions communities.Treatment `bun:"private_mentions"`
	LimitedAccounts communities.Treatment `bun:"limited_accounts"`
}

func (row *policyRow) noun() communities.NotificationPolicy {
	return communities.NotificationPolicy{
		NotFollowing: row.NotFollowing, NotFollowers: row.NotFollowers, NewAccounts: row.NewAccounts,
		PrivateMentions: row.PrivateMentions, LimitedAccounts: row.LimitedAccounts,
	}
}

// NotificationPolicy reads a person's; the usual one where there is none.
func (r reads) NotificationPolicy(ctx context.Context, person communities.ActorID) (communities.NotificationPolicy, error) {
	var rows []policyRow
	err := r.idb.NewSelect().Model(&rows).Where("actor_id = ?", person).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return communities.UsualNotificationPolicy(), found(err, "read notification policy of", person)
	}
	return rows[0].noun(), nil
}

// PutNotificationPolicy makes or replaces a person's. The usual one is not kept, so that it costs nothing.
func (tx *Tx) PutNotificationPolicy(ctx context.Context, person communities.ActorID, p communities.NotificationPolicy) error {
	if _, err := tx.idb.NewDelete().Model((*policyRow)(nil)).Where("actor_id = ?", person).Exec(ctx); err != nil || p == communities.UsualNotificationPolicy() {
		return found(err, "end notification policy of", person)
	}
	row := policyRow{
		Actor: person, NotFollowing: p.NotFollowing, NotFollowers: p.NotFollowers, NewAccounts: p.NewAccounts,
		PrivateMentions: p.PrivateMentions, LimitedAccounts: p.LimitedAccounts,
	}
	_, err := tx.idb.NewInsert().Model(&row).Exec(ctx)
	return found(err, "put notification policy of", person)
}

// Acquaintance is told in [communities.Tx].
func (tx *Tx) Acquaintance(ctx context.Context, n *communities.Notification) (communities.Acquaintance, error) {
	var row struct {
		Following     bool
		FollowedSince moment
		Since         moment
		LetIn         bool
		Limited       bool
		Staff         bool
		Private       bool
	}
	me, other := n.Recipient, n.From
	err := tx.idb.NewRaw(`SELECT
		EXISTS (SELECT 1 FROM follows WHERE follower_id = ? AND followee_id = ? AND accepted) AS following,
		COALESCE((SELECT created_at FROM follows WHERE follower_id = ? AND followee_id = ? AND accepted), 0) AS followed_since,
		a.created_at AS since,
		EXISTS (SELECT 1 FROM notification_permissions WHERE actor_id = ? AND from_id = ?) AS let_in,
		(a.limited_at IS NOT NULL OR a.host_policy = ?) AS limited,
		EXISTS (SELECT 1 FROM accounts WHERE actor_id = a.id AND role <> ?) AS staff,
		EXISTS (SELECT 1 FROM posts AS p WHERE p.id = ? AND p.visibility = ?
			AND NOT EXISTS (SELECT 1 FROM posts AS q WHERE q.id = p.in_reply_to_id AND q.author_id = ?)) AS private
		FROM actors AS a WHERE a.id = ?`,
		me, other, other, me, me, other, communities.HostLimited, communities.RoleResident, n.Post, communities.Direct, me, other).Scan(ctx, &row)
	if err != nil {
		return communities.Acquaintance{}, found(err, "read the acquaintance of", n.Recipient)
	}
	policy, err := tx.NotificationPolicy(ctx, n.Recipient)
	return communities.Acquaintance{
		Policy: policy, Following: row.Following, FollowedSince: row.FollowedSince.time(), Since: row.Since.time(), LetIn: row.LetIn,
		Limited: row.Limited, Staff: row.Staff, Private: row.Private,
	}, err
}

// SetAside and DropNotification are told in [communities.Tx].
func (tx *Tx) SetAside(ctx context.Context, id communities.NotificationID) error {
	result, err := tx.idb.NewUpdate().Model((*notificationRow)(nil)).Set("filtered = TRUE").Where("id = ?", id).Exec(ctx)
	return changed(result, err, "set aside notification", id)
}

func (tx *Tx) DropNotification(ctx context.Context, id communities.NotificationID) error {
	result, err := tx.idb.NewDelete().Model((*notificationRow)(nil)).Where("id = ?", id).Exec(ctx)
	return changed(result, err, "drop notification", id)
}

// LetIn has a person told of everything that somebody does from now on, whatever their policy says, and of what was set aside; it returns how
// much that was. This is the one place where notifications are merged (Mastodon API, streaming event notifications_merged).
func (tx *Tx) LetIn(ctx context.Context, person, sender communities.ActorID, at time.Time) (merged int, err error) {
	_, err = tx.idb.NewRaw("INSERT INTO notification_permissions (actor_id, from_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		person, sender, momentOf(at)).Exec(ctx)
	if err != nil {
		return 0, found(err, "let in", sender)
	}
	n, err := affected(tx.idb.NewUpdate().Model((*notificationRow)(nil)).Set("filtered = FALSE").
		Where("recipient_id = ? AND from_id = ? AND filtered", person, sender).Exec(ctx))
	if err == nil && n > 0 {
		tx.Signal(Signal{Event: "notifications_merged", Actor: person})
	}
	return int(n), found(err, "merge notifications by", sender)
}

// Dismiss forgets what was set aside of somebody.
func (tx *Tx) Dismiss(ctx context.Context, person, sender communities.ActorID) error {
	_, err := tx.idb.NewDelete().Model((*notificationRow)(nil)).
		Where("recipient_id = ? AND from_id = ? AND filtered", person, sender).Exec(ctx)
	return found(err, "dismiss notifications by", sender)
}

// NoticeRequest is what was set aside of one sender, whose id names it.
type NoticeRequest struct {
	From  *communities.Actor
	Count int   // up to maxCounted
	Last  *View // the newest post that the viewer sees; nil: none
	First time.Time
	Late  time.Time
}

// maxCounted is how much is counted of what was set aside (Mastodon API: as much as means anything).
const maxCounted = 100

// NoticeRequests lists of whom something was set aside for the viewer, by the ids of the senders.
func (r *Reader) NoticeRequests(ctx context.Context, page Page) ([]*NoticeRequest, error) {
	var senders []communities.ActorID
	query := r.db.idb.NewSelect().Model((*notificationRow)(nil)).Distinct().Column("from_id").
		Where("n.recipient_id = ? AND n.filtered", r.viewer.Actor).
		Where(shownSender, communities.NotifySignUp)
	if err := page.apply(query, "n.from_id").Scan(ctx, &senders); err != nil {
		return nil, found(err, "list notification requests of", r.viewer.Actor)
	}
	if page.MinID > 0 {
		slices.Reverse(senders)
	}
	list := make([]*NoticeRequest, 0, len(senders))
	for _, sender := range senders {
		request, err := r.NoticeRequest(ctx, sender)
		if err != nil {
			return nil, err
		}
		list = append(list, request)
	}
	return list, nil
}

// NoticeRequest reads what was set aside of one sender.
func (r *Reader) NoticeRequest(ctx context.Context, sender communities.ActorID) (*NoticeRequest, error) {
	var rows []notificationRow
	err := r.db.idb.NewSelect().Model(&rows).Where("n.recipient_id = ? AND n.from_id = ? AND n.filtered", r.viewer.Actor, sender).
		OrderExpr("n.id DESC").Limit(maxCounted).Scan(ctx)
	if err != nil {
		return nil, found(err, "read notification request of", sender)
	}
	if len(rows) == 0 {
		return nil, communities.NotFound
	}
	request := &NoticeRequest{Count: len(rows), First: rows[len(rows)-1].CreatedAt.time(), Late: rows[0].CreatedAt.time()}
	if request.From, err = r.Actor(ctx, sender); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.Post == 0 {
			continue
		}
		last, err := r.Post(ctx, row.Post)
		if communities.IsNotFound(err) {
			return request, nil
		}
		request.Last = last
		return request, err
	}
	return request, nil
}

// CountRequests tells from how many senders something was set aside for the viewer, and how much, both up to maxCounted.
func (r *Reader) CountRequests(ctx context.Context) (senders, notices int, err error) {
	err = r.db.idb.NewRaw(`SELECT
		(SELECT count(*) FROM (SELECT DISTINCT from_id FROM notifications WHERE recipient_id = ? AND filtered LIMIT ?) AS s),
		(SELECT count(*) FROM (SELECT 1 FROM notifications WHERE recipient_id = ? AND filtered LIMIT ?) AS n)`,
		r.viewer.Actor, maxCounted, r.viewer.Actor, maxCounted).Scan(ctx, &senders, &notices)
	return senders, notices, found(err, "count notification requests of", r.viewer.Actor)
}
