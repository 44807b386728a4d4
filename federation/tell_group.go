package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellLocked: nobody may answer any more (Lemmy's Lock), or they may again.
func (o outgoing) tellLocked(ctx context.Context, e communities.Locked) error {
	a := wire.Activity{Type: "Lock", Objects: []wire.Reference{{ID: e.Post.URI}}}
	return o.tellRuling(ctx, e.Group, e.By, e.Cause, a, e.Undone, e.Post.URI, nil)
}

// tellPinned: Add to or Remove from the group's featured collection.
func (o outgoing) tellPinned(ctx context.Context, e communities.Pinned) error {
	a := wire.Activity{Type: "Add", Objects: []wire.Reference{{ID: e.Post.URI}}}
	if e.Undone {
		a.Type = "Remove"
	}
	if e.Group == nil {
		return o.tellPinnedOwn(ctx, e, a)
	}
	a.Target = wire.Reference{ID: o.boxesOf(e.Group).Featured}
	return o.tellRuling(ctx, e.Group, e.By, e.Cause, a, false, e.Post.URI, nil)
}

// tellPinnedOwn: Add to or Remove from the author's own featured collection, to their followers (Mastodon).
func (o outgoing) tellPinnedOwn(ctx context.Context, e communities.Pinned, a wire.Activity) error {
	if !e.By.Local() || !e.Post.Visibility.Open() {
		return nil
	}
	boxes := newBoxes(o.Base, e.By)
	a.Target, a.To, a.Cc = wire.Reference{ID: boxes.Featured}, []string{wire.Public}, []string{boxes.Followers}
	_, err := o.sayTo(ctx, e.By, a, e.Post.URI, storage.Audience{FollowersOf: []communities.ActorID{e.By.ID}})
	return err
}

// tellRoleChanged: Add to or Remove from the group's moderators. Other roles are nobody else's business.
func (o outgoing) tellRoleChanged(ctx context.Context, e communities.RoleChanged) error {
	was, is := e.Was.AtLeast(communities.RoleModerator), e.Is.AtLeast(communities.RoleModerator)
	if was == is {
		return nil
	}
	a := wire.Activity{Type: "Add", Objects: []wire.Reference{{ID: e.Person.URI}}, Target: wire.Reference{ID: o.boxesOf(e.Group).Moderators}}
	if was {
		a.Type = "Remove"
	}
	return o.tellRuling(ctx, e.Group, e.By, e.Cause, a, false, e.Person.URI, e.Person)
}

// tellBanned: a Block by the moderator with the group as target, announced, and to the banned person's server.
func (o outgoing) tellBanned(ctx context.Context, e communities.Banned) error {
	a := wire.Activity{
		Type: "Block", Objects: []wire.Reference{{ID: e.Person.URI}}, Summary: e.Ban.Reason, EndTime: e.Ban.Until,
	}
	if e.Group != nil {
		a.Target = wire.Reference{ID: e.Group.URI}
		return o.tellRuling(ctx, e.Group, e.By, e.Cause, a, e.Undone, e.Person.URI, e.Person)
	}
	if e.By == nil || !e.By.Local() {
		return nil
	}
	a.Target = wire.Reference{ID: o.Actor(communities.Application, "")}
	a.To = []string{wire.Public}
	return o.rule(ctx, e.By, a, e.Undone, e.Person, knowsModerators)
}

// tellRuling says what a moderator decided in a group: a local moderator's word, or one that came from elsewhere as it came, announced
// by a group of ours; a local moderator of a group elsewhere tells that group. Add, Remove, Block and Lock need both to and cc (Lemmy).
func (o outgoing) tellRuling(
	ctx context.Context, group, by *communities.Actor, cause communities.Cause, a wire.Activity, undone bool, about string,
	concerned *communities.Actor,
) error {
	if group == nil || by == nil {
		return nil
	}
	if cause != 0 || !by.Local() {
		if !isOurs(group) || cause == 0 {
			return nil
		}
		return o.passOn(ctx, group, cause, said{}, about)
	}
	a.To, a.Cc, a.Audience = []string{wire.Public}, []string{group.URI}, []string{group.URI}
	if undone {
		a.Actor = by.URI
		undo, err := o.undoing(a)
		if err != nil {
			return err
		}
		a = undo
	}
	ruling, err := o.decide(ctx, by, a, about, group, concerned)
	if err != nil || !isOurs(group) {
		return err
	}
	return o.passOn(ctx, group, 0, ruling, about)
}

// rule says a Block outside a group, or its end, to the server of whom it concerns.
func (o outgoing) rule(
	ctx context.Context, by *communities.Actor, a wire.Activity, undone bool, concerned *communities.Actor, readers []dialect,
) error {
	if undone {
		a.Actor = by.URI
		undo, err := o.undoing(a)
		if err != nil {
			return err
		}
		a = undo
	}
	ruling, err := o.say(ctx, by, a, concerned.URI, dialectUnknown)
	if err != nil {
		return err
	}
	return o.tx.Deliver(ctx, to(concerned), ruling.in(readers), concerned.URI)
}

// boxesOf returns an actor's collections, wherever it lives.
func (r *Road) boxesOf(a *communities.Actor) communities.Endpoints {
	if a.Local() {
		return newBoxes(r.Base, a)
	}
	return a.Endpoints
}
