package federation

import (
	"cmp"
	"context"
	"slices"

	"meent/communities"
	"meent/communities/text"
	"meent/federation/wire"
)

// verifyFlag takes a report. Servers send it in their own name, or in the reporter's; they list the account first, or last, or only the
// posts (PROTOCOL 2). Only what concerns us is read: people of ours, and posts in groups of ours.
func (in *incoming) verifyFlag(ctx context.Context) (effect, error) {
	if host, err := wire.CanonicalHost(in.Actor); err == nil {
		if held, err := in.blocks.of(ctx, host); err != nil || held.RejectReports {
			return nil, cmp.Or(err, ignoref("reports", "nothing is heard from %s", host))
		}
	}
	var uris []string
	for _, ref := range in.Objects[:min(len(in.Objects), communities.MaxReported+1)] {
		uris = append(uris, ref.ID)
	}
	accounts, err := in.archive.ActorsByURI(ctx, uris)
	if err != nil {
		return nil, err
	}
	posts, err := in.reportedPosts(ctx, uris)
	if err != nil {
		return nil, err
	}
	c := communities.Complaint{
		Reporter: in.actor.ID, Comment: text.Plain(text.Sanitise(cmp.Or(in.Content, in.Summary))), URI: in.ID, Cause: in.cause,
	}
	concerns := false
	for _, p := range posts {
		if c.Target == 0 {
			c.Target, c.Group = p.Author, p.Group
		}
		if p.Author == c.Target {
			c.Posts = append(c.Posts, p.ID)
		}
		concerns = concerns || p.Group != 0 || in.Owns(p.URI)
	}
	if len(accounts) > 0 && c.Target == 0 {
		c.Target = accounts[0].ID
	}
	concerns = concerns || slices.ContainsFunc(accounts, func(a *communities.Actor) bool { return a.Local() })
	if c.Target == 0 || !concerns {
		return nil, ignoref("unknown-object", "%v", uris)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		_, err := in.town.Report(ctx, tx, c)
		return err
	}, nil
}

func (in *incoming) reportedPosts(ctx context.Context, uris []string) ([]*communities.Post, error) {
	var posts []*communities.Post
	for _, uri := range uris {
		p, err := in.archive.PostByURI(ctx, uri)
		if communities.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	return posts, nil
}
