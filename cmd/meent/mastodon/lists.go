package mastodon

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// listRoutes are timelines of some: those that people make themselves, and one for each group that they follow. Every app shows lists, so
// every app shows groups.
var listRoutes = []row{
	{"GET", "/api/v1/timelines/list/{id}", User, "read:lists", (*API).listTimeline, 0},
	{"GET", "/api/v1/lists", User, "read:lists", (*API).lists, 0},
	{"POST", "/api/v1/lists", User, "write:lists", (*API).makeList, 0},
	{"GET", "/api/v1/lists/{id}", User, "read:lists", (*API).showList, 0},
	{"PUT", "/api/v1/lists/{id}", User, "write:lists", (*API).changeList, 0},
	{"DELETE", "/api/v1/lists/{id}", User, "write:lists", (*API).deleteList, 0},
	{"GET", "/api/v1/lists/{id}/accounts", User, "read:lists", (*API).listAccounts, 0},
	{"POST", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).addToList, 0},
	{"DELETE", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).removeFromList, 0},
	{"GET", "/api/v1/accounts/{id}/lists", User, "read:lists", (*API).accountLists, 0},
}

// What somebody can keep in lists (SECURITY D2).
const (
	maxLists       = 50
	maxListTitle   = 200 // characters
	maxListMembers = 500
)

var errGroupList = communities.Invalidf("This list is a group that you follow: its name and what is in it are the group's own. Unfollow the group to lose the list")

// listed is what an address of a list names: a list of the caller's own, or the group that is one.
type listed struct {
	own   storage.List
	group *communities.Actor // nil: own
}

func (a *API) listed(c *call) (listed, error) {
	id, err := pathID[storage.ListID](c, "id")
	if err != nil {
		return listed{}, err
	}
	own, err := a.reader(c).List(c.Context(), id)
	if err == nil || !communities.IsNotFound(err) {
		return listed{own: own}, err
	}
	group, err := a.followedGroup(c)
	return listed{group: group}, err
}

// ownList finds a list that the caller may change.
func (a *API) ownList(c *call) (storage.List, error) {
	list, err := a.listed(c)
	if err == nil && list.group != nil {
		err = errGroupList
	}
	return list.own, err
}

// followedGroup finds the group that the address names among those that the caller follows.
func (a *API) followedGroup(c *call) (*communities.Actor, error) {
	group, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	ties, err := a.reader(c).Ties(c.Context(), []communities.ActorID{group.ID})
	if err == nil && (!group.IsGroup() || !ties[group.ID].Following) {
		return nil, communities.NotFound
	}
	return group, err
}

// lists shows the caller's own first, then their groups.
func (a *API) lists(c *call) (any, error) {
	own, err := a.reader(c).Lists(c.Context())
	if err != nil {
		return nil, err
	}
	groups, err := a.reader(c).FollowedGroups(c.Context())
	if err != nil {
		return nil, err
	}
	return a.drawLists(c, own, groups)
}

func (a *API) drawLists(c *call, own []storage.List, groups []*communities.Actor) ([]entity.UserList, error) {
	list := make([]entity.UserList, 0, len(own)+len(groups))
	for _, l := range own {
		list = append(list, entity.UserList{ID: entity.ID(l.ID), Title: l.Title, RepliesPolicy: string(l.Replies), Exclusive: l.Exclusive})
	}
	if len(groups) == 0 {
		return list, nil
	}
	off, err := a.reader(c).ExclusiveGroups(c.Context())
	for _, group := range groups {
		list = append(list, entity.UserList{
			ID: entity.ID(group.ID), Title: group.Title(), RepliesPolicy: string(storage.RepliesNone), Exclusive: off[group.ID],
		})
	}
	return list, err
}

func (a *API) drawListed(c *call, l listed) (any, error) {
	own, groups := []storage.List{l.own}, []*communities.Actor(nil)
	if l.group != nil {
		own, groups = nil, []*communities.Actor{l.group}
	}
	list, err := a.drawLists(c, own, groups)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) showList(c *call) (any, error) {
	list, err := a.listed(c)
	if err != nil {
		return nil, err
	}
	return a.drawListed(c, list)
}

func (a *API) makeList(c *call) (any, error) {
	list := storage.List{ID: storage.ListID(a.ids.Next()), Owner: c.id(), Replies: storage.RepliesList}
	if err := fillList(&list, c.form); err != nil {
		return nil, err
	}
	own, err := a.reader(c).Lists(c.Context())
	if err == nil && len(own) >= maxLists {
		err = communities.Invalidf("You can have at most %d lists", maxLists)
	}
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutList(c.Context(), list, nil) })
	if err != nil {
		return nil, err
	}
	return a.drawListed(c, listed{own: list})
}

// fillList puts what is given into a list.
func fillList(l *storage.List, f form) error {
	if f.has("title") {
		l.Title = strings.TrimSpace(f.text("title"))
	}
	if f.has("replies_policy") {
		l.Replies = storage.Replies(f.text("replies_policy"))
	}
	if f.has("exclusive") {
		l.Exclusive = f.flag("exclusive")
	}
	switch {
	case l.Title == "":
		return communities.Invalidf("Validation failed: Title can't be blank")
	case utf8.RuneCountInString(l.Title) > maxListTitle:
		return communities.Invalidf("Validation failed: Title is too long (maximum is %d characters)", maxListTitle)
	case !slices.Contains([]storage.Replies{storage.RepliesFollowed, storage.RepliesList, storage.RepliesNone}, l.Replies):
		return communities.Invalidf("'%.50s' is not a valid replies_policy", l.Replies)
	}
	return nil
}

// changeList changes a list of the caller's own. Of a group's they say whether it stays off home; apps send the rest along as it was.
func (a *API) changeList(c *call) (any, error) {
	list, err := a.listed(c)
	if err != nil {
		return nil, err
	}
	was := list.own
	if list.group == nil {
		err = fillList(&list.own, c.form)
	} else if title := cmp.Or(c.form.text("title"), list.group.Title()); title != list.group.Title() {
		err = errGroupList
	}
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		switch {
		case list.group == nil:
			return storage.Of(tx).PutList(c.Context(), list.own, &was)
		case c.form.has("exclusive"):
			return storage.Of(tx).SetExclusive(c.Context(), c.id(), list.group.ID, c.form.flag("exclusive"))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.drawListed(c, list)
}

func (a *API) deleteList(c *call) (any, error) {
	list, err := a.ownList(c)
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).DeleteList(c.Context(), list) })
}

// listTimeline shows a list's timeline; of a group, its threads.
func (a *API) listTimeline(c *call) (any, error) {
	list, err := a.listed(c)
	if err != nil {
		return nil, err
	}
	if list.group == nil {
		return a.arrivals(c, int64(list.own.ID), a.reading(c, list))
	}
	return a.timeline(c, onHome, a.reading(c, list))
}

// readList returns how the list that the address names is read; its stream goes by the same way.
func (a *API) readList(c *call) (func(context.Context, storage.Page) ([]*storage.View, error), error) {
	list, err := a.listed(c)
	if err != nil {
		return nil, err
	}
	return a.reading(c, list), nil
}

func (a *API) reading(c *call, l listed) func(context.Context, storage.Page) ([]*storage.View, error) {
	return func(ctx context.Context, at storage.Page) ([]*storage.View, error) {
		if l.group == nil {
			return a.reader(c).ListTimeline(ctx, l.own.ID, at)
		}
		return a.reader(c).GroupThreads(ctx, l.group.ID, storage.SortNew, at)
	}
}

// listAccounts names who is in a list; in a group's, the group itself. A limit of 0 asks for all.
func (a *API) listAccounts(c *call) (any, error) {
	list, err := a.listed(c)
	if err != nil {
		return nil, err
	}
	if list.group != nil {
		return []entity.Account{a.account(list.group)}, nil
	}
	at := c.page(accountLength)
	if c.form.text("limit") == "0" {
		return a.allMembers(c, list.own)
	}
	edges, err := a.reader(c).ListMembers(c.Context(), list.own.ID, at)
	return a.edges(c, at, edges, err)
}

func (a *API) allMembers(c *call, l storage.List) (any, error) {
	var actors []*communities.Actor
	for at := (storage.Page{Limit: maxAsked}); ; {
		edges, err := a.reader(c).ListMembers(c.Context(), l.ID, at)
		if err != nil {
			return nil, err
		}
		for _, edge := range edges {
			actors, at.MaxID = append(actors, edge.Actor), edge.ID
		}
		if len(edges) < at.Limit {
			break
		}
	}
	known, err := a.knownOf(c, actors)
	return a.accounts(known), err
}

func (a *API) addToList(c *call) (any, error) {
	return a.changeMembers(c, func(ctx context.Context, tx *storage.Tx, l storage.List, members []communities.ActorID) error {
		return tx.AddToList(ctx, l, maxListMembers, members...)
	})
}

func (a *API) removeFromList(c *call) (any, error) {
	return a.changeMembers(c, func(ctx context.Context, tx *storage.Tx, l storage.List, members []communities.ActorID) error {
		return tx.RemoveFromList(ctx, l, members...)
	})
}

func (a *API) changeMembers(
	c *call, change func(context.Context, *storage.Tx, storage.List, []communities.ActorID) error,
) (any, error) {
	list, err := a.ownList(c)
	if err != nil {
		return nil, err
	}
	asked := c.form.list("account_ids")
	members := parseIDs[communities.ActorID](asked)
	if len(members) < len(slices.Compact(slices.Sorted(slices.Values(asked)))) || len(members) > maxListMembers {
		return nil, communities.NotFound
	}
	if len(members) == 0 {
		return entity.Empty{}, nil
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return change(c.Context(), storage.Of(tx), list, members)
	})
}

// accountLists tells in which of the caller's lists somebody is: a group is in its own.
func (a *API) accountLists(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	own, err := a.reader(c).ListsWith(c.Context(), actor.ID)
	if err != nil {
		return nil, err
	}
	group, err := a.followedGroup(c)
	switch {
	case communities.IsNotFound(err):
		return a.drawLists(c, own, nil)
	case err != nil:
		return nil, err
	}
	return a.drawLists(c, own, []*communities.Actor{group})
}
