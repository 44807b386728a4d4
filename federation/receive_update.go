package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/wire"
)

var actorTypes = []string{"Person", "Group", "Organization", "Service", "Application"}

// verifyUpdate takes a new version of a post or of the sender's own profile. A post that we never saw comes in as a new one, when it is
// the sender's and concerns us.
func (in *incoming) verifyUpdate(ctx context.Context) (effect, error) {
	ref := in.Objects[0]
	if slices.Contains(actorTypes, ref.Type) || ref.ID == in.Actor || in.via != nil && ref.ID == in.via.URI {
		return in.verifyProfile(ref)
	}
	o, err := in.ownObject(ctx)
	if err != nil {
		return nil, err
	}
	known, err := in.archive.PostByURI(ctx, o.ID)
	if communities.IsNotFound(err) {
		return in.verifyCreate(ctx)
	}
	if err != nil {
		return nil, err
	}
	if known.Author != in.actor.ID {
		return nil, refusef("author", "%s is not by %s", o.ID, in.Actor) // SECURITY U1, U4, U5
	}
	return in.edit(ctx, known, o)
}

func (in *incoming) edit(ctx context.Context, known *communities.Post, o wire.Object) (effect, error) {
	who, err := in.addressees(ctx, o)
	if err != nil {
		return nil, err
	}
	d, err := in.draftFrom(ctx, o, in.actor)
	if err != nil {
		return nil, err
	}
	d.Cause, d.Mentions = in.cause, who.mentioned(o, o.To, known.Visibility)
	if d.EditedAt.IsZero() {
		d.EditedAt = in.Updated
	}
	if known.IsRoot() && known.Group != 0 {
		d.Title = titleOf(o, d)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		if o.Poll != nil && known.Poll != nil && len(o.Poll.Options) == len(known.Poll.Options) {
			if err := in.count(ctx, tx, known, o.Poll); err != nil {
				return err
			}
		}
		if err := in.requote(ctx, tx, known, d); err != nil {
			return err
		}
		_, err := in.town.Edit(ctx, tx, known.ID, d)
		return err
	}, nil
}

// requote takes over what the post quotes now, and who may quote it: an Update may say that alone.
func (in *incoming) requote(ctx context.Context, tx communities.Tx, known *communities.Post, d communities.Draft) error {
	if known.Quote == nil && d.Quote == nil && known.Quotability == d.Quotability {
		return nil
	}
	return in.town.Requote(ctx, tx, communities.Requoting{Post: known.ID, By: in.actor.ID, Quote: d.Quote, Quotability: d.Quotability})
}

// count takes over the results of a poll, which its home sends as an Update now and then.
func (in *incoming) count(ctx context.Context, tx communities.Tx, known *communities.Post, p *wire.Poll) error {
	result := communities.Tally{Post: known.ID, By: in.actor.ID, Voters: p.VotersCount}
	for _, option := range p.Options {
		result.Votes = append(result.Votes, option.Votes)
	}
	return in.town.CountPoll(ctx, tx, result)
}

// verifyProfile takes the actor's own profile, signed by the key that we know of it (SECURITY B11). A group's profile that a moderator
// changed and the group passed on is read from the group.
func (in *incoming) verifyProfile(ref wire.Reference) (effect, error) {
	switch {
	case in.via != nil && ref.ID == in.via.URI:
		return in.readAgain(ref.ID), nil
	case ref.ID != in.Actor:
		return nil, refusef("not-theirs", "%s updates %s", in.Actor, ref.ID)
	case ref.Raw == nil || in.unproven:
		return in.readAgain(ref.ID), nil
	}
	doc, err := ref.Decode()
	if err != nil {
		return nil, err
	}
	profile, err := doc.Actor()
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		_, err := in.storeActor(ctx, tx, profile)
		return err
	}, nil
}

func (in *incoming) readAgain(uri string) effect {
	return func(ctx context.Context, tx communities.Tx) error { return tx.Enqueue(ctx, RefreshActor{URI: uri}) }
}
