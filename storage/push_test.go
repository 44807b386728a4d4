package storage

import (
	"context"
	"testing"
	"time"

	"meent/communities"
)

// subscribed gives a person a token and a subscription of it.
func (w world) subscribed(person *communities.Actor, token string, alerts ...communities.NotificationKind) *communities.PushSubscription {
	w.Helper()
	s := &communities.PushSubscription{
		Person: person.ID, TokenHash: token, Token: []byte("sealed"), Endpoint: "https://push.example/" + token, PublicKey: []byte{4, 0, 255}, Auth: []byte("auth"),
		Standard: true, Audience: communities.FromFollowed, Alerts: alerts, CreatedAt: day,
	}
	w.write(func(tx *Tx) error {
		err := tx.PutAccount(w.Context(), &communities.Account{Actor: person.ID, Email: person.Name + "@x.example", Role: communities.RoleResident, CreatedAt: day})
		if err == nil {
			err = tx.PutAccessToken(w.Context(), AccessToken{Hash: token, Actor: person.ID, CreatedAt: day})
		}
		if err == nil {
			err = tx.PutPushSubscription(w.Context(), s)
		}
		return err
	})
	return s
}

// A subscription belongs to a token, is replaced by the next one, and ends with the token, whichever way that ends.
func TestPushSubscriptions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		first := w.subscribed(anna, "one", communities.NotifyMention, communities.NotifyPoll)
		if first.ID <= 0 || first.ID > 1<<31-1 {
			t.Errorf("apps keep ids in 32 bits, this is %d", first.ID)
		}
		got, err := db.PushSubscriptionOf(ctx, "one")
		if err != nil {
			t.Fatal(err)
		}
		w.same("subscription", got, first)
		again := *first
		again.Endpoint = "https://push.example/again"
		w.write(func(tx *Tx) error { return tx.PutPushSubscription(ctx, &again) })
		if _, err := db.PushSubscription(ctx, first.ID); !communities.IsNotFound(err) {
			t.Errorf("the one before is still there: %v", err)
		}
		again.Audience, again.Alerts = communities.FromNobody, nil
		w.write(func(tx *Tx) error { return tx.ChangePushSubscription(ctx, &again) })
		all, err := db.PushSubscriptions(ctx, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("all", all, []*communities.PushSubscription{&again})
		w.write(func(tx *Tx) error { return tx.DeletePushSubscription(ctx, again.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.PushSubscriptionOf(ctx, "one"); return err })
		for i, end := range []func(ctx context.Context, tx *Tx) error{
			func(ctx context.Context, tx *Tx) error { return tx.DeletePushSubscriptionOf(ctx, "one") },
			func(ctx context.Context, tx *Tx) error { return tx.RevokeAccessToken(ctx, "one", day) },
		} {
			again.ID = 0
			w.write(func(tx *Tx) error { return tx.PutPushSubscription(ctx, &again) })
			inTx(t, db, end)
			if _, err := db.PushSubscriptionOf(ctx, "one"); !communities.IsNotFound(err) {
				t.Errorf("way %d: %v", i, err)
			}
		}
	})
}

// Storing a notification tells whether there is a policy to ask and an app to call; what is set aside is nowhere, until its sender is let in.
func TestNotificationsThatAreSetAside(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, cor := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "far.example"), w.actor(communities.Person, "cor", "")
		parent := w.post(anna, nil)
		secret := w.post(bert, func(p *communities.Post) { p.Visibility = communities.Direct })
		answer := w.post(bert, func(p *communities.Post) { answering(parent)(p); p.Visibility = communities.Direct })
		w.follow(bert, anna, true)
		w.subscribed(anna, "one")
		policy := communities.UsualNotificationPolicy()
		policy.NotFollowing = communities.Filter
		w.write(func(tx *Tx) error {
			if err := tx.PutHostRule(ctx, &communities.HostRule{ID: 1, Host: "far.example", Policy: communities.HostLimited, At: day}); err != nil {
				return err
			}
			return tx.PutNotificationPolicy(ctx, anna.ID, policy)
		})
		kept, err := db.NotificationPolicy(ctx, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("policy", kept, policy)
		n := &communities.Notification{ID: 9, Recipient: anna.ID, Kind: communities.NotifyMention, From: bert.ID, Post: secret.ID, CreatedAt: day}
		w.write(func(tx *Tx) error {
			stored, err := tx.PutNotification(ctx, n)
			w.same("stored", stored, communities.Stored{New: true, Screened: true, Pushed: true})
			if err != nil {
				return err
			}
			known, err := tx.Acquaintance(ctx, n)
			w.same("acquaintance", known, communities.Acquaintance{Policy: policy, FollowedSince: day, Since: day, Limited: true, Private: true})
			if err != nil {
				return err
			}
			if known, err = tx.Acquaintance(ctx, &communities.Notification{Recipient: anna.ID, From: bert.ID, Post: answer.ID}); known.Private {
				t.Error("an answer to anna is taken for an unasked one")
			}
			if err != nil {
				return err
			}
			return tx.SetAside(ctx, n.ID)
		})
		eyes := db.As(communities.Viewer{Actor: anna.ID})
		w.told(eyes, 0, 1)
		w.write(func(tx *Tx) error {
			merged, err := tx.LetIn(ctx, anna.ID, bert.ID, day)
			w.same("merged", merged, 1)
			w.same("told to streams", tx.notes, []Note{{Kind: NoteSignal, Event: "notifications_merged", Actor: anna.ID}})
			return err
		})
		w.told(eyes, 1, 0)
		w.write(func(tx *Tx) error {
			if known, err := tx.Acquaintance(ctx, n); err != nil || !known.LetIn {
				t.Errorf("let in %t, %v", known.LetIn, err)
			}
			if err := tx.SetAside(ctx, n.ID); err != nil {
				return err
			}
			return tx.Dismiss(ctx, anna.ID, bert.ID)
		})
		w.told(eyes, 0, 0)
		w.write(func(tx *Tx) error {
			return tx.PutNotificationPolicy(ctx, anna.ID, communities.UsualNotificationPolicy())
		})
		w.write(func(tx *Tx) error {
			stored, err := tx.PutNotification(ctx, n)
			w.same("stored without a policy, of who is limited", stored, communities.Stored{New: true, Screened: true, Pushed: true})
			if err != nil {
				return err
			}
			stored, err = tx.PutNotification(ctx, &communities.Notification{ID: 10, Recipient: anna.ID, Kind: communities.NotifyFollow, From: cor.ID, CreatedAt: day})
			w.same("stored without a policy", stored, communities.Stored{New: true, Pushed: true})
			return err
		})
	})
}

// told checks how much the viewer is told, and of how many senders something waits.
func (w world) told(eyes *Reader, told, senders int) {
	w.Helper()
	shown, err := eyes.Notifications(w.Context(), Page{})
	if err != nil {
		w.Fatal(err)
	}
	all, err := eyes.Notices(w.Context(), NoticeFilter{Kinds: []communities.NotificationKind{communities.NotifyMention}}, Page{})
	if err != nil {
		w.Fatal(err)
	}
	unread, err := eyes.CountUnread(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	requests, err := eyes.NoticeRequests(w.Context(), Page{})
	if err != nil {
		w.Fatal(err)
	}
	from, _, err := eyes.CountRequests(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	w.same("told", []int{len(shown), len(all), unread, len(requests), from}, []int{told, told, told, senders, senders})
}

// What a person gave an app is one entry, however many tokens it got, and ends as a whole: tokens, codes, and what it is called for; nothing
// of anybody else's ends.
func TestAuthorisedApps(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		app := registered(t, db)
		w.subscribed(anna, "one")
		w.subscribed(bert, "other")
		w.write(func(tx *Tx) error {
			for _, token := range []AppToken{{Hash: "one", Actor: anna.ID}, {Hash: "two", Actor: anna.ID}, {Hash: "other", Actor: bert.ID}, {Hash: "own"}} {
				token.App, token.Scopes, token.CreatedAt = app.ID, "read write", day
				if err := tx.PutAppToken(ctx, token); err != nil {
					return err
				}
			}
			for i, hash := range []string{"two", "command"} {
				token := AccessToken{Hash: hash, Actor: anna.ID, App: "klok", Scopes: "read push", CreatedAt: day.Add(time.Duration(i+1) * time.Hour)}
				if err := tx.PutAccessToken(ctx, token); err != nil {
					return err
				}
			}
			return tx.PutAuthorizationCode(ctx, AuthorizationCode{Hash: "code", App: app.ID, Actor: anna.ID, ExpiresAt: day.Add(time.Hour)}, day)
		})
		list := func(person *communities.Actor) []*Authorised {
			t.Helper()
			apps, err := db.AuthorisedApps(ctx, person.ID)
			if err != nil {
				t.Fatal(err)
			}
			return apps
		}
		w.same("apps of anna", list(anna), []*Authorised{
			{Name: "klok", Scopes: []string{"read", "push"}, Since: day.Add(2 * time.Hour)},
			{App: app.ID, Name: app.Name, Scopes: []string{"read", "push"}, Since: day},
		})
		w.write(func(tx *Tx) error { return tx.RevokeApp(ctx, anna.ID, app.ID, app.Name, day) })
		w.same("after one ended", list(anna), []*Authorised{{Name: "klok", Scopes: []string{"read", "push"}, Since: day.Add(2 * time.Hour)}})
		for _, hash := range []string{"one", "two"} {
			if _, err := db.AccessToken(ctx, hash); !communities.IsNotFound(err) {
				t.Errorf("token %s: %v", hash, err)
			}
			if _, err := db.AppToken(ctx, hash); !communities.IsNotFound(err) {
				t.Errorf("token %s of the app: %v", hash, err)
			}
		}
		if _, err := db.PushSubscriptionOf(ctx, "one"); !communities.IsNotFound(err) {
			t.Error("it is called still")
		}
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.TakeAuthorizationCode(ctx, "code", day); return err })
		w.write(func(tx *Tx) error { return tx.RevokeApp(ctx, anna.ID, 0, "klok", day) })
		w.same("after both ended", list(anna), []*Authorised(nil))
		if _, err := db.PushSubscriptionOf(ctx, "other"); err != nil || len(list(bert)) != 1 {
			t.Errorf("bert's went as well: %v", err)
		}
		if _, err := db.AppToken(ctx, "own"); err != nil {
			t.Errorf("the app's own went as well: %v", err)
		}
	})
}
