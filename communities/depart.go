package communities

import (
	"context"
	"fmt"
	"time"
)

// Standing is what an administrator or moderator decides of somebody on the node.
type Standing struct {
	Actor  ActorID
	By     ActorID
	Role   NodeRole // see [Town.SetNodeRole]
	Reason string   // for the record of decisions
	Cause  Cause
}

// Disable keeps a person of this node from signing in. See [Town.Enable].
func (t *Town) Disable(ctx context.Context, tx Tx, s Standing) error {
	return t.changeAccount(ctx, tx, DisablePerson, s, func(a *Account) { a.DisabledAt = t.now() })
}

// Enable lets a disabled person sign in again.
func (t *Town) Enable(ctx context.Context, tx Tx, s Standing) error {
	return t.changeAccount(ctx, tx, DisablePerson, s, func(a *Account) { a.DisabledAt = time.Time{} })
}

// SetNodeRole names somebody moderator or administrator of the node, or resident again.
func (t *Town) SetNodeRole(ctx context.Context, tx Tx, s Standing) error {
	if _, ok := nodeRank[s.Role]; !ok {
		return Invalidf("%q is not a role on the node", s.Role)
	}
	return t.changeAccount(ctx, tx, SetNodeRole, s, func(a *Account) { a.Role = s.Role })
}

func (t *Town) changeAccount(ctx context.Context, tx Tx, a Action, s Standing, change func(*Account)) error {
	c, err := t.May(ctx, tx, a, s.By, On{Other: s.Actor})
	if err != nil {
		return err
	}
	account, err := tx.Account(ctx, s.Actor)
	if err != nil {
		return err
	}
	change(account)
	if err := tx.PutAccount(ctx, account); err != nil {
		return fmt.Errorf("account of %s: %w", c.Other.Name, err)
	}
	return t.auditActor(ctx, tx, c.Actor, a, c.Other, s.Reason)
}

// DeleteActor leaves a tombstone of a person or group: the name stays taken, profile, ties and account go at once, posts by the [Purge] task.
// To delete twice does nothing more.
func (t *Town) DeleteActor(ctx context.Context, tx Tx, s Standing) error {
	a, err := tx.Actor(ctx, s.Actor)
	if err != nil || !a.DeletedAt.IsZero() {
		return err
	}
	action, on := DeleteProfile, On{Other: s.Actor}
	if a.IsGroup() && a.Local() {
		action, on = DeleteGroup, On{Group: s.Actor}
	}
	if _, err := t.May(ctx, tx, action, s.By, on); err != nil {
		return err
	}
	if err := t.letGoAll(ctx, tx, a); err != nil {
		return fmt.Errorf("files of %s: %w", a.Name, err)
	}
	if s.By != a.ID {
		by, err := tx.Actor(ctx, s.By)
		if err != nil {
			return err
		}
		if err := t.auditActor(ctx, tx, by, action, a, s.Reason); err != nil {
			return err
		}
	}
	a.erase(t.now())
	if err := tx.UpdateActor(ctx, a); err != nil {
		return fmt.Errorf("delete %s: %w", a.Name, err)
	}
	if err := t.tell(ctx, tx, ActorChanged{Actor: a, Gone: true, Cause: s.Cause}); err != nil { // while we still know the followers
		return err
	}
	if err := tx.Sever(ctx, a.ID); err != nil {
		return fmt.Errorf("end the ties of %s: %w", a.Name, err)
	}
	return tx.Enqueue(ctx, Purge{Actor: a.ID})
}

// erase keeps what a tombstone needs: ids, addresses and dates.
func (a *Actor) erase(at time.Time) {
	a.DisplayName, a.Summary, a.Source, a.Language, a.MovedTo = "", "", "", "", ""
	a.Fields, a.AlsoKnownAs, a.Attribution, a.Icon, a.Header = nil, nil, nil, Image{}, Image{}
	a.Discoverable, a.Indexable = false, false
	a.DeletedAt, a.UpdatedAt = at, at
}

// Purge is the task to delete what a deleted actor wrote; see [Town.PurgeSome].
type Purge struct {
	Actor ActorID `json:"actor,string"`
}

// Kind implements [Task].
func (Purge) Kind() string { return "purge" }

// PurgeSome deletes a page of a deleted actor's posts, and enqueues the task again while there are more. It may run twice. Nobody is told post
// by post: other towns delete what they have when they hear that the actor is gone (ActivityPub 7.4).
func (t *Town) PurgeSome(ctx context.Context, tx Tx, task Purge) error {
	a, err := tx.Actor(ctx, task.Actor)
	if err != nil || a.DeletedAt.IsZero() {
		return err
	}
	posts, err := tx.PostsBy(ctx, a.ID, 0, 0, page)
	if err != nil {
		return fmt.Errorf("posts of %s: %w", a.Name, err)
	}
	for _, p := range posts {
		if err := tx.DeletePost(ctx, p.ID, t.now()); err != nil {
			return fmt.Errorf("purge post %d: %w", p.ID, err)
		}
		if err := t.letGo(ctx, tx, p.Attachments, 0); err != nil {
			return err
		}
	}
	if len(posts) < page {
		return nil
	}
	return tx.Enqueue(ctx, task)
}
