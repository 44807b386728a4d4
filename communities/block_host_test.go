package communities_test

import (
	"fmt"
	"strings"
	"testing"

	. "meent/communities"
)

// However many of a host somebody is tied to, all ties end, a page at a time.
func TestBlockHostEndsFollows(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, near := v.person("ann"), v.stranger(Person, "near", "near.example")
		const many = 130
		for i := range many {
			far := v.stranger(Person, fmt.Sprint("far", i), "far.example")
			v.run(func(tx Tx) error {
				_, err := v.town.Follow(v.Context(), tx, Following{Follower: far.ID, Followee: ann.ID, URI: fmt.Sprint(far.URI, "/f")})
				return err
			})
		}
		v.follow(ann, near)
		blocking := HostBlocking{Blocker: ann.ID, Host: "far.example"}
		v.news()
		v.tasks = nil
		v.run(func(tx Tx) error { return v.town.BlockHost(v.Context(), tx, blocking) })
		for len(v.tasks) > 0 {
			task := v.tasks[0].(PartFromHost)
			v.tasks = v.tasks[1:]
			v.run(func(tx Tx) error { return v.town.PartSome(v.Context(), tx, task) })
		}
		if told := v.news(); strings.Count(told, "FollowAnswered") != many {
			t.Errorf("%d are told", strings.Count(told, "FollowAnswered"))
		}
		if _, err := v.db.Follow(v.Context(), ann.ID, near.ID); err != nil || v.actor(ann.ID).FollowersCount != 0 {
			t.Errorf("%d followers, and whom she follows elsewhere: %v", v.actor(ann.ID).FollowersCount, err)
		}
		far := v.stranger(Person, "late", "far.example")
		p := v.publish(Draft{Author: ann.ID, Source: "x"})
		for says, fn := range map[string]func(Tx) error{
			"blocked": func(tx Tx) error {
				_, err := v.town.Follow(v.Context(), tx, Following{Follower: far.ID, Followee: ann.ID, URI: far.URI + "/f"})
				return err
			},
			"": func(tx Tx) error {
				return v.town.React(v.Context(), tx, Reacting{Post: p.ID, By: far.ID, Kind: Favourite, URI: far.URI + "/l"})
			},
		} {
			kind := KindForbidden
			if says == "" {
				kind = KindNotFound
			}
			v.refuses(kind, says, fn)
		}
		v.refuses(KindInvalid, "no other server", func(tx Tx) error {
			return v.town.BlockHost(v.Context(), tx, HostBlocking{Blocker: ann.ID, Host: "meent.example"})
		})
		for range 2 {
			v.run(func(tx Tx) error { return v.town.UnblockHost(v.Context(), tx, blocking) })
		}
		v.run(func(tx Tx) error {
			return v.town.React(v.Context(), tx, Reacting{Post: p.ID, By: far.ID, Kind: Favourite, URI: far.URI + "/l"})
		})
	})
}

// Who asked for it is told of posts, once each, and keeps what they wished when they follow again.
func TestWishesAreKept(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		follow := func(w *Wishes) *Follow {
			return do(v, func(tx Tx) (*Follow, error) {
				return v.town.Follow(v.Context(), tx, Following{Follower: bob.ID, Followee: ann.ID, Wishes: w})
			})
		}
		follow(&Wishes{Notify: true, NoBoosts: true, Languages: []string{"nl"}})
		if f := follow(nil); !f.Wishes.Notify || !f.Wishes.NoBoosts || len(f.Wishes.Languages) != 1 {
			t.Errorf("%+v", f.Wishes)
		}
		p := v.publish(Draft{Author: ann.ID, Source: "x"})
		v.publish(Draft{Author: ann.ID, Source: "y", Visibility: Direct})
		v.publish(Draft{Author: ann.ID, Source: "z", InReplyTo: p.ID})
		if got := v.notified(bob); strings.Count(got, string(NotifyPost)) != 2 {
			t.Errorf("told of %s", got)
		}
	})
}
