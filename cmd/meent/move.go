package main

import (
	"context"
	"errors"
	"slices"

	"meent/communities"
)

type personAlias struct {
	Name   string `arg:"" help:"Handle."`
	Whom   string `arg:"" optional:"" help:"Whom the person was before, or is elsewhere: NAME of this node, @NAME@HOST, or the URI of an actor. Without it the aliases are printed."`
	Remove bool   `help:"It is an alias no longer."`
}

// Run changes or lists the names by which a person is known elsewhere. Who names an account as an alias can be moved to by it.
func (p personAlias) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, p.Name)
		if err != nil {
			return err
		}
		if p.Whom == "" {
			for _, alias := range person.AlsoKnownAs {
				t.say("%s", alias)
			}
			return nil
		}
		other, err := n.resolve(ctx, p.Whom)
		if err != nil {
			return advise(err, "Is %s written as its own page shows it, and does that node answer from here?", p.Whom)
		}
		aliases := slices.DeleteFunc(slices.Clone(person.AlsoKnownAs), func(alias string) bool { return alias == other.URI })
		done := "is an alias of %s no longer."
		if !p.Remove {
			aliases, done = append(aliases, other.URI), "is an alias of %s now. From there, it can move here."
		}
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			_, err := n.town.EditProfile(ctx, tx, communities.Profile{Actor: person.ID, By: n.self.ID, AlsoKnownAs: &aliases})
			return err
		})
		if err == nil {
			t.say("%s "+done, other.URI, person.Name)
		}
		return err
	})
}

type personMove struct {
	Name string `arg:"" help:"Handle."`
	Whom string `arg:"" help:"The person's new account, which must name this one as an alias: NAME of this node, @NAME@HOST, or the URI of an actor."`
}

// Run marks an account as moved. Its followers here follow the new one from now on, and those elsewhere are told.
func (p personMove) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, p.Name)
		if err != nil {
			return err
		}
		to, err := n.resolve(ctx, p.Whom)
		if err == nil && !to.Local() { // it may have named the alias a moment ago
			err = n.road.Refresh(ctx, to.URI)
		}
		if err != nil {
			return advise(err, "Is %s written as its own page shows it, and does that node answer from here?", p.Whom)
		}
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.Move(ctx, tx, communities.Moving{From: person.ID, To: to.ID})
		})
		if known := (*communities.Error)(nil); errors.As(err, &known) {
			return advise(err, "Sign in to the new account first, and name %s there as an account that moves to it.", person.URI)
		}
		if err == nil {
			t.say("%s has moved to %s. Followers are told.", person.Name, to.URI)
		}
		return err
	})
}
