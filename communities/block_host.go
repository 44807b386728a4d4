package communities

import (
	"context"
	"fmt"
)

// HostBlocking is somebody's wish to have no more to do with a whole host.
type HostBlocking struct {
	Blocker ActorID
	Host    string // canonical, in lower case
}

// BlockHost keeps the blocker and everybody of a host apart, as [Town.Block] does with one: it ends the follows both ways, those that are
// many by the [PartFromHost] task. The host is not told.
func (t *Town) BlockHost(ctx context.Context, tx Tx, b HostBlocking) error {
	if _, err := t.May(ctx, tx, BlockHost, b.Blocker, On{}); err != nil {
		return err
	}
	if b.Host == "" || b.Host == t.Host() {
		return Invalidf("this is no other server")
	}
	if err := tx.PutHostBlock(ctx, b.Blocker, b.Host); err != nil {
		return fmt.Errorf("block host %s: %w", b.Host, err)
	}
	return t.PartSome(ctx, tx, PartFromHost{Person: b.Blocker, Host: b.Host})
}

// UnblockHost ends it; the follows do not come back. Where there is none it does nothing.
func (t *Town) UnblockHost(ctx context.Context, tx Tx, b HostBlocking) error {
	if _, err := t.May(ctx, tx, BlockHost, b.Blocker, On{}); err != nil {
		return err
	}
	if err := tx.DeleteHostBlock(ctx, b.Blocker, b.Host); err != nil {
		return fmt.Errorf("unblock host %s: %w", b.Host, err)
	}
	return nil
}

// PartFromHost is the task to end the follows between a person and the people of a host; see [Town.PartSome].
type PartFromHost struct {
	Person ActorID `json:"person"`
	Host   string  `json:"host"`
}

// Kind implements [Task].
func (PartFromHost) Kind() string { return "part_from_host" }

// PartSome ends a page of follows, and enqueues the task again while there are more. It may run twice.
func (t *Town) PartSome(ctx context.Context, tx Tx, task PartFromHost) error {
	follows, err := tx.FollowsBetween(ctx, task.Person, task.Host, page)
	if err != nil {
		return fmt.Errorf("follows between %d and %s: %w", task.Person, task.Host, err)
	}
	for _, f := range follows {
		if err := t.part(ctx, tx, f, task.Person); err != nil {
			return err
		}
	}
	if len(follows) < page {
		return nil
	}
	return tx.Enqueue(ctx, task)
}

func (t *Town) part(ctx context.Context, tx Tx, f *Follow, person ActorID) error {
	follower, err := tx.Actor(ctx, f.Follower)
	if err != nil {
		return err
	}
	followee, err := tx.Actor(ctx, f.Followee)
	if err != nil {
		return err
	}
	if follower.ID == person {
		return t.unfollow(ctx, tx, follower, followee, 0)
	}
	return t.reject(ctx, tx, follower, followee, 0)
}
