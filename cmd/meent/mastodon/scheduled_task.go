package mastodon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"meent/communities"
	"meent/storage"
)

// PublishScheduled is the task to publish what somebody wrote for later.
type PublishScheduled struct {
	ID storage.ScheduledID `json:"id"`
	At time.Time           `json:"at"`
}

// Kind implements [communities.Task].
func (PublishScheduled) Kind() string { return "publish_scheduled" }

// NotBefore implements [communities.Timed].
func (p PublishScheduled) NotBefore() time.Time { return p.At }

// PublishLater does the task, which may come twice: it reads the request again as it came, and lets it through the one door. What was put off or taken back since is left alone.
func (a *API) PublishLater(ctx context.Context, task PublishScheduled) error {
	s, err := a.archive.ScheduledPost(ctx, task.ID)
	if communities.IsNotFound(err) || err == nil && s.DueAt.After(a.Now()) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := a.laterCall(ctx, s)
	if err != nil {
		return err
	}
	d, err := a.draft(c)
	if err == nil && !c.account.DisabledAt.IsZero() {
		err = communities.Forbiddenf("your account is disabled")
	}
	if err == nil {
		err = a.town.Write(ctx, func(tx communities.Tx) error {
			if err := storage.Of(tx).TakeScheduled(ctx, s.Actor, s.ID); err != nil {
				return err
			}
			_, err := a.town.Publish(ctx, tx, d)
			return err
		})
	}
	if err == nil || communities.KindOf(err) == communities.KindInternal {
		return err
	}
	return a.regret(ctx, c, s, err)
}

// laterCall is the call as its sender made it, without their token: whether they may still write is asked by the verb.
func (a *API) laterCall(ctx context.Context, s *storage.Scheduled) (*call, error) {
	c, err := a.callOf(ctx, s.Actor)
	if err != nil {
		return nil, fmt.Errorf("who wrote %d for later: %w", s.ID, err)
	}
	c.app, c.form.values = s.App, s.Params
	return c, nil
}

// regret tells the author why their post did not come, in a direct post by the node that every app shows, and gives the text back.
func (a *API) regret(ctx context.Context, c *call, s *storage.Scheduled, reason error) error {
	node, err := a.archive.ActorByURI(ctx, a.town.Actor(communities.Application, ""))
	if err != nil {
		return fmt.Errorf("the node's own actor: %w", err)
	}
	words := a.languages.Choose(c.account.Locale)
	err = a.town.Write(ctx, func(tx communities.Tx) error {
		if err := storage.Of(tx).TakeScheduled(ctx, s.Actor, s.ID); err != nil {
			return err
		}
		_, err := a.town.Publish(ctx, tx, communities.Draft{
			Author: node.ID, Visibility: communities.Direct, Mentions: []communities.ActorID{s.Actor}, Language: words.Lang,
			Source: words.Text("A post that you had scheduled could not be published. Below is the reason, and your text.") +
				"\n\n" + verbatim(failureOf(reason).in(words).Message) + "\n\n" + verbatim(c.form.text("status")),
		})
		return err
	})
	if communities.IsNotFound(err) {
		return nil // it was taken back meanwhile
	}
	return err
}

// verbatim is a text that names and links nobody: an indented block of Markdown (CommonMark 4.4).
func verbatim(text string) string {
	return "    " + strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", "\n    ")
}
