package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellFollowed: a Follow for somebody elsewhere, or the Accept for a follow that came from elsewhere and holds at once.
func (o outgoing) tellFollowed(ctx context.Context, e communities.Followed) error {
	switch {
	case e.Follower.Local() && e.Follow.Accepted:
		return nil // asked again for what holds already
	case e.Follower.Local() && !e.Followee.Local():
		_, err := o.sayTo(ctx, e.Follower, followActivity(e.Follow, e.Follower, e.Followee), e.Follow.URI, to(e.Followee))
		return err
	case !e.Follower.Local() && e.Followee.Local() && e.Follow.Accepted:
		return o.answer(ctx, "Accept", e.Follow, e.Follower, e.Followee)
	default:
		return nil
	}
}

// tellFollowAnswered: the answer to a follow that had to wait, or its end by the followee.
func (o outgoing) tellFollowAnswered(ctx context.Context, e communities.FollowAnswered) error {
	if e.Follower.Local() || !e.Followee.Local() {
		return nil
	}
	verb := "Reject"
	if e.Accepted {
		verb = "Accept"
	}
	return o.answer(ctx, verb, e.Follow, e.Follower, e.Followee)
}

// answer embeds the whole Follow: Lemmy 0.19 cannot do without.
func (o outgoing) answer(ctx context.Context, verb string, f *communities.Follow, follower, followee *communities.Actor) error {
	question := followActivity(f, follower, followee)
	question.Actor = follower.URI
	inner, err := question.Embed()
	if err != nil {
		return err
	}
	a := wire.Activity{Type: verb, Objects: []wire.Reference{inner}, To: []string{follower.URI}}
	_, err = o.sayTo(ctx, followee, a, f.URI, to(follower))
	return err
}

// tellUnfollowed: Undo{Follow} to who was followed.
func (o outgoing) tellUnfollowed(ctx context.Context, e communities.Unfollowed) error {
	if !e.Follower.Local() || e.Followee.Local() {
		return nil
	}
	follow := followActivity(e.Follow, e.Follower, e.Followee)
	follow.Actor = e.Follower.URI
	undo, err := o.undoing(follow)
	if err != nil {
		return err
	}
	_, err = o.sayTo(ctx, e.Follower, undo, e.Follow.URI, to(e.Followee))
	return err
}

func followActivity(f *communities.Follow, follower, followee *communities.Actor) wire.Activity {
	return wire.Activity{
		ID: f.URI, Type: "Follow", Actor: follower.URI, Objects: []wire.Reference{{ID: followee.URI}}, To: []string{followee.URI},
		Published: f.CreatedAt,
	}
}

// to is an audience of single actors; those of this node get nothing.
func to(actors ...*communities.Actor) storage.Audience {
	audience := storage.Audience{}
	for _, a := range actors {
		audience.Actors = append(audience.Actors, a.ID)
	}
	return audience
}
