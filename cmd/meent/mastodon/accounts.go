package mastodon

import (
	"context"
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// selfRoutes are what people ask about themselves.
var selfRoutes = []row{
	{"GET", "/api/v1/accounts/verify_credentials", User, auth.Profile, (*API).verifyCredentials, 0},
	{"PATCH", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"PUT", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"GET", "/api/v1/preferences", User, "read:accounts", (*API).preferences, 0},
	{"GET", "/api/v1/markers", User, "read:statuses", (*API).markers, 0},
	{"POST", "/api/v1/markers", User, "write:statuses", (*API).setMarkers, 0},
	{"GET", "/api/v1/favourites", User, "read:favourites", (*API).favourites, 0},
	{"GET", "/api/v1/bookmarks", User, "read:bookmarks", (*API).bookmarks, 0},
	{"GET", "/api/v1/blocks", User, "read:blocks", (*API).blocks, 0},
	{"GET", "/api/v1/mutes", User, "read:mutes", (*API).mutes, 0},
	{"GET", "/api/v1/follow_requests", User, "read:follows", (*API).followRequests, 0},
	{"POST", "/api/v1/follow_requests/{id}/authorize", User, "write:follows", (*API).authorizeFollow, 0},
	{"POST", "/api/v1/follow_requests/{id}/reject", User, "write:follows", (*API).rejectFollow, 0},
	{"GET", "/api/v1/featured_tags", User, "read:accounts", (*API).none, 0},
	{"GET", "/api/v1/followed_tags", User, "read:follows", (*API).none, 0},
	{"GET", "/api/v1/domain_blocks", User, "read:blocks", (*API).none, 0},
	{"GET", "/api/v1/endorsements", User, "read:accounts", (*API).none, 0},
	{"GET", "/api/v1/conversations", User, "read:statuses", (*API).none, 0},
	{"GET", "/api/v1/scheduled_statuses", User, "read:statuses", (*API).none, 0},
	{"POST", "/api/v1/reports", User, "write:reports", (*API).report, 0},
}

func (a *API) verifyCredentials(c *call) (any, error) { return a.oneself(c.Context(), c) }

// updateCredentials changes the caller's own profile.
func (a *API) updateCredentials(c *call) (any, error) {
	profile := communities.Profile{
		Actor: c.id(), By: c.id(), DisplayName: c.form.given("display_name"), Source: c.form.given("note"),
		Language: c.form.given("source[language]"), Locked: c.form.givenFlag("locked"),
		Discoverable: c.form.givenFlag("discoverable"), Indexable: c.form.givenFlag("indexable"),
	}
	if rows := c.form.records("fields_attributes"); len(rows) > 0 {
		profile.Fields = new([]communities.Field)
		for _, row := range rows {
			if row.text("name")+row.text("value") != "" {
				*profile.Fields = append(*profile.Fields, communities.Field{Name: row.text("name"), Value: row.text("value")})
			}
		}
	}
	if err := a.pictures(c, &profile); err != nil {
		return nil, refusal(err)
	}
	return a.editProfile(c, profile)
}

// editProfile changes the caller's own profile and draws it as it is then.
func (a *API) editProfile(c *call, profile communities.Profile) (any, error) {
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		person, err := a.town.EditProfile(c.Context(), tx, profile)
		if err == nil {
			c.person = person
		}
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.oneself(c.Context(), c)
}

// preferences are what the caller's profile says; the rest is as it begins.
func (a *API) preferences(c *call) (any, error) {
	return entity.Preferences{
		PostingVisibility: string(communities.Public), PostingLanguage: entity.Optional(c.language()), PostingQuotePolicy: "nobody",
		ExpandMedia: "default",
	}, nil
}

func (a *API) showAccount(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	account := a.account(actor)
	if actor.MovedTo != "" {
		moved, err := a.archive.ActorByURI(c.Context(), actor.MovedTo)
		if err == nil && moved.Active() {
			there := a.account(moved)
			account.Moved = &there
		} else if err != nil && !communities.IsNotFound(err) {
			return nil, err
		}
	}
	return account, nil
}

// pathActor finds the actor that the address names.
func (a *API) pathActor(c *call) (*communities.Actor, error) {
	id, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.actor(c, id)
}

const maxAsked = 40 // ids in one request

func (a *API) showAccounts(c *call) (any, error) {
	actors, err := a.askedActors(c)
	return a.accounts(actors), err
}

// askedActors finds those whose ids a request lists, as far as they are known.
func (a *API) askedActors(c *call) ([]*communities.Actor, error) {
	ids := parseIDs[communities.ActorID](c.form.list("id"))
	actors, err := a.reader(c).Actors(c.Context(), ids[:min(len(ids), maxAsked)])
	if err != nil {
		return nil, err
	}
	return a.knownOf(c, actors)
}

// lookup finds somebody who is known here by their handle.
func (a *API) lookup(c *call) (any, error) {
	actor, err := a.byHandle(c, c.form.text("acct"))
	if err != nil {
		return nil, err
	}
	return a.account(actor), nil
}

func (a *API) byHandle(c *call, handle string) (*communities.Actor, error) {
	name, host, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(strings.TrimSpace(handle), "@")), "@")
	if host == a.town.Host() {
		host = ""
	}
	actor, err := a.archive.ActorByName(c.Context(), name, host)
	if err != nil {
		return nil, err
	}
	return a.actor(c, actor.ID)
}

func (a *API) searchAccounts(c *call) (any, error) {
	limit := c.page(accountLength).Limit
	actors, err := a.findActors(c, c.form.text("q"), c.form.number("offset", 0), limit, c.form.flag("resolve"), c.form.flag("following"))
	return a.accounts(actors), err
}

func idsOf(actors []*communities.Actor) []communities.ActorID {
	ids := make([]communities.ActorID, len(actors))
	for i, actor := range actors {
		ids[i] = actor.ID
	}
	return ids
}

// accountStatuses lists what somebody wrote. Of a group these are its boosts of threads, and pinned are its pinned threads.
func (a *API) accountStatuses(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	at := c.page(statusLength)
	var views []*storage.View
	switch tag := c.form.text("tagged"); {
	case c.form.flag("pinned"):
		return a.pinned(c, actor)
	case tag != "":
		views, err = a.reader(c).Tagged(c.Context(), actor.ID, tag, at)
	default:
		views, err = a.reader(c).PostsOf(c.Context(), actor.ID, at, a.wanted(c)...)
	}
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	return a.statuses(c, views, onAccount)
}

func (a *API) wanted(c *call) []storage.PostFilter {
	var filters []storage.PostFilter
	for name, filter := range map[string]storage.PostFilter{
		"exclude_replies": storage.WithoutAnswersToOthers, "exclude_reblogs": storage.WithoutBoosts, "only_media": storage.OnlyMedia,
	} {
		if c.form.flag(name) {
			filters = append(filters, filter)
		}
	}
	return filters
}

// pinned lists a group's pinned threads. People pin nothing here.
func (a *API) pinned(c *call, actor *communities.Actor) (any, error) {
	if !actor.IsGroup() {
		return []entity.Status{}, nil
	}
	views, err := a.reader(c).Pinned(c.Context(), actor.ID)
	if err != nil {
		return nil, err
	}
	return a.statuses(c, views, onAccount)
}

func (a *API) followers(c *call) (any, error) { return a.people(c, (*storage.Reader).Followers) }
func (a *API) following(c *call) (any, error) { return a.people(c, (*storage.Reader).Following) }

func (a *API) people(
	c *call, read func(*storage.Reader, context.Context, communities.ActorID, storage.Page) ([]storage.Edge, error),
) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	at := c.page(accountLength)
	edges, err := read(a.reader(c), c.Context(), actor.ID, at)
	return a.edges(c, at, edges, err)
}

// edges draws a page of people and says where the next one is.
func (a *API) edges(c *call, at storage.Page, edges []storage.Edge, err error) ([]entity.Account, error) {
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(edges))
	actors := make([]*communities.Actor, len(edges))
	for i, edge := range edges {
		cursors[i], actors[i] = edge.ID, edge.Actor
	}
	if at.MinID > 0 && len(cursors) > 1 && cursors[0] < cursors[len(cursors)-1] { // newest first, also when the page went up
		slices.Reverse(cursors)
		slices.Reverse(actors)
	}
	a.link(c, at, cursors)
	actors, err = a.knownOf(c, actors)
	return a.accounts(actors), err
}

// none is the answer for what this node does not keep: an empty list, once the account is known.
func (a *API) noneOf(c *call) (any, error) {
	_, err := a.pathActor(c)
	return []entity.Empty{}, err
}

func (a *API) none(*call) (any, error) { return []entity.Empty{}, nil }
