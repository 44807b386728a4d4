package communities

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Edit lets the author say something else. The draft's Author is who edits; its place, visibility and kind stay as they are. A poll that asks
// something else begins anew, without votes (Mastodon API, PUT statuses/:id). What was said before is kept as a [Revision]. An edit that changes nothing, or is older than the last one, does nothing and tells nobody.
func (t *Town) Edit(ctx context.Context, tx Tx, id PostID, d Draft) (*Post, error) {
	p, err := tx.Post(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := t.May(ctx, tx, Edit, d.Author, On{Post: p})
	if err != nil {
		return nil, err
	}
	if !d.EditedAt.IsZero() && !d.EditedAt.After(p.EditedAt) {
		return p, nil
	}
	was := *p
	named, err := t.rewrite(ctx, tx, c, p, d)
	if err != nil {
		return nil, err
	}
	if p.says(&was) {
		return p, nil
	}
	p.EditedAt = t.now()
	if !d.EditedAt.IsZero() && d.EditedAt.Before(p.EditedAt) {
		p.EditedAt = d.EditedAt
	}
	if err := t.revise(ctx, tx, &was, p); err != nil {
		return nil, err
	}
	if c.Actor.Local() && p.Poll != nil && !p.Poll.ClosesAt.IsZero() && !p.Poll.ClosesAt.Equal(was.Poll.ClosesAt) {
		if err := tx.Enqueue(ctx, PollCloses{Post: p.ID, At: p.Poll.ClosesAt}); err != nil {
			return nil, err
		}
	}
	if err := t.attach(ctx, tx, p, was.Attachments); err != nil {
		return nil, err
	}
	for _, a := range named {
		if err := t.notifyIfSeen(ctx, tx, a, c.Actor, p, NotifyMention); err != nil {
			return nil, err
		}
	}
	if err := t.notifySharers(ctx, tx, c.Actor, p); err != nil {
		return nil, err
	}
	if err := t.notifyQuoters(ctx, tx, c.Actor, p); err != nil {
		return nil, err
	}
	return p, t.tell(ctx, tx, Edited{Post: p, Author: c.Actor, Group: c.Group, Cause: d.Cause})
}

// notifySharers tells those of this node who shared a post that it says something else now.
func (t *Town) notifySharers(ctx context.Context, tx Tx, author *Actor, p *Post) error {
	sharers, err := tx.LocalSharers(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("who shared post %d: %w", p.ID, err)
	}
	for _, id := range sharers {
		sharer, err := tx.Actor(ctx, id)
		if err != nil {
			return fmt.Errorf("sharer %d: %w", id, err)
		}
		if err := t.notifyIfSeen(ctx, tx, sharer, author, p, NotifyEdit); err != nil {
			return err
		}
	}
	return nil
}

// rewrite puts the new text into the post.
func (t *Town) rewrite(ctx context.Context, tx Tx, c *Case, p *Post, d Draft) ([]*Actor, error) {
	d.tidy()
	poll, err := t.repoll(c, p, d.Poll)
	if err != nil {
		return nil, err
	}
	if d.Event == nil {
		d.Event = p.Event
	}
	if p.Quote != nil {
		d.Quotes = p.Quote.Of
	}
	d.kind, d.Poll, d.Language = p.Kind, nil, cmp.Or(d.Language, p.Language)
	if d.URI = ""; !c.Actor.Local() {
		d.URI, d.URL = p.URI, cmp.Or(d.URL, p.URL)
	}
	named, err := t.write(ctx, tx, c, p, d)
	p.Poll = poll
	if err != nil || !c.Actor.Local() || p.InReplyTo == 0 {
		return named, err
	}
	return named, t.answerAgain(ctx, tx, p)
}

// repoll is the poll that a post has after an edit. Those from elsewhere are counted at their home, see [Town.CountPoll].
func (t *Town) repoll(c *Case, p *Post, d *Poll) (*Poll, error) {
	switch {
	case d == nil || !c.Actor.Local():
		return p.Poll, nil
	case d.asks(p.Poll) && (d.ends(p.Poll) || p.Poll.Closed(t.now())):
		return p.Poll, nil
	case p.Poll == nil:
		return nil, Invalidf("a poll is added to a new post, not to one that people have read")
	case p.Poll.Closed(t.now()):
		return nil, Invalidf("this poll is closed")
	}
	if err := d.check(t.now()); err != nil {
		return nil, err
	}
	poll := *d
	poll.VotersCount, poll.Options = 0, slices.Clone(d.Options)
	for i := range poll.Options {
		poll.Options[i].Votes = 0
	}
	if d.asks(p.Poll) {
		poll.VotersCount, poll.Options = p.Poll.VotersCount, p.Poll.Options
	}
	return &poll, nil
}

// ends tells whether two polls end at the same time, with the same to be seen until then.
func (p *Poll) ends(other *Poll) bool {
	return p.ClosesAt.Equal(other.ClosesAt) && p.HideTotals == other.HideTotals
}

// asks tells whether two polls have the same question.
func (p *Poll) asks(other *Poll) bool {
	return other != nil && p.Multiple == other.Multiple &&
		slices.EqualFunc(p.Options, other.Options, func(a, b Option) bool { return a.Title == b.Title })
}

// answerAgain names the author of what is answered, whom an edited text need not name.
func (t *Town) answerAgain(ctx context.Context, tx Tx, p *Post) error {
	parent, err := tx.Post(ctx, p.InReplyTo)
	if err != nil {
		return fmt.Errorf("what post %d answers: %w", p.ID, err)
	}
	author, err := tx.Actor(ctx, parent.Author)
	if err != nil {
		return fmt.Errorf("author of post %d: %w", parent.ID, err)
	}
	p.answer(author)
	return nil
}

// says tells whether two versions of a post are alike to a reader.
func (p *Post) says(was *Post) bool {
	return reflect.DeepEqual(p.revision(0, time.Time{}), was.revision(0, time.Time{})) &&
		reflect.DeepEqual(p.Event, was.Event) && p.Language == was.Language &&
		(p.Poll == nil || was.Poll == nil || p.Poll.ends(was.Poll))
}

// revise stores the new version, and the first one beside it at the first edit.
func (t *Town) revise(ctx context.Context, tx Tx, was, is *Post) error {
	before, err := tx.Revisions(ctx, is.ID)
	if err != nil {
		return fmt.Errorf("revisions of post %d: %w", is.ID, err)
	}
	number := len(before)
	if number == 0 {
		number++
		if err := tx.AddRevision(ctx, was.revision(number, was.CreatedAt)); err != nil {
			return fmt.Errorf("keep the first version of post %d: %w", is.ID, err)
		}
	}
	if err := tx.AddRevision(ctx, is.revision(number+1, is.EditedAt)); err != nil {
		return fmt.Errorf("keep version %d of post %d: %w", number+1, is.ID, err)
	}
	return tx.UpdatePost(ctx, is)
}

func (p *Post) revision(number int, at time.Time) *Revision {
	r := &Revision{
		Post: p.ID, Number: number, Title: p.Title, Source: p.Source, Content: p.Content, Warning: p.Warning,
		Sensitive: p.Sensitive, CreatedAt: at,
	}
	if len(p.Attachments) > 0 {
		r.Attachments = p.Attachments
	}
	if p.Poll != nil {
		for _, option := range p.Poll.Options {
			r.Options = append(r.Options, option.Title)
		}
	}
	return r
}
