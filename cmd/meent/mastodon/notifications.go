package mastodon

import (
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// notices are the names that apps know. What else this node tells people of (requests to join, removals, reports) old apps would
// stumble over: that is told on the pages.
var notices = map[communities.NotificationKind]string{
	communities.NotifyMention: "mention", communities.NotifyReply: "mention", communities.NotifyBoost: "reblog",
	communities.NotifyFavourite: "favourite", communities.NotifyFollow: "follow", communities.NotifyFollowRequest: "follow_request",
	communities.NotifyPoll: "poll", communities.NotifyEdit: "update",
}

// aboutPost are the notices that mean nothing once the post is out of sight.
var aboutPost = []string{"mention", "reblog", "favourite", "poll", "update"}

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
	at := c.page(accountLimits)
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
			status := p.status(n.Post)
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

func (a *API) clearNotifications(c *call) (any, error) { return done, a.forget(c) }

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
	return done, a.forget(c, id)
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

// Groups of notifications (Mastodon API, grouped notifications): what several people did with one post is one line.

// grouped are the types that are put together.
var grouped = []string{"favourite", "reblog"}

func groupKey(n *storage.Notice) string {
	if name := notices[n.Kind]; slices.Contains(grouped, name) && n.Notification.Post != 0 {
		return name + "-" + entity.ID(n.Notification.Post).String()
	}
	return "ungrouped-" + entity.ID(n.ID).String()
}

func (a *API) groupedNotifications(c *call) (any, error) {
	list, err := a.readNotices(c)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawNotices(c, list)
	if err != nil {
		return nil, err
	}
	return gather(drawn, c.form.list("grouped_types")), nil
}

// sampleSize is how many people a group names.
const sampleSize = 8

// gather puts like notifications together, where the newest of them stands. An app may name the types that it can group.
func gather(list []entity.Notification, types []string) entity.GroupedNotifications {
	g := entity.GroupedNotifications{Accounts: []entity.Account{}, Statuses: []entity.Status{}, NotificationGroups: []entity.NotificationGroup{}}
	for _, n := range list {
		if len(types) > 0 && !slices.Contains(types, n.Type) {
			n.GroupKey = "ungrouped-" + n.ID.String()
		}
		if !slices.ContainsFunc(g.Accounts, func(a entity.Account) bool { return a.ID == n.Account.ID }) {
			g.Accounts = append(g.Accounts, n.Account)
		}
		if n.Status != nil && !slices.ContainsFunc(g.Statuses, func(s entity.Status) bool { return s.ID == n.Status.ID }) {
			g.Statuses = append(g.Statuses, *n.Status)
		}
		at := slices.IndexFunc(g.NotificationGroups, func(other entity.NotificationGroup) bool { return other.GroupKey == n.GroupKey })
		if at < 0 {
			g.NotificationGroups = append(g.NotificationGroups, newGroup(n))
			continue
		}
		group := &g.NotificationGroups[at]
		group.NotificationsCount++
		group.PageMinID = &n.ID
		if len(group.SampleAccountIDs) < sampleSize && !slices.Contains(group.SampleAccountIDs, n.Account.ID) {
			group.SampleAccountIDs = append(group.SampleAccountIDs, n.Account.ID)
		}
	}
	return g
}

func newGroup(n entity.Notification) entity.NotificationGroup {
	group := entity.NotificationGroup{
		GroupKey: n.GroupKey, NotificationsCount: 1, Type: n.Type, MostRecentNotificationID: int64(n.ID),
		PageMinID: &n.ID, PageMaxID: &n.ID, LatestPageNotificationAt: &n.CreatedAt, SampleAccountIDs: []entity.ID{n.Account.ID},
	}
	if n.Status != nil {
		group.StatusID = &n.Status.ID
	}
	return group
}

// members finds the notifications of the group that the address names.
func (a *API) members(c *call) ([]*storage.Notice, error) {
	name, number, _ := strings.Cut(c.PathValue("group_key"), "-")
	if name == "ungrouped" {
		id, err := parseID[communities.NotificationID](number)
		if err != nil {
			return nil, err
		}
		n, err := a.reader(c).Notice(c.Context(), id)
		return []*storage.Notice{n}, err
	}
	post, err := parseID[communities.PostID](number)
	if err != nil || !slices.Contains(grouped, name) {
		return nil, communities.NotFound
	}
	which := storage.NoticeFilter{Post: post}
	for kind, known := range notices {
		if known == name {
			which.Kinds = append(which.Kinds, kind)
		}
	}
	list, err := a.reader(c).Notices(c.Context(), which, storage.Page{Limit: maxMembers})
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	return list, err
}

const maxMembers = 200 // of a group that are looked at

func (a *API) showGroup(c *call) (any, error) {
	list, err := a.members(c)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawNotices(c, list)
	return gather(drawn, nil), err
}

func (a *API) groupAccounts(c *call) (any, error) {
	list, err := a.members(c)
	if err != nil {
		return nil, err
	}
	accounts := []entity.Account{}
	for _, n := range list {
		if n.From != nil {
			accounts = append(accounts, a.account(n.From))
		}
	}
	return accounts, nil
}

func (a *API) dismissGroup(c *call) (any, error) {
	list, err := a.members(c)
	if err != nil {
		return nil, err
	}
	ids := make([]communities.NotificationID, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	return done, a.forget(c, ids...)
}

// How far the caller has read, in timelines of these names (Mastodon API, markers).
var marked = []string{string(onHome), string(onNotifications)}

func (a *API) markers(c *call) (any, error) {
	asked := c.form.list("timeline")
	return a.drawMarkers(c, func(name string) bool { return slices.Contains(asked, name) })
}

func (a *API) drawMarkers(c *call, wanted func(string) bool) (any, error) {
	list, err := a.archive.Markers(c.Context(), c.id())
	drawn := map[string]entity.Marker{}
	for _, marker := range list {
		if wanted(marker.Timeline) {
			drawn[marker.Timeline] = entity.Marker{
				LastReadID: entity.ID(marker.LastRead).String(), Version: marker.Version, UpdatedAt: entity.Time(marker.UpdatedAt),
			}
		}
	}
	return drawn, err
}

func (a *API) setMarkers(c *call) (any, error) {
	set := map[string]bool{}
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		for _, name := range marked {
			id, err := parseID[communities.PostID](c.form.text(name + "[last_read_id]"))
			if err != nil {
				continue
			}
			set[name] = true
			marker := storage.Marker{Actor: c.id(), Timeline: name, LastRead: int64(id), UpdatedAt: a.Now()}
			if err := storage.Of(tx).PutMarker(c.Context(), marker); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.drawMarkers(c, func(name string) bool { return set[name] })
}
