package communities_test

import (
	"testing"

	. "meent/communities"
)

func TestJoinAndLeave(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		square := v.group("square", ann, GroupSettings{})
		council := v.group("council", ann, GroupSettings{Joining: JoinApproval})
		secret := v.group("secret", ann, GroupSettings{Closed: true})
		join := func(group, person *Actor) *Membership {
			t.Helper()
			return do(v, func(tx Tx) (*Membership, error) {
				return v.town.Join(v.Context(), tx, Entry{Group: group.ID, Person: person.ID})
			})
		}
		approve := func(person, by *Actor, refuse bool) func(Tx) error {
			return func(tx Tx) error {
				return v.town.Approve(v.Context(), tx, Approval{Group: council.ID, Person: person.ID, By: by.ID, Refuse: refuse})
			}
		}
		leave := func(group, person *Actor) func(Tx) error {
			return func(tx Tx) error { return v.town.Leave(v.Context(), tx, Entry{Group: group.ID, Person: person.ID}) }
		}
		if join(square, bob).Pending || !join(council, bob).Pending || !join(council, bob).Pending || !join(secret, bob).Pending {
			t.Error("who waits and who does not is mixed up")
		}
		v.tells("RoleChanged")
		join(council, cas)
		v.refuses(KindForbidden, "only moderators", approve(bob, cas, false))
		v.run(approve(bob, ann, false))
		v.run(approve(cas, ann, true))
		v.tells("RoleChanged")
		v.refuses(KindNotFound, "", approve(bob, ann, false))
		if m := v.membership(council, cas); m != nil {
			t.Errorf("refused, but %+v", m)
		}
		if b, a := v.notified(bob), v.notified(ann); b != "admission council" || a != "join_request bob, join_request bob, join_request cas" {
			t.Errorf("notified %q and %q", b, a)
		}
		v.publish(Draft{Author: bob.ID, Group: council.ID, Source: "thanks"})
		v.news()
		v.run(leave(council, bob))
		v.run(leave(council, bob))
		v.tells("RoleChanged")
		v.refuses(KindForbidden, "needs an owner", leave(council, ann))
		v.role(council, bob, RoleOwner)
		v.run(leave(council, ann))
		v.refuses(KindForbidden, "needs an owner", leave(council, bob))
	})
}

func TestClosedGroup(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		secret := v.group("secret", ann, GroupSettings{Closed: true})
		v.role(secret, bob, RoleMember)
		follow := func(tx Tx) error {
			_, err := v.town.Follow(v.Context(), tx, Following{Follower: cas.ID, Followee: secret.ID})
			return err
		}
		v.refuses(KindNotFound, "", follow)
		v.follow(bob, secret)
		p := v.publish(Draft{Author: ann.ID, Group: secret.ID, Source: "a secret for @cas and @bob"})
		if e := heard[Posted](v); p.Visibility != GroupOnly || e.Share != nil || v.home(bob) != p.Source {
			t.Errorf("visibility %s, share %v, home %q", p.Visibility, e.Share, v.home(bob))
		}
		if b, c := v.notified(bob), v.notified(cas); b != "mention ann" || c != "" {
			t.Errorf("notified %q and %q", b, c)
		}
		v.refuses(KindNotFound, "", v.publishing(Draft{Author: cas.ID, InReplyTo: p.ID, Source: "what?"}))
		v.refuses(KindNotFound, "", func(tx Tx) error {
			_, err := v.town.Report(v.Context(), tx, Complaint{Reporter: cas.ID, Target: ann.ID, Posts: []PostID{p.ID}}) // SECURITY O21
			return err
		})
		v.news()
		v.run(func(tx Tx) error { return v.town.Leave(v.Context(), tx, Entry{Group: secret.ID, Person: bob.ID}) })
		v.tells("FollowAnswered RoleChanged")
		if seen := do(v, func(tx Tx) (bool, error) { return v.town.Sees(v.Context(), tx, bob.ID, p) }); seen {
			t.Error("who left still reads")
		}
	})
}

func TestSetRole(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		square := v.group("square", ann, GroupSettings{})
		set := func(person, by *Actor, role Role) func(Tx) error {
			return func(tx Tx) error {
				return v.town.SetRole(v.Context(), tx, RoleChange{Group: square.ID, Person: person.ID, By: by.ID, Role: role})
			}
		}
		v.run(set(bob, ann, RoleManager))
		v.run(set(bob, ann, RoleManager))
		v.run(set(cas, bob, RoleModerator))
		if e := heard[RoleChanged](v); e.Was != "" || e.Is != RoleModerator || e.By.ID != bob.ID {
			t.Errorf("told %+v", e)
		}
		v.tells("RoleChanged RoleChanged")
		v.refuses(KindForbidden, "only owners", set(cas, bob, RoleOwner))
		v.refuses(KindForbidden, "only owners", set(ann, bob, RoleMember))
		v.refuses(KindForbidden, "only owners", set(bob, cas, ""))
		v.refuses(KindForbidden, "needs an owner", set(ann, ann, RoleMember))
		v.refuses(KindInvalid, "not a role", set(cas, ann, "king"))
		v.run(set(cas, bob, ""))
		v.run(set(bob, bob, RoleMember)) // steps down
		if m := v.membership(square, cas); m != nil {
			t.Errorf("shown the door, but %+v", m)
		}
	})
}

func TestBan(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		square, park := v.group("square", ann, GroupSettings{}), v.group("park", ann, GroupSettings{})
		v.follow(bob, square)
		here := v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "spam"})
		there := v.publish(Draft{Author: bob.ID, Group: park.ID, Source: "fine"})
		v.news()
		ban := Banning{Group: square.ID, Person: bob.ID, By: ann.ID, Reason: "spam", RemovePosts: true}
		v.refuses(KindForbidden, "only moderators", func(tx Tx) error {
			return v.town.Ban(v.Context(), tx, Banning{Group: square.ID, Person: ann.ID, By: bob.ID})
		})
		v.run(func(tx Tx) error { return v.town.Ban(v.Context(), tx, ban) })
		v.tells("RoleChanged FollowAnswered Removed Banned")
		if !v.post(here.ID).Removed() || v.post(there.ID).Removed() || v.membership(square, bob) != nil {
			t.Error("what was written elsewhere is removed, or what was written here is not")
		}
		v.refuses(KindForbidden, "banned from the group", v.publishing(Draft{Author: bob.ID, Group: square.ID, Source: "x"}))
		v.publish(Draft{Author: bob.ID, Group: park.ID, Source: "x"})
		v.news()
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Unban(v.Context(), tx, ban) })
		}
		v.tells("Banned")
		v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "sorry"})
		v.news()
		v.run(func(tx Tx) error {
			return v.town.Ban(v.Context(), tx, Banning{Person: bob.ID, By: v.node.ID, RemovePosts: true})
		})
		v.refuses(KindForbidden, "banned from this node", v.publishing(Draft{Author: bob.ID, Source: "x"}))
		if !v.post(there.ID).Removed() {
			t.Error("banned from the node, and still there")
		}
	})
}

func TestReport(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas, mod := v.person("ann"), v.person("bob"), v.person("cas"), v.personAs("mod", RoleNodeModerator)
		square := v.group("square", ann, GroupSettings{})
		p := v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "rude"})
		other := v.publish(Draft{Author: cas.ID, Source: "fine"})
		v.news()
		report := func(c Complaint) func(Tx) (*Report, error) {
			return func(tx Tx) (*Report, error) { return v.town.Report(v.Context(), tx, c) }
		}
		r := do(v, report(Complaint{Reporter: cas.ID, Target: bob.ID, Posts: []PostID{p.ID}, Category: "nonsense", Comment: "look"}))
		v.tells("Reported")
		if r.Group != square.ID || r.Category != "other" || !v.town.Owns(r.URI) || v.notified(ann) != "admin.report cas" || v.notified(mod) != "" {
			t.Errorf("report %+v, notified %q and %q", r, v.notified(ann), v.notified(mod))
		}
		v.refuses(KindInvalid, "one author", func(tx Tx) error {
			_, err := report(Complaint{Reporter: cas.ID, Target: bob.ID, Posts: []PostID{p.ID, other.ID}})(tx)
			return err
		})
		instance := v.stranger(Application, "far.example", "far.example")
		do(v, report(Complaint{Reporter: instance.ID, Target: cas.ID, Posts: []PostID{other.ID}, URI: "https://far.example/flag/1"}))
		if got := v.notified(mod); got != "admin.report far.example" {
			t.Errorf("notified %q", got)
		}
		desert := do(v, func(tx Tx) (*Actor, error) {
			return v.town.CreateGroup(v.Context(), tx, NewGroup{By: v.node.ID, Name: "desert"})
		})
		do(v, report(Complaint{Reporter: ann.ID, Target: cas.ID, Group: desert.ID})) // no moderator there to ask
		if got := v.notified(mod); got != "admin.report far.example, admin.report ann" {
			t.Errorf("notified %q", got)
		}
		resolve := func(by *Actor) func(Tx) error {
			return func(tx Tx) error { return v.town.ResolveReport(v.Context(), tx, Resolution{Report: r.ID, By: by.ID}) }
		}
		v.refuses(KindNotFound, "", resolve(cas))
		v.run(resolve(ann))
		v.run(resolve(mod)) // is resolved already
		stored := do(v, func(tx Tx) (*Report, error) { return tx.Report(v.Context(), r.ID) })
		if stored.ResolvedBy != ann.ID {
			t.Errorf("resolved by %d", stored.ResolvedBy)
		}
	})
}
