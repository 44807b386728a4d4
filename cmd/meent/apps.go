package main

import (
	"context"
	"net/http"
	"time"

	"meent/cmd/meent/mastodon"
	"meent/cmd/meent/web"
	"meent/communities"
)

// withApps lays what apps ask beside everything else. It stands apart from the table of pages: here a token opens doors, there a cookie.
func (n *node) withApps(ctx context.Context, others http.Handler, pages *web.Pages) (http.Handler, error) {
	key, err := mastodon.PushKey(ctx, n.archive)
	if err != nil {
		return nil, err
	}
	counted := newAttempts()
	crowd := newThrift()
	n.api, err = mastodon.New(n.town, n.archive, n.road, mastodon.Options{
		Name: n.title(), Version: version(), Log: n.log, Now: time.Now, SignIn: "/sign-in",
		Contact: n.Contact, Email: n.ContactEmail, Trends: n.Trends, AllowedOnly: n.AllowedOnly,
		PublishPeers: mastodon.Publish(n.PublishPeers), PublishActivity: mastodon.Publish(n.PublishActivity), PublishBlocks: mastodon.Publish(n.PublishBlocks),
		AppsPage: "/apps", Stylesheet: pages.Stylesheet(), Outside: n.client, PushKey: key,
		Session: func(r *http.Request) (*communities.Actor, bool) {
			visitor, err := n.identify(r)
			if err != nil {
				n.log.ErrorContext(r.Context(), "look for the session of who uses an app", "err", err)
			}
			return visitor.Person, err == nil && visitor.Known()
		},
		Crowd: crowd.meet,
		Allow: func(r *http.Request, route string, perMinute int) bool {
			return counted.allow(route, clientOf(r), perMinute)
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	n.api.Mount(mux)
	mux.Handle("/", others)
	return mux, nil
}
