package main

import (
	"context"
	_ "embed"
	"fmt"

	"meent/communities"
	"meent/storage"
)

type setupCommand struct{}

// Run makes what is missing and says what it made.
func (setupCommand) Run(ctx context.Context, c *Config, t terminal) error {
	n, err := c.setUp(ctx, c.quietLogger(t.err), nil, t)
	if err != nil {
		return err
	}
	t.say("%s is set up. `meent serve` starts it.", n.Base)
	return n.Close()
}

// The names that a new node begins with.
const (
	firstAdmin = "admin"
	firstGroup = "welkom"
)

//go:embed welcome.md
var welcome string

// furnish makes what a node needs and lacks: its public URL, its own actor, an administrator and a first group. On a node that has them
// it only reads. Keys are made by the road when they are first needed.
func (n *node) furnish(ctx context.Context, t terminal) error {
	err := n.meetSelf(ctx)
	if !communities.IsNotFound(err) {
		return err
	}
	var link signInLink
	err = n.town.Write(ctx, func(tx communities.Tx) (err error) {
		link, err = n.begin(ctx, tx)
		return err
	})
	if communities.KindOf(err) == communities.KindConflict {
		return n.meetSelf(ctx) // another process on this archive was faster
	}
	if err != nil {
		return fmt.Errorf("set the node up: %w", err)
	}
	t.say("Administrator %q can sign in, once, until %s:", firstAdmin, link.until())
	t.say("  %s", link.url)
	t.say("Group %q is open: %s", firstGroup, n.Actor(communities.Group, firstGroup))
	return nil
}

// meetSelf reads the node's own actor.
func (n *node) meetSelf(ctx context.Context) (err error) {
	n.self, err = n.archive.ActorByURI(ctx, n.Actor(communities.Application, ""))
	return err
}

// begin makes all of it in one transaction: there is a whole node, or none.
func (n *node) begin(ctx context.Context, tx communities.Tx) (link signInLink, err error) {
	if n.self, err = n.town.Found(ctx, tx, n.title()); err != nil {
		return link, err
	}
	if err := storage.Of(tx).PutSetting(ctx, publicURLSetting, n.Base); err != nil {
		return link, err
	}
	admin, err := n.town.CreatePerson(ctx, tx, communities.NewPerson{
		By: n.self.ID, Name: firstAdmin, DisplayName: "Beheer", Email: firstAdmin + "@" + n.hostname(), Role: communities.RoleAdmin, Locale: "nl",
	})
	if err != nil {
		return link, err
	}
	group, err := n.town.CreateGroup(ctx, tx, communities.NewGroup{
		By: admin.ID, Name: firstGroup, DisplayName: "Welkom", Language: "nl",
		Source: "Maak kennis, stel een vraag en lees hoe deze plek werkt.",
	})
	if err != nil {
		return link, err
	}
	_, err = n.town.Publish(ctx, tx, communities.Draft{
		Author: admin.ID, Group: group.ID, Title: "Welkom op deze plek", Source: welcome, Language: "nl",
	})
	if err != nil {
		return link, err
	}
	return n.link(ctx, tx, admin)
}
