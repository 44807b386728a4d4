package communities

import (
	"context"
	"fmt"
)

// Blocking is somebody's wish to have no more to do with another.
type Blocking struct {
	Blocker ActorID
	Blocked ActorID
	URI     string // of the Block, from elsewhere
	Cause   Cause
}

// Block ends the follows both ways, and keeps each from following, mentioning, answering and favouring the other.
func (t *Town) Block(ctx context.Context, tx Tx, b Blocking) error {
	c, err := t.May(ctx, tx, BlockThem, b.Blocker, On{Other: b.Blocked})
	if err != nil {
		return err
	}
	if err := t.reject(ctx, tx, c.Other, c.Actor, b.Cause); err != nil {
		return err
	}
	if err := t.unfollow(ctx, tx, c.Actor, c.Other, b.Cause); err != nil {
		return err
	}
	if known, err := absent(tx.Block(ctx, b.Blocker, b.Blocked)); known != nil || err != nil {
		return err
	}
	block := &Block{Blocker: b.Blocker, Blocked: b.Blocked, URI: b.URI, CreatedAt: t.now()}
	if c.Actor.Local() {
		block.URI = t.Activity(ActivityID(t.ids.Next()))
	}
	if err := tx.PutBlock(ctx, block); err != nil {
		return fmt.Errorf("block %s: %w", c.Other.Name, err)
	}
	return t.tell(ctx, tx, Blocked{Block: block, Blocker: c.Actor, Blocked: c.Other, Cause: b.Cause})
}

// Unblock ends a block; the follows do not come back. Where there is none it does nothing.
func (t *Town) Unblock(ctx context.Context, tx Tx, b Blocking) error {
	c, err := t.May(ctx, tx, TakeBack, b.Blocker, On{Other: b.Blocked})
	if err != nil {
		return err
	}
	block, err := absent(tx.Block(ctx, b.Blocker, b.Blocked))
	if err != nil || block == nil {
		return err
	}
	if err := tx.DeleteBlock(ctx, b.Blocker, b.Blocked); err != nil {
		return fmt.Errorf("unblock %s: %w", c.Other.Name, err)
	}
	return t.tell(ctx, tx, Blocked{Block: block, Blocker: c.Actor, Blocked: c.Other, Undone: true, Cause: b.Cause})
}
