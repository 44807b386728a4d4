package communities

import (
	"slices"
	"time"
)

// Treatment is what becomes of a notification.
type Treatment string

const (
	Accept Treatment = "accept"
	Filter Treatment = "filter" // set aside, until the recipient lets the sender in
	Drop   Treatment = "drop"
)

var treatments = []Treatment{Accept, Filter, Drop} // each outweighs those before it

// NotificationPolicy is how a person wants to be told of what others do, by who they are (Mastodon API, entities/NotificationPolicy). The
// zero value accepts everything.
type NotificationPolicy struct {
	NotFollowing    Treatment // of people whom they do not follow
	NotFollowers    Treatment // of people who do not follow them, or not long enough
	NewAccounts     Treatment // of people who came a while ago
	PrivateMentions Treatment // that they did not ask for
	LimitedAccounts Treatment // of people whom moderators limited
}

// UsualNotificationPolicy is that of who chose none: of people whom moderators limited, who does not follow them hears only on request.
func UsualNotificationPolicy() NotificationPolicy {
	return NotificationPolicy{NotFollowing: Accept, NotFollowers: Accept, NewAccounts: Accept, PrivateMentions: Accept, LimitedAccounts: Filter}
}

// Check refuses what is no treatment.
func (p NotificationPolicy) Check() error {
	for _, treatment := range []Treatment{p.NotFollowing, p.NotFollowers, p.NewAccounts, p.PrivateMentions, p.LimitedAccounts} {
		if !slices.Contains(treatments, treatment) {
			return Invalidf("notifications are accepted, filtered or dropped")
		}
	}
	return nil
}

// How long somebody counts as new: as an account, and as a follower.
const (
	newAccount  = 30 * 24 * time.Hour
	newFollower = 3 * 24 * time.Hour
)

// Acquaintance is how the recipient of a notification stands to its sender.
type Acquaintance struct {
	Policy        NotificationPolicy
	Following     bool      // the recipient follows the sender
	FollowedSince time.Time // the sender follows the recipient; zero: does not
	Since         time.Time // when the sender's account was made
	LetIn         bool      // the recipient said so
	Limited       bool      // by the moderators of this node
	Staff         bool      // the sender looks after this node
	Private       bool      // it is about a direct post that answers none of the recipient's
}

// spared are the kinds that no policy holds back: they are about the recipient's own doings, or a duty of theirs.
var spared = []NotificationKind{NotifyPoll, NotifyEdit, NotifyReport, NotifySignUp, NotifyJoinRequest, NotifyAdmission, NotifyRemoval}

// Treat tells what becomes of a notification: the strictest treatment that applies.
func (p NotificationPolicy) Treat(n *Notification, known Acquaintance, now time.Time) Treatment {
	if known.LetIn || known.Staff && !known.Limited || slices.Contains(spared, n.Kind) {
		return Accept
	}
	stranger := !known.Following
	treatment := Accept
	for _, rule := range []struct {
		applies bool
		then    Treatment
	}{
		{stranger, p.NotFollowing},
		{now.Sub(known.FollowedSince) < newFollower || known.FollowedSince.IsZero(), p.NotFollowers},
		{stranger && known.FollowedSince.IsZero() && now.Sub(known.Since) < newAccount, p.NewAccounts},
		{stranger && known.Private, p.PrivateMentions},
		{stranger && known.Limited, p.LimitedAccounts},
	} {
		if rule.applies && slices.Index(treatments, rule.then) > slices.Index(treatments, treatment) {
			treatment = rule.then
		}
	}
	return treatment
}
