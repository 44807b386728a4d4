package communities

import (
	"cmp"
	"context"
	"fmt"
)

// On is what an action is about. Group is the post's own when it is not given, Other its author.
type On struct {
	Post    *Post
	Group   ActorID
	Other   ActorID
	NewRole Role // see [SetRole]
}

// May loads the facts of a case and judges it by [May]. The case comes back also when the answer is no.
func (t *Town) May(ctx context.Context, tx Tx, a Action, actor ActorID, on On) (*Case, error) {
	c, err := t.facts(ctx, tx, a, actor, on)
	if err != nil {
		return nil, fmt.Errorf("facts to judge %q: %w", a, err)
	}
	return c, May(a, *c)
}

// Sees tells whether an actor, or anybody for 0, may see the post; see [MaySee].
func (t *Town) Sees(ctx context.Context, tx Tx, viewer ActorID, p *Post) (bool, error) {
	author, err := tx.Actor(ctx, p.Author)
	if err != nil {
		return false, fmt.Errorf("author of post %d: %w", p.ID, err)
	}
	return sight{tx: tx, viewer: viewer, post: p, author: author}.may(ctx)
}

// facts reads no more than the action's rules look at.
func (t *Town) facts(ctx context.Context, tx Tx, a Action, actor ActorID, on On) (*Case, error) {
	if on.Post != nil {
		on.Group, on.Other = cmp.Or(on.Group, on.Post.Group), cmp.Or(on.Other, on.Post.Author)
	}
	c := &Case{Now: t.now(), Post: on.Post, NewRole: on.NewRole}
	l := loader{tx: tx, action: a, ranks: ranked[a]}
	for _, load := range []func(context.Context, *Case) error{
		func(ctx context.Context, c *Case) error { return l.actor(ctx, c, actor) },
		func(ctx context.Context, c *Case) error { return l.group(ctx, c, on.Group) },
		func(ctx context.Context, c *Case) error { return l.other(ctx, c, on.Other) },
		l.followed,
		l.footing,
		l.friends,
		l.post,
		l.last,
	} {
		if err := load(ctx, c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ranked are the actions whose rules compare what people may do.
var ranked = map[Action]bool{
	Remove: true, Lock: true, Leave: true, SetRole: true, BanFrom: true,
	DeleteProfile: true, DisablePerson: true, SetNodeRole: true, BanFromNode: true,
	Suspend: true, LimitThem: true, MarkSensitive: true,
}

// loader fills a [Case].
type loader struct {
	tx     Tx
	action Action
	ranks  bool
}

func (l loader) actor(ctx context.Context, c *Case, id ActorID) (err error) {
	if c.Actor, err = l.tx.Actor(ctx, id); err != nil {
		return fmt.Errorf("actor %d: %w", id, err)
	}
	if c.Actor.Local() && c.Actor.Kind == Person {
		if c.Account, err = absent(l.tx.Account(ctx, id)); err != nil {
			return err
		}
	}
	c.NodeRole = roleOf(c.Actor, c.Account)
	return nil
}

// nodeRole reads what an actor may do on the whole node.
func nodeRole(ctx context.Context, tx Tx, a *Actor) (NodeRole, error) {
	if !a.Local() || a.Kind != Person {
		return roleOf(a, nil), nil
	}
	account, err := absent(tx.Account(ctx, a.ID))
	return roleOf(a, account), err
}

// roleOf tells what an actor with an account may do. The node's own actor, in whose name commands run, may everything.
func roleOf(a *Actor, account *Account) NodeRole {
	switch {
	case a.Local() && a.Kind == Application:
		return RoleAdmin
	case account == nil || !account.DisabledAt.IsZero():
		return ""
	default:
		return account.Role
	}
}

func (l loader) group(ctx context.Context, c *Case, id ActorID) (err error) {
	if id == 0 {
		return nil
	}
	if c.Group, err = l.tx.Actor(ctx, id); err != nil {
		return fmt.Errorf("group %d: %w", id, err)
	}
	if !c.Group.IsGroup() {
		return Invalidf("%s is not a group", c.Group.Title())
	}
	return nil
}

func (l loader) other(ctx context.Context, c *Case, id ActorID) (err error) {
	switch id {
	case 0:
		return nil
	case c.Actor.ID:
		c.Other = c.Actor
	default:
		if c.Other, err = l.tx.Actor(ctx, id); err != nil {
			return fmt.Errorf("actor %d: %w", id, err)
		}
	}
	if !l.ranks {
		return nil
	}
	if c.OtherNodeRole, err = nodeRole(ctx, l.tx, c.Other); err != nil || c.Group == nil {
		return err
	}
	m, err := absent(l.tx.Membership(ctx, c.Group.ID, id))
	c.OtherRole = m.Active()
	return err
}

// followed adds what one must know of a group to follow it.
func (l loader) followed(_ context.Context, c *Case) error {
	if l.action == FollowThem && c.Group == nil && c.Other.IsGroup() {
		group := *c.Other
		c.Group = &group
	}
	return nil
}

// footing adds how the actor stands to all of them.
func (l loader) footing(ctx context.Context, c *Case) error {
	var group, other ActorID
	if c.Group != nil {
		group = c.Group.ID
	}
	if c.Other != nil && c.Other.ID != c.Actor.ID {
		other = c.Other.ID
	}
	s, err := l.tx.Footing(ctx, c.Actor.ID, group, other)
	c.NodeBan, c.GroupBan, c.Membership, c.Blocked = s.NodeBan, s.GroupBan, s.Membership, s.Blocked
	return err
}

// friends adds who of the two follows the other, where the post is for their circles to quote.
func (l loader) friends(ctx context.Context, c *Case) error {
	if l.action != QuoteIt || c.Post == nil {
		return nil
	}
	circles := c.Post.Quotability.Automatic | c.Post.Quotability.Manual
	for _, tie := range []struct {
		circle         Circle
		follower, whom ActorID
		holds          *bool
	}{{Fans, c.Actor.ID, c.Other.ID, &c.Follows}, {Idols, c.Other.ID, c.Actor.ID, &c.Followed}} {
		if !circles.Has(tie.circle) {
			continue
		}
		follow, err := absent(l.tx.Follow(ctx, tie.follower, tie.whom))
		if err != nil {
			return err
		}
		*tie.holds = follow != nil && follow.Accepted
	}
	return nil
}

func (l loader) post(ctx context.Context, c *Case) (err error) {
	if c.Post == nil {
		return nil
	}
	if c.Thread = c.Post; c.Post.Thread != c.Post.ID {
		if c.Thread, err = absent(l.tx.Post(ctx, c.Post.Thread)); err != nil {
			return err
		}
	}
	author := c.Other
	if c.Post.Author != c.Other.ID {
		if author, err = l.tx.Actor(ctx, c.Post.Author); err != nil {
			return fmt.Errorf("author of post %d: %w", c.Post.ID, err)
		}
	}
	s := sight{tx: l.tx, viewer: c.Actor.ID, remote: !c.Actor.Local(), post: c.Post, author: author}
	s.unblocked = author == c.Other && !c.Blocked
	c.Sees, err = s.may(ctx)
	return err
}

// last tells whether the other is the only one of their role.
func (l loader) last(ctx context.Context, c *Case) error {
	if !l.ranks || c.Other == nil {
		return nil
	}
	if c.OtherRole == RoleOwner && c.Group.Local() {
		staff, err := l.tx.Moderators(ctx, c.Group.ID)
		if err != nil {
			return err
		}
		c.LastOwner = true
		for _, m := range staff {
			c.LastOwner = c.LastOwner && (m.Role != RoleOwner || m.Person == c.Other.ID)
		}
	}
	if c.OtherNodeRole == RoleAdmin {
		admins, err := l.tx.Staff(ctx, RoleAdmin)
		if err != nil {
			return err
		}
		c.LastAdmin = len(admins) == 1 && admins[0].ID == c.Other.ID
	}
	return nil
}

// sight loads the facts of one actor and one post for [MaySee], stopping where they can no longer change the answer.
type sight struct {
	tx        Tx
	viewer    ActorID
	remote    bool // the viewer lives elsewhere
	post      *Post
	author    *Actor
	unblocked bool // it is known that the author has not blocked the viewer
}

func (s sight) may(ctx context.Context) (bool, error) {
	f := SeeFacts{Post: s.post, AuthorActive: s.author.Active(), Own: s.viewer == s.author.ID, Mentioned: s.post.MentionsActor(s.viewer)}
	v := Viewer{Actor: s.viewer}
	if v.Anonymous() || f.Own {
		return MaySee(v, f), nil
	}
	var err error
	if f.Blocked, err = s.blocked(ctx); err != nil {
		return false, err
	}
	if f.Follows, err = s.follows(ctx); err != nil {
		return false, err
	}
	if f.Member, f.Moderator, err = s.role(ctx); err != nil {
		return false, err
	}
	return MaySee(v, f), nil
}

func (s sight) blocked(ctx context.Context) (bool, error) {
	if s.unblocked {
		return false, nil
	}
	return s.tx.HasBlocked(ctx, s.author.ID, s.viewer)
}

// follows counts as true between two of other nodes: whom they let read, only their own nodes know.
func (s sight) follows(ctx context.Context) (bool, error) {
	if s.post.Visibility != Followers {
		return false, nil
	}
	if s.remote && !s.author.Local() {
		return true, nil
	}
	follow, err := absent(s.tx.Follow(ctx, s.viewer, s.author.ID))
	return follow != nil && follow.Accepted, err
}

func (s sight) role(ctx context.Context) (member, moderator bool, err error) {
	if s.post.Group == 0 || (s.post.Visibility != GroupOnly && !s.post.Removed()) {
		return false, false, nil
	}
	m, err := absent(s.tx.Membership(ctx, s.post.Group, s.viewer))
	return m.Active() != "", m.Active().AtLeast(RoleModerator), err
}

// absent turns "not found" into nil, for what need not be there.
func absent[T any](found *T, err error) (*T, error) {
	if IsNotFound(err) {
		return nil, nil //nolint:nilnil // that is the point
	}
	return found, err
}
