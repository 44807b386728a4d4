package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellBoosted: an Announce by id to the booster's followers and to the author, or its Undo.
func (o outgoing) tellBoosted(ctx context.Context, e communities.Boosted) error {
	if !e.By.Local() || e.By.IsGroup() {
		return nil // a group's boosts are told with the thread
	}
	a := wire.Activity{
		ID: e.Boost.URI, Type: "Announce", Actor: e.By.URI, Objects: []wire.Reference{{ID: e.Original.URI}},
		To: []string{wire.Public}, Cc: []string{newBoxes(o.Base, e.By).Followers}, Published: e.Boost.CreatedAt,
	}
	if e.Undone {
		undo, err := o.undoing(a)
		if err != nil {
			return err
		}
		a = undo
	}
	to := storage.Audience{FollowersOf: []communities.ActorID{e.By.ID}, Actors: []communities.ActorID{e.Original.Author}}
	if e.Undone {
		to.Holders = e.Boost.URI
	}
	_, err := o.sayTo(ctx, e.By, a, e.Boost.URI, to)
	return err
}

var reactionTypes = map[communities.ReactionKind]string{communities.Favourite: "Like", communities.Dislike: "Dislike"}

// tellReacted: a Like goes to the author's server and to the group, which announces it to forum software.
func (o outgoing) tellReacted(ctx context.Context, e communities.Reacted) error {
	if !travels(e.Post, e.Group) {
		return nil
	}
	own := said{}
	if e.By.Local() {
		var err error
		if own, err = o.tellOwnReaction(ctx, e); err != nil {
			return err
		}
	}
	if !isOurs(e.Group) || !e.Post.Visibility.Open() {
		return nil
	}
	return o.passOn(ctx, e.Group, e.Cause, own, e.Reaction.URI)
}

func (o outgoing) tellOwnReaction(ctx context.Context, e communities.Reacted) (said, error) {
	a := wire.Activity{
		ID: e.Reaction.URI, Type: reactionTypes[e.Reaction.Kind], Actor: e.By.URI, Objects: []wire.Reference{{ID: e.Post.URI}},
	}
	to := storage.Audience{Actors: []communities.ActorID{e.Post.Author}}
	if e.Group != nil {
		a.Audience = []string{e.Group.URI}
		to.Actors = append(to.Actors, e.Group.ID)
	}
	if e.Undone {
		undo, err := o.undoing(a)
		if err != nil {
			return said{}, err
		}
		a = undo
	}
	return o.sayTo(ctx, e.By, a, e.Reaction.URI, to)
}

// tellVoted: one Note per chosen option to the poll's author, with a name and no content (FEP-9967).
func (o outgoing) tellVoted(ctx context.Context, e communities.Voted) error {
	if !e.Voter.Local() || o.Owns(e.Post.URI) {
		return nil
	}
	author, err := o.tx.Actor(ctx, e.Post.Author)
	if err != nil {
		return err
	}
	for _, position := range e.Options {
		ballot := wire.Object{
			ID: o.Activity(communities.ActivityID(o.archive.IDs().Next())), Types: []string{"Note"}, AttributedTo: []string{e.Voter.URI},
			Name: e.Post.Poll.Options[position].Title, InReplyTo: e.Post.URI, To: []string{author.URI}, Published: o.Now().UTC(),
		}
		inner, err := ballot.Embed()
		if err != nil {
			return err
		}
		a := wire.Activity{Type: "Create", Objects: []wire.Reference{inner}, To: ballot.To}
		if _, err := o.sayTo(ctx, e.Voter, a, e.Post.URI, storage.Audience{Actors: []communities.ActorID{author.ID}}); err != nil {
			return err
		}
	}
	return nil
}
