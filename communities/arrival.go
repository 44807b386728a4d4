package communities

import (
	"context"
	"errors"
)

// Arrival is a post on its way to those who wait for it: the accepted local followers of By, By themselves when local, and the lists that
// By is in. A public post goes to those as well who follow one of its hashtags. An answer to somebody else stays in its thread, but for the
// lists whose owners want such answers.
type Arrival struct {
	Post     *Post
	By       ActorID // its author, the group that it is written in, who shares it
	Group    bool    // By is a group, whose boosts are what it says
	ReplyTo  ActorID // author of what it answers; 0: it begins a thread
	Language string  // of the words, which for a boost are those of what it shares
}

// Answers tells whether the post answers somebody other than its author.
func (a Arrival) Answers() bool { return a.ReplyTo != 0 && a.ReplyTo != a.Post.Author }

// arrive also tells those who asked to be told.
func (t *Town) arrive(ctx context.Context, tx Tx, a Arrival) error {
	followers, err := tx.AddToHomes(ctx, a)
	if err != nil || len(followers) == 0 {
		return err
	}
	by, err := tx.Actor(ctx, a.By)
	if err != nil {
		return err
	}
	told, author := a.Post, by
	if a.Post.BoostOf != 0 {
		original, err := tx.Post(ctx, a.Post.BoostOf)
		if err != nil {
			return err
		}
		told = original
	}
	if told.Author != by.ID {
		if author, err = tx.Actor(ctx, told.Author); err != nil {
			return err
		}
	}
	for _, id := range followers {
		err = errors.Join(err, t.tellOf(ctx, tx, id, by, author, told))
	}
	return err
}

// tellOf tells a follower of somebody, or of a group, that there is a post, if they may see it.
func (t *Town) tellOf(ctx context.Context, tx Tx, follower ActorID, by, author *Actor, p *Post) error {
	to, err := tx.Actor(ctx, follower)
	if err != nil || follower == author.ID {
		return err
	}
	n := Notification{Kind: NotifyPost, From: by.ID, Post: p.ID, Group: p.Group}
	if wants, err := t.wants(ctx, tx, to, n); err != nil || !wants {
		return err
	}
	return t.putIfSeen(ctx, tx, to, author, p, n)
}
