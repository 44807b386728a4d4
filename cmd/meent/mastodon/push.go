package mastodon

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/federation/webpush"
	"meent/storage"
)

// pushRoutes are where an app wants to be called. Each token has one subscription, so none has an id in its address (SECURITY O12).
var pushRoutes = []row{
	{"POST", "/api/v1/push/subscription", User, auth.Push, (*API).subscribePush, 0},
	{"GET", "/api/v1/push/subscription", User, auth.Push, (*API).showSubscription, 0},
	{"PUT", "/api/v1/push/subscription", User, auth.Push, (*API).changeSubscription, 0},
	{"DELETE", "/api/v1/push/subscription", User, auth.Push, (*API).unsubscribe, 0},
}

// pushKeySetting is where the archive keeps the key by which push services know this node.
const pushKeySetting = "push_key"

// PushKey returns the key by which push services know this node, and makes it the first time. All processes of a node have the same.
func PushKey(ctx context.Context, archive *storage.DB) (webpush.Key, error) {
	made, err := webpush.NewKey()
	if err != nil {
		return made, err
	}
	secret, err := made.Secret()
	if err != nil {
		return made, err
	}
	err = archive.Write(ctx, func(tx communities.Tx) (err error) {
		secret, err = storage.Of(tx).KeepSetting(ctx, pushKeySetting, secret)
		return err
	})
	if err != nil {
		return made, fmt.Errorf("keep the push key: %w", err)
	}
	return webpush.ParseKey(secret)
}

// sealerOf seals access tokens: an app wants its token back with what it is told, and they are kept as hashes.
func sealerOf(key webpush.Key) (auth.Sealer, error) {
	secret, err := key.Secret()
	if err != nil {
		return auth.Sealer{}, err
	}
	return auth.NewSealer([]byte(secret), "push tokens")
}

// alerts are the types that a subscription names. The type is that of the notification but for replies, which apps see as mentions.
var alerts = []string{
	"mention", "quote", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quoted_update", "admin.sign_up", "admin.report",
}

func (a *API) subscribePush(c *call) (any, error) {
	endpoint, err := a.Outside.Parse(c.form.text("subscription[endpoint]"))
	if err != nil {
		return nil, communities.Invalidf("Validation failed: Endpoint must be a valid URL")
	}
	s := &communities.PushSubscription{
		Person: c.id(), TokenHash: c.token, Token: a.sealer.Seal(bearer(c.Request), c.token), Endpoint: endpoint.String(),
		PublicKey: decodeKey(c.form.text("subscription[keys][p256dh]")), Auth: decodeKey(c.form.text("subscription[keys][auth]")),
		Standard: c.form.flag("subscription[standard]"), Audience: communities.FromAll, CreatedAt: a.Now(),
	}
	if err := webpush.CheckKeys(s.PublicKey, s.Auth); err != nil {
		return nil, communities.Invalidf("Validation failed: Key p256dh or auth is not one to encrypt for")
	}
	if err := readAlerts(c.form, s); err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutPushSubscription(c.Context(), s) })
	return a.drawSubscription(s), err
}

// decodeKey reads base64 in each form that apps write it in; nothing from what is none.
func decodeKey(text string) []byte {
	text = strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text)
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return key
}

// readAlerts reads the part data of the request: what is not named is off.
func readAlerts(f form, s *communities.PushSubscription) error {
	s.Alerts = nil
	for _, name := range alerts {
		if !f.flag("data[alerts][" + name + "]") {
			continue
		}
		s.Alerts = append(s.Alerts, communities.NotificationKind(name))
		if name == string(communities.NotifyMention) {
			s.Alerts = append(s.Alerts, communities.NotifyReply)
		}
	}
	for _, name := range []string{"policy", "data[policy]"} {
		if f.has(name) {
			s.Audience = communities.Audience(f.text(name))
		}
	}
	return communities.CheckAudience(s.Audience)
}

func (a *API) drawSubscription(s *communities.PushSubscription) entity.WebPushSubscription {
	drawn := entity.WebPushSubscription{
		ID: int64(s.ID), Endpoint: s.Endpoint, Standard: s.Standard, Alerts: map[string]bool{}, Policy: string(s.Audience), ServerKey: a.PushKey.Public(),
	}
	for _, name := range alerts {
		drawn.Alerts[name] = slices.Contains(s.Alerts, communities.NotificationKind(name))
	}
	return drawn
}

func (a *API) showSubscription(c *call) (any, error) {
	s, err := a.archive.PushSubscriptionOf(c.Context(), c.token)
	if err != nil {
		return nil, err
	}
	return a.drawSubscription(s), nil
}

func (a *API) changeSubscription(c *call) (any, error) {
	s, err := a.archive.PushSubscriptionOf(c.Context(), c.token)
	if err != nil {
		return nil, err
	}
	if err := readAlerts(c.form, s); err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).ChangePushSubscription(c.Context(), s) })
	return a.drawSubscription(s), err
}

func (a *API) unsubscribe(c *call) (any, error) {
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DeletePushSubscriptionOf(c.Context(), c.token)
	})
}
