package communities

import (
	"context"
	"slices"
	"time"
)

// Audience says whose doings a device is called for (Mastodon API, push subscription, data[policy]).
type Audience string

const (
	FromAll       Audience = "all"
	FromFollowed  Audience = "followed" // whom the person follows
	FromFollowers Audience = "follower" // who follow the person
	FromNobody    Audience = "none"
)

// PushSubscription is where one app of a person wants to be called (RFC 8030), and what for.
type PushSubscription struct {
	ID        SubscriptionID
	Person    ActorID
	TokenHash string // of the access token that it belongs to
	Token     []byte // the same, sealed
	Endpoint  string // of the push service
	PublicKey []byte // of the app, to encrypt for (RFC 8291 3.1)
	Auth      []byte // the secret that the app shares
	Standard  bool   // RFC 8291, else the draft that came before it
	Audience  Audience
	Alerts    []NotificationKind
	CreatedAt time.Time
}

// Wants tells whether the app is called for a notification.
func (s *PushSubscription) Wants(n *Notification, known Acquaintance) bool {
	if !slices.Contains(s.Alerts, n.Kind) {
		return false
	}
	switch s.Audience {
	case FromFollowed:
		return known.Following
	case FromFollowers:
		return !known.FollowedSince.IsZero()
	case FromNobody:
		return false
	default:
		return true
	}
}

// CheckAudience refuses what is none.
func CheckAudience(a Audience) error {
	if !slices.Contains([]Audience{FromAll, FromFollowed, FromFollowers, FromNobody}, a) {
		return Invalidf("the policy of a push subscription is all, followed, follower or none")
	}
	return nil
}

// Push is the task to call an app.
type Push struct {
	Subscription SubscriptionID `json:"subscription"`
	Notification NotificationID `json:"notification"`
	At           time.Time      `json:"at"`
}

// Kind implements [Task].
func (Push) Kind() string { return "push" }

// push enqueues a call to each app that wants to hear of n.
func (t *Town) push(ctx context.Context, tx Tx, n *Notification, known Acquaintance) error {
	subscriptions, err := tx.PushSubscriptions(ctx, n.Recipient)
	if err != nil {
		return err
	}
	for _, s := range subscriptions {
		if !s.Wants(n, known) {
			continue
		}
		if err := tx.Enqueue(ctx, Push{Subscription: s.ID, Notification: n.ID, At: n.CreatedAt}); err != nil {
			return err
		}
	}
	return nil
}
