package communities

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// who stands in every relation to a group that the rules know. Each begins as a stranger with an account here.
var who = map[string]func(*Case){
	"stranger":  func(*Case) {},
	"foreigner": func(c *Case) { c.Actor.Host, c.NodeRole = "elsewhere.example", "" },
	"neighbour": func(c *Case) { c.Actor.Host, c.NodeRole = c.Group.Host, "" }, // of a remote group's host, and not listed
	"pending":   func(c *Case) { c.Membership = &Membership{Role: RoleMember, Pending: true} },
	"member":    func(c *Case) { c.Membership = &Membership{Role: RoleMember} },
	"moderator": func(c *Case) { c.Membership = &Membership{Role: RoleModerator} },
	"manager":   func(c *Case) { c.Membership = &Membership{Role: RoleManager} },
	"owner":     func(c *Case) { c.Membership = &Membership{Role: RoleOwner} },
	"foreign mod": func(c *Case) {
		c.Actor.Host, c.NodeRole, c.Membership = "elsewhere.example", "", &Membership{Role: RoleModerator}
	},
	"node moderator": func(c *Case) { c.NodeRole = RoleNodeModerator },
	"admin":          func(c *Case) { c.NodeRole = RoleAdmin },
	"group":          func(c *Case) { c.Actor = c.Group; c.NodeRole = "" },
	"banned":         func(c *Case) { c.GroupBan = &Ban{} },
	"banned mod":     func(c *Case) { c.GroupBan, c.Membership = &Ban{}, &Membership{Role: RoleModerator} },
	"once banned":    func(c *Case) { c.GroupBan = &Ban{Until: noon} },
	"node banned":    func(c *Case) { c.NodeBan = &Ban{} },
	"suspended":      func(c *Case) { c.Actor.SuspendedAt = noon },
	"deleted":        func(c *Case) { c.Actor.DeletedAt, c.NodeRole = noon, RoleAdmin },
}

// caseFor is a public thread by a plain member in an open group of this node.
func caseFor(name string, change func(*Case)) Case {
	c := Case{
		Now: noon, Actor: &Actor{ID: 1, Kind: Person, Name: "actor"}, NodeRole: RoleResident,
		Group: &Actor{ID: 2, Kind: Group, Name: "square", Group: &GroupSettings{Joining: JoinOpen, Posting: PostMembers}},
		Post:  &Post{ID: 10, Thread: 10, Author: 3, Group: 2, Kind: Question, Visibility: Public, Poll: &Poll{}}, Sees: true,
		Other: &Actor{ID: 3, Kind: Person, Name: "author"}, OtherRole: RoleMember,
	}
	c.Thread = c.Post
	if change != nil {
		change(&c)
	}
	who[name](&c)
	return c
}

func TestMayInGroup(t *testing.T) {
	t.Parallel()
	const (
		writers  = "stranger, foreigner, neighbour, member, moderator, manager, owner, foreign mod, node moderator, admin, group, once banned"
		doers    = writers + ", pending"
		staff    = "moderator, manager, owner, foreign mod, node moderator, admin, group"
		members  = "member, " + staff
		keepers  = "manager, owner, admin, group"
		owners   = "owner, admin, group"
		everyone = doers + ", banned, banned mod"
	)
	approval := func(c *Case) { c.Group.Group.Joining = JoinApproval }
	secret := func(c *Case) { c.Group.Group.Closed, c.Post.Visibility = true, GroupOnly }
	notices := func(c *Case) { c.Group.Group.Posting = PostModerators }
	lockedThread := func(c *Case) {
		c.Thread = &Post{ID: 9, LockedAt: noon}
	}
	far := func(c *Case) { c.Group.Host = "far.example" }
	farLocked := func(c *Case) { far(c); lockedThread(c) }
	farNotices := func(c *Case) { far(c); notices(c) }
	byOwner := func(c *Case) { c.OtherRole = RoleOwner }
	byModerator := func(c *Case) { c.OtherRole = RoleModerator }
	byAdmin := func(c *Case) { c.OtherNodeRole = RoleAdmin }
	role := func(other, is Role) func(*Case) {
		return func(c *Case) { c.OtherRole, c.NewRole = other, is }
	}
	lastOwner := func(c *Case) { c.OtherRole, c.LastOwner, c.NewRole = RoleOwner, true, RoleMember }
	for _, test := range []struct {
		action  Action
		state   string
		change  func(*Case)
		allowed string
	}{
		{StartThread, "open", nil, writers},
		{StartThread, "approval", approval, members},
		{StartThread, "closed", secret, members},
		{StartThread, "notices", notices, staff},
		{StartThread, "far", far, doers},
		{StartThread, "far notices", farNotices, "foreigner, neighbour, moderator, manager, owner, foreign mod, group"},
		{StartThread, "group suspended", func(c *Case) { c.Group.SuspendedAt = noon }, ""},
		{Reply, "open", nil, writers},
		{Reply, "approval", approval, members},
		{Reply, "closed", secret, members},
		{Reply, "notices", notices, writers},
		{Reply, "locked", lockedThread, staff},
		{Reply, "far", far, doers},
		{Reply, "far locked", farLocked, "foreigner, neighbour, moderator, manager, owner, foreign mod, group"},
		{Reply, "locked post", func(c *Case) { c.Post.LockedAt = noon }, staff},
		{Reply, "removed", func(c *Case) { c.Post.Removal.At = noon }, ""},
		{Reply, "deleted", func(c *Case) { c.Post.DeletedAt = noon }, ""},
		{Reply, "unseen", func(c *Case) { c.Sees = false }, ""},
		{Reply, "blocked", func(c *Case) { c.Blocked = true }, ""},
		{Reply, "boost", func(c *Case) { c.Post.Kind = Boost }, ""},
		{React, "open", nil, doers},
		{React, "locked", lockedThread, doers},
		{React, "removed", func(c *Case) { c.Post.Removal.At = noon }, ""},
		{React, "deleted", func(c *Case) { c.Post.DeletedAt = noon }, ""},
		{React, "unseen", func(c *Case) { c.Sees = false }, ""},
		{React, "blocked", func(c *Case) { c.Blocked = true }, ""},
		{BoostIt, "open", nil, doers},
		{BoostIt, "unlisted", func(c *Case) { c.Post.Visibility = Unlisted }, doers},
		{BoostIt, "followers", func(c *Case) { c.Post.Visibility = Followers }, ""},
		{BoostIt, "direct", func(c *Case) { c.Post.Visibility = Direct }, ""},
		{BoostIt, "members", func(c *Case) { c.Post.Visibility = GroupOnly }, ""},
		{BoostIt, "public in closed", func(c *Case) { c.Group.Group.Closed = true }, ""},
		{BoostIt, "removed", func(c *Case) { c.Post.Removal.At = noon }, ""},
		{CastVote, "open", nil, doers},
		{CastVote, "ended", func(c *Case) { c.Post.Poll.ClosesAt = noon }, ""},
		{CastVote, "no poll", func(c *Case) { c.Post.Poll = nil }, ""},
		{CastVote, "own", func(c *Case) { c.Post.Author = 1 }, "group"},
		{Edit, "another's", nil, ""},
		{Edit, "own", func(c *Case) { c.Post.Author = 1 }, strings.Replace(doers, ", group", "", 1)},
		{Edit, "own, removed", func(c *Case) { c.Post.Author, c.Post.Removal.At = 1, noon }, ""},
		{DeleteOwn, "another's", nil, ""},
		{DeleteOwn, "own", func(c *Case) { c.Post.Author = 1 }, strings.Replace(everyone, ", group", "", 1) + ", node banned"},
		{Remove, "open", nil, staff},
		{Remove, "by a moderator", byModerator, staff},
		{Remove, "by an owner", byOwner, owners + ", node moderator"},
		{Remove, "by an admin", byAdmin, "moderator, manager, owner, foreign mod, admin, group"},
		{Remove, "far", far, staff},
		{Remove, "other group", func(c *Case) { c.Post.Group = 99 }, ""},
		{Lock, "open", nil, staff},
		{Lock, "far", far, "moderator, manager, owner, foreign mod, group"},
		{Lock, "other group", func(c *Case) { c.Post.Group = 99 }, ""},
		{Pin, "open", nil, staff},
		{Pin, "far", far, "moderator, manager, owner, foreign mod, group"},
		{Pin, "a reply", func(c *Case) { c.Post.InReplyTo = 9 }, ""},
		{Pin, "other group", func(c *Case) { c.Post.Group = 99 }, ""},
		{ReportThem, "open", nil, everyone},
		{ReportThem, "unseen", func(c *Case) { c.Sees = false }, ""},
		{FollowThem, "open", nil, everyone},
		{FollowThem, "blocked", func(c *Case) { c.Blocked = true }, ""},
		{FollowThem, "closed", secret, members},
		{FollowThem, "gone", func(c *Case) { c.Other.DeletedAt = noon }, ""},
		{MentionThem, "open", nil, everyone},
		{MentionThem, "blocked", func(c *Case) { c.Blocked = true }, ""},
		{AnswerFollow, "open", nil, everyone + ", node banned"},
		{TakeBack, "open", nil, everyone + ", node banned"},
		{BlockThem, "open", nil, everyone + ", node banned"},
		{Join, "open", nil, doers},
		{Leave, "open", nil, everyone + ", node banned"},
		{Leave, "last owner", lastOwner, ""},
		{Approve, "open", nil, staff},
		{SetRole, "member to moderator", role(RoleMember, RoleModerator), keepers},
		{SetRole, "nobody to member", role("", RoleMember), keepers},
		{SetRole, "moderator to none", role(RoleModerator, ""), keepers},
		{SetRole, "member to manager", role(RoleMember, RoleManager), owners},
		{SetRole, "member to owner", role(RoleMember, RoleOwner), owners},
		{SetRole, "manager to member", role(RoleManager, RoleMember), owners},
		{SetRole, "owner to member", role(RoleOwner, RoleMember), owners},
		{SetRole, "last owner to member", lastOwner, ""},
		{SetRole, "last owner to none", func(c *Case) { lastOwner(c); c.NewRole = "" }, ""},
		{SetRole, "far", func(c *Case) { far(c); c.NewRole = RoleModerator }, "manager, owner, group"},
		{SetRole, "step down", func(c *Case) {
			c.Other, c.OtherRole, c.NewRole = c.Actor, RoleManager, RoleMember
		}, everyone},
		{BanFrom, "open", nil, staff},
		{BanFrom, "a moderator", byModerator, staff},
		{BanFrom, "an owner", byOwner, owners + ", node moderator"},
		{BanFrom, "last owner", lastOwner, ""},
		{BanFrom, "far", far, "moderator, manager, owner, foreign mod, group"},
		{EditGroup, "open", nil, keepers},
		{EditGroup, "far", far, "manager, owner, group"},
		{DeleteGroup, "open", nil, owners},
	} {
		t.Run(fmt.Sprintf("%s/%s", test.action, test.state), func(t *testing.T) {
			t.Parallel()
			allowed := strings.Split(test.allowed, ", ")
			for name := range who {
				c := caseFor(name, test.change)
				if test.action == FollowThem && c.Group == c.Actor {
					continue // a group follows nobody in itself
				}
				err := May(test.action, c)
				if want := slices.Contains(allowed, name); (err == nil) != want {
					t.Errorf("%s: got %v, want allowed = %t", name, err, want)
				}
				if err != nil && KindOf(err) == KindInternal {
					t.Errorf("%s: the refusal %v is no answer for people", name, err)
				}
			}
		})
	}
}

func TestMayOnNode(t *testing.T) {
	t.Parallel()
	const above = "node moderator, admin"
	lastAdmin := func(c *Case) { c.OtherNodeRole, c.LastAdmin = RoleAdmin, true }
	self := func(c *Case) { c.Other = c.Actor }
	remote := func(c *Case) { c.Other.Host = "far.example" }
	for _, test := range []struct {
		action  Action
		state   string
		change  func(*Case)
		allowed string
	}{
		{CreateGroup, "", nil, above},
		{CreatePerson, "", nil, "admin"},
		{SetNodeRole, "", nil, "admin"},
		{SetNodeRole, "last admin", lastAdmin, ""},
		{DisablePerson, "", nil, "admin"},
		{DisablePerson, "last admin", lastAdmin, ""},
		{DeleteProfile, "another", nil, "admin"},
		{DeleteProfile, "last admin", lastAdmin, ""},
		{DeleteProfile, "self", self, "resident, foreigner, node moderator, admin, banned"},
		{EditProfile, "another", nil, "admin"},
		{EditProfile, "self", self, "resident, foreigner, node moderator, admin"},
		{Suspend, "local", nil, above},
		{Suspend, "remote", remote, above},
		{Suspend, "self", self, ""},
		{Suspend, "an admin", func(c *Case) { c.OtherNodeRole = RoleAdmin }, "admin"},
		{Suspend, "last admin", lastAdmin, ""},
		{LimitThem, "", nil, above},
		{LimitThem, "an admin", func(c *Case) { c.OtherNodeRole = RoleAdmin }, "admin"},
		{MarkSensitive, "", nil, above},
		{DecideHost, "", nil, "admin"},
		{ApprovePerson, "", nil, above},
		{Invite, "", nil, "admin"},
		{Announce, "", nil, "admin"},
		{KeepEmoji, "", nil, "admin"},
		{WriteTexts, "", nil, "admin"},
		{AnswerNotice, "", nil, "resident, foreigner, node moderator, admin"},
		{BanFromNode, "", nil, above},
		{BanFromNode, "self", self, ""},
		{BanFromNode, "an admin", func(c *Case) { c.OtherNodeRole = RoleAdmin }, "admin"},
		{BanFromNode, "last admin", lastAdmin, ""},
		{ResolveReport, "without group", nil, above},
		{Remove, "without group", nil, above},
		{Lock, "without group", nil, ""},
		{StartThread, "without group", nil, "resident, foreigner, node moderator, admin"},
		{"fly", "", nil, ""},
	} {
		t.Run(fmt.Sprintf("%s/%s", test.action, test.state), func(t *testing.T) {
			t.Parallel()
			for name, become := range map[string]func(*Case){
				"resident":       func(*Case) {},
				"foreigner":      func(c *Case) { c.Actor.Host, c.NodeRole = "elsewhere.example", "" },
				"node moderator": func(c *Case) { c.NodeRole = RoleNodeModerator },
				"admin":          func(c *Case) { c.NodeRole = RoleAdmin },
				"banned":         func(c *Case) { c.NodeBan = &Ban{} },
				"suspended":      func(c *Case) { c.Actor.SuspendedAt = noon },
			} {
				c := caseFor("stranger", func(c *Case) { c.Group, c.Post.Group = nil, 0 })
				c.Post.Poll, c.Post.Kind = nil, Discussion
				become(&c)
				if test.change != nil {
					test.change(&c)
				}
				if got, want := May(test.action, c) == nil, slices.Contains(strings.Split(test.allowed, ", "), name); got != want {
					t.Errorf("%s: allowed = %t, want %t", name, got, want)
				}
			}
		})
	}
}

// Every action that has a rule asks first whether the actor may act at all.
func TestEveryActionNeedsAnActiveActor(t *testing.T) {
	t.Parallel()
	for action := range rules {
		for _, name := range []string{"suspended", "deleted"} {
			if err := May(action, caseFor(name, nil)); KindOf(err) != KindForbidden {
				t.Errorf("%s by a %s actor: %v", action, name, err)
			}
		}
	}
}

// What one may not know of is absent, what was deleted is gone; the rest has a reason.
func TestMayGivesItsReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action Action
		change func(*Case)
		kind   Kind
		says   string
	}{
		{Reply, func(c *Case) { c.Sees = false }, KindNotFound, "not found"},
		{Reply, func(c *Case) { c.Post.DeletedAt = noon }, KindGone, "deleted"},
		{Reply, func(c *Case) { c.Thread.LockedAt = noon }, KindForbidden, "locked"},
		{Reply, func(c *Case) { c.Group.Group.Closed = true }, KindNotFound, "not found"},
		{Reply, func(c *Case) { c.Post.Kind = Boost }, KindInvalid, "boost"},
		{StartThread, func(c *Case) { c.GroupBan = &Ban{} }, KindForbidden, "banned from the group square"},
		{StartThread, func(c *Case) { c.Group.Group.Joining = JoinApproval }, KindForbidden, "only members write in square"},
		{FollowThem, func(c *Case) { c.Other.SuspendedAt = noon }, KindNotFound, "not found"},
		{Leave, func(c *Case) { c.LastOwner = true }, KindForbidden, "needs an owner"},
		{DeleteProfile, func(c *Case) { c.Other, c.LastAdmin = c.Actor, true }, KindForbidden, "needs an administrator"},
	} {
		err := May(test.action, caseFor("stranger", test.change))
		if KindOf(err) != test.kind || err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want kind %d saying %q", test.action, err, test.kind, test.says)
		}
	}
}
