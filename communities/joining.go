package communities

import (
	"context"
	"fmt"
)

// Entry is somebody's wish to become a member of a group of this node, or to leave it.
type Entry struct {
	Group  ActorID
	Person ActorID
	Cause  Cause
}

// Join makes a member; where a moderator approves, or the group is closed, the request waits and they are told. To ask twice asks once.
func (t *Town) Join(ctx context.Context, tx Tx, e Entry) (*Membership, error) {
	c, err := t.May(ctx, tx, Join, e.Person, On{Group: e.Group})
	if err != nil {
		return nil, err
	}
	if !c.Group.Local() {
		return nil, Invalidf("follow %s instead: who is a member of it, its own node knows", c.Group.Title())
	}
	if c.Membership != nil {
		return c.Membership, nil
	}
	m := &Membership{Group: e.Group, Person: e.Person, Role: RoleMember, Pending: !letsIn(c.Group), CreatedAt: t.now()}
	if err := tx.PutMembership(ctx, m); err != nil {
		return nil, fmt.Errorf("join %s: %w", c.Group.Name, err)
	}
	if m.Pending {
		return m, t.notifyStaff(ctx, tx, c.Group, Notification{Kind: NotifyJoinRequest, From: e.Person, Group: e.Group})
	}
	return m, t.tell(ctx, tx, RoleChanged{Group: c.Group, Person: c.Actor, By: c.Actor, Is: RoleMember, Cause: e.Cause})
}

// letsIn tells whether one becomes a member without being asked who one is.
func letsIn(group *Actor) bool {
	return !closed(group) && (group.Group == nil || group.Group.Joining != JoinApproval)
}

// Leave ends a membership, or a request for one. A closed group is then no longer read either. The last owner stays.
func (t *Town) Leave(ctx context.Context, tx Tx, e Entry) error {
	c, err := t.May(ctx, tx, Leave, e.Person, On{Group: e.Group, Other: e.Person})
	if err != nil || c.Membership == nil {
		return err
	}
	return t.expel(ctx, tx, c, e.Cause)
}

// expel ends the membership of Case.Other.
func (t *Town) expel(ctx context.Context, tx Tx, c *Case, cause Cause) error {
	if err := tx.DeleteMembership(ctx, c.Group.ID, c.Other.ID); err != nil && !IsNotFound(err) {
		return fmt.Errorf("end the membership of %s in %s: %w", c.Other.Name, c.Group.Name, err)
	}
	if closed(c.Group) {
		if err := t.reject(ctx, tx, c.Other, c.Group, cause); err != nil {
			return err
		}
	}
	if c.OtherRole == "" {
		return nil
	}
	return t.tell(ctx, tx, RoleChanged{Group: c.Group, Person: c.Other, By: c.Actor, Was: c.OtherRole, Cause: cause})
}

// Approval is a moderator's answer to a request to join.
type Approval struct {
	Group  ActorID
	Person ActorID
	By     ActorID
	Refuse bool
	Cause  Cause
}

// Approve lets a waiting person in, or refuses them. Of who does not wait it says [NotFound].
func (t *Town) Approve(ctx context.Context, tx Tx, a Approval) error {
	c, err := t.May(ctx, tx, Approve, a.By, On{Group: a.Group, Other: a.Person})
	if err != nil {
		return err
	}
	m, err := tx.Membership(ctx, a.Group, a.Person)
	if err != nil {
		return err
	}
	switch {
	case !m.Pending:
		return NotFound
	case a.Refuse:
		return tx.DeleteMembership(ctx, a.Group, a.Person)
	}
	m.Pending = false
	if err := tx.PutMembership(ctx, m); err != nil {
		return fmt.Errorf("approve %s: %w", c.Other.Name, err)
	}
	if err := t.notify(ctx, tx, c.Other, Notification{Kind: NotifyAdmission, From: a.Group, Group: a.Group}); err != nil {
		return err
	}
	return t.tell(ctx, tx, RoleChanged{Group: c.Group, Person: c.Other, By: c.Actor, Is: m.Role, Cause: a.Cause})
}

// RoleChange gives somebody another role in a group; "" shows them the door.
type RoleChange struct {
	Group  ActorID
	Person ActorID
	By     ActorID
	Role   Role
	Cause  Cause
}

// SetRole changes what somebody may do in a group, whether they are a member yet or not. The last owner stays one.
func (t *Town) SetRole(ctx context.Context, tx Tx, r RoleChange) error {
	if r.Role != "" && rank[r.Role] == 0 {
		return Invalidf("%q is not a role", r.Role)
	}
	c, err := t.May(ctx, tx, SetRole, r.By, On{Group: r.Group, Other: r.Person, NewRole: r.Role})
	if err != nil || c.OtherRole == r.Role {
		return err
	}
	if r.Role == "" {
		return t.expel(ctx, tx, c, r.Cause)
	}
	return t.putRole(ctx, tx, RoleChanged{Group: c.Group, Person: c.Other, By: c.Actor, Was: c.OtherRole, Is: r.Role, Cause: r.Cause})
}

// putRole stores a role and tells of it.
func (t *Town) putRole(ctx context.Context, tx Tx, e RoleChanged) error {
	m := &Membership{Group: e.Group.ID, Person: e.Person.ID, Role: e.Is, CreatedAt: t.now()}
	if known, err := absent(tx.Membership(ctx, m.Group, m.Person)); err != nil {
		return err
	} else if known != nil {
		m.CreatedAt = known.CreatedAt
	}
	if err := tx.PutMembership(ctx, m); err != nil {
		return fmt.Errorf("make %s %s of %s: %w", e.Person.Name, e.Is, e.Group.Name, err)
	}
	return t.tell(ctx, tx, e)
}

// Refusal is a contribution from elsewhere that [Town.Publish] did not let into a group.
type Refusal struct {
	Author  ActorID
	Group   ActorID
	PostURI string
	Err     error // what Publish said
	Cause   Cause
}

// Refuse lets the author hear why. Where the group approves its members, the attempt counts as a request to join: people elsewhere have no
// other way to ask.
func (t *Town) Refuse(ctx context.Context, tx Tx, r Refusal) error {
	c, err := t.facts(ctx, tx, StartThread, r.Author, On{Group: r.Group})
	if err != nil {
		return err
	}
	reason := "this could not be published"
	if refused(r.Err) {
		reason = r.Err.Error()
	}
	if c.Group.Local() && c.Membership == nil && !letsIn(c.Group) && May(Join, *c) == nil {
		if _, err := t.Join(ctx, tx, Entry{Group: r.Group, Person: r.Author, Cause: r.Cause}); err != nil {
			return err
		}
		if !closed(c.Group) {
			reason = fmt.Sprintf("only members write in %s; your request to join has been passed on to its moderators", c.Group.Title())
		}
	}
	return t.tell(ctx, tx, Refused{Author: c.Actor, Group: c.Group, PostURI: r.PostURI, Reason: reason, Cause: r.Cause})
}
