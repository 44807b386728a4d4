package mastodon

import (
	"context"
	"strconv"
	"strings"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
)

// account draws an actor.
func (a *API) account(actor *communities.Actor) entity.Account {
	picture, banner := a.town.Base+avatarPath, a.town.Base+headerPath
	if actor.Icon.URL != "" {
		picture = a.Shown(actor.Icon.URL)
	}
	if actor.Header.URL != "" {
		banner = a.Shown(actor.Header.URL)
	}
	account := entity.Account{
		ID: entity.ID(actor.ID), Username: actor.Name, Acct: acct(actor), URL: pageOf(actor), URI: actor.URI,
		DisplayName: actor.DisplayName, Note: actor.Summary,
		Avatar: picture, AvatarStatic: picture, AvatarDescription: actor.Icon.Alt,
		Header: banner, HeaderStatic: banner, HeaderDescription: actor.Header.Alt,
		Locked: actor.Locked, Fields: fields(actor.Fields), Emojis: a.emojisOf(actor),
		Limited: actor.Limited(),
		// A group is no robot: apps that hide robots would hide it.
		Bot: isBot(actor), Group: actor.IsGroup(), ShowMedia: !actor.Shows.NoMedia, ShowMediaReplies: !actor.Shows.NoMediaReplies,
		ShowFeatured:    !actor.Shows.NoFeatured,
		FeatureApproval: entity.FeatureApproval{Automatic: []string{}, Manual: []string{}, CurrentUser: "missing"},
		Discoverable:    &actor.Discoverable, Indexable: actor.Indexable,
		CreatedAt: entity.Time(actor.CreatedAt.UTC().Truncate(24 * time.Hour)), LastStatusAt: entity.Date(actor.LastPostAt),
		StatusesCount: actor.PostsCount, FollowersCount: actor.FollowersCount, FollowingCount: actor.FollowingCount,
	}
	if actor.Local() {
		hidden := !actor.Indexable
		account.FeatureApproval.CurrentUser = "denied"
		if actor.WantsToBeFeatured() {
			account.FeatureApproval.Automatic, account.FeatureApproval.CurrentUser = []string{"public"}, "automatic"
		}
		account.NoIndex, account.HideCollections = &hidden, &actor.Shows.NoFollows
	}
	return account
}

func isBot(actor *communities.Actor) bool {
	return actor.Automated || actor.Kind == communities.Service || actor.Kind == communities.Application
}

// drawAccounts also shows where those went who moved.
func (a *API) drawAccounts(ctx context.Context, actors []*communities.Actor) ([]entity.Account, error) {
	var uris []string
	for _, actor := range actors {
		if actor.MovedTo != "" {
			uris = append(uris, actor.MovedTo)
		}
	}
	list := a.accounts(actors)
	there, err := a.archive.ActorsByURI(ctx, uris)
	for i, actor := range actors {
		for _, moved := range there {
			if moved.URI == actor.MovedTo && moved.Active() {
				list[i].Moved = new(a.account(moved))
			}
		}
	}
	return list, err
}

func (a *API) drawAccount(ctx context.Context, actor *communities.Actor) (entity.Account, error) {
	list, err := a.drawAccounts(ctx, []*communities.Actor{actor})
	return list[0], err
}

// acct is the handle as seen from here (entities/Account).
func acct(actor *communities.Actor) string {
	if actor.Local() {
		return actor.Name
	}
	return actor.Name + "@" + actor.Host
}

func pageOf(actor *communities.Actor) string {
	if actor.URL != "" {
		return actor.URL
	}
	return actor.URI
}

func fields(of []communities.Field) []entity.Field {
	list := make([]entity.Field, len(of))
	for i, f := range of {
		list[i] = entity.Field{Name: f.Name, Value: f.Value, VerifiedAt: entity.OptionalTime(f.VerifiedAt)}
	}
	return list
}

func (a *API) accounts(actors []*communities.Actor) []entity.Account {
	list := make([]entity.Account, len(actors))
	for i, actor := range actors {
		list[i] = a.account(actor)
	}
	return list
}

// oneself draws the caller, with what they may change.
func (a *API) oneself(ctx context.Context, c *call) (entity.CredentialAccount, error) {
	requests, err := a.reader(c).CountFollowRequests(ctx)
	if err != nil {
		return entity.CredentialAccount{}, err
	}
	account, err := a.drawAccount(ctx, c.person)
	source := c.source()
	source.Note, source.Fields, source.FollowRequestsCount = c.person.Source, plainFields(c.person.Fields), requests
	source.HideCollections, source.Discoverable, source.Indexable = &c.person.Shows.NoFollows, &c.person.Discoverable, c.person.Indexable
	source.AttributionDomains = entity.List(c.person.Attribution)
	return entity.CredentialAccount{
		Account: account, Source: source, Role: credentialRole(c.account.Role),
	}, err
}

// roleIDs name the roles on the node. Everybody has the one that Mastodon gives to all.
var roleIDs = map[communities.NodeRole]int{communities.RoleResident: everybody, communities.RoleNodeModerator: 1, communities.RoleAdmin: 2}

const everybody = -99

// What a role may do, in Mastodon's bits (entities/Role, permission flags).
const (
	mayAll     = 1 << 0
	mayReports = 1 << 4
	mayUsers   = 1 << 10
)

var rights = map[communities.NodeRole]int{communities.RoleNodeModerator: mayReports | mayUsers, communities.RoleAdmin: mayAll}

func credentialRole(role communities.NodeRole) entity.CredentialRole {
	drawn := entity.CredentialRole{
		Role: entity.Role{ID: strconv.Itoa(roleIDs[role])}, Permissions: strconv.Itoa(rights[role]), Highlighted: role != communities.RoleResident,
		CollectionLimit: communities.MaxCollections,
	}
	if role != communities.RoleResident {
		drawn.Name = string(role)
	}
	return drawn
}

// language is what the caller writes in, unless they say otherwise.
func (c *call) language() string {
	if c.person.Language != "" {
		return c.person.Language
	}
	return c.account.Locale
}

// plainFields shows the fields as they can be typed again.
func plainFields(of []communities.Field) []entity.Field {
	list := fields(of)
	for i := range list {
		if list[i].Value = of[i].Source; list[i].Value == "" {
			list[i].Value = strings.TrimSpace(plainText(of[i].Value))
		}
	}
	return list
}

// actor finds an actor whom the caller may know of. A closed group is absent to who is not in it.
func (a *API) actor(c *call, id communities.ActorID) (*communities.Actor, error) {
	actor, err := a.reader(c).Actor(c.Context(), id)
	if err != nil {
		return nil, err
	}
	known, err := a.known(c, actor)
	if err == nil && !known {
		return nil, communities.NotFound
	}
	return actor, err
}

func (a *API) known(c *call, actor *communities.Actor) (bool, error) {
	if actor.Group == nil || !actor.Group.Closed {
		return true, nil
	}
	if c.person == nil {
		return false, nil
	}
	membership, err := a.archive.Membership(c.Context(), actor.ID, c.person.ID)
	if communities.IsNotFound(err) {
		return false, nil
	}
	return membership.Active() != "", err
}

// knownOf keeps the actors whom the caller may know of.
func (a *API) knownOf(c *call, actors []*communities.Actor) ([]*communities.Actor, error) {
	kept := make([]*communities.Actor, 0, len(actors))
	for _, actor := range actors {
		known, err := a.known(c, actor)
		if err != nil {
			return nil, err
		}
		if known {
			kept = append(kept, actor)
		}
	}
	return kept, nil
}
