package federation

import (
	"context"
	"fmt"

	"meent/communities"
	"meent/storage"
)

// Tell writes down what other towns should hear of e, with a row for each inbox that it goes to, inside the verb's transaction
// (see [communities.Herald]). What happened elsewhere and concerns no group of ours is nobody's news here.
func (r *Road) Tell(ctx context.Context, tx communities.Tx, e communities.Happened) error {
	out := outgoing{Road: r, tx: storage.Of(tx)}
	if err := out.tell(ctx, e); err != nil {
		return fmt.Errorf("tell other towns of %T: %w", e, err)
	}
	if err := out.previewOf(ctx, e); err != nil {
		return fmt.Errorf("look at what a post links to: %w", err)
	}
	tx.AfterCommit(func() {
		if out.tx.Delivers() {
			r.Ring()
		}
	})
	return nil
}

// outgoing is the road within one transaction.
type outgoing struct {
	*Road
	tx *storage.Tx
}

// tell is the table of what happened -> what is said.
func (o outgoing) tell(ctx context.Context, e communities.Happened) error {
	switch e := e.(type) {
	case communities.Posted:
		return o.tellPosted(ctx, e)
	case communities.Edited:
		return o.tellEdited(ctx, e)
	case communities.Deleted:
		return o.tellDeleted(ctx, e)
	case communities.Removed:
		return o.tellRemoved(ctx, e)
	case communities.Boosted:
		return o.tellBoosted(ctx, e)
	case communities.Reacted:
		return o.tellReacted(ctx, e)
	case communities.Restated:
		return o.tellRestated(ctx, e)
	case communities.QuoteAsked:
		return o.tellQuoteAsked(ctx, e)
	case communities.QuoteAnswered:
		return o.tellQuoteAnswered(ctx, e)
	case communities.ConsentRevoked:
		return o.tellConsentRevoked(ctx, e)
	case communities.Voted:
		return o.tellVoted(ctx, e)
	case communities.Followed:
		return o.tellFollowed(ctx, e)
	case communities.FollowAnswered:
		return o.tellFollowAnswered(ctx, e)
	case communities.Unfollowed:
		return o.tellUnfollowed(ctx, e)
	case communities.Locked:
		return o.tellLocked(ctx, e)
	case communities.Pinned:
		return o.tellPinned(ctx, e)
	case communities.RoleChanged:
		return o.tellRoleChanged(ctx, e)
	case communities.Banned:
		return o.tellBanned(ctx, e)
	case communities.Blocked:
		return o.tellBlocked(ctx, e)
	case communities.Reported:
		return o.tellReported(ctx, e)
	case communities.ActorChanged:
		return o.tellActorChanged(ctx, e)
	case communities.CollectionChanged:
		return o.tellCollectionChanged(ctx, e)
	case communities.Refused:
		return o.tellRefused(ctx, e)
	case communities.Announced, communities.NoticeReacted:
		return nil // a town's notices are for its own people
	default:
		return fmt.Errorf("nobody knows how to tell it")
	}
}
