package communities

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Ballot is what somebody votes in a poll.
type Ballot struct {
	Post    PostID
	Voter   ActorID
	Options []int // positions
	Cause   Cause
}

// Vote counts a ballot and returns the post as it stands then. Everybody votes once. Other software sends the choices of one ballot one by
// one, so that a voter from elsewhere may add to theirs where several are allowed; the same choice twice counts once.
func (t *Town) Vote(ctx context.Context, tx Tx, b Ballot) (*Post, error) {
	p, err := t.original(ctx, tx, b.Post)
	if err != nil {
		return nil, err
	}
	c, err := t.May(ctx, tx, CastVote, b.Voter, On{Post: p})
	if err != nil {
		return nil, err
	}
	before, err := tx.Votes(ctx, p.ID, b.Voter)
	if err != nil {
		return nil, fmt.Errorf("votes of %d: %w", b.Voter, err)
	}
	choice, err := p.Poll.choice(b.Options, before, c.Actor.Local())
	if err != nil || len(choice) == 0 {
		return p, err
	}
	if err := tx.CastVotes(ctx, p.ID, b.Voter, choice, t.now()); err != nil {
		return nil, fmt.Errorf("vote in post %d: %w", p.ID, err)
	}
	if c.Actor.Local() && !c.Other.Local() && !p.Poll.ClosesAt.IsZero() {
		if err := tx.Enqueue(ctx, PollCloses{Post: p.ID, At: p.Poll.ClosesAt}); err != nil {
			return nil, err
		}
	}
	if p, err = tx.Post(ctx, p.ID); err != nil {
		return nil, err
	}
	return p, t.tell(ctx, tx, Voted{Post: p, Voter: c.Actor, Options: choice, Cause: b.Cause})
}

// choice returns the options that a ballot adds, or why it does not count.
func (p *Poll) choice(options, before []int, local bool) ([]int, error) {
	var choice []int
	for _, option := range options {
		if option < 0 || option >= len(p.Options) {
			return nil, Invalidf("this poll has no such option")
		}
		if !slices.Contains(before, option) && !slices.Contains(choice, option) {
			choice = append(choice, option)
		}
	}
	switch {
	case len(options) == 0:
		return nil, Invalidf("choose an option")
	case len(choice) == 0 && !local:
		return nil, nil
	case len(before) > 0 && (local || !p.Multiple):
		return nil, Conflictf("you have voted already")
	case len(choice) > 1 && !p.Multiple:
		return nil, Invalidf("this poll takes one choice")
	}
	return choice, nil
}

// Tally is what the home of a poll says of its results.
type Tally struct {
	Post   PostID
	By     ActorID
	Votes  []int // per option
	Voters int
}

// CountPoll takes over the results of a poll of another node. Only its author tells them (SECURITY U5).
func (t *Town) CountPoll(ctx context.Context, tx Tx, r Tally) error {
	p, err := tx.Post(ctx, r.Post)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, Edit, r.By, On{Post: p})
	switch {
	case err != nil:
		return err
	case c.Actor.Local():
		return Forbiddenf("polls of this node are counted here")
	case p.Poll == nil || len(p.Poll.Options) != len(r.Votes):
		return Invalidf("these are not the results of this poll")
	}
	return tx.SetPollResults(ctx, p.ID, r.Votes, r.Voters)
}

// PollCloses is the task to tell of a poll's end; see [Town.FinishPoll].
type PollCloses struct {
	Post PostID    `json:"post,string"`
	At   time.Time `json:"at"`
}

// Kind implements [Task].
func (PollCloses) Kind() string { return "poll_closes" }

// NotBefore implements [Timed].
func (p PollCloses) NotBefore() time.Time { return p.At }

// FinishPoll tells the author of a closed poll, those of this node who voted, and other towns. It may run twice.
func (t *Town) FinishPoll(ctx context.Context, tx Tx, task PollCloses) error {
	p, err := absent(tx.Post(ctx, task.Post))
	if err != nil || p == nil || p.Poll == nil || p.Deleted() || p.Removed() || !p.Poll.Closed(t.now()) {
		return err
	}
	author, err := tx.Actor(ctx, p.Author)
	if err != nil {
		return fmt.Errorf("author of poll %d: %w", p.ID, err)
	}
	voters, err := tx.LocalVoters(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("voters of poll %d: %w", p.ID, err)
	}
	for _, id := range append(voters, author.ID) {
		voter, err := tx.Actor(ctx, id)
		if err != nil {
			return fmt.Errorf("voter %d: %w", id, err)
		}
		if err := t.notifyIfSeen(ctx, tx, voter, author, p, NotifyPoll); err != nil {
			return err
		}
	}
	if !author.Local() {
		return nil
	}
	group, err := t.groupOf(ctx, tx, p)
	if err != nil {
		return err
	}
	return t.tell(ctx, tx, Edited{Post: p, Author: author, Group: group})
}

// groupOf reads the group of a post; nil when it is in none.
func (t *Town) groupOf(ctx context.Context, tx Tx, p *Post) (*Actor, error) {
	if p.Group == 0 {
		return nil, nil
	}
	group, err := tx.Actor(ctx, p.Group)
	if err != nil {
		return nil, fmt.Errorf("group of post %d: %w", p.ID, err)
	}
	return group, nil
}

// original reads a post; of a boost, what it shares.
func (t *Town) original(ctx context.Context, tx Tx, id PostID) (*Post, error) {
	p, err := tx.Post(ctx, id)
	if err == nil && p.Kind == Boost && !p.Deleted() {
		return tx.Post(ctx, p.BoostOf)
	}
	return p, err
}
