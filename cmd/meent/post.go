package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"meent/communities"
)

type postCommand struct {
	Add    postAdd    `cmd:"" default:"withargs" help:"Write: a thread in a group, or a reply."`
	Edit   postEdit   `cmd:"" help:"Change what a person's own post says."`
	Delete postDelete `cmd:"" help:"Take a person's own post back."`
	Like   postLike   `cmd:"" help:"Like a post."`
	Boost  postBoost  `cmd:"" help:"Share a post with the person's followers."`
	Remove postRemove `cmd:"" help:"Take a post away, as a moderator of its group."`
}

type postAdd struct {
	Person   string `required:"" short:"p" placeholder:"NAME" help:"Who writes."`
	Group    string `placeholder:"GROUP" help:"Start a thread in this group: NAME, or @NAME@HOST of one that somebody here follows."`
	ReplyTo  string `placeholder:"POST" help:"Answer this post: its id, its page or its URI."`
	Title    string `placeholder:"TEXT" help:"Title, of a thread."`
	Language string `default:"nl" placeholder:"TAG" help:"Language of the text."`
	Warning  string `placeholder:"TEXT" help:"What to show instead of the text until the reader asks for it."`
	Text     string `arg:"" optional:"" help:"Text in Markdown; read from standard input when it is left out."`
}

// Run publishes the post.
func (p postAdd) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		draft, err := p.draft(ctx, n, t)
		if err != nil {
			return err
		}
		var post *communities.Post
		err = n.town.Write(ctx, func(tx communities.Tx) (err error) {
			post, err = n.town.Publish(ctx, tx, draft)
			return err
		})
		if err != nil {
			return err
		}
		t.say("%s", post.URI)
		t.explain("Published. Other nodes get it while this one runs, or else when it next starts.")
		return nil
	})
}

func (p postAdd) draft(ctx context.Context, n *node, t terminal) (communities.Draft, error) {
	draft := communities.Draft{Title: p.Title, Source: p.Text, Language: p.Language, Warning: p.Warning}
	author, err := n.person(ctx, p.Person)
	if err != nil {
		return draft, err
	}
	draft.Author = author.ID
	if draft.Group, err = p.groupID(ctx, n); err != nil {
		return draft, err
	}
	if draft.InReplyTo, err = p.parent(ctx, n); err != nil {
		return draft, err
	}
	if draft.Source == "" {
		text, err := io.ReadAll(io.LimitReader(t.in, 4*communities.MaxText)) // bytes of the longest text
		if err != nil {
			return draft, fmt.Errorf("read the text: %w", err)
		}
		draft.Source = string(text)
	}
	return draft, nil
}

func (p postAdd) groupID(ctx context.Context, n *node) (communities.ActorID, error) {
	if p.Group == "" {
		return 0, nil
	}
	name, host, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(p.Group), "@"), "@")
	if host == "" || host == n.Host() {
		group, err := n.group(ctx, name)
		if err != nil {
			return 0, err
		}
		return group.ID, nil
	}
	group, err := n.archive.ActorByName(ctx, name, host)
	if communities.IsNotFound(err) || err == nil && !group.IsGroup() {
		return 0, advise(fmt.Errorf("no group %s is known here", p.Group), "Let somebody follow it first: `meent follow %s %s`.", p.Person, p.Group)
	}
	if err != nil {
		return 0, err
	}
	return group.ID, nil
}

func (p postAdd) parent(ctx context.Context, n *node) (communities.PostID, error) {
	if p.ReplyTo == "" {
		return 0, nil
	}
	return n.postID(ctx, p.ReplyTo)
}

// postID finds a post by what people write: its id, its page or its URI.
func (n *node) postID(ctx context.Context, which string) (communities.PostID, error) {
	tail := which[strings.LastIndexByte(which, '/')+1:]
	if id, err := strconv.ParseInt(tail, 10, 64); err == nil && (n.Owns(which) || !strings.Contains(which, "://")) {
		return communities.PostID(id), nil
	}
	post, err := n.archive.PostByURI(ctx, which)
	if communities.IsNotFound(err) {
		return 0, advise(errors.New("that post is not known here"), "Take the number at the end of its page's address on this node.")
	}
	if err != nil {
		return 0, err
	}
	return post.ID, nil
}
