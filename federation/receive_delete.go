package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
)

// verifyDelete takes the end of an actor, of a consent to a quote, of a post by its author, or of a post by a moderator, who names a reason (Lemmy).
func (in *incoming) verifyDelete(ctx context.Context) (effect, error) {
	uri := in.object()
	if uri == in.Actor {
		return in.verifyFarewell()
	}
	p, err := in.archive.PostByURI(ctx, uri)
	if communities.IsNotFound(err) {
		if revoked, err := in.verifyConsentDeleted(ctx, uri); revoked != nil || err != nil {
			return revoked, err
		}
		return nil, ignoref("unknown-object", "%s", uri)
	}
	if err != nil {
		return nil, err
	}
	if p.Author != in.actor.ID {
		return in.verifyRemoval(ctx, p)
	}
	if in.unproven && !in.isGone(ctx, uri) { // SECURITY U11
		return nil, refusef("unproven", "%s still stands at its origin", uri)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Delete(ctx, tx, communities.Deletion{Post: p.ID, By: in.actor.ID, Cause: in.cause})
	}, nil
}

func (in *incoming) verifyFarewell() (effect, error) {
	if in.via != nil {
		return nil, refusef("unproven", "%s ends by the word of %s", in.Actor, in.via.URI)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		tx.AfterCommit(func() { in.witnesses.forget(in.Actor) })
		return in.town.DeleteActor(ctx, tx, communities.Standing{Actor: in.actor.ID, By: in.actor.ID, Cause: in.cause})
	}, nil
}

// verifyRemoval takes a moderator's removal. Without a reason it reads as an author's Delete, and another's at that (SECURITY U1).
func (in *incoming) verifyRemoval(_ context.Context, p *communities.Post) (effect, error) {
	if in.Summary == "" && in.via == nil || p.Group == 0 {
		return nil, refusef("author", "%s is not by %s", p.URI, in.Actor)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Remove(ctx, tx, in.moderation(p))
	}, nil
}

func (in *incoming) moderation(p *communities.Post) communities.Moderation {
	return communities.Moderation{Post: p.ID, By: in.ruler(), Reason: in.Summary, Cause: in.cause}
}

// verifyUndoDelete gives a removed post back. What its author deleted is gone for good here.
func (in *incoming) verifyUndoDelete(ctx context.Context, inner wire.Activity) (effect, error) {
	p, err := in.post(ctx, inner.Objects[0].ID)
	if err != nil {
		return nil, err
	}
	if p.Group == 0 || !p.Removed() {
		return nil, ignoref("nothing-to-undo", "%s", p.URI)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Restore(ctx, tx, in.moderation(p))
	}, nil
}

// isGone asks an object's origin whether it is deleted: by 404 or 410, or by a Tombstone (FEP-4f05).
func (in *incoming) isGone(ctx context.Context, uri string) bool {
	doc, err := in.fetchDocument(ctx, uri)
	if err != nil {
		return fetch.Gone(err)
	}
	return slices.Contains(doc.Types, "Tombstone")
}
