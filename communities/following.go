package communities

import (
	"context"
	"fmt"
)

// Following is somebody's wish to read somebody, a person or a group, or no longer.
type Following struct {
	Follower ActorID
	Followee ActorID
	Wishes   *Wishes // nil: as they are
	URI      string  // of the Follow, from elsewhere
	Cause    Cause
}

// Follow stores the wish. It holds at once where the followee lives here and lets everybody in, else once the followee accepts. Asking
// again tells the same again, so that who missed the answer gets it.
func (t *Town) Follow(ctx context.Context, tx Tx, f Following) (*Follow, error) {
	c, err := t.May(ctx, tx, FollowThem, f.Follower, On{Other: f.Followee})
	if err != nil {
		return nil, err
	}
	follow, err := absent(tx.Follow(ctx, f.Follower, f.Followee))
	if err != nil {
		return nil, err
	}
	fresh := follow == nil
	if fresh {
		id := FollowID(t.ids.Next())
		follow = &Follow{ID: id, Follower: f.Follower, Followee: f.Followee, URI: t.Activity(ActivityID(id)), CreatedAt: t.now()}
	}
	if !c.Actor.Local() {
		follow.URI = f.URI // the one that they wait for an answer to
	}
	follow.Accepted = follow.Accepted || (c.Other.Local() && !c.Other.Locked)
	set(&follow.Wishes, f.Wishes)
	if err := tx.PutFollow(ctx, follow); err != nil {
		return nil, fmt.Errorf("follow %s: %w", c.Other.Name, err)
	}
	if fresh {
		kind := NotifyFollowRequest
		if follow.Accepted {
			kind = NotifyFollow
		}
		if err := t.notify(ctx, tx, c.Other, Notification{Kind: kind, From: f.Follower}); err != nil {
			return nil, err
		}
	}
	return follow, t.tell(ctx, tx, Followed{Follow: follow, Follower: c.Actor, Followee: c.Other, Cause: f.Cause})
}

// Unfollow ends a follow. Where there is none it does nothing.
func (t *Town) Unfollow(ctx context.Context, tx Tx, f Following) error {
	c, err := t.May(ctx, tx, TakeBack, f.Follower, On{Other: f.Followee})
	if err != nil {
		return err
	}
	return t.unfollow(ctx, tx, c.Actor, c.Other, f.Cause)
}

func (t *Town) unfollow(ctx context.Context, tx Tx, follower, followee *Actor, cause Cause) error {
	follow, err := t.endFollow(ctx, tx, follower, followee)
	if err != nil || follow == nil {
		return err
	}
	return t.tell(ctx, tx, Unfollowed{Follow: follow, Follower: follower, Followee: followee, Cause: cause})
}

// AcceptFollow lets a follower in. The Followee is who answers. An answer to what nobody asked is [NotFound] (SECURITY U16).
func (t *Town) AcceptFollow(ctx context.Context, tx Tx, f Following) (*Follow, error) {
	c, err := t.May(ctx, tx, AnswerFollow, f.Followee, On{Other: f.Follower})
	if err != nil {
		return nil, err
	}
	follow, err := tx.Follow(ctx, f.Follower, f.Followee)
	if err != nil || follow.Accepted {
		return follow, err
	}
	follow.Accepted = true
	if err := tx.PutFollow(ctx, follow); err != nil {
		return nil, fmt.Errorf("accept the follow of %s: %w", c.Other.Name, err)
	}
	return follow, t.tell(ctx, tx, FollowAnswered{Follow: follow, Follower: c.Other, Followee: c.Actor, Accepted: true, Cause: f.Cause})
}

// RejectFollow refuses a follower, or removes one. The Followee is who answers. Where there is no follow it does nothing.
func (t *Town) RejectFollow(ctx context.Context, tx Tx, f Following) error {
	c, err := t.May(ctx, tx, AnswerFollow, f.Followee, On{Other: f.Follower})
	if err != nil {
		return err
	}
	return t.reject(ctx, tx, c.Other, c.Actor, f.Cause)
}

func (t *Town) reject(ctx context.Context, tx Tx, follower, followee *Actor, cause Cause) error {
	follow, err := t.endFollow(ctx, tx, follower, followee)
	if err != nil || follow == nil {
		return err
	}
	return t.tell(ctx, tx, FollowAnswered{Follow: follow, Follower: follower, Followee: followee, Cause: cause})
}

// endFollow deletes a follow and returns it as it was; nil when there was none.
func (t *Town) endFollow(ctx context.Context, tx Tx, follower, followee *Actor) (*Follow, error) {
	follow, err := absent(tx.Follow(ctx, follower.ID, followee.ID))
	if err != nil || follow == nil {
		return nil, err
	}
	if err := tx.DeleteFollow(ctx, follower.ID, followee.ID); err != nil {
		return nil, fmt.Errorf("end the follow of %s by %s: %w", followee.Name, follower.Name, err)
	}
	return follow, nil
}
