package communities

import (
	"context"
	"fmt"
)

// notify tells a person of this node, unless they did it themselves or one has blocked the other. To tell twice makes one notification.
func (t *Town) notify(ctx context.Context, tx Tx, to *Actor, n Notification) error {
	if wants, err := t.wants(ctx, tx, to, n); err != nil || !wants {
		return err
	}
	return t.put(ctx, tx, to, n)
}

func (t *Town) wants(ctx context.Context, tx Tx, to *Actor, n Notification) (bool, error) {
	if !couldWant(to, n) {
		return false, nil
	}
	blocked, err := tx.BlockBetween(ctx, n.From, to.ID)
	return !blocked && err == nil, err
}

// couldWant tells whether the notification is for a person of this node, and news to them.
func couldWant(to *Actor, n Notification) bool {
	self := to.ID == n.From && n.Kind != NotifyPoll // one does like to hear that one's own poll has ended
	return to.Local() && to.Kind == Person && to.Active() && !self
}

// put is where every notification comes into being. Whether there is a policy to ask and an app to call, the archive says along with
// the storing, so that who has neither costs nothing more.
func (t *Town) put(ctx context.Context, tx Tx, to *Actor, n Notification) error {
	n.ID, n.Recipient, n.CreatedAt = NotificationID(t.ids.Next()), to.ID, t.now()
	stored, err := tx.PutNotification(ctx, &n)
	if err == nil && stored.New && (stored.Screened || stored.Pushed) {
		err = t.follows(ctx, tx, &n, stored)
	}
	if err != nil {
		return fmt.Errorf("notify %s of %s: %w", to.Name, n.Kind, err)
	}
	return nil
}

// follows does what follows from a new notification: it is screened, and what passes calls the recipient's apps.
func (t *Town) follows(ctx context.Context, tx Tx, n *Notification, stored Stored) error {
	known, err := tx.Acquaintance(ctx, n)
	if err != nil {
		return err
	}
	switch known.Policy.Treat(n, known, t.now()) {
	case Drop:
		return tx.DropNotification(ctx, n.ID)
	case Filter:
		return tx.SetAside(ctx, n.ID)
	default:
		if !stored.Pushed {
			return nil
		}
		return t.push(ctx, tx, n, known)
	}
}

// notifyOf tells those who are named in a new post, and the author of what it answers, as far as they may see it.
func (t *Town) notifyOf(ctx context.Context, tx Tx, c *Case, p, parent *Post, named []*Actor) error {
	told := map[ActorID]bool{}
	for _, a := range named {
		told[a.ID] = true
		if err := t.notifyIfSeen(ctx, tx, a, c.Actor, p, NotifyMention); err != nil {
			return err
		}
	}
	if parent == nil || told[parent.Author] {
		return nil
	}
	n := noticeOf(p, c.Actor, NotifyReply)
	if c.Blocked || !couldWant(c.Other, n) {
		return nil
	}
	return t.putIfSeen(ctx, tx, c.Other, c.Actor, p, n)
}

func noticeOf(p *Post, author *Actor, kind NotificationKind) Notification {
	return Notification{Kind: kind, From: author.ID, Post: p.ID, Group: p.Group}
}

func (t *Town) notifyIfSeen(ctx context.Context, tx Tx, to, author *Actor, p *Post, kind NotificationKind) error {
	n := noticeOf(p, author, kind)
	if wants, err := t.wants(ctx, tx, to, n); err != nil || !wants {
		return err
	}
	return t.putIfSeen(ctx, tx, to, author, p, n)
}

// putIfSeen tells somebody who wants to hear of a post, if they may see it.
func (t *Town) putIfSeen(ctx context.Context, tx Tx, to, author *Actor, p *Post, n Notification) error {
	seen, err := sight{tx: tx, viewer: to.ID, post: p, author: author, unblocked: true}.may(ctx)
	if err != nil || !seen {
		return err
	}
	return t.put(ctx, tx, to, n)
}

// notifyStaff tells the moderators of a group of this node; without a group, or where it has none, the node's own.
func (t *Town) notifyStaff(ctx context.Context, tx Tx, group *Actor, n Notification) error {
	staff, err := t.staff(ctx, tx, group)
	if err != nil {
		return err
	}
	for _, a := range staff {
		if err := t.notify(ctx, tx, a, n); err != nil {
			return err
		}
	}
	return nil
}

func (t *Town) staff(ctx context.Context, tx Tx, group *Actor) ([]*Actor, error) {
	if group == nil {
		return tx.Staff(ctx, RoleNodeModerator)
	}
	memberships, err := tx.Moderators(ctx, group.ID)
	if err != nil {
		return nil, fmt.Errorf("moderators of %s: %w", group.Name, err)
	}
	var staff []*Actor
	for _, m := range memberships {
		a, err := tx.Actor(ctx, m.Person)
		if err != nil {
			return nil, fmt.Errorf("moderator %d: %w", m.Person, err)
		}
		staff = append(staff, a)
	}
	if len(staff) == 0 {
		return tx.Staff(ctx, RoleNodeModerator)
	}
	return staff, nil
}
