package mastodon

import (
	"context"
	"net/http"
	"strings"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// caller is who makes a request. The zero value is anybody.
type caller struct {
	person  *communities.Actor // nil: nobody, or an app for itself
	account *communities.Account
	token   string // as its hash; "": none
	app     storage.AppID
	scopes  auth.Scopes
	waiting error // why the person cannot use the account yet; nil: they can, or are nobody
}

// id returns the actor that reads and writes; 0 for anybody, and for whoever cannot use their account yet.
func (c caller) id() communities.ActorID {
	if c.person == nil || c.waiting != nil {
		return 0
	}
	return c.person.ID
}

// usedEvery is how often the use of a token is noted: often enough to tell an old one, seldom enough to cost nothing.
const usedEvery = 24 * time.Hour

// identify finds who sent the token (RFC 6750 2.1, 2.3). A token that is no longer good is refused also where none is needed, so that
// an app learns that it has to ask again.
func (a *API) identify(r *http.Request) (caller, error) {
	secret := bearer(r)
	if secret == "" {
		return caller{}, nil
	}
	hash := auth.HashSecret(secret)
	bearer, err := a.archive.Bearer(r.Context(), hash)
	if communities.IsNotFound(err) {
		return a.identifyApp(r.Context(), hash)
	}
	if err != nil {
		return caller{}, err
	}
	return a.identifyPerson(r.Context(), bearer)
}

func bearer(r *http.Request) string {
	scheme, secret, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(secret)
	}
	return streamSecret(r)
}

// identifyApp finds an app that came for itself.
func (a *API) identifyApp(ctx context.Context, hash string) (caller, error) {
	token, err := a.archive.AppToken(ctx, hash)
	switch {
	case communities.IsNotFound(err) || err == nil && token.Actor != 0:
		return caller{}, errToken
	case err != nil:
		return caller{}, err
	}
	scopes, err := auth.ParseScopes(token.Scopes)
	return caller{token: hash, app: token.App, scopes: scopes}, err
}

func (a *API) identifyPerson(ctx context.Context, b storage.Bearer) (caller, error) {
	if !b.Account.DisabledAt.IsZero() {
		return caller{}, errToken
	}
	scopes, err := auth.ParseScopes(b.Token.Scopes)
	if err != nil {
		return caller{}, err
	}
	who := caller{person: b.Person, account: b.Account, token: b.Token.Hash, scopes: scopes}
	switch {
	case b.Account.Unconfirmed:
		who.waiting = errUnconfirmed
	case b.Account.Unapproved:
		who.waiting = errUnapproved
	case !b.Person.Active():
		return caller{}, errToken
	default:
		a.noteUse(ctx, b.Token)
	}
	return who, nil
}

// noteUse keeps when a token was last used. That it could not be noted is no reason to refuse.
func (a *API) noteUse(ctx context.Context, token storage.AccessToken) {
	now := a.Now()
	if now.Sub(token.UsedAt) < usedEvery {
		return
	}
	err := a.town.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).UseAccessToken(ctx, token.Hash, now) })
	if err != nil {
		a.Log.WarnContext(ctx, "note the use of a token", "err", err)
	}
}

// admit is where a route is opened or not: the one place of this face.
func (c caller) admit(route Route) error {
	switch route.Enter {
	case Anyone:
	case App:
		if c.token == "" {
			return errToken
		}
	case User, Waiting, Staff:
		if c.token == "" {
			return errToken
		}
	default:
		return communities.NotFound
	}
	if c.token != "" && route.Scope != "" && !auth.Allows(c.scopes, route.Scope) {
		return errScope
	}
	if route.Enter == Anyone || route.Enter == App {
		return nil
	}
	switch {
	case c.person == nil:
		return errPerson // SECURITY O4
	case c.waiting != nil && route.Enter != Waiting:
		return c.waiting
	case route.Enter == Staff && !c.account.Role.AtLeast(communities.RoleNodeModerator):
		return errRole // whatever the token says
	}
	return nil
}

// reader reads what the caller may see.
func (a *API) reader(c *call) *storage.Reader {
	if c.eyes == nil {
		c.eyes = a.archive.As(communities.Viewer{Actor: c.id()})
	}
	return c.eyes
}
