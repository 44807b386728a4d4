package communities

import (
	"context"
	"fmt"
	"time"
)

// Moderation is what somebody with authority does to a post.
type Moderation struct {
	Post   PostID
	By     ActorID
	Reason string // of a removal; told to the author
	Cause  Cause
}

// Remove takes a post away: from then on only its author and the group's moderators see it, with the reason. See [Town.Restore].
func (t *Town) Remove(ctx context.Context, tx Tx, m Moderation) error {
	p, c, err := t.moderation(ctx, tx, Remove, m)
	if err != nil || p.Removed() || p.Deleted() {
		return err
	}
	return t.takeAway(ctx, tx, c, p, m)
}

func (t *Town) takeAway(ctx context.Context, tx Tx, c *Case, p *Post, m Moderation) error {
	share, err := t.shareOf(ctx, tx, c.Group, p)
	if err != nil {
		return err
	}
	if share != nil {
		if err := tx.DeletePost(ctx, share.ID, t.now()); err != nil {
			return fmt.Errorf("take back the share of post %d: %w", p.ID, err)
		}
	}
	p.Removal = Removal{At: t.now(), By: m.By, Reason: line(m.Reason)}
	p.PinnedAt = time.Time{}
	if err := tx.UpdatePost(ctx, p); err != nil {
		return fmt.Errorf("remove post %d: %w", p.ID, err)
	}
	if err := t.auditPost(ctx, tx, c, Remove, p, m.Reason); err != nil {
		return err
	}
	n := Notification{Kind: NotifyRemoval, From: m.By, Post: p.ID, Group: p.Group}
	if c.Group != nil {
		n.From = c.Group.ID // the group decides, not a person whom one could call on
	}
	if err := t.notify(ctx, tx, c.Other, n); err != nil {
		return err
	}
	return t.tell(ctx, tx, Removed{Post: p, Author: c.Other, Group: c.Group, By: c.Actor, Share: share, Cause: m.Cause})
}

// Restore gives a removed post back.
func (t *Town) Restore(ctx context.Context, tx Tx, m Moderation) error {
	p, c, err := t.moderation(ctx, tx, Remove, m)
	if err != nil || !p.Removed() || p.Deleted() {
		return err
	}
	p.Removal = Removal{}
	if err := tx.UpdatePost(ctx, p); err != nil {
		return fmt.Errorf("restore post %d: %w", p.ID, err)
	}
	if err := t.auditPost(ctx, tx, c, "un"+Remove, p, m.Reason); err != nil {
		return err
	}
	share, err := t.share(ctx, tx, c.Group, p)
	if err != nil {
		return err
	}
	if share != nil {
		if err := t.arrive(ctx, tx, Arrival{Post: share, By: c.Group.ID, Group: true, Language: p.Language}); err != nil {
			return err
		}
	}
	return t.tell(ctx, tx, Removed{Post: p, Author: c.Other, Group: c.Group, By: c.Actor, Share: share, Restored: true, Cause: m.Cause})
}

// auditPost writes down what people of this node decide about a post.
func (t *Town) auditPost(ctx context.Context, tx Tx, c *Case, a Action, p *Post, reason string) error {
	if !c.Actor.Local() {
		return nil
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: a, Kind: AuditPost, Target: int64(p.ID), Name: p.URI, Reason: line(reason)})
}

// Lock ends a thread: only moderators may still answer. See [Town.Unlock].
func (t *Town) Lock(ctx context.Context, tx Tx, m Moderation) error {
	return t.lock(ctx, tx, m, t.now())
}

// Unlock lets a thread go on.
func (t *Town) Unlock(ctx context.Context, tx Tx, m Moderation) error {
	return t.lock(ctx, tx, m, time.Time{})
}

func (t *Town) lock(ctx context.Context, tx Tx, m Moderation, at time.Time) error {
	p, c, err := t.moderation(ctx, tx, Lock, m)
	if err != nil || p.Deleted() || p.LockedAt.IsZero() == at.IsZero() {
		return err
	}
	p.LockedAt = at
	if err := tx.UpdatePost(ctx, p); err != nil {
		return fmt.Errorf("lock post %d: %w", p.ID, err)
	}
	return t.tell(ctx, tx, Locked{Post: p, Group: c.Group, By: c.Actor, Undone: at.IsZero(), Cause: m.Cause})
}

// MaxPins is how many posts a person can pin on their own profile.
const MaxPins = 5

// Pin shows a thread on top of its group, by a moderator, or a post outside of groups on top of its author's own profile. See [Town.Unpin].
func (t *Town) Pin(ctx context.Context, tx Tx, m Moderation) error { return t.pin(ctx, tx, m, t.now()) }

// Unpin puts a thread back among the others.
func (t *Town) Unpin(ctx context.Context, tx Tx, m Moderation) error {
	return t.pin(ctx, tx, m, time.Time{})
}

func (t *Town) pin(ctx context.Context, tx Tx, m Moderation, at time.Time) error {
	p, err := tx.Post(ctx, m.Post)
	if err != nil {
		return err
	}
	action := Pin
	if p.Group == 0 {
		action = PinOwn
	}
	c, err := t.May(ctx, tx, action, m.By, On{Post: p})
	if err != nil || p.Deleted() || p.PinnedAt.IsZero() == at.IsZero() {
		return err
	}
	if err := roomToPin(ctx, tx, p, at); err != nil {
		return err
	}
	p.PinnedAt = at
	if err := tx.UpdatePost(ctx, p); err != nil {
		return fmt.Errorf("pin post %d: %w", p.ID, err)
	}
	return t.tell(ctx, tx, Pinned{Post: p, Group: c.Group, By: c.Actor, Undone: at.IsZero(), Cause: m.Cause})
}

func roomToPin(ctx context.Context, tx Tx, p *Post, at time.Time) error {
	if p.Group != 0 || at.IsZero() {
		return nil
	}
	pinned, err := tx.CountPinned(ctx, p.Author)
	if err == nil && pinned >= MaxPins {
		err = Invalidf("you can pin %d posts on your profile: take one off first", MaxPins)
	}
	return err
}

// moderation reads the post and judges.
func (t *Town) moderation(ctx context.Context, tx Tx, a Action, m Moderation) (*Post, *Case, error) {
	p, err := tx.Post(ctx, m.Post)
	if err != nil {
		return nil, nil, err
	}
	c, err := t.May(ctx, tx, a, m.By, On{Post: p})
	return p, c, err
}
