package communities

// The actor.

func active(c *Case) error {
	if !c.Actor.Active() {
		return Forbiddenf("this account is suspended or deleted")
	}
	return nil
}

func welcome(c *Case) error {
	if c.NodeBan.Holds(c.Now) {
		return Forbiddenf("you are banned from this node")
	}
	return nil
}

func nodeModerator(c *Case) error {
	if !c.NodeRole.AtLeast(RoleNodeModerator) {
		return Forbiddenf("only moderators of the node may do this")
	}
	return nil
}

func admin(c *Case) error {
	if !c.NodeRole.AtLeast(RoleAdmin) {
		return Forbiddenf("only administrators may do this")
	}
	return nil
}

func self(c *Case) error {
	if c.Actor.ID != c.Other.ID {
		return NotFound
	}
	return nil
}

func selfOrAdmin(c *Case) error {
	if c.Actor.ID == c.Other.ID {
		return nil
	}
	return admin(c)
}

// The post.

func sees(c *Case) error {
	if c.Post != nil && !c.Sees {
		return NotFound
	}
	return nil
}

func stands(c *Case) error {
	switch {
	case c.Post.Deleted():
		return Gone
	case c.Post.Removed():
		return Forbiddenf("a moderator has removed this post")
	}
	return nil
}

func own(c *Case) error {
	if c.Post.Author != c.Actor.ID {
		return Forbiddenf("only the author may do this")
	}
	return nil
}

func notOwn(c *Case) error {
	if c.Post.Author == c.Actor.ID {
		return Forbiddenf("nobody votes in their own poll")
	}
	return nil
}

func notBoost(c *Case) error {
	if c.Post.Kind == Boost {
		return Invalidf("this is a boost; turn to the post itself")
	}
	return nil
}

func notSecret(c *Case) error {
	if c.Post.Visibility == Direct {
		return Invalidf("a direct post is for those who are named in it, and cannot be pinned")
	}
	return nil
}

func startsThread(c *Case) error {
	if !c.Post.IsRoot() {
		return Invalidf("only the first post of a thread can be pinned")
	}
	return nil
}

func openToAll(c *Case) error {
	if !c.Post.Visibility.Open() || closed(c.Group) {
		return Forbiddenf("only a public post can be boosted")
	}
	return nil
}

// quotable keeps to the author's choice, and what is not for everybody where it is.
func quotable(c *Case) error {
	own := c.Post.Author == c.Actor.ID
	consent := c.Post.MayBeQuoted(own, c.Follows, c.Followed)
	if closed(c.Group) || consent == ConsentDenied && (own || !c.Post.Visibility.Open()) {
		return Forbiddenf("a post that is not public cannot be quoted")
	}
	if consent == ConsentDenied || (consent != ConsentAutomatic && c.Other.Local()) {
		return Forbiddenf("the author does not want this post to be quoted by you")
	}
	return nil
}

func hasOpenPoll(c *Case) error {
	switch {
	case c.Post.Poll == nil:
		return Invalidf("this post has no poll")
	case c.Post.Poll.Closed(c.Now):
		return Invalidf("this poll is closed")
	}
	return nil
}

// The group.

func groupStands(c *Case) error {
	switch {
	case c.Group == nil:
		return nil
	case !c.Group.DeletedAt.IsZero():
		return Gone
	case !c.Group.Active():
		return Forbiddenf("the group %s is suspended", c.Group.Title())
	}
	return nil
}

func notBanned(c *Case) error {
	if c.Group != nil && c.GroupBan.Holds(c.Now) {
		return Forbiddenf("you are banned from the group %s", c.Group.Title())
	}
	return nil
}

// admitted lets those write whom a group of this node admits. Who is admitted elsewhere, that group's own node knows.
func admitted(c *Case) error {
	if c.Group == nil || !c.Group.Local() || c.authority() != "" {
		return nil
	}
	switch {
	case closed(c.Group):
		return NotFound
	case c.Membership != nil && c.Membership.Pending:
		return Forbiddenf("your request to join %s has not been approved yet", c.Group.Title())
	case c.Group.Group != nil && c.Group.Group.Joining == JoinApproval:
		return Forbiddenf("only members write in %s; ask its moderators to let you in", c.Group.Title())
	}
	return nil
}

func mayStart(c *Case) error {
	if c.judgedHere() && c.Group.Group != nil && c.Group.Group.Posting == PostModerators && !c.authority().AtLeast(RoleModerator) {
		return Forbiddenf("only moderators start threads in %s", c.Group.Title())
	}
	return nil
}

func unlocked(c *Case) error {
	if !c.Post.Locked() && (c.Thread == nil || !c.Thread.Locked()) {
		return nil
	}
	if (c.Group == nil || c.judgedHere()) && !c.authority().AtLeast(RoleModerator) {
		return Forbiddenf("this thread is locked")
	}
	return nil
}

func closedToOutsiders(c *Case) error {
	if closed(c.Group) && c.authority() == "" {
		return NotFound
	}
	return nil
}

// sameGroup keeps a moderator of one group out of another, whatever the caller mixed up.
func sameGroup(c *Case) error {
	if c.Group != nil && c.Post.Group != c.Group.ID {
		return NotFound
	}
	return nil
}

func moderates(c *Case) error { return c.needs(RoleModerator, "moderators") }
func manages(c *Case) error   { return c.needs(RoleManager, "managers") }
func owns(c *Case) error      { return c.needs(RoleOwner, "owners") }

// moderatesPost also lets the node's moderators take any post off the node.
func moderatesPost(c *Case) error {
	if c.NodeRole.AtLeast(RoleNodeModerator) {
		return nil
	}
	return moderates(c)
}

// moderatesReport lets the moderators of the reported group decide, and the node's.
func moderatesReport(c *Case) error { return moderatesPost(c) }

// namesRole lets managers name members and moderators, owners everybody; and lets everybody step down.
func namesRole(c *Case) error {
	if c.Actor.ID == c.Other.ID && rank[c.NewRole] < rank[c.OtherRole] {
		return nil
	}
	if c.OtherRole.AtLeast(RoleManager) || c.NewRole.AtLeast(RoleManager) {
		return owns(c)
	}
	return manages(c)
}

// The other.

func otherStands(c *Case) error {
	if !c.Other.Active() {
		return NotFound
	}
	return nil
}

func wantsToBeFeatured(c *Case) error {
	if !c.Other.WantsToBeFeatured() {
		return Forbiddenf("%s does not want to be in collections, or cannot be asked", c.Other.Title())
	}
	return nil
}

func notSelf(c *Case) error {
	if c.Other.ID == c.Actor.ID {
		return Invalidf("you cannot do this to yourself")
	}
	return nil
}

// unblocked does not say which of the two has blocked the other.
func unblocked(c *Case) error {
	if c.Blocked {
		return Forbiddenf("one of you has blocked the other")
	}
	return nil
}

// notHigher keeps a moderator from acting on those who stand above, in the group or on the node.
func notHigher(c *Case) error {
	if c.NodeRole.AtLeast(RoleNodeModerator) {
		return notHigherOnNode(c)
	}
	if rank[c.OtherRole] > rank[c.authority()] {
		return Forbiddenf("%s has a higher role than you", c.Other.Title())
	}
	return nil
}

func notHigherOnNode(c *Case) error {
	if nodeRank[c.OtherNodeRole] > nodeRank[c.NodeRole] {
		return Forbiddenf("%s has a higher role than you", c.Other.Title())
	}
	return nil
}

func notLastOwner(c *Case) error {
	if c.LastOwner {
		return Forbiddenf("a group needs an owner: name another one first")
	}
	return nil
}

// staysOwned refuses to lower the last owner, whoever asks.
func staysOwned(c *Case) error {
	if c.NewRole == RoleOwner {
		return nil
	}
	return notLastOwner(c)
}

func notLastAdmin(c *Case) error {
	if c.LastAdmin {
		return Forbiddenf("a node needs an administrator: name another one first")
	}
	return nil
}
