package main

import (
	"context"
	"fmt"
	"net/http"
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
	return n.linkFor(ctx, tx, person, linkLife)
}

func (n *node) linkFor(ctx context.Context, tx communities.Tx, person *communities.Actor, life time.Duration) (signInLink, error) {
	secret, hash := auth.NewSecret()
	now := time.Now()
	link := signInLink{url: n.Base + web.SignInPath + secret, expires: now.Add(life)}
	err := storage.Of(tx).PutSignInLink(ctx, storage.SignInLink{Hash: hash, Actor: person.ID, CreatedAt: now, ExpiresAt: link.expires})
	if err != nil {
		return link, fmt.Errorf("sign-in link of %s: %w", person.Name, err)
	}
	return link, nil
}

// identify tells who makes a request, by the cookie of their browser.
func (n *node) identify(r *http.Request) (web.Visitor, error) {
	cookie, err := r.Cookie(web.CookieName(n.secure()))
	if err != nil {
		return web.Visitor{}, nil //nolint:nilerr // no cookie: a visitor without an account
	}
	session, err := n.archive.Session(r.Context(), auth.HashSecret(cookie.Value), time.Now())
	if communities.IsNotFound(err) {
		return web.Visitor{}, nil
	}
	if err != nil {
		return web.Visitor{}, err
	}
	v, err := n.resident(r.Context(), session.Actor)
	v.Secret = cookie.Value
	return v, err
}

// resident returns somebody who may sign in; where the account was closed since, nobody (SECURITY V10).
func (n *node) resident(ctx context.Context, id communities.ActorID) (web.Visitor, error) {
	account, err := n.archive.Account(ctx, id)
	if communities.IsNotFound(err) || err == nil && (!account.DisabledAt.IsZero() || account.Pending()) {
		return web.Visitor{}, nil
	}
	if err != nil {
		return web.Visitor{}, err
	}
	person, err := n.archive.Actor(ctx, id)
	if err != nil || !person.Active() {
		return web.Visitor{}, err
	}
	return web.Visitor{Person: person, Account: account}, nil
}
