package main

import (
	"context"
	_ "embed"
	"errors"
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
	self, err := n.archive.ActorByURI(ctx, n.Actor(communities.Application, ""))
	if err == nil {
		n.self = self
		return n.furnishAdmin(ctx, t)
	}
	if !communities.IsNotFound(err) {
		return err
	}
	err = n.town.Write(ctx, func(tx communities.Tx) error {
		if err := storage.Of(tx).PutSetting(ctx, publicURLSetting, n.Base); err != nil {
			return err
		}
		n.self, err = n.town.Found(ctx, tx, n.title())
		return err
	})
	if err != nil {
		return fmt.Errorf("found the node: %w", err)
	}
	return errors.Join(n.furnishAdmin(ctx, t), n.furnishGroup(ctx, t))
}

// furnishAdmin makes an administrator where there is none, and prints how to sign in.
func (n *node) furnishAdmin(ctx context.Context, t terminal) error {
	admins, err := n.archive.Staff(ctx, communities.RoleAdmin)
	if err != nil || len(admins) > 0 {
		return err
	}
	link, err := n.addPerson(ctx, communities.NewPerson{
		Name: firstAdmin, DisplayName: "Beheer", Email: firstAdmin + "@" + n.hostname(), Role: communities.RoleAdmin, Locale: "nl",
	})
	if err != nil {
		return fmt.Errorf("make the administrator: %w", err)
	}
	t.say("Administrator %q can sign in, once, until %s:", firstAdmin, link.until())
	t.say("  %s", link.url)
	return nil
}

// furnishGroup makes the example group, so that a newcomer does not find an empty house.
func (n *node) furnishGroup(ctx context.Context, t terminal) error {
	admin, err := n.archive.ActorByName(ctx, firstAdmin, "")
	if err != nil {
		return err
	}
	err = n.town.Write(ctx, func(tx communities.Tx) error {
		group, err := n.town.CreateGroup(ctx, tx, communities.NewGroup{
			By: admin.ID, Name: firstGroup, DisplayName: "Welkom", Language: "nl",
			Source: "Maak kennis, stel een vraag en lees hoe deze plek werkt.",
		})
		if err != nil {
			return err
		}
		_, err = n.town.Publish(ctx, tx, communities.Draft{
			Author: admin.ID, Group: group.ID, Title: "Welkom op deze plek", Source: welcome, Language: "nl",
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("make the first group: %w", err)
	}
	t.say("Group %q is open: %s", firstGroup, n.Actor(communities.Group, firstGroup))
	return nil
}
