package main

import (
	"context"
	"fmt"
	"strings"

	"meent/communities"
)

// sanction is a decision about somebody, here or elsewhere, and its undoing.
type sanction struct {
	Whom   string `arg:"" help:"NAME of this node, or @NAME@HOST."`
	Reason string `placeholder:"TEXT" help:"Why; it is written down."`
	Undo   bool   `help:"Take it back."`
}

// standing is a verb by which an administrator decides about somebody.
type standing func(*communities.Town, context.Context, communities.Tx, communities.Standing) error

func (s sanction) decide(ctx context.Context, c *Config, t terminal, do, undo standing, done, undone string) error {
	words := done
	if s.Undo {
		do, words = undo, undone
	}
	return c.with(ctx, t, func(n *node) error {
		whom, err := n.anybody(ctx, s.Whom)
		if err != nil {
			return err
		}
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			return do(n.town, ctx, tx, communities.Standing{Actor: whom.ID, By: n.self.ID, Reason: s.Reason})
		})
		return said(t, err, "%s %s.", whom.Handle(n.Host()), words)
	})
}

// anybody finds an actor of this node, suspended or not, or one elsewhere.
func (n *node) anybody(ctx context.Context, whom string) (*communities.Actor, error) {
	name, host, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(whom, "@")), "@")
	known, err := n.archive.ActorByName(ctx, name, host)
	if err == nil && known.DeletedAt.IsZero() {
		return known, nil
	}
	found, err := n.resolve(ctx, whom)
	if communities.IsNotFound(err) {
		return nil, advise(fmt.Errorf("nobody is called %q", whom), "`meent person list` shows who lives here.")
	}
	return found, err
}

type (
	personSuspend   struct{ sanction }
	personLimit     struct{ sanction }
	personSensitive struct{ sanction }
)

// Run hides somebody, with all that they wrote, and takes nothing more from them.
func (p personSuspend) Run(ctx context.Context, c *Config, t terminal) error {
	return p.decide(ctx, c, t, (*communities.Town).Suspend, (*communities.Town).Unsuspend, "is suspended", "is seen and heard again")
}

// Run shows somebody to their followers only.
func (p personLimit) Run(ctx context.Context, c *Config, t terminal) error {
	return p.decide(ctx, c, t, (*communities.Town).Limit, (*communities.Town).Unlimit, "is shown to their followers only", "is shown to everybody again")
}

// Run hides somebody's pictures until they are asked for.
func (p personSensitive) Run(ctx context.Context, c *Config, t terminal) error {
	return p.decide(ctx, c, t, (*communities.Town).MarkSensitive, (*communities.Town).UnmarkSensitive,
		"has their pictures hidden until asked for", "has their pictures shown again")
}

type personApprove struct {
	Name   string `arg:"" help:"Handle."`
	Reason string `placeholder:"TEXT" help:"Why; it is written down."`
}

// Run lets somebody in who waits for it.
func (p personApprove) Run(ctx context.Context, c *Config, t terminal) error {
	return p.answer(ctx, c, t, (*communities.Town).ApprovePerson, "is let in")
}

func (p personApprove) answer(ctx context.Context, c *Config, t terminal, do standing, done string) error {
	return sanction{Whom: p.Name, Reason: p.Reason}.decide(ctx, c, t, do, nil, done, "")
}

type personReject struct{ personApprove }

// Run forgets somebody who waits.
func (p personReject) Run(ctx context.Context, c *Config, t terminal) error {
	return p.answer(ctx, c, t, (*communities.Town).RejectPerson, "is rejected and forgotten; the name is free")
}
