package main

import (
	"context"
	"net/http"
	"time"

	"meent/cmd/meent/mastodon"
	"meent/cmd/meent/web"
	"meent/communities"
	"meent/federation/translation"
)

// withApps lays what apps ask beside everything else. It stands apart from the table of pages: here a token opens doors, there a cookie.
func (n *node) withApps(ctx context.Context, others http.Handler, pages *web.Pages) (http.Handler, error) {
	key, err := mastodon.PushKey(ctx, n.archive)
	if err != nil {
		return nil, err
	}
	translator, err := n.translator()
	if err != nil {
		return nil, err
	}
	counted := newAttempts()
	crowd := newThrift()
	n.api, err = mastodon.New(n.town, n.archive, n.road, mastodon.Options{
		Name: n.title(), Version: version(), Log: n.log, Now: time.Now, SignIn: "/sign-in",
		Media: n.files.depot, Shown: n.files.seal.Shown,
		AppsPage: "/apps", Stylesheet: pages.Stylesheet(), Outside: n.client, PushKey: key, Translator: translator,
		Contact: n.Contact, Email: n.ContactEmail, Trends: n.Trends, AllowedOnly: n.AllowedOnly,
		PublishPeers: mastodon.Publish(n.PublishPeers), PublishActivity: mastodon.Publish(n.PublishActivity), PublishBlocks: mastodon.Publish(n.PublishBlocks),
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

// translator is the service that the settings name; nil without one.
func (n *node) translator() (mastodon.Translator, error) {
	if n.TranslationService == "" {
		return nil, nil //nolint:nilnil // most nodes have none
	}
	service := translation.Config{Service: translation.Service(n.TranslationService), URL: n.TranslationURL, Key: n.TranslationKey}
	t, err := translation.New(n.client, service)
	if err != nil {
		return nil, advise(err, "Look at --translation-service and --translation-url: an https address that the whole world can reach.")
	}
	return t, nil
}
