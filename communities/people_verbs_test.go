package communities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "meent/communities"
)

func TestFollow(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		eve := v.stranger(Person, "eve", "far.example")
		locked := true
		do(v, func(tx Tx) (*Actor, error) {
			return v.town.EditProfile(v.Context(), tx, Profile{Actor: bob.ID, By: bob.ID, Locked: &locked})
		})
		v.news()
		if f := v.follow(eve, ann); !f.Accepted || f.URI != eve.URI+"#f" {
			t.Errorf("follow %+v", f)
		}
		v.follow(eve, ann) // asked again: answered again
		v.tells("Followed Followed")
		if got := v.actor(ann.ID).FollowersCount; got != 1 {
			t.Errorf("%d followers", got)
		}
		if f := v.follow(eve, bob); f.Accepted {
			t.Error("a locked person has a follower whom they never saw")
		}
		if f := v.follow(ann, eve); f.Accepted || !v.town.Owns(f.URI) {
			t.Errorf("somebody elsewhere was not asked: %+v", f)
		}
		if a, b := v.notified(ann), v.notified(bob); a != "follow eve" || b != "follow_request eve" {
			t.Errorf("notified %q and %q", a, b)
		}
		v.news()
		asked := Following{Follower: eve.ID, Followee: bob.ID}
		for range 2 {
			do(v, func(tx Tx) (*Follow, error) { return v.town.AcceptFollow(v.Context(), tx, asked) })
		}
		if e := heard[FollowAnswered](v); !e.Accepted {
			t.Errorf("told %+v", e)
		}
		v.tells("FollowAnswered")
		v.refuses(KindNotFound, "", func(tx Tx) error { // nobody asked (SECURITY U16)
			_, err := v.town.AcceptFollow(v.Context(), tx, Following{Follower: bob.ID, Followee: eve.ID})
			return err
		})
		v.run(func(tx Tx) error { return v.town.RejectFollow(v.Context(), tx, asked) })
		v.run(func(tx Tx) error { return v.town.RejectFollow(v.Context(), tx, asked) })
		for range 2 {
			v.run(func(tx Tx) error {
				return v.town.Unfollow(v.Context(), tx, Following{Follower: eve.ID, Followee: ann.ID})
			})
		}
		v.tells("FollowAnswered Unfollowed")
		if got := v.actor(ann.ID).FollowersCount; got != 0 {
			t.Errorf("%d followers", got)
		}
	})
}

func TestBlockEndsFollows(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		v.follow(ann, bob)
		v.follow(bob, ann)
		v.news()
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Block(v.Context(), tx, Blocking{Blocker: ann.ID, Blocked: bob.ID}) })
		}
		v.tells("FollowAnswered Unfollowed Blocked")
		v.refuses(KindForbidden, "blocked", func(tx Tx) error {
			_, err := v.town.Follow(v.Context(), tx, Following{Follower: bob.ID, Followee: ann.ID})
			return err
		})
		p := v.publish(Draft{Author: ann.ID, Source: "x"})
		v.refuses(KindNotFound, "", func(tx Tx) error {
			return v.town.React(v.Context(), tx, Reacting{Post: p.ID, By: bob.ID, Kind: Favourite})
		})
		v.news()
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Unblock(v.Context(), tx, Blocking{Blocker: ann.ID, Blocked: bob.ID}) })
		}
		v.tells("Blocked")
		v.follow(bob, ann)
	})
}

func TestSettle(t *testing.T) {
	inVillage(t, func(v *village) {
		again := do(v, func(tx Tx) (*Actor, error) { return v.town.Found(v.Context(), tx, "Other") })
		if again.ID != v.node.ID || again.DisplayName != "Meent" || again.URI != base+"/" {
			t.Errorf("founded twice: %+v", again)
		}
		ann := v.person("ann")
		if ann.URI != base+"/u/ann" || ann.Endpoints.Inbox != base+"/u/ann/inbox" || ann.Endpoints.SharedInbox != base+"/inbox" {
			t.Errorf("ann: %+v", ann)
		}
		create := func(n NewPerson) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.CreatePerson(v.Context(), tx, n)
				return err
			}
		}
		for _, test := range []struct {
			n    NewPerson
			kind Kind
			says string
		}{
			{NewPerson{Name: "ann", Email: "x@mail.example"}, KindConflict, "taken"},
			{NewPerson{Name: "Ann", Email: "x@mail.example"}, KindInvalid, "a-z"},
			{NewPerson{Name: "anna", Email: "ANN@mail.example"}, KindConflict, ""},
			{NewPerson{Name: "anna", Email: "a@mail.example", Role: "king"}, KindInvalid, "not a role"},
			{NewPerson{Name: "anna", Email: "a@mail.example", By: ann.ID}, KindForbidden, "administrators"},
		} {
			if test.n.By == 0 {
				test.n.By = v.node.ID
			}
			v.refuses(test.kind, test.says, create(test.n))
		}
		for _, email := range []string{"", "a", "a@b,c@d", "A <a@b.example>", "a@b.example\r\nBcc: c", `"a b"@c.example`, strings.Repeat("a", 250) + "@b.example"} {
			v.refuses(KindInvalid, "e-mail", create(NewPerson{Name: "anna", Email: email, By: v.node.ID})) // SECURITY O11
		}
		v.refuses(KindConflict, "taken", func(tx Tx) error { // people and groups share their names
			_, err := v.town.CreateGroup(v.Context(), tx, NewGroup{By: v.node.ID, Name: "ann"})
			return err
		})
		mod := v.personAs("mod", RoleNodeModerator)
		g := do(v, func(tx Tx) (*Actor, error) {
			return v.town.CreateGroup(v.Context(), tx, NewGroup{By: mod.ID, Name: "square", DisplayName: "The Square", Source: "*all*", Language: "NL"})
		})
		want := GroupSettings{Joining: JoinOpen, Posting: PostMembers, Style: StyleForum}
		stored := v.actor(g.ID)
		if *stored.Group != want || stored.URI != base+"/g/square" || !strings.Contains(stored.Summary, "<em>all</em>") || stored.Endpoints.Moderators == "" {
			t.Errorf("group %+v", stored)
		}
		if m := v.membership(g, mod); m == nil || m.Role != RoleOwner {
			t.Errorf("who makes a group does not own it: %+v", m)
		}
	})
}

func TestEditProfiles(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		square := v.group("square", ann, GroupSettings{})
		name, source, fields := "Ann\nA.", "I *am*", []Field{{Name: "site", Value: "https://ann.example"}}
		a := do(v, func(tx Tx) (*Actor, error) {
			return v.town.EditProfile(v.Context(), tx, Profile{Actor: ann.ID, By: ann.ID, DisplayName: &name, Source: &source, Fields: &fields})
		})
		v.tells("ActorChanged")
		if a.DisplayName != "Ann A." || !strings.Contains(a.Summary, "<em>am</em>") || !strings.HasPrefix(a.Fields[0].Value, `<a href="https://ann.example"`) {
			t.Errorf("profile %+v", a)
		}
		v.refuses(KindForbidden, "", func(tx Tx) error {
			_, err := v.town.EditProfile(v.Context(), tx, Profile{Actor: ann.ID, By: bob.ID, DisplayName: &name})
			return err
		})
		for _, p := range []Profile{
			{Actor: square.ID, By: bob.ID, DisplayName: &name},
			{Actor: square.ID, By: ann.ID, Settings: &GroupSettings{Joining: "never"}},
		} {
			if _, err := try(v, func(tx Tx) (*Actor, error) { return v.town.EditGroup(v.Context(), tx, p) }); err == nil {
				t.Errorf("edited: %+v", p)
			}
		}
		do(v, func(tx Tx) (*Actor, error) {
			return v.town.EditGroup(v.Context(), tx, Profile{Actor: square.ID, By: ann.ID, Settings: &GroupSettings{Joining: JoinApproval}})
		})
		if got := v.actor(square.ID).Group.Joining; got != JoinApproval {
			t.Errorf("joining %q", got)
		}
	})
}

func TestStaffOfTheNode(t *testing.T) {
	inVillage(t, func(v *village) {
		boss, ann := v.personAs("boss", RoleAdmin), v.person("ann")
		change := func(verb func(Standing) func(Tx) error, s Standing) func(Tx) error { return verb(s) }
		disable := func(s Standing) func(Tx) error {
			return func(tx Tx) error { return v.town.Disable(v.Context(), tx, s) }
		}
		setRole := func(s Standing) func(Tx) error {
			return func(tx Tx) error { return v.town.SetNodeRole(v.Context(), tx, s) }
		}
		v.refuses(KindForbidden, "administrators", change(disable, Standing{Actor: boss.ID, By: ann.ID}))
		v.refuses(KindForbidden, "needs an administrator", change(disable, Standing{Actor: boss.ID, By: v.node.ID})) // SECURITY P4
		v.refuses(KindForbidden, "needs an administrator", change(setRole, Standing{Actor: boss.ID, By: boss.ID, Role: RoleResident}))
		v.refuses(KindForbidden, "needs an administrator", func(tx Tx) error {
			return v.town.DeleteActor(v.Context(), tx, Standing{Actor: boss.ID, By: boss.ID})
		})
		v.run(change(setRole, Standing{Actor: ann.ID, By: boss.ID, Role: RoleAdmin}))
		v.run(change(disable, Standing{Actor: boss.ID, By: ann.ID}))
		v.refuses(KindForbidden, "administrators", change(setRole, Standing{Actor: ann.ID, By: boss.ID, Role: RoleResident}))
		v.run(func(tx Tx) error { return v.town.Enable(v.Context(), tx, Standing{Actor: boss.ID, By: ann.ID}) })
		v.run(change(setRole, Standing{Actor: ann.ID, By: boss.ID, Role: RoleResident}))
	})
}

func TestDeleteActor(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		v.follow(bob, ann)
		var posts []*Post
		for i := range 101 { // a page and one
			posts = append(posts, v.publish(Draft{Author: ann.ID, Source: fmt.Sprint(i)}))
		}
		v.news()
		v.refuses(KindForbidden, "", func(tx Tx) error {
			return v.town.DeleteActor(v.Context(), tx, Standing{Actor: ann.ID, By: bob.ID})
		})
		for range 2 {
			v.run(func(tx Tx) error { return v.town.DeleteActor(v.Context(), tx, Standing{Actor: ann.ID, By: ann.ID}) })
		}
		if e := heard[ActorChanged](v); !e.Gone {
			t.Errorf("told %+v", e)
		}
		v.tells("ActorChanged")
		for len(v.tasks) > 0 {
			task, purges := v.tasks[0].(Purge)
			v.tasks = v.tasks[1:]
			if purges {
				v.run(func(tx Tx) error { return v.town.PurgeSome(v.Context(), tx, task) })
			}
		}
		for _, p := range posts {
			if !v.post(p.ID).Deleted() {
				t.Fatalf("post %s is still there", p.Source)
			}
		}
		if got := v.actor(bob.ID).FollowingCount; got != 0 {
			t.Errorf("bob follows %d", got)
		}
		v.refuses(KindForbidden, "suspended or deleted", v.publishing(Draft{Author: ann.ID, Source: "x"}))
		v.refuses(KindConflict, "taken", func(tx Tx) error {
			_, err := v.town.CreatePerson(v.Context(), tx, NewPerson{By: v.node.ID, Name: "ann", Email: "new@mail.example"})
			return err
		})
	})
}

func TestSuspend(t *testing.T) {
	inVillage(t, func(v *village) {
		mod, ann := v.personAs("mod", RoleNodeModerator), v.person("ann")
		eve := v.stranger(Person, "eve", "far.example")
		p := v.publish(from(eve, "/1", "spam"))
		v.refuses(KindForbidden, "only moderators", func(tx Tx) error {
			return v.town.Suspend(v.Context(), tx, Standing{Actor: mod.ID, By: ann.ID})
		})
		before := len(v.told)
		v.run(func(tx Tx) error {
			return v.town.Suspend(v.Context(), tx, Standing{Actor: ann.ID, By: mod.ID, Reason: "enough"})
		})
		v.refuses(KindForbidden, "suspended", v.publishing(Draft{Author: ann.ID, Source: "x"}))
		v.run(func(tx Tx) error { return v.town.Unsuspend(v.Context(), tx, Standing{Actor: ann.ID, By: mod.ID}) })
		v.publish(Draft{Author: ann.ID, Source: "x"})
		if changed, ok := v.told[before].(ActorChanged); !ok || changed.Actor.ID != ann.ID || changed.Gone {
			t.Errorf("told %+v", v.told[before])
		}
		if got, want := v.list("SELECT action || ' ' || target || ' ' || reason FROM audit ORDER BY id"), "suspend ann@meent.example enough, unsuspend ann@meent.example "; got != want {
			t.Errorf("written down: %q, want %q", got, want)
		}
		v.run(func(tx Tx) error { return v.town.Suspend(v.Context(), tx, Standing{Actor: eve.ID, By: mod.ID}) })
		v.refuses(KindForbidden, "suspended", v.publishing(from(eve, "/2", "more spam")))
		v.refuses(KindNotFound, "", func(tx Tx) error { // SECURITY U18
			_, err := v.town.Boost(v.Context(), tx, Boosting{Post: p.ID, By: ann.ID})
			return err
		})
		v.stranger(Person, "eve", "far.example") // an Update does not end it
		v.refuses(KindForbidden, "suspended", v.publishing(from(eve, "/2", "more spam")))
		v.run(func(tx Tx) error { return v.town.Unsuspend(v.Context(), tx, Standing{Actor: eve.ID, By: mod.ID}) })
		v.publish(from(eve, "/2", "sorry"))
	})
}

func TestMove(t *testing.T) {
	inVillage(t, func(v *village) {
		ann := v.person("ann")
		old, other := v.stranger(Person, "old", "far.example"), v.stranger(Person, "other", "far.example")
		v.follow(ann, old)
		do(v, func(tx Tx) (*Follow, error) {
			return v.town.AcceptFollow(v.Context(), tx, Following{Follower: ann.ID, Followee: old.ID})
		})
		claim := foreign(Person, "new", "near.example")
		claim.AlsoKnownAs = []string{old.URI}
		fresh := do(v, func(tx Tx) (*Actor, error) { return v.town.StoreRemoteActor(v.Context(), tx, claim) })
		v.news()
		move := func(to *Actor) func(Tx) error {
			return func(tx Tx) error { return v.town.Move(v.Context(), tx, Moving{From: old.ID, To: to.ID}) }
		}
		v.refuses(KindForbidden, "alias", move(other)) // SECURITY U17
		v.run(move(fresh))
		v.run(move(fresh))
		v.tells("Followed Unfollowed ActorChanged")
		v.refuses(KindForbidden, "moved already", move(other))
		if got := v.actor(old.ID).MovedTo; got != fresh.URI {
			t.Errorf("moved to %q", got)
		}
	})
}

func TestStoreRemoteActor(t *testing.T) {
	inVillage(t, func(v *village) {
		store := func(a *Actor) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.StoreRemoteActor(v.Context(), tx, a)
				return err
			}
		}
		first := v.stranger(Person, "eve", "far.example")
		a := foreign(Person, "eve", "far.example")
		a.Summary, a.DisplayName, a.Icon.URL = `<p>hi<script>x()</script></p>`, "Eve", "data:image/png,x"
		a.Endpoints.SharedInbox, a.Fields = "https://other.example/inbox", make([]Field, 99)
		v.run(store(a))
		got := v.actor(first.ID)
		want := *first
		want.Summary, want.DisplayName, want.FetchedAt = "<p>hi</p>", "Eve", v.now()
		want.Fields = make([]Field, 50)
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Error(diff)
		}
		for name, change := range map[string]func(*Actor){
			"our host":       func(a *Actor) { a.Host = "meent.example" },
			"no host":        func(a *Actor) { a.Host = "" },
			"our id":         func(a *Actor) { a.URI = base + "/u/x" },
			"inbox":          func(a *Actor) { a.Endpoints.Inbox = "https://other.example/inbox" }, // SECURITY I11
			"script inbox":   func(a *Actor) { a.Endpoints.Inbox = "javascript:x" },
			"kind":           func(a *Actor) { a.Kind = "Note" },
			"became a group": func(a *Actor) { a.Kind = Group },
		} {
			bad := foreign(Person, "eve", "far.example")
			change(bad)
			if _, err := try(v, func(tx Tx) (struct{}, error) { return struct{}{}, store(bad)(tx) }); !(KindOf(err) == KindForbidden || KindOf(err) == KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		v.run(func(tx Tx) error { return v.town.DeleteActor(v.Context(), tx, Standing{Actor: first.ID, By: first.ID}) })
		v.refuses(KindGone, "", store(foreign(Person, "eve", "far.example")))
	})
}
