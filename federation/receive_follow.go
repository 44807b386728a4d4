package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
)

// verifyFollow takes a wish to read one of ours.
func (in *incoming) verifyFollow(ctx context.Context) (effect, error) {
	followee, err := in.localActor(ctx, in.object())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		_, err := in.town.Follow(ctx, tx, communities.Following{
			Follower: in.actor.ID, Followee: followee.ID, URI: in.ID, Cause: in.cause,
		})
		return err
	}, nil
}

// localActor finds a person or group of this node that can be followed. Friendica may send a Follow for a post.
func (in *incoming) localActor(ctx context.Context, uri string) (*communities.Actor, error) {
	a, err := in.archive.ActorByURI(ctx, uri)
	if communities.IsNotFound(err) || err == nil && (!a.Local() || a.Kind == communities.Application) {
		return nil, refusef("not-followable", "%s", uri)
	}
	return a, err
}

func (in *incoming) verifyUndoFollow(ctx context.Context, inner wire.Activity) (effect, error) {
	followee, err := in.archive.ActorByURI(ctx, inner.Objects[0].ID)
	if communities.IsNotFound(err) {
		return nil, ignoref("unknown-object", "%s", inner.Objects[0].ID)
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Unfollow(ctx, tx, communities.Following{Follower: in.actor.ID, Followee: followee.ID, URI: inner.ID, Cause: in.cause})
	}, nil
}

// verifyAccept takes the answer to a Follow or a QuoteRequest of ours. The first follower of a group elsewhere makes us read what is there.
func (in *incoming) verifyAccept(ctx context.Context) (effect, error) {
	if in.answersQuote() {
		return in.verifyQuoteAnswer(ctx)
	}
	follow, err := in.answered(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		accepted, err := in.town.AcceptFollow(ctx, tx, communities.Following{
			Follower: follow.Follower, Followee: in.actor.ID, URI: follow.URI, Cause: in.cause,
		})
		if err != nil || accepted == nil || follow.Accepted || !in.actor.IsGroup() {
			return err
		}
		return in.beginReading(ctx, tx, in.actor)
	}, nil
}

// verifyReject takes a refusal, or the end of a follow by who was followed.
func (in *incoming) verifyReject(ctx context.Context) (effect, error) {
	if in.answersQuote() {
		return in.verifyQuoteAnswer(ctx)
	}
	follow, err := in.answered(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.RejectFollow(ctx, tx, communities.Following{
			Follower: follow.Follower, Followee: in.actor.ID, URI: follow.URI, Cause: in.cause,
		})
	}, nil
}

// answered finds the Follow of ours that an Accept or Reject is about: by its id or, where they made up another, by both parties. It must
// have been for who answers (SECURITY U16).
func (in *incoming) answered(ctx context.Context) (*communities.Follow, error) {
	ref := in.Objects[0]
	if ref.Type != "" && ref.Type != "Follow" {
		return nil, ignoref("unknown-answer", "%s{%s}", in.Type, ref.Type)
	}
	follow, err := in.archive.FollowByURI(ctx, ref.ID)
	if communities.IsNotFound(err) && ref.Raw != nil {
		follow, err = in.followOf(ctx, ref)
	}
	if communities.IsNotFound(err) {
		return nil, refusef("unknown-follow", "%s", ref.ID)
	}
	if err != nil {
		return nil, err
	}
	if follow.Followee != in.actor.ID {
		return nil, refusef("not-theirs", "%s answers a follow of another", in.actor.URI)
	}
	return follow, nil
}

func (in *incoming) followOf(ctx context.Context, ref wire.Reference) (*communities.Follow, error) {
	inner, err := embeddedActivity(ref)
	if err != nil {
		return nil, err
	}
	follower, err := in.archive.ActorByURI(ctx, inner.Actor)
	if err != nil {
		return nil, err
	}
	if !follower.Local() {
		return nil, communities.NotFound
	}
	return in.archive.Follow(ctx, follower.ID, in.actor.ID)
}

func embeddedActivity(ref wire.Reference) (wire.Activity, error) {
	doc, err := ref.Decode()
	if err != nil {
		return wire.Activity{}, err
	}
	return doc.Activity()
}
