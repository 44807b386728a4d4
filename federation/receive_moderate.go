package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/wire"
)

// verifyLock ends a thread (Lemmy).
func (in *incoming) verifyLock(ctx context.Context) (effect, error) {
	p, err := in.post(ctx, in.object())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.Lock(ctx, tx, in.moderation(p)) }, nil
}

func (in *incoming) verifyUndoLock(ctx context.Context, inner wire.Activity) (effect, error) {
	p, err := in.post(ctx, inner.Objects[0].ID)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.Unlock(ctx, tx, in.moderation(p)) }, nil
}

// verifyAdd pins a thread, or names a moderator: an Add to the group's featured or moderators collection (FEP-1b12).
func (in *incoming) verifyAdd(ctx context.Context) (effect, error) {
	return in.verifyListing(ctx, false)
}

// verifyRemove unpins, or dismisses a moderator.
func (in *incoming) verifyRemove(ctx context.Context) (effect, error) {
	return in.verifyListing(ctx, true)
}

func (in *incoming) verifyListing(ctx context.Context, undone bool) (effect, error) {
	if in.Objects[0].Raw != nil && slices.Contains([]string{"Create", "Update"}, in.Objects[0].Type) {
		return in.verifyAppended(ctx)
	}
	group, err := in.listingGroup(ctx)
	if err != nil {
		return nil, err
	}
	at := in.endpointsOf(group)
	switch in.Target.ID {
	case at.Featured:
		return in.verifyPin(ctx, group, undone)
	case at.Moderators:
		return in.verifyRole(ctx, group, undone)
	default:
		return nil, ignoref("unknown-target", "%s", in.Target.ID)
	}
}

// listingGroup finds the group whose collection is the target: the one that passed it on, or one that the activity is addressed to.
func (in *incoming) listingGroup(ctx context.Context) (*communities.Actor, error) {
	if in.via != nil {
		return in.via, nil
	}
	if in.actor.IsGroup() {
		return in.actor, nil
	}
	actors, err := in.archive.ActorsByURI(ctx, slices.Concat(in.Audience, in.Cc, in.To))
	if err != nil {
		return nil, err
	}
	for _, a := range actors {
		at := in.endpointsOf(a)
		if a.IsGroup() && in.Target.ID != "" && (in.Target.ID == at.Featured || in.Target.ID == at.Moderators) {
			return a, nil
		}
	}
	return nil, ignoref("unknown-target", "%s", in.Target.ID)
}

// endpointsOf returns an actor's collections, wherever it lives.
func (in *incoming) endpointsOf(a *communities.Actor) communities.Endpoints {
	if a.Local() {
		return newBoxes(in.Base, a)
	}
	return a.Endpoints
}

func (in *incoming) verifyPin(ctx context.Context, group *communities.Actor, undone bool) (effect, error) {
	p, err := in.post(ctx, in.object())
	if err != nil {
		return nil, err
	}
	if p.Group != group.ID {
		return nil, refusef("other-group", "%s is not in %s", p.URI, group.URI) // SECURITY U10
	}
	return func(ctx context.Context, tx communities.Tx) error {
		if undone {
			return in.town.Unpin(ctx, tx, in.moderation(p))
		}
		return in.town.Pin(ctx, tx, in.moderation(p))
	}, nil
}

func (in *incoming) verifyRole(ctx context.Context, group *communities.Actor, undone bool) (effect, error) {
	person, err := in.ActorByURI(ctx, in.object())
	if err != nil {
		return nil, err
	}
	role := communities.RoleModerator
	if undone {
		role = communities.RoleMember
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.SetRole(ctx, tx, communities.RoleChange{Group: group.ID, Person: person.ID, By: in.ruler(), Role: role, Cause: in.cause})
	}, nil
}

// verifyAppended treats a thread that its group adds to a conversation (FEP-171b) as one that the group announces.
func (in *incoming) verifyAppended(ctx context.Context) (effect, error) {
	if !in.actor.IsGroup() {
		return nil, refusef("not-a-group", "%s", in.Actor)
	}
	return in.verifyPassedOn(ctx, in.Objects[0])
}

// verifyBlock is a ban where it has a group of somebody's as target, else one person's block of another.
func (in *incoming) verifyBlock(ctx context.Context) (effect, error) {
	person, err := in.archive.ActorByURI(ctx, in.object())
	if communities.IsNotFound(err) {
		return nil, ignoref("unknown-object", "%s", in.object())
	}
	if err != nil {
		return nil, err
	}
	if in.Target.ID == "" {
		return in.verifyPersonalBlock(person)
	}
	ban, err := in.banning(ctx, person, in.Activity)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.Ban(ctx, tx, ban) }, nil
}

func (in *incoming) verifyPersonalBlock(person *communities.Actor) (effect, error) {
	if !person.Local() {
		return nil, ignoref("no-concern", "%s blocks %s", in.Actor, person.URI)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		return in.town.Block(ctx, tx, communities.Blocking{Blocker: in.actor.ID, Blocked: person.ID, URI: in.ID, Cause: in.cause})
	}, nil
}

// banning reads a Block of a group. A ban from another node concerns that node only.
func (in *incoming) banning(ctx context.Context, person *communities.Actor, block wire.Activity) (communities.Banning, error) {
	group, err := in.archive.ActorByURI(ctx, block.Target.ID)
	if communities.IsNotFound(err) || err == nil && !group.IsGroup() {
		return communities.Banning{}, ignoref("unknown-target", "%s", block.Target.ID)
	}
	if err != nil {
		return communities.Banning{}, err
	}
	if in.via != nil && in.via.ID != group.ID {
		return communities.Banning{}, refusef("other-group", "%s passes on a ban from %s", in.via.URI, group.URI)
	}
	return communities.Banning{
		Group: group.ID, Person: person.ID, By: in.ruler(), Reason: block.Summary, Until: block.EndTime, RemovePosts: block.RemoveData,
		Cause: in.cause,
	}, nil
}

func (in *incoming) verifyUndoBlock(ctx context.Context, inner wire.Activity) (effect, error) {
	person, err := in.archive.ActorByURI(ctx, inner.Objects[0].ID)
	if communities.IsNotFound(err) {
		return nil, ignoref("unknown-object", "%s", inner.Objects[0].ID)
	}
	if err != nil {
		return nil, err
	}
	if inner.Target.ID == "" {
		return func(ctx context.Context, tx communities.Tx) error {
			return in.town.Unblock(ctx, tx, communities.Blocking{Blocker: in.actor.ID, Blocked: person.ID, URI: inner.ID, Cause: in.cause})
		}, nil
	}
	ban, err := in.banning(ctx, person, inner)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.Unban(ctx, tx, ban) }, nil
}
