package communities

import (
	"context"
	"fmt"
	"time"
)

// Banning keeps somebody out of a group, or out of the node when Group is 0.
type Banning struct {
	Group       ActorID
	Person      ActorID
	By          ActorID
	Reason      string
	Until       time.Time // zero: until lifted
	RemovePosts bool      // also take away what they wrote there
	Cause       Cause
}

func (b Banning) on() (Action, On) {
	if b.Group == 0 {
		return BanFromNode, On{Other: b.Person}
	}
	return BanFrom, On{Group: b.Group, Other: b.Person}
}

// Ban ends the membership and the follow of a group, and keeps the person from writing there; on the node, from doing anything.
// What they wrote stays unless it is to be removed. A second ban replaces the first.
func (t *Town) Ban(ctx context.Context, tx Tx, b Banning) error {
	action, on := b.on()
	c, err := t.May(ctx, tx, action, b.By, on)
	if err != nil {
		return err
	}
	ban := &Ban{Group: b.Group, Person: b.Person, By: b.By, Reason: line(b.Reason), CreatedAt: t.now(), Until: b.Until}
	if !ban.Holds(t.now()) {
		return Invalidf("a ban ends in the future")
	}
	if err := tx.PutBan(ctx, ban); err != nil {
		return fmt.Errorf("ban %s: %w", c.Other.Name, err)
	}
	if c.Group != nil {
		if err := t.expel(ctx, tx, c, b.Cause); err != nil {
			return err
		}
		if err := t.reject(ctx, tx, c.Other, c.Group, b.Cause); err != nil {
			return err
		}
	}
	if b.RemovePosts {
		if err := t.removeAll(ctx, tx, b, c); err != nil {
			return err
		}
	}
	if err := t.auditBan(ctx, tx, c, action, b.Reason); err != nil {
		return err
	}
	return t.tell(ctx, tx, Banned{Ban: ban, Group: c.Group, Person: c.Other, By: c.Actor, Cause: b.Cause})
}

// auditBan writes down what people of this node decide.
func (t *Town) auditBan(ctx context.Context, tx Tx, c *Case, a Action, reason string) error {
	if !c.Actor.Local() {
		return nil
	}
	return t.auditActor(ctx, tx, c.Actor, a, c.Other, reason)
}

const page = 100 // posts that are worked on at a time

func (t *Town) removeAll(ctx context.Context, tx Tx, b Banning, ban *Case) error {
	for before := PostID(0); ; {
		posts, err := tx.PostsBy(ctx, b.Person, b.Group, before, page)
		if err != nil {
			return fmt.Errorf("posts of %s: %w", ban.Other.Name, err)
		}
		for _, p := range posts {
			before = p.ID
			if p.Kind == Boost || p.Removed() {
				continue
			}
			group, err := t.groupOf(ctx, tx, p)
			if err != nil {
				return err
			}
			c := &Case{Actor: ban.Actor, Other: ban.Other, Group: group}
			if err := t.takeAway(ctx, tx, c, p, Moderation{Post: p.ID, By: b.By, Reason: b.Reason, Cause: b.Cause}); err != nil {
				return err
			}
		}
		if len(posts) < page {
			return nil
		}
	}
}

// Unban lifts a ban. Membership does not come back by itself. Where there is no ban it does nothing.
func (t *Town) Unban(ctx context.Context, tx Tx, b Banning) error {
	action, on := b.on()
	c, err := t.May(ctx, tx, action, b.By, on)
	if err != nil {
		return err
	}
	ban, err := absent(tx.Ban(ctx, b.Group, b.Person))
	if err != nil || ban == nil {
		return err
	}
	if err := tx.DeleteBan(ctx, b.Group, b.Person); err != nil {
		return fmt.Errorf("unban %s: %w", c.Other.Name, err)
	}
	if err := t.auditBan(ctx, tx, c, "un"+action, b.Reason); err != nil {
		return err
	}
	return t.tell(ctx, tx, Banned{Ban: ban, Group: c.Group, Person: c.Other, By: c.Actor, Undone: true, Cause: b.Cause})
}
