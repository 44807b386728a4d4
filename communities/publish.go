package communities

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"time"
)

// Publish is the one door through which a thread or a reply comes in, whoever knocks: a page, an app, a command or another town.
//
// It refuses with the reason of [May], and stores nothing then. What another town sends twice is stored once: the second time the
// post comes back as it stands, and nobody is told again. Whoever writes in an open group becomes its member.
func (t *Town) Publish(ctx context.Context, tx Tx, d Draft) (*Post, error) {
	if known, err := t.published(ctx, tx, d); known != nil || err != nil {
		return known, err
	}
	d.tidy()
	parent, err := t.parentOf(ctx, tx, &d)
	if err != nil {
		return nil, err
	}
	c, err := t.admit(ctx, tx, d, parent)
	if err != nil {
		return nil, err
	}
	if err := t.quote(ctx, tx, c.Actor, &d); err != nil {
		return nil, err
	}
	p, named, err := t.compose(ctx, tx, c, d, parent)
	if err != nil {
		return nil, err
	}
	if err := t.create(ctx, tx, p); err != nil {
		return nil, err
	}
	if err := t.attach(ctx, tx, p, nil); err != nil {
		return nil, err
	}
	early, err := t.early(ctx, tx, c, p)
	if err != nil {
		return nil, err
	}
	if p.Group == 0 {
		c.Group = nil
	}
	if err := t.bring(ctx, tx, c, p, parent, d.Cause); err != nil {
		return nil, err
	}
	if err := t.notifyOf(ctx, tx, c, p, parent, named); err != nil {
		return nil, err
	}
	if err := t.askConsent(ctx, tx, c, p, d.quoted); err != nil {
		return nil, err
	}
	return p, t.adopt(ctx, tx, p, early)
}

// published finds a post that came before. Its id belongs to its author for good (SECURITY I14), also once it is deleted.
func (t *Town) published(ctx context.Context, tx Tx, d Draft) (*Post, error) {
	if d.URI == "" {
		return nil, nil
	}
	p, err := absent(tx.PostByURI(ctx, d.URI))
	if err != nil || p == nil {
		return nil, err
	}
	if p.Author != d.Author {
		return nil, Forbiddenf("this id belongs to a post by somebody else")
	}
	return p, nil
}

// parentOf finds what a reply answers: nil for a thread, and for a reply from elsewhere to something that is not known here (yet).
func (t *Town) parentOf(ctx context.Context, tx Tx, d *Draft) (*Post, error) {
	var parent *Post
	var err error
	switch {
	case d.InReplyTo != 0:
		parent, err = tx.Post(ctx, d.InReplyTo)
	case d.InReplyToURI != "":
		parent, err = absent(tx.PostByURI(ctx, d.InReplyToURI))
	}
	if err != nil {
		return nil, fmt.Errorf("find what is answered: %w", err)
	}
	if parent == nil {
		if d.InReplyToURI != "" && (d.URI == "" || t.Owns(d.InReplyToURI)) {
			return nil, NotFound
		}
		return nil, nil
	}
	d.InReplyTo, d.InReplyToURI = parent.ID, parent.URI
	return parent, nil
}

// admit judges whether the author may write there.
func (t *Town) admit(ctx context.Context, tx Tx, d Draft, parent *Post) (*Case, error) {
	if parent == nil {
		return t.May(ctx, tx, StartThread, d.Author, On{Group: d.Group})
	}
	if d.Group != 0 && d.Group != parent.Group && d.URI == "" {
		return nil, Invalidf("a reply stays in the group of its thread")
	}
	return t.May(ctx, tx, Reply, d.Author, On{Post: parent})
}

// compose makes the post, and tells whom its author named.
func (t *Town) compose(ctx context.Context, tx Tx, c *Case, d Draft, parent *Post) (*Post, []*Actor, error) {
	visibility, err := audienceOf(c, d, parent)
	if err != nil {
		return nil, nil, err
	}
	p := &Post{
		Author: d.Author, Kind: d.kind, Visibility: visibility, Conversation: d.Conversation,
		InReplyTo: d.InReplyTo, InReplyToURI: d.InReplyToURI, Language: d.Language, CreatedAt: d.CreatedAt,
	}
	if c.Group != nil && inGroup(visibility) {
		p.Group = c.Group.ID
	}
	if parent != nil {
		p.Thread, p.Conversation = parent.Thread, cmp.Or(parent.Conversation, p.Conversation)
	}
	named, err := t.write(ctx, tx, c, p, d)
	if err != nil {
		return nil, nil, err
	}
	if parent != nil && c.Actor.Local() {
		p.answer(c.Other)
	}
	return p, named, p.attach(c, d)
}

// inGroup tells whether what is seen so can be said in a group: what is for a few is not.
func inGroup(v Visibility) bool { return v.Open() || v == GroupOnly }

// audienceOf settles who may see a new post.
func audienceOf(c *Case, d Draft, parent *Post) (Visibility, error) {
	v := d.Visibility
	if v == "" && c.Actor.Local() {
		if v = Public; parent != nil {
			v = parent.Visibility
		}
	}
	if _, ok := audience[v]; !ok {
		return "", Invalidf("%q is not a visibility", v)
	}
	if v.Open() && (closed(c.Group) || (parent != nil && parent.Visibility == GroupOnly)) {
		v = GroupOnly
	}
	if v == GroupOnly && c.Group == nil {
		return "", Invalidf("a post for members only needs a group")
	}
	if c.Actor.Local() && d.Group != 0 && parent == nil && !inGroup(v) {
		return "", Invalidf("a thread in a group is public, or for its members")
	}
	return v, nil
}

const idTries = 16 // two posts of one second from elsewhere draw the same id with a chance of 1 in 65 million

// create stores the post under an id near its own date (DESIGN 3.6): the one it came with, if that is past.
func (t *Town) create(ctx context.Context, tx Tx, p *Post) error {
	written := p.CreatedAt
	if now := t.now(); written.IsZero() || written.After(now) {
		written, p.CreatedAt = time.Time{}, now
	}
	p.LastActivityAt = p.CreatedAt
	ours := p.URI == ""
	for range idTries {
		p.ID = PostID(t.ids.At(written))
		if ours {
			p.URI = t.Post(p.ID)
			p.URL = p.URI
		}
		if p.Quote.Accepted() && t.Owns(p.Quote.URI) {
			p.Quote.Authorization = t.QuoteAuthorization(p.Quote.URI, p.ID)
		}
		if p.InReplyTo == 0 {
			p.Thread = p.ID
		}
		err := tx.CreatePost(ctx, p)
		if err == nil || KindOf(err) != KindConflict {
			return err
		}
	}
	if known, err := absent(tx.PostByURI(ctx, p.URI)); known != nil || err != nil {
		return cmp.Or(err, Conflictf("this id belongs to another post"))
	}
	return fmt.Errorf("no id is free near %s", written) // no fault of the post's: it is tried again
}

// bring lets the new post arrive: in its group, on the homes of those who follow, and in other towns.
func (t *Town) bring(ctx context.Context, tx Tx, c *Case, p, parent *Post, cause Cause) error {
	if err := t.enrol(ctx, tx, c, cause); err != nil {
		return err
	}
	share, err := t.share(ctx, tx, c.Group, p)
	if err != nil {
		return err
	}
	if err := t.toHomes(ctx, tx, c.Group, p, parent, share); err != nil {
		return err
	}
	if c.Actor.Local() && p.Poll != nil && !p.Poll.ClosesAt.IsZero() {
		if err := tx.Enqueue(ctx, PollCloses{Post: p.ID, At: p.Poll.ClosesAt}); err != nil {
			return err
		}
	}
	return t.tell(ctx, tx, Posted{Post: p, Author: c.Actor, Group: c.Group, Share: share, Cause: cause})
}

// enrol makes whoever writes in an open group of this node its member.
func (t *Town) enrol(ctx context.Context, tx Tx, c *Case, cause Cause) error {
	if c.Group == nil || !c.Group.Local() || c.Membership != nil || c.Actor.ID == c.Group.ID || c.Actor.Kind == Application {
		return nil
	}
	m := &Membership{Group: c.Group.ID, Person: c.Actor.ID, Role: RoleMember, CreatedAt: t.now()}
	if err := tx.PutMembership(ctx, m); err != nil {
		return fmt.Errorf("join %s: %w", c.Group.Name, err)
	}
	return t.tell(ctx, tx, RoleChanged{Group: c.Group, Person: c.Actor, By: c.Actor, Is: RoleMember, Cause: cause})
}

// share is a local group's boost of a public thread, by which its followers see it.
func (t *Town) share(ctx context.Context, tx Tx, group *Actor, p *Post) (*Post, error) {
	if group == nil || !group.Local() || !p.IsRoot() || !p.Visibility.Open() {
		return nil, nil
	}
	share := t.boostOf(p, group.ID)
	if err := tx.CreatePost(ctx, share); err != nil {
		return nil, fmt.Errorf("share in %s: %w", group.Name, err)
	}
	return share, nil
}

// boostOf makes a new boost; its id is also that of the Announce.
func (t *Town) boostOf(p *Post, by ActorID) *Post {
	id, now := PostID(t.ids.Next()), t.now()
	uri := t.Activity(ActivityID(id))
	return &Post{
		ID: id, URI: uri, URL: uri, Kind: Boost, Author: by, Thread: id, BoostOf: p.ID,
		Visibility: p.Visibility, CreatedAt: now, LastActivityAt: now,
	}
}

// toHomes puts a post before those who follow its author, and those who follow its group.
func (t *Town) toHomes(ctx context.Context, tx Tx, group *Actor, p, parent, share *Post) error {
	own := Arrival{Post: p, By: p.Author, Language: p.Language}
	if parent != nil {
		own.ReplyTo = parent.Author
	}
	if (p.IsRoot() || parent != nil) && (p.Visibility.Open() || p.Visibility == Followers) {
		if err := t.arrive(ctx, tx, own); err != nil {
			return err
		}
	}
	switch {
	case share != nil:
		return t.arrive(ctx, tx, Arrival{Post: share, By: group.ID, Group: true, Language: p.Language})
	case p.IsRoot() && group != nil && p.Visibility == GroupOnly:
		return t.arrive(ctx, tx, Arrival{Post: p, By: group.ID, Group: true, Language: p.Language})
	}
	return nil
}

// early finds the replies to a post that came before it, where a group of this node has not judged them yet.
func (t *Town) early(ctx context.Context, tx Tx, c *Case, p *Post) ([]*Post, error) {
	if p.RepliesCount == 0 || c.Actor.Local() || p.Group == 0 || !c.Group.Local() {
		return nil, nil
	}
	replies, err := tx.Replies(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("replies that came before %s: %w", p.URI, err)
	}
	return replies, nil
}

// adopt takes early replies into the group. What its author could not have written there stays outside.
func (t *Town) adopt(ctx context.Context, tx Tx, parent *Post, early []*Post) error {
	for _, p := range early {
		if p.Group != 0 || !inGroup(p.Visibility) {
			continue
		}
		c, err := t.May(ctx, tx, Reply, p.Author, On{Post: parent})
		if refused(err) {
			continue
		}
		if err != nil {
			return err
		}
		if p, err = tx.Post(ctx, p.ID); err != nil {
			return err
		}
		p.Group = parent.Group
		if err := tx.UpdatePost(ctx, p); err != nil {
			return fmt.Errorf("adopt post %d: %w", p.ID, err)
		}
		if err := t.bring(ctx, tx, c, p, parent, 0); err != nil {
			return err
		}
	}
	return nil
}

// tell hands the news to the herald.
func (t *Town) tell(ctx context.Context, tx Tx, e Happened) error {
	if err := t.herald.Tell(ctx, tx, e); err != nil {
		return fmt.Errorf("tell %T: %w", e, err)
	}
	return nil
}

// sameHost tells whether two global ids have one origin.
func sameHost(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Host != "" && x.Host == y.Host
}
