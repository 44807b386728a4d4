package main

import (
	"context"
	"strings"

	"meent/communities"
)

type followCommand struct {
	Follower string `arg:"" help:"Handle of a person or group of this node."`
	Followee string `arg:"" help:"Whom to follow: NAME of this node, @NAME@HOST, or the URI of an actor."`
	Undo     bool   `help:"Follow no longer."`
}

// Run follows. An actor of another node is looked up there first.
func (f followCommand) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		follower, err := n.archive.ActorByName(ctx, strings.TrimPrefix(f.Follower, "@"), "")
		if err != nil {
			return advise(err, "`meent person list` and `meent group list` show who can follow.")
		}
		followee, err := n.resolve(ctx, f.Followee)
		if err != nil {
			return advise(err, "Is %s written as its own page shows it, and does that node answer from here? `meent doctor` looks.", f.Followee)
		}
		following := communities.Following{Follower: follower.ID, Followee: followee.ID}
		if f.Undo {
			return n.unfollow(ctx, t, following, follower, followee)
		}
		return n.follow(ctx, t, following, follower, followee)
	})
}

// resolve finds an actor by what people write, here or elsewhere.
func (n *node) resolve(ctx context.Context, who string) (*communities.Actor, error) {
	switch {
	case strings.HasPrefix(who, "https://"), strings.HasPrefix(who, "http://"):
		return n.road.ActorByURI(ctx, who)
	case strings.Contains(strings.TrimPrefix(who, "@"), "@"):
		return n.road.ActorByHandle(ctx, who)
	default:
		return n.archive.ActorByName(ctx, strings.TrimPrefix(who, "@"), "")
	}
}

func (n *node) follow(ctx context.Context, t terminal, following communities.Following, follower, followee *communities.Actor) error {
	var follow *communities.Follow
	err := n.town.Write(ctx, func(tx communities.Tx) (err error) {
		follow, err = n.town.Follow(ctx, tx, following)
		return err
	})
	if err != nil {
		return err
	}
	handle := "@" + followee.Handle(n.Host())
	switch {
	case follow.Accepted:
		t.say("%s follows %s.", follower.Name, handle)
	case followee.Local():
		t.say("%s asked to follow %s, who has to agree.", follower.Name, handle)
	default:
		t.say("%s asked to follow %s. The request goes out while this node runs, or else when it next starts.", follower.Name, handle)
	}
	return nil
}

func (n *node) unfollow(ctx context.Context, t terminal, following communities.Following, follower, followee *communities.Actor) error {
	err := n.town.Write(ctx, func(tx communities.Tx) error { return n.town.Unfollow(ctx, tx, following) })
	if err != nil {
		return err
	}
	t.say("%s does not follow @%s.", follower.Name, followee.Handle(n.Host()))
	return nil
}
