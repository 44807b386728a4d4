package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
)

// reversal verifies the undoing of an inner activity by the same actor.
type reversal func(in *incoming, ctx context.Context, inner wire.Activity) (effect, error)

// reversals is the table of what can be undone.
func reversals() map[string]reversal {
	return map[string]reversal{
		"Accept":        (*incoming).verifyUndoAccept,
		"Announce":      (*incoming).verifyUndoAnnounce,
		"Block":         (*incoming).verifyUndoBlock,
		"Delete":        (*incoming).verifyUndoDelete,
		"Dislike":       (*incoming).verifyUndoReaction,
		"EmojiReact":    (*incoming).verifyUndoReaction,
		"EmojiReaction": (*incoming).verifyUndoReaction,
		"Follow":        (*incoming).verifyUndoFollow,
		"Like":          (*incoming).verifyUndoReaction,
		"Lock":          (*incoming).verifyUndoLock,
	}
}

// verifyUndo takes back what the same actor did before (ActivityPub 6.10; SECURITY U15). A bare id says too little, unless it is that of
// a follow or boost.
func (in *incoming) verifyUndo(ctx context.Context) (effect, error) {
	ref := in.Objects[0]
	if ref.Raw == nil {
		return in.verifyUndoByID(ctx, ref.ID)
	}
	inner, err := embeddedActivity(ref)
	if err != nil {
		return nil, err
	}
	if inner.Actor != "" && inner.Actor != in.Actor {
		return nil, refusef("not-theirs", "%s undoes what %s did", in.Actor, inner.Actor)
	}
	reverse, known := in.reversals[inner.Type]
	if !known {
		return nil, ignoref("unknown-type", "Undo{%s}", inner.Type)
	}
	return reverse(in, ctx, inner)
}

// verifyUndoByID takes back a follow or a boost by its id alone.
func (in *incoming) verifyUndoByID(ctx context.Context, uri string) (effect, error) {
	follow, err := in.archive.FollowByURI(ctx, uri)
	if err == nil {
		if follow.Follower != in.actor.ID {
			return nil, refusef("not-theirs", "%s undoes a follow of another", in.Actor)
		}
		return func(ctx context.Context, tx communities.Tx) error {
			return in.town.Unfollow(ctx, tx, communities.Following{Follower: in.actor.ID, Followee: follow.Followee, URI: uri, Cause: in.cause})
		}, nil
	}
	if !communities.IsNotFound(err) {
		return nil, err
	}
	boost, err := in.post(ctx, uri)
	if err != nil {
		return nil, err
	}
	return in.undoBoost(boost)
}

// verifyUndoAccept: who was followed lets the follower go.
func (in *incoming) verifyUndoAccept(ctx context.Context, inner wire.Activity) (effect, error) {
	was := *in
	was.Activity = inner
	return was.verifyReject(ctx)
}
