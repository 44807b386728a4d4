package communities

import (
	"context"
	"fmt"
)

// Deletion is an author's wish to take a post back.
type Deletion struct {
	Post    PostID
	By      ActorID
	Redraft bool // the author may write it anew: its files stay for a while
	Cause   Cause
}

// Delete leaves a tombstone of the author's own post; a boost goes without a trace. To delete twice does nothing more.
func (t *Town) Delete(ctx context.Context, tx Tx, d Deletion) error {
	p, err := tx.Post(ctx, d.Post)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, DeleteOwn, d.By, On{Post: p})
	if err != nil || p.Deleted() {
		return err
	}
	if p.Kind == Boost {
		return t.Unboost(ctx, tx, Boosting{Post: p.BoostOf, By: d.By, Cause: d.Cause})
	}
	if d.Redraft {
		if err := t.letGo(ctx, tx, p.Attachments, redraftFor); err != nil {
			return err
		}
		p.Attachments = nil
	}
	return t.bury(ctx, tx, c.Group, c.Actor, p, d.Cause)
}

// bury deletes a post and tells of it.
func (t *Town) bury(ctx context.Context, tx Tx, group, author *Actor, p *Post, cause Cause) error {
	share, err := t.shareOf(ctx, tx, group, p)
	if err != nil {
		return err
	}
	if err := tx.DeletePost(ctx, p.ID, t.now()); err != nil {
		return fmt.Errorf("delete post %d: %w", p.ID, err)
	}
	if err := t.letGo(ctx, tx, p.Attachments, 0); err != nil {
		return err
	}
	return t.tell(ctx, tx, Deleted{Post: p, Author: author, Group: group, Share: share, Cause: cause})
}

// shareOf finds a local group's boost of its thread; nil when there is none.
func (t *Town) shareOf(ctx context.Context, tx Tx, group *Actor, p *Post) (*Post, error) {
	if group == nil || !group.Local() {
		return nil, nil
	}
	share, err := absent(tx.BoostBy(ctx, group.ID, p.ID))
	if err != nil {
		return nil, fmt.Errorf("share of post %d: %w", p.ID, err)
	}
	return share, nil
}
