package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/wire"
)

// reactionKinds reads Misskey's emoji Likes and EmojiReact as a favourite (FEP-c0e0).
var reactionKinds = map[string]communities.ReactionKind{
	"Like": communities.Favourite, "EmojiReact": communities.Favourite, "EmojiReaction": communities.Favourite, "Dislike": communities.Dislike,
}

// verifyReaction takes a like or dislike of a post that we know.
func (in *incoming) verifyReaction(ctx context.Context) (effect, error) {
	p, err := in.post(ctx, in.object())
	if err != nil {
		return nil, err
	}
	r := communities.Reacting{
		Post: p.ID, By: in.actor.ID, Kind: reactionKinds[in.Type], Emoji: in.Content, URI: in.ID, Cause: in.cause,
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.React(ctx, tx, r) }, nil
}

func (in *incoming) verifyUndoReaction(ctx context.Context, inner wire.Activity) (effect, error) {
	p, err := in.post(ctx, inner.Objects[0].ID)
	if err != nil {
		return nil, err
	}
	r := communities.Reacting{Post: p.ID, By: in.actor.ID, Kind: reactionKinds[inner.Type], Cause: in.cause}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.Unreact(ctx, tx, r) }, nil
}

// verifyUndoAnnounce takes a boost back, found by its id or by what it shares.
func (in *incoming) verifyUndoAnnounce(ctx context.Context, inner wire.Activity) (effect, error) {
	p, err := in.archive.PostByURI(ctx, inner.ID)
	if inner.ID == "" || communities.IsNotFound(err) {
		p, err = in.post(ctx, sharedObject(inner))
	}
	if err != nil {
		return nil, err
	}
	return in.undoBoost(p)
}

// undoBoost takes a post or a boost of it.
func (in *incoming) undoBoost(p *communities.Post) (effect, error) {
	if p.Kind == communities.Boost && p.Author != in.actor.ID {
		return nil, refusef("not-theirs", "%s undoes a boost of another", in.Actor)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Unboost(ctx, tx, communities.Boosting{Post: p.ID, By: in.actor.ID, Cause: in.cause})
	}, nil
}

// sharedObject is what an Announce shows: its object or, of an announced Create, that one's object.
func sharedObject(announce wire.Activity) string {
	ref := announce.Objects[0]
	if !slices.Contains([]string{"Create", "Update"}, ref.Type) {
		return ref.ID
	}
	inner, err := embeddedActivity(ref)
	if err != nil {
		return ref.ID
	}
	return inner.Objects[0].ID
}
