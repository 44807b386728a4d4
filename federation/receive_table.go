package federation

import (
	"context"
	"fmt"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// incoming is a received activity whose sender is known. Where a group passed it on (FEP-1b12), it is the inner activity, and via is the
// group.
type incoming struct {
	*Road
	wire.Activity
	actor *communities.Actor // who did it
	via   *communities.Actor // the group that announced it; nil: it came from its actor
	share string             // id of that Announce
	cause communities.Cause  // what the archive remembers it by
	needs *storage.Needs     // what the effect will ask the archive for, as far as that is known; nil: nobody wants to know

	unproven bool // passed on, and only on the word of the group
	wanted   bool // somebody here asked for it
	hops     int  // tasks before this one, on the way up from a reply

	refused communities.ActorID // the group of ours whose refusal the author should hear of, when there is one
}

// effect is the second half: it writes, in the transaction that settles the activity, and asks nothing more but what the verbs of the
// town decide. It may run several times.
type effect func(ctx context.Context, tx communities.Tx) error

// verification is the first half: whether the sender may say this, and what is needed to act on it. It may fetch, and writes nothing but
// what it learns of actors.
type verification func(*incoming, context.Context) (effect, error)

// verifications is the table of activities. Who may do what to whom is asked once more, of the town, by the verb in each effect; here
// only origins and proofs are judged.
func verifications() map[string]verification {
	return map[string]verification{
		"Accept":        (*incoming).verifyAccept,
		"Add":           (*incoming).verifyAdd,
		"Announce":      (*incoming).verifyAnnounce,
		"Block":         (*incoming).verifyBlock,
		"Create":        (*incoming).verifyCreate,
		"Delete":        (*incoming).verifyDelete,
		"Dislike":       (*incoming).verifyReaction,
		"EmojiReact":    (*incoming).verifyReaction,
		"EmojiReaction": (*incoming).verifyReaction,
		"Flag":          (*incoming).verifyFlag,
		"Follow":        (*incoming).verifyFollow,
		"Like":          (*incoming).verifyReaction,
		"Lock":          (*incoming).verifyLock,
		"Move":          (*incoming).verifyMove,
		"QuoteRequest":  (*incoming).verifyQuoteRequest,
		"Reject":        (*incoming).verifyReject,
		"Remove":        (*incoming).verifyRemove,
		"Undo":          (*incoming).verifyUndo,
		"Update":        (*incoming).verifyUpdate,
	}
}

// incoming reads a remembered activity again. The inbox has held its key, its actor and its id together.
func (r *Road) incoming(ctx context.Context, row storage.Received) (*incoming, error) {
	a, err := readActivity(row.Body, wire.DecodeAgain)
	if err != nil {
		return nil, err
	}
	actor, err := r.archive.ActorByURI(ctx, row.ActorURI)
	if err != nil {
		return nil, fmt.Errorf("sender %s: %w", row.ActorURI, err)
	}
	return &incoming{Road: r, Activity: a, actor: actor, cause: row.ID, needs: &storage.Needs{}}, nil
}

// check judges the activity by the table. What no row knows is remembered and counted, and is no error.
func (in *incoming) check(ctx context.Context) (effect, error) {
	verify, known := in.verifications[in.Type]
	if !known {
		return nil, ignoref("unknown-type", "%s", in.Type)
	}
	if !in.actor.Active() && !isFarewell(in.Activity) {
		return nil, refusef("suspended", "%s", in.actor.URI) // SECURITY U18
	}
	blocked, err := in.touchesBlocked(ctx, in.mentioned()...)
	if err != nil {
		return nil, err
	}
	if blocked {
		return nil, refusef("blocked", "%s touches a blocked host", in.ID)
	}
	return verify(in, ctx)
}

// mentioned are the ids by which an activity could bring in somebody from a blocked host.
func (in *incoming) mentioned() []string {
	uris := []string{in.Actor, in.Target.ID, in.Origin.ID, in.InReplyTo}
	for _, o := range in.Objects {
		uris = append(uris, o.ID)
	}
	return uris
}

// object is the id of the first object.
func (in *incoming) object() string { return in.Objects[0].ID }

// ruler is who answers for a moderator's action: the group that passed it on, whose server has judged it by its own roles, else the
// actor.
func (in *incoming) ruler() communities.ActorID {
	if in.via != nil {
		return in.via.ID
	}
	return in.actor.ID
}

// post finds what an activity is about, among what is known here. Of what we never saw we need hear nothing.
func (in *incoming) post(ctx context.Context, uri string) (*communities.Post, error) {
	p, err := in.archive.PostByURI(ctx, uri)
	if communities.IsNotFound(err) {
		return nil, ignoref("unknown-object", "%s", uri)
	}
	return p, err
}
