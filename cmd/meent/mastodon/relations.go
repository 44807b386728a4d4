package mastodon

import (
	"context"
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/communities/text"
	"meent/storage"
)

// peopleRoutes are what people ask about others, and do to them.
var peopleRoutes = []row{
	{"GET", "/api/v1/accounts", Anyone, "read:accounts", (*API).showAccounts, 0},
	{"GET", "/api/v1/accounts/relationships", User, "read:follows", (*API).relationships, 0},
	{"GET", "/api/v1/accounts/familiar_followers", User, "read:follows", (*API).familiarFollowers, 0},
	{"GET", "/api/v1/accounts/search", User, "read:accounts", (*API).searchAccounts, 0},
	{"GET", "/api/v1/accounts/lookup", Anyone, "read:accounts", (*API).lookup, 0},
	{"GET", "/api/v1/accounts/{id}", Anyone, "read:accounts", (*API).showAccount, 0},
	{"GET", "/api/v1/accounts/{id}/statuses", Anyone, "read:statuses", (*API).accountStatuses, 0},
	{"GET", "/api/v1/accounts/{id}/followers", Anyone, "read:accounts", (*API).followers, 0},
	{"GET", "/api/v1/accounts/{id}/following", Anyone, "read:accounts", (*API).following, 0},
	{"GET", "/api/v1/accounts/{id}/identity_proofs", User, "read:accounts", (*API).noneOf, 0},
	{"POST", "/api/v1/accounts/{id}/follow", User, "write:follows", (*API).follow, 0},
	{"POST", "/api/v1/accounts/{id}/unfollow", User, "write:follows", (*API).unfollow, 0},
	{"POST", "/api/v1/accounts/{id}/remove_from_followers", User, "write:follows", (*API).removeFromFollowers, 0},
	{"POST", "/api/v1/accounts/{id}/block", User, "write:blocks", (*API).block, 0},
	{"POST", "/api/v1/accounts/{id}/unblock", User, "write:blocks", (*API).unblock, 0},
	{"POST", "/api/v1/accounts/{id}/mute", User, "write:mutes", (*API).mute, 0},
	{"POST", "/api/v1/accounts/{id}/unmute", User, "write:mutes", (*API).unmute, 0},
	{"GET", "/api/v1/suggestions", User, auth.Read, (*API).v1Suggestions, 0},
	{"GET", "/api/v2/suggestions", User, auth.Read, (*API).suggestions, 0},
	{"DELETE", "/api/v1/suggestions/{id}", User, auth.Read, (*API).dismissSuggestion, 0},
}

// relationships tells how the caller stands to accounts.
func (a *API) relationships(c *call) (any, error) {
	actors, err := a.askedActors(c)
	if err != nil {
		return nil, err
	}
	return a.relations(c, idsOf(actors))
}

func (a *API) relations(c *call, ids []communities.ActorID) ([]entity.Relationship, error) {
	ties, err := a.reader(c).Ties(c.Context(), ids)
	if err != nil {
		return nil, err
	}
	muted, err := a.reader(c).Muted(c.Context())
	if err != nil {
		return nil, err
	}
	list := make([]entity.Relationship, len(ids))
	for i, id := range ids {
		tie := ties[id]
		mute, isMuted := muted[id]
		asked := tie.Following || tie.Requested
		list[i] = entity.Relationship{
			ID: entity.ID(id), Following: tie.Following, FollowedBy: tie.FollowedBy,
			ShowingReblogs: asked && !tie.Wishes.NoBoosts, Notifying: asked && tie.Wishes.Notify, Languages: tie.Wishes.Languages,
			Blocking: tie.Blocking, BlockedBy: tie.BlockedBy, Requested: tie.Requested, RequestedBy: tie.RequestedBy,
			Muting: isMuted, MutingNotifications: mute.Notifications, MutingExpiresAt: entity.OptionalTime(mute.ExpiresAt),
			DomainBlocking: tie.HostBlocked, Endorsed: tie.Endorsed, Note: tie.Note,
		}
	}
	return list, nil
}

// verb is something that the caller does to an actor.
type verb func(ctx context.Context, tx communities.Tx, other communities.ActorID) error

// relate does it, and tells how the caller stands to the actor then.
func (a *API) relate(c *call, do verb) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return do(c.Context(), tx, actor.ID) })
	if err != nil {
		return nil, err
	}
	list, err := a.relations(c, []communities.ActorID{actor.ID})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// follow follows somebody, or changes what the caller wants of them. Of a group of this node one becomes a reader; a member one becomes by
// writing.
func (a *API) follow(c *call) (any, error) {
	languages, err := c.wishedLanguages()
	if err != nil {
		return nil, err
	}
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		follow, err := tx.Follow(ctx, c.id(), other)
		if err != nil && !communities.IsNotFound(err) {
			return err
		}
		wishes := communities.Wishes{}
		if follow != nil {
			wishes = follow.Wishes
		}
		if c.form.has("reblogs") {
			wishes.NoBoosts = !c.form.flag("reblogs")
		}
		if c.form.has("notify") {
			wishes.Notify = c.form.flag("notify")
		}
		if c.form.has("languages") {
			wishes.Languages = languages
		}
		_, err = a.town.Follow(ctx, tx, communities.Following{Follower: c.id(), Followee: other, Wishes: &wishes})
		return err
	})
}

const maxLanguages = 50 // in which somebody is followed

// wishedLanguages reads in which languages the caller wants to read somebody.
func (c *call) wishedLanguages() (list []string, err error) {
	for _, tag := range c.form.list("languages") {
		language := text.Language(tag)
		if tag != "" && language == "" || len(list) == maxLanguages {
			return nil, communities.Invalidf("Validation failed: Languages is invalid")
		}
		if tag != "" && !slices.Contains(list, language) {
			list = append(list, language)
		}
	}
	return list, nil
}

func (a *API) unfollow(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return a.town.Unfollow(ctx, tx, communities.Following{Follower: c.id(), Followee: other})
	})
}

func (a *API) removeFromFollowers(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return a.town.RejectFollow(ctx, tx, communities.Following{Follower: other, Followee: c.id()})
	})
}

func (a *API) authorizeFollow(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		_, err := a.town.AcceptFollow(ctx, tx, communities.Following{Follower: other, Followee: c.id()})
		return err
	})
}

func (a *API) rejectFollow(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		if _, err := tx.Follow(ctx, other, c.id()); err != nil {
			return err
		}
		return a.town.RejectFollow(ctx, tx, communities.Following{Follower: other, Followee: c.id()})
	})
}

func (a *API) block(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return a.town.Block(ctx, tx, communities.Blocking{Blocker: c.id(), Blocked: other})
	})
}

func (a *API) unblock(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return a.town.Unblock(ctx, tx, communities.Blocking{Blocker: c.id(), Blocked: other})
	})
}

// mute keeps somebody from the caller's timelines, with their notifications unless the app says otherwise.
func (a *API) mute(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		if other == c.id() {
			return communities.Invalidf("you cannot do this to yourself")
		}
		ends, err := a.fromNow(c.form.text("duration"))
		if err != nil {
			return err
		}
		return storage.Of(tx).PutMute(ctx, storage.Mute{
			Muter: c.id(), Muted: other, Notifications: !c.form.has("notifications") || c.form.flag("notifications"),
			CreatedAt: a.Now(), ExpiresAt: ends,
		})
	})
}

func (a *API) unmute(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return storage.Of(tx).DeleteMute(ctx, c.id(), other)
	})
}

func (a *API) blocks(c *call) (any, error) {
	at := c.page(accountLength)
	edges, err := a.reader(c).Blocks(c.Context(), at)
	return a.edges(c, at, edges, err)
}

func (a *API) mutes(c *call) (any, error) {
	at := c.page(accountLength)
	edges, err := a.reader(c).Mutes(c.Context(), at)
	drawn, err := a.edges(c, at, edges, err)
	if err != nil {
		return nil, err
	}
	muted, err := a.reader(c).Muted(c.Context())
	list := []entity.MutedAccount{}
	for _, account := range drawn {
		mute := muted[communities.ActorID(account.ID)]
		list = append(list, entity.MutedAccount{Account: account, MuteExpiresAt: entity.OptionalTime(mute.ExpiresAt)})
	}
	return list, err
}

func (a *API) followRequests(c *call) (any, error) {
	at := c.page(accountLength)
	edges, err := a.reader(c).FollowRequests(c.Context(), at)
	return a.edges(c, at, edges, err)
}

// report asks the moderators to look at somebody.
func (a *API) report(c *call) (any, error) {
	target, err := parseID[communities.ActorID](c.form.text("account_id"))
	if err != nil {
		return nil, err
	}
	actor, err := a.actor(c, target)
	if err != nil {
		return nil, err
	}
	var report *communities.Report
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		report, err = a.town.Report(c.Context(), tx, communities.Complaint{
			Reporter: c.id(), Target: target, Posts: parseIDs[communities.PostID](c.form.list("status_ids")),
			Collections: parseIDs[communities.CollectionID](c.form.list("collection_ids")),
			Category:    c.form.text("category"), Rules: parseIDs[communities.RuleID](c.form.list("rule_ids")), Comment: c.form.text("comment"), Forward: c.form.flag("forward"),
		})
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.drawReport(report, actor), nil
}

// drawReport draws a complaint about somebody.
func (a *API) drawReport(report *communities.Report, target *communities.Actor) entity.Report {
	drawn := entity.Report{
		ID: entity.ID(report.ID), Category: report.Category, Comment: report.Comment, Forwarded: report.Forward,
		CreatedAt: entity.Time(report.CreatedAt), ActionTaken: !report.ResolvedAt.IsZero(), ActionTakenAt: entity.OptionalTime(report.ResolvedAt),
		StatusIDs: []entity.ID{}, CollectionIDs: []entity.ID{}, RuleIDs: []string{}, TargetAccount: a.account(target),
	}
	for _, id := range report.Rules {
		drawn.RuleIDs = append(drawn.RuleIDs, entity.ID(id).String())
	}
	for _, id := range report.Posts {
		drawn.StatusIDs = append(drawn.StatusIDs, entity.ID(id))
	}
	for _, id := range report.Collections {
		drawn.CollectionIDs = append(drawn.CollectionIDs, entity.ID(id))
	}
	return drawn
}
