package communities

import (
	"testing"
	"time"
)

// What becomes of a notification: the strictest part of the policy that applies, but for those whom no policy concerns.
func TestTreat(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	long, lately := now.AddDate(-1, 0, 0), now.Add(-time.Hour)
	stranger := Acquaintance{Since: long}
	changed := func(a Acquaintance, change func(*Acquaintance)) Acquaintance {
		change(&a)
		return a
	}
	follower := changed(stranger, func(a *Acquaintance) { a.FollowedSince = long })
	followed := changed(stranger, func(a *Acquaintance) { a.Following = true })
	for name, test := range map[string]struct {
		policy NotificationPolicy
		known  Acquaintance
		kind   NotificationKind
		want   Treatment
	}{
		"no policy":                   {NotificationPolicy{}, stranger, NotifyMention, Accept},
		"not following":               {NotificationPolicy{NotFollowing: Filter}, stranger, NotifyMention, Filter},
		"following":                   {NotificationPolicy{NotFollowing: Drop}, followed, NotifyMention, Accept},
		"not a follower":              {NotificationPolicy{NotFollowers: Drop}, followed, NotifyMention, Drop},
		"a follower":                  {NotificationPolicy{NotFollowers: Drop}, follower, NotifyMention, Accept},
		"a follower since an hour":    {NotificationPolicy{NotFollowers: Filter}, changed(stranger, func(a *Acquaintance) { a.FollowedSince = lately }), NotifyMention, Filter},
		"a new account":               {NotificationPolicy{NewAccounts: Filter}, Acquaintance{Since: lately}, NotifyFollow, Filter},
		"a new account, followed":     {NotificationPolicy{NewAccounts: Filter}, Acquaintance{Since: lately, Following: true}, NotifyFollow, Accept},
		"an old account":              {NotificationPolicy{NewAccounts: Filter}, stranger, NotifyFollow, Accept},
		"a private mention":           {NotificationPolicy{PrivateMentions: Filter}, changed(stranger, func(a *Acquaintance) { a.Private = true }), NotifyMention, Filter},
		"a private one, followed":     {NotificationPolicy{PrivateMentions: Filter}, changed(followed, func(a *Acquaintance) { a.Private = true }), NotifyMention, Accept},
		"a public mention":            {NotificationPolicy{PrivateMentions: Filter}, stranger, NotifyMention, Accept},
		"limited, and usual":          {UsualNotificationPolicy(), changed(stranger, func(a *Acquaintance) { a.Limited = true }), NotifyMention, Filter},
		"limited, and followed":       {UsualNotificationPolicy(), changed(followed, func(a *Acquaintance) { a.Limited = true }), NotifyMention, Accept},
		"limited staff":               {UsualNotificationPolicy(), changed(stranger, func(a *Acquaintance) { a.Limited, a.Staff = true, true }), NotifyMention, Filter},
		"limited, of a duty":          {UsualNotificationPolicy(), changed(stranger, func(a *Acquaintance) { a.Limited = true }), NotifySignUp, Accept},
		"limited":                     {NotificationPolicy{LimitedAccounts: Drop}, changed(stranger, func(a *Acquaintance) { a.Limited = true }), NotifyMention, Drop},
		"the strictest":               {NotificationPolicy{NotFollowing: Drop, NotFollowers: Filter}, stranger, NotifyMention, Drop},
		"the strictest, otherwise":    {NotificationPolicy{NotFollowing: Filter, NotFollowers: Drop}, stranger, NotifyMention, Drop},
		"let in":                      {NotificationPolicy{NotFollowing: Drop}, changed(stranger, func(a *Acquaintance) { a.LetIn = true }), NotifyMention, Accept},
		"who looks after the node":    {NotificationPolicy{NotFollowing: Drop}, changed(stranger, func(a *Acquaintance) { a.Staff = true }), NotifyMention, Accept},
		"one's own poll":              {NotificationPolicy{NotFollowing: Drop}, stranger, NotifyPoll, Accept},
		"a report, to who moderates":  {NotificationPolicy{NotFollowing: Drop}, stranger, NotifyReport, Accept},
		"what moderators did to them": {NotificationPolicy{NotFollowing: Drop}, stranger, NotifyRemoval, Accept},
	} {
		if got := test.policy.Treat(&Notification{Kind: test.kind}, test.known, now); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// A device is called for what was asked, by whom it was asked.
func TestWants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		audience Audience
		known    Acquaintance
		want     bool
	}{
		{FromAll, Acquaintance{}, true},
		{FromNobody, Acquaintance{Following: true, FollowedSince: time.Now()}, false},
		{FromFollowed, Acquaintance{}, false},
		{FromFollowed, Acquaintance{Following: true}, true},
		{FromFollowers, Acquaintance{Following: true}, false},
		{FromFollowers, Acquaintance{FollowedSince: time.Now()}, true},
	} {
		s := &PushSubscription{Audience: test.audience, Alerts: []NotificationKind{NotifyMention}}
		if got := s.Wants(&Notification{Kind: NotifyMention}, test.known); got != test.want {
			t.Errorf("%s with %+v: %t", test.audience, test.known, got)
		}
		if s.Wants(&Notification{Kind: NotifyFollow}, test.known) {
			t.Errorf("%s: called for what was not asked", test.audience)
		}
	}
}
