package communities

import (
	"context"
	"fmt"
	"time"
)

// Boosting is somebody's wish to share a post with their followers.
type Boosting struct {
	Post       PostID
	By         ActorID
	Visibility Visibility // "": public
	URI        string     // of the Announce, from elsewhere
	CreatedAt  time.Time  // zero: now
	Cause      Cause
}

// Boost shares a public post, and returns the boost. To boost twice makes one. A group of another node shares its threads by this too.
func (t *Town) Boost(ctx context.Context, tx Tx, b Boosting) (*Post, error) {
	p, err := t.original(ctx, tx, b.Post)
	if err != nil {
		return nil, err
	}
	c, err := t.May(ctx, tx, BoostIt, b.By, On{Post: p})
	if err != nil {
		return nil, err
	}
	if known, err := absent(tx.BoostBy(ctx, b.By, p.ID)); known != nil || err != nil {
		return known, err
	}
	boost, err := t.newBoost(ctx, tx, c.Actor, p, b)
	if err != nil {
		return nil, err
	}
	if err := t.arrive(ctx, tx, Arrival{Post: boost, By: b.By, Group: c.Actor.IsGroup(), Language: p.Language}); err != nil {
		return nil, err
	}
	if b.By != p.Group { // nobody is told that their thread appears where they wrote it
		n := Notification{Kind: NotifyBoost, From: b.By, Post: p.ID, Group: p.Group}
		if err := t.notify(ctx, tx, c.Other, n); err != nil {
			return nil, err
		}
	}
	return boost, t.tell(ctx, tx, Boosted{Boost: boost, By: c.Actor, Original: p, Cause: b.Cause})
}

func (t *Town) newBoost(ctx context.Context, tx Tx, by *Actor, p *Post, b Boosting) (*Post, error) {
	boost := t.boostOf(p, by.ID)
	switch b.Visibility {
	case "", Public:
		boost.Visibility = p.Visibility
	case Unlisted, Followers:
		boost.Visibility = b.Visibility
	default:
		return nil, Invalidf("a boost is public, unlisted or for followers")
	}
	if by.Local() {
		return boost, tx.CreatePost(ctx, boost)
	}
	if err := t.checkOrigin(by, b.URI); err != nil {
		return nil, err
	}
	boost.URI, boost.URL, boost.CreatedAt = b.URI, "", b.CreatedAt
	return boost, t.create(ctx, tx, boost)
}

// Unboost takes a boost back; Post may name the boost or what it shares. Where there is none it does nothing.
func (t *Town) Unboost(ctx context.Context, tx Tx, b Boosting) error {
	p, err := t.original(ctx, tx, b.Post)
	if err != nil {
		return err
	}
	boost, err := absent(tx.BoostBy(ctx, b.By, p.ID))
	if err != nil || boost == nil {
		return err
	}
	c, err := t.May(ctx, tx, DeleteOwn, b.By, On{Post: boost})
	if err != nil {
		return err
	}
	if err := tx.DeletePost(ctx, boost.ID, t.now()); err != nil {
		return fmt.Errorf("take back boost %d: %w", boost.ID, err)
	}
	return t.tell(ctx, tx, Boosted{Boost: boost, By: c.Actor, Original: p, Undone: true, Cause: b.Cause})
}
