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

func groupKey(n *communities.Notification) string {
	if name := notices[n.Kind]; slices.Contains(grouped, name) && n.Post != 0 {
		return name + "-" + entity.ID(n.Post).String()
	}
	return alone(n.ID)
}

// keyFor is the key of a notification for an app that names the types that it can group.
func keyFor(id communities.NotificationID, name, key string, types []string) string {
	if len(types) > 0 && !slices.Contains(types, name) {
		return alone(id)
	}
	return key
}

func alone(id communities.NotificationID) string { return "ungrouped-" + entity.ID(id).String() }

func (a *API) groupedNotifications(c *call) (any, error) {
	list, err := a.readNotices(c)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawNotices(c, list)
	if err != nil {
		return nil, err
	}
	g := gather(drawn, c.form.list("grouped_types"))
	if c.form.text("expand_accounts") == "partial_avatars" {
		g.shorten()
	}
	return g.GroupedNotifications, nil
}

// gathering is what notifications come to when like ones stand together.
type gathering struct{ entity.GroupedNotifications }

// shorten draws whole only who is the most recent of a group; of the others a picture is enough.
func (g *gathering) shorten() {
	var whole []entity.Account
	partial := []entity.PartialAccount{}
	for _, account := range g.Accounts {
		if slices.ContainsFunc(g.NotificationGroups, func(group entity.NotificationGroup) bool { return group.SampleAccountIDs[0] == account.ID }) {
			whole = append(whole, account)
			continue
		}
		partial = append(partial, entity.PartialAccount{
			ID: account.ID, Acct: account.Acct, URL: account.URL, Avatar: account.Avatar, AvatarStatic: account.AvatarStatic,
			Locked: account.Locked, Bot: account.Bot,
		})
	}
	g.Accounts, g.PartialAccounts = entity.List(whole), &partial
}

// sampleSize is how many people a group names.
const sampleSize = 8

// gather puts like notifications together, where the newest of them stands. An app may name the types that it can group.
func gather(list []entity.Notification, types []string) *gathering {
	g := &gathering{entity.GroupedNotifications{Accounts: []entity.Account{}, Statuses: []entity.Status{}, NotificationGroups: []entity.NotificationGroup{}}}
	for _, n := range list {
		n.GroupKey = keyFor(communities.NotificationID(n.ID), n.Type, n.GroupKey, types)
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
		GroupKey: n.GroupKey, NotificationsCount: 1, Type: n.Type, MostRecentNotificationID: int64(n.ID), Report: n.Report,
		ModerationWarning: n.ModerationWarning, Collection: n.Collection, Fallback: n.Fallback,
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
	return gather(drawn, nil).GroupedNotifications, err
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
