package mastodon

import (
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// notificationRoutes are who did what.
var notificationRoutes = []row{
	{"GET", "/api/v1/notifications", User, "read:notifications", (*API).notifications, 0},
	{"GET", "/api/v1/notifications/unread_count", User, "read:notifications", (*API).unreadCount, 0},
	{"GET", "/api/v1/notifications/requests", User, "read:notifications", (*API).none, 0},
	{"GET", "/api/v1/notifications/{id}", User, "read:notifications", (*API).showNotification, 0},
	{"POST", "/api/v1/notifications/clear", User, "write:notifications", (*API).clearNotifications, 0},
	{"POST", "/api/v1/notifications/{id}/dismiss", User, "write:notifications", (*API).dismissNotification, 0},
	{"GET", "/api/v2/notifications", User, "read:notifications", (*API).groupedNotifications, 0},
	{"GET", "/api/v2/notifications/unread_count", User, "read:notifications", (*API).unreadCount, 0},
	{"GET", "/api/v2/notifications/policy", User, "read:notifications", (*API).notificationPolicy, 0},
	{"PATCH", "/api/v2/notifications/policy", User, "write:notifications", (*API).changeNotificationPolicy, 0},
	{"GET", "/api/v2/notifications/{group_key}", User, "read:notifications", (*API).showGroup, 0},
	{"GET", "/api/v2/notifications/{group_key}/accounts", User, "read:notifications", (*API).groupAccounts, 0},
	{"POST", "/api/v2/notifications/{group_key}/dismiss", User, "write:notifications", (*API).dismissGroup, 0},
}

// notices are the names that apps know. What else this node tells people of (requests to join, removals, reports) old apps would
// stumble over: that is told on the pages.
var notices = map[communities.NotificationKind]string{
	communities.NotifyMention: "mention", communities.NotifyReply: "mention", communities.NotifyBoost: "reblog",
	communities.NotifyFavourite: "favourite", communities.NotifyFollow: "follow", communities.NotifyFollowRequest: "follow_request",
	communities.NotifyPoll: "poll", communities.NotifyEdit: "update",
	communities.NotifyQuote: "quote", communities.NotifyQuotedEdit: "quoted_update",
}

// aboutPost are the notices that mean nothing once the post is out of sight.
var aboutPost = []string{"mention", "reblog", "favourite", "poll", "update", "quote", "quoted_update"}

// wantedKinds reads types[] and exclude_types[].
func wantedKinds(f form) []communities.NotificationKind {
	only, not := f.list("types"), f.list("exclude_types")
	var kinds []communities.NotificationKind
	for kind, name := range notices {
		if (len(only) == 0 || slices.Contains(only, name)) && !slices.Contains(not, name) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// readNotices reads the page that is asked for, and says where the next one is.
func (a *API) readNotices(c *call) ([]*storage.Notice, error) {
	which := storage.NoticeFilter{Kinds: wantedKinds(c.form)}
	if c.form.has("account_id") {
		id, err := parseID[communities.ActorID](c.form.text("account_id"))
		if err != nil {
			return nil, err
		}
		which.From = id
	}
	at := c.page(accountLength)
	list, err := a.reader(c).Notices(c.Context(), which, at)
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(list))
	for i, n := range list {
		cursors[i] = int64(n.ID)
	}
	a.link(c, at, cursors)
	return list, nil
}

func (a *API) notifications(c *call) (any, error) {
	list, err := a.readNotices(c)
	if err != nil {
		return nil, err
	}
	return a.drawNotices(c, list)
}

func (a *API) drawNotices(c *call, list []*storage.Notice) ([]entity.Notification, error) {
	drawn := make([]entity.Notification, 0, len(list))
	var views []*storage.View
	for _, n := range list {
		if n.Post != nil {
			views = append(views, n.Post)
		}
	}
	p, err := a.painter(c, views, onNotifications)
	if err != nil {
		return nil, err
	}
	for _, n := range list {
		notification := entity.Notification{
			ID: entity.ID(n.ID), Type: notices[n.Kind], GroupKey: groupKey(n), CreatedAt: entity.Time(n.CreatedAt),
		}
		if n.From == nil || notification.Type == "" {
			continue
		}
		notification.Account = a.account(n.From)
		if n.Post != nil && drawable(n.Post) {
			status := p.status(n.Post, false)
			notification.Status = &status
		} else if slices.Contains(aboutPost, notification.Type) {
			continue
		}
		drawn = append(drawn, notification)
	}
	return drawn, nil
}

func (a *API) showNotification(c *call) (any, error) {
	id, err := pathID[communities.NotificationID](c, "id")
	if err != nil {
		return nil, err
	}
	n, err := a.reader(c).Notice(c.Context(), id)
	if err != nil {
		return nil, err
	}
	list, err := a.drawNotices(c, []*storage.Notice{n})
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) clearNotifications(c *call) (any, error) { return entity.Empty{}, a.forget(c) }

func (a *API) forget(c *call, ids ...communities.NotificationID) error {
	return a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).ForgetNotifications(c.Context(), c.id(), ids...)
	})
}

func (a *API) dismissNotification(c *call) (any, error) {
	id, err := pathID[communities.NotificationID](c, "id")
	if err != nil {
		return nil, err
	}
	if _, err := a.reader(c).Notice(c.Context(), id); err != nil {
		return nil, err
	}
	return entity.Empty{}, a.forget(c, id)
}

const maxUnread = 1000 // that are counted (Mastodon API, unread_count)

// unreadCount counts what came after the marker.
func (a *API) unreadCount(c *call) (any, error) {
	markers, err := a.archive.Markers(c.Context(), c.id())
	if err != nil {
		return nil, err
	}
	var read int64
	for _, marker := range markers {
		if marker.Timeline == string(onNotifications) {
			read = marker.LastRead
		}
	}
	limit := min(max(c.form.number("limit", 100), 1), maxUnread)
	n, err := a.reader(c).CountNotices(c.Context(), wantedKinds(c.form), read, limit)
	return entity.Count{Count: n}, err
}

// notificationPolicy: nobody's notifications are set aside here.
func (a *API) notificationPolicy(*call) (any, error) {
	const accept = "accept"
	return entity.NotificationPolicy{
		ForNotFollowing: accept, ForNotFollowers: accept, ForNewAccounts: accept, ForPrivateMentions: accept, ForLimitedAccounts: accept,
	}, nil
}

func (a *API) changeNotificationPolicy(c *call) (any, error) {
	for name := range c.form.values {
		if value := c.form.text(name); strings.HasPrefix(name, "for_") && value != "accept" {
			return nil, communities.Invalidf("This node does not set notifications aside yet")
		}
	}
	return a.notificationPolicy(c)
}
