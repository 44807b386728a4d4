package communities

import (
	"context"
	"fmt"
)

// Reacting is somebody's wish to favour or dislike a post.
type Reacting struct {
	Post  PostID
	By    ActorID
	Kind  ReactionKind
	Emoji string // sent instead of a plain like (FEP-c0e0)
	URI   string // of the activity, from elsewhere
	Cause Cause
}

// opposite names the reaction that a reaction ends.
var opposite = map[ReactionKind]ReactionKind{Favourite: Dislike, Dislike: Favourite}

// React stores a reaction and ends its opposite. To react twice alike does nothing more.
func (t *Town) React(ctx context.Context, tx Tx, r Reacting) error {
	if opposite[r.Kind] == "" {
		return Invalidf("%q is not a reaction", r.Kind)
	}
	p, err := t.original(ctx, tx, r.Post)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, React, r.By, On{Post: p})
	if err != nil {
		return err
	}
	if err := t.endOpposite(ctx, tx, c, r); err != nil {
		return err
	}
	reaction := &Reaction{Post: p.ID, Actor: r.By, Kind: r.Kind, Emoji: cut(line(r.Emoji), MaxOption), URI: r.URI, CreatedAt: t.now()}
	if c.Actor.Local() {
		reaction.URI = t.Activity(ActivityID(t.ids.Next()))
	}
	created, err := tx.PutReaction(ctx, reaction)
	if err != nil || !created {
		return err
	}
	if r.Kind == Favourite {
		n := Notification{Kind: NotifyFavourite, From: r.By, Post: p.ID, Group: p.Group}
		if err := t.notify(ctx, tx, c.Other, n); err != nil {
			return err
		}
	}
	return t.tell(ctx, tx, Reacted{Reaction: reaction, By: c.Actor, Post: p, Group: c.Group, Cause: r.Cause})
}

// endOpposite says so to others when the reaction was given here; elsewhere they know by the new one.
func (t *Town) endOpposite(ctx context.Context, tx Tx, c *Case, r Reacting) error {
	other, err := absent(tx.Reaction(ctx, c.Post.ID, r.By, opposite[r.Kind]))
	if err != nil || other == nil {
		return err
	}
	if err := tx.DeleteReaction(ctx, c.Post.ID, r.By, other.Kind); err != nil {
		return fmt.Errorf("end the %s of post %d: %w", other.Kind, c.Post.ID, err)
	}
	if !c.Actor.Local() {
		return nil
	}
	return t.tell(ctx, tx, Reacted{Reaction: other, By: c.Actor, Post: c.Post, Group: c.Group, Undone: true})
}

// Unreact takes a reaction back. Where there is none it does nothing.
func (t *Town) Unreact(ctx context.Context, tx Tx, r Reacting) error {
	p, err := t.original(ctx, tx, r.Post)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, TakeBack, r.By, On{Post: p})
	if err != nil {
		return err
	}
	reaction, err := absent(tx.Reaction(ctx, p.ID, r.By, r.Kind))
	if err != nil || reaction == nil {
		return err
	}
	if err := tx.DeleteReaction(ctx, p.ID, r.By, r.Kind); err != nil {
		return fmt.Errorf("take back the %s of post %d: %w", r.Kind, p.ID, err)
	}
	return t.tell(ctx, tx, Reacted{Reaction: reaction, By: c.Actor, Post: p, Group: c.Group, Undone: true, Cause: r.Cause})
}
