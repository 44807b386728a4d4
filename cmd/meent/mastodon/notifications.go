package mastodon

import (
	"html"
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// notificationRoutes are who did what.
var notificationRoutes = []row{
	{"GET", "/api/v1/notifications", User, "read:notifications", (*API).notifications, 0},
	{"GET", "/api/v1/notifications/unread_count", User, "read:notifications", (*API).unreadCount, 0},
	{"GET", "/api/v1/notifications/{id}", User, "read:notifications", (*API).showNotification, 0},
	{"POST", "/api/v1/notifications/clear", User, "write:notifications", (*API).clearNotifications, 0},
	{"POST", "/api/v1/notifications/{id}/dismiss", User, "write:notifications", (*API).dismissNotification, 0},
	{"DELETE", "/api/v1/notifications/destroy_multiple", User, "write:notifications", (*API).dismissNotifications, 0},
	{"GET", "/api/v2/notifications", User, "read:notifications", (*API).groupedNotifications, 0},
	{"GET", "/api/v2/notifications/unread_count", User, "read:notifications", (*API).unreadGroups, 0},
	{"POST", "/api/v2/notifications/clear", User, "write:notifications", (*API).clearNotifications, 0},
	{"GET", "/api/v2/notifications/{group_key}", User, "read:notifications", (*API).showGroup, 0},
	{"GET", "/api/v2/notifications/{group_key}/accounts", User, "read:notifications", (*API).groupAccounts, 0},
	{"POST", "/api/v2/notifications/{group_key}/dismiss", User, "write:notifications", (*API).dismissGroup, 0},
}

// notices are the names that apps know. What else this node tells people of (requests to join and the answers to them) apps would stumble
// over: that is told on the pages.
var notices = map[communities.NotificationKind]string{
	communities.NotifyMention: "mention", communities.NotifyReply: "mention", communities.NotifyBoost: "reblog",
	communities.NotifyFavourite: "favourite", communities.NotifyFollow: "follow", communities.NotifyFollowRequest: "follow_request",
	communities.NotifyPoll: "poll", communities.NotifyEdit: "update", communities.NotifyReport: "admin.report",
	communities.NotifySignUp:    "admin.sign_up",
	communities.NotifyRemoval:   "moderation_warning",
	communities.NotifyPost:      "status",
	communities.NotifyCollected: "added_to_collection", communities.NotifyCollectionUpdate: "collection_update",
	communities.NotifyQuote: "quote", communities.NotifyQuotedEdit: "quoted_update",
}

// aboutPost are the notices that mean nothing once the post is out of sight.
var aboutPost = []string{"mention", "reblog", "favourite", "poll", "update", "status", "quote", "quoted_update"}

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

// whichNotices reads what an app asks for.
func whichNotices(f form) (storage.NoticeFilter, error) {
	which := storage.NoticeFilter{Kinds: wantedKinds(f), Filtered: f.flag("include_filtered")}
	if !f.has("account_id") {
		return which, nil
	}
	var err error
	which.From, err = parseID[communities.ActorID](f.text("account_id"))
	which.Filtered = true // apps ask so for what was set aside of somebody
	return which, err
}

// readNotices reads the page that is asked for, and says where the next one is.
func (a *API) readNotices(c *call) ([]*storage.Notice, error) {
	which, err := whichNotices(c.form)
	if err != nil {
		return nil, err
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
		if notification, ok := p.notification(c.person, n); ok {
			notification.Fallback = a.fallback(c, n)
			drawn = append(drawn, notification)
		}
	}
	return drawn, nil
}

// notification draws one; false when nothing is left of what it is about.
func (p *painter) notification(self *communities.Actor, n *storage.Notice) (entity.Notification, bool) {
	drawn := entity.Notification{
		ID: entity.ID(n.ID), Type: notices[n.Kind], GroupKey: groupKey(n.Notification), CreatedAt: entity.Time(n.CreatedAt),
	}
	if n.From == nil || drawn.Type == "" {
		return drawn, false
	}
	drawn.Account = p.account(n.From)
	switch {
	case n.Kind == communities.NotifyRemoval:
		warning := p.warning(self, n)
		drawn.ModerationWarning = &warning
	case n.Reported != nil && n.Target != nil:
		report := p.drawReport(n.Reported, n.Target)
		drawn.Report = &report
	case n.Collection != nil:
		collection := p.collection(n.From, n.Collection)
		drawn.Collection = &collection
	case n.Notification.Collection != 0:
		return drawn, false
	case n.Kind == communities.NotifyReport:
		return drawn, false
	case n.Post != nil && drawable(n.Post):
		status := p.status(n.Post)
		drawn.Status = &status
	default:
		return drawn, !slices.Contains(aboutPost, drawn.Type)
	}
	return drawn, true
}

// explained are the types that an app may not know. The others every app has always known, or says itself that it does (types[]).
var explained = []string{"moderation_warning", "admin.sign_up", "admin.report", "added_to_collection", "collection_update"}

// fallback says in words what happened, for an app that names the types that it knows (supported_types[]), of which this is none.
func (a *API) fallback(c *call, n *storage.Notice) *entity.NotificationFallback {
	name, known := notices[n.Kind], c.form.list("supported_types")
	if len(known) == 0 || slices.Contains(known, name) || !slices.Contains(explained, name) {
		return nil
	}
	said := a.wordsFor(c.Request, c.caller).Text("push."+string(n.Kind), n.From.Title())
	return &entity.NotificationFallback{Title: html.EscapeString(said)}
}

// warning tells somebody that moderators took a post of theirs away.
func (p *painter) warning(self *communities.Actor, n *storage.Notice) entity.AccountWarning {
	warning := entity.AccountWarning{
		ID: entity.ID(n.ID), Action: "delete_statuses", StatusIDs: []entity.ID{entity.ID(n.Notification.Post)}, TargetAccount: p.account(self),
		CreatedAt: entity.Time(n.CreatedAt),
	}
	if n.Post != nil {
		warning.Text = n.Post.Post.Removal.Reason
	}
	return warning
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

// dismissNotifications takes away those that are named; not all of them when none is.
func (a *API) dismissNotifications(c *call) (any, error) {
	ids := parseIDs[communities.NotificationID](c.form.list("ids"))
	if len(ids) == 0 {
		return entity.Empty{}, nil
	}
	return entity.Empty{}, a.forget(c, ids...)
}

const maxUnread = 1000 // that are counted (Mastodon API, unread_count)

// unread lists what came after the marker.
func (a *API) unread(c *call) ([]*communities.Notification, error) {
	which, err := whichNotices(c.form)
	if err != nil {
		return nil, err
	}
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
	return a.reader(c).NoticesAbove(c.Context(), which, read, limit)
}

func (a *API) unreadCount(c *call) (any, error) {
	list, err := a.unread(c)
	return entity.Count{Count: len(list)}, err
}

// unreadGroups counts those that stand together as one.
func (a *API) unreadGroups(c *call) (any, error) {
	list, err := a.unread(c)
	keys := map[string]bool{}
	for _, n := range list {
		keys[keyFor(n.ID, notices[n.Kind], groupKey(n), c.form.list("grouped_types"))] = true
	}
	return entity.Count{Count: len(keys)}, err
}
