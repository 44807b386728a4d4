package federation

import (
	"context"
	"slices"

	"meent/communities"
)

// verifyMove lets somebody go over to another account, which must have named this one as an alias: it is read anew, as it may have done so
// a moment ago (FEP-7628; SECURITY U17).
func (in *incoming) verifyMove(ctx context.Context) (effect, error) {
	switch {
	case in.object() != in.Actor:
		return nil, refusef("not-theirs", "%s moves %s", in.Actor, in.object())
	case in.via != nil || in.Target.ID == "" || in.Target.ID == in.Actor:
		return nil, refusef("no-target", "%s moves nowhere", in.Actor)
	}
	var to *communities.Actor
	var err error
	if in.isOwnURI(in.Target.ID) {
		to, err = in.archive.ActorByURI(ctx, in.Target.ID)
	} else {
		to, err = in.fetchActor(ctx, in.Target.ID)
	}
	if err != nil {
		return nil, err
	}
	if !slices.Contains(to.AlsoKnownAs, in.Actor) {
		return nil, refusef("no-alias", "%s does not name %s", to.URI, in.Actor)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Move(ctx, tx, communities.Moving{From: in.actor.ID, To: to.ID, Cause: in.cause})
	}, nil
}
