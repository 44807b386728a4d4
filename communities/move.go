package communities

import (
	"context"
	"fmt"
	"slices"
)

// Moving is an actor's going over to another: From says so, and To has named From as an alias.
type Moving struct {
	From  ActorID
	To    ActorID
	Cause Cause
}

// Move notes that an actor has become another, and lets their followers here follow that one. It holds only where the new actor lists the
// old one's id, and once (SECURITY U17). To tell it twice does nothing more.
func (t *Town) Move(ctx context.Context, tx Tx, m Moving) error {
	c, err := t.May(ctx, tx, EditProfile, m.From, On{Other: m.From})
	if err != nil {
		return err
	}
	from := c.Actor
	to, err := tx.Actor(ctx, m.To)
	if err != nil {
		return err
	}
	switch {
	case from.MovedTo == to.URI:
		return nil
	case from.MovedTo != "":
		return Forbiddenf("this account has moved already")
	case from.ID == to.ID || !to.Active() || from.Kind != to.Kind:
		return Invalidf("an account cannot move there")
	case !slices.Contains(to.AlsoKnownAs, from.URI):
		return Forbiddenf("%s does not name %s as an alias", to.URI, from.URI)
	}
	from.MovedTo, from.UpdatedAt = to.URI, t.now()
	if err := tx.UpdateActor(ctx, from); err != nil {
		return fmt.Errorf("move %s: %w", from.Name, err)
	}
	if err := t.moveFollowers(ctx, tx, from, to); err != nil {
		return err
	}
	return t.tell(ctx, tx, ActorChanged{Actor: from, Moved: true, Cause: m.Cause})
}

// moveFollowers leaves alone who may not follow the new one.
func (t *Town) moveFollowers(ctx context.Context, tx Tx, from, to *Actor) error {
	followers, err := tx.LocalFollowers(ctx, from.ID)
	if err != nil {
		return fmt.Errorf("followers of %s: %w", from.Name, err)
	}
	for _, id := range followers {
		if id == to.ID {
			continue
		}
		if _, err := t.Follow(ctx, tx, Following{Follower: id, Followee: to.ID}); refused(err) {
			continue
		} else if err != nil {
			return err
		}
		if err := t.Unfollow(ctx, tx, Following{Follower: id, Followee: from.ID}); err != nil && !refused(err) {
			return err
		}
	}
	return nil
}
