package main

import (
	"cmp"
	"context"

	"meent/communities"
)

// act is what every command about a post begins with: who does it, and to which post.
type act struct {
	Person string `required:"" short:"p" placeholder:"NAME" help:"Who does it."`
	Post   string `arg:"" help:"The post: its id, its page or its URI."`
}

// on finds person and post and does something to it in one transaction.
func (a act) on(ctx context.Context, c *Config, t terminal, do func(n *node, tx communities.Tx, by communities.ActorID, post communities.PostID) error) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, a.Person)
		if err != nil {
			return err
		}
		post, err := n.postID(ctx, a.Post)
		if err != nil {
			return err
		}
		return n.town.Write(ctx, func(tx communities.Tx) error { return do(n, tx, person.ID, post) })
	})
}

// said prints what was done, once it is done.
func said(t terminal, err error, format string, args ...any) error {
	if err == nil {
		t.say(format, args...)
	}
	return err
}

type postEdit struct {
	act
	Text    string `arg:"" help:"New text in Markdown."`
	Title   string `placeholder:"TEXT" help:"New title, of a thread."`
	Warning string `placeholder:"TEXT" help:"New warning."`
}

// Run replaces the text; what is not given stays.
func (p postEdit) Run(ctx context.Context, c *Config, t terminal) error {
	err := p.on(ctx, c, t, func(n *node, tx communities.Tx, by communities.ActorID, id communities.PostID) error {
		was, err := tx.Post(ctx, id)
		if err != nil {
			return err
		}
		_, err = n.town.Edit(ctx, tx, id, communities.Draft{
			Author: by, Title: cmp.Or(p.Title, was.Title), Source: p.Text, Warning: cmp.Or(p.Warning, was.Warning), Sensitive: was.Sensitive,
			Attachments: was.Attachments,
		})
		return err
	})
	return said(t, err, "Changed. What it said before is kept.")
}

type postDelete struct{ act }

// Run takes a post of the person's own back.
func (p postDelete) Run(ctx context.Context, c *Config, t terminal) error {
	return said(t, p.on(ctx, c, t, func(n *node, tx communities.Tx, by communities.ActorID, id communities.PostID) error {
		return n.town.Delete(ctx, tx, communities.Deletion{Post: id, By: by})
	}), "Deleted.")
}

type postLike struct {
	act
	Undo bool `help:"Like it no longer."`
}

// Run says or unsays that the person likes the post.
func (p postLike) Run(ctx context.Context, c *Config, t terminal) error {
	err := p.on(ctx, c, t, func(n *node, tx communities.Tx, by communities.ActorID, id communities.PostID) error {
		reacting := communities.Reacting{Post: id, By: by, Kind: communities.Favourite}
		if p.Undo {
			return n.town.Unreact(ctx, tx, reacting)
		}
		return n.town.React(ctx, tx, reacting)
	})
	if p.Undo {
		return said(t, err, "%s likes it no longer.", p.Person)
	}
	return said(t, err, "%s likes it.", p.Person)
}

type postBoost struct {
	act
	Undo bool `help:"Share it no longer."`
}

// Run shares a post with the person's followers.
func (p postBoost) Run(ctx context.Context, c *Config, t terminal) error {
	err := p.on(ctx, c, t, func(n *node, tx communities.Tx, by communities.ActorID, id communities.PostID) error {
		boosting := communities.Boosting{Post: id, By: by}
		if p.Undo {
			return n.town.Unboost(ctx, tx, boosting)
		}
		_, err := n.town.Boost(ctx, tx, boosting)
		return err
	})
	if p.Undo {
		return said(t, err, "%s shares it no longer.", p.Person)
	}
	return said(t, err, "%s shares it.", p.Person)
}

type postRemove struct {
	act
	Reason string `placeholder:"TEXT" help:"Why; the author reads it."`
	Undo   bool   `help:"Put it back."`
}

// Run takes a post away as a moderator.
func (p postRemove) Run(ctx context.Context, c *Config, t terminal) error {
	err := p.on(ctx, c, t, func(n *node, tx communities.Tx, by communities.ActorID, id communities.PostID) error {
		moderation := communities.Moderation{Post: id, By: by, Reason: p.Reason}
		if p.Undo {
			return n.town.Restore(ctx, tx, moderation)
		}
		return n.town.Remove(ctx, tx, moderation)
	})
	if p.Undo {
		return said(t, err, "It is back.")
	}
	return said(t, err, "Removed. Its author and the moderators still see it.")
}

type groupBan struct {
	Group  string `arg:"" help:"Handle of the group."`
	Whom   string `arg:"" help:"NAME of this node, or @NAME@HOST."`
	Person string `required:"" short:"p" placeholder:"NAME" help:"The moderator who decides it."`
	Reason string `placeholder:"TEXT" help:"Why; the person reads it."`
	Posts  bool   `help:"Also take away what they wrote in the group."`
	Undo   bool   `help:"Let them back in."`
}

// Run keeps somebody out of a group.
func (g groupBan) Run(ctx context.Context, c *Config, t terminal) error {
	err := c.with(ctx, t, func(n *node) error {
		group, err := n.group(ctx, g.Group)
		if err != nil {
			return err
		}
		moderator, err := n.person(ctx, g.Person)
		if err != nil {
			return err
		}
		whom, err := n.resolve(ctx, g.Whom)
		if err != nil {
			return err
		}
		banning := communities.Banning{Group: group.ID, Person: whom.ID, By: moderator.ID, Reason: g.Reason, RemovePosts: g.Posts}
		return n.town.Write(ctx, func(tx communities.Tx) error {
			if g.Undo {
				return n.town.Unban(ctx, tx, banning)
			}
			return n.town.Ban(ctx, tx, banning)
		})
	})
	if g.Undo {
		return said(t, err, "%s may write in %s again.", g.Whom, g.Group)
	}
	return said(t, err, "%s is banned from %s.", g.Whom, g.Group)
}
