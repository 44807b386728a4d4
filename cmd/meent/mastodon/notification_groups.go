package mastodon

import (
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

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
	return entity.Empty{}, a.forget(c, ids...)
}
