package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"meent/cmd/meent/web"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// linkLife is how long a link to sign in with can be used.
const linkLife = 24 * time.Hour

// signInLink lets its holder in, once.
type signInLink struct {
	url     string
	expires time.Time
}

func (l signInLink) until() string { return l.expires.Format("2006-01-02 15:04") }

// link makes a link to sign in with, once, for whoever has it.
func (n *node) link(ctx context.Context, tx communities.Tx, person *communities.Actor) (signInLink, error) {
	secret, hash := auth.NewSecret()
	now := time.Now()
	link := signInLink{url: n.Base + web.SignInPath + secret, expires: now.Add(linkLife)}
	err := storage.Of(tx).PutSignInLink(ctx, storage.SignInLink{Hash: hash, Actor: person.ID, CreatedAt: now, ExpiresAt: link.expires})
	if err != nil {
		return link, fmt.Errorf("sign-in link of %s: %w", person.Name, err)
	}
	return link, nil
}

// identify tells who makes a request: by the token that an app sends, else by the cookie of a browser.
func (n *node) identify(r *http.Request) (visitor, error) {
	if secret, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		return n.byToken(r.Context(), secret)
	}
	cookie, err := r.Cookie(web.CookieName(n.secure()))
	if err != nil {
		return visitor{}, nil //nolint:nilerr // no cookie: a visitor without an account
	}
	return n.bySession(r.Context(), cookie.Value)
}

func (n *node) bySession(ctx context.Context, secret string) (visitor, error) {
	session, err := n.archive.Session(ctx, auth.HashSecret(secret), time.Now())
	if communities.IsNotFound(err) {
		return visitor{}, nil
	}
	if err != nil {
		return visitor{}, err
	}
	v, err := n.resident(ctx, session.Actor)
	v.Secret = secret
	return v, err
}

func (n *node) byToken(ctx context.Context, secret string) (visitor, error) {
	token, err := n.archive.AccessToken(ctx, auth.HashSecret(secret))
	if communities.IsNotFound(err) {
		return visitor{app: true}, web.ErrSignIn
	}
	if err != nil {
		return visitor{}, err
	}
	v, err := n.resident(ctx, token.Actor)
	v.app = true
	if err == nil {
		v.scopes, err = auth.ParseScopes(token.Scopes)
	}
	return v, err
}

// resident returns somebody who may sign in; the visitor whom nobody knows, where the account was closed since (SECURITY V10).
func (n *node) resident(ctx context.Context, id communities.ActorID) (visitor, error) {
	account, err := n.archive.Account(ctx, id)
	if communities.IsNotFound(err) || err == nil && !account.DisabledAt.IsZero() {
		return visitor{}, nil
	}
	if err != nil {
		return visitor{}, err
	}
	person, err := n.archive.Actor(ctx, id)
	if err != nil || !person.Active() {
		return visitor{}, err
	}
	return visitor{Visitor: web.Visitor{Person: person, Account: account}}, nil
}
