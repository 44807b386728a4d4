package communities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"meent/communities/text"
)

// write puts what the draft says into the post, and tells whom the author named: in words, or by the tags of their own software.
func (t *Town) write(ctx context.Context, tx Tx, c *Case, p *Post, d Draft) ([]*Actor, error) {
	if c.Actor.Local() {
		return t.writeOurs(ctx, tx, c, p, d)
	}
	if err := t.checkOrigin(c.Actor, d.URI); err != nil {
		return nil, err
	}
	d.trim()
	p.URI, p.URL = d.URI, d.URL
	p.fill(d)
	p.Content, p.Hashtags, p.Emojis = d.Content, d.Hashtags, cleanEmojis(d.Emojis)
	return t.mention(ctx, tx, p, nil, d.Mentions)
}

// checkOrigin refuses an id that is not the author's to give (SECURITY I12, I13).
func (t *Town) checkOrigin(author *Actor, uri string) error {
	if uri == "" || t.Owns(uri) || !sameHost(uri, author.URI) {
		return Forbiddenf("a post and its author have their ids on one host")
	}
	return nil
}

func (t *Town) writeOurs(ctx context.Context, tx Tx, c *Case, p *Post, d Draft) ([]*Actor, error) {
	if d.URI != "" {
		return nil, Invalidf("posts of this node get their ids here")
	}
	var err error
	if d.Attachments, err = t.gather(ctx, tx, d.Author, p.ID, d.Attachments); err != nil {
		return nil, err
	}
	if err := d.check(t.now()); err != nil {
		return nil, err
	}
	p.fill(d)
	p.Sensitive = p.Sensitive || !c.Actor.SensitiveAt.IsZero() && len(p.Attachments) > 0
	found := text.Find(d.Source)
	called, err := t.call(ctx, tx, c, found.Mentions)
	if err != nil {
		return nil, err
	}
	p.Content = text.Render(d.Source, t.links(called))
	p.Hashtags = tidyHashtags(append(found.Hashtags, d.Hashtags...))
	return t.mention(ctx, tx, p, inOrder(found.Mentions, called), d.Mentions)
}

// fill takes over what is the same whoever writes.
func (p *Post) fill(d Draft) {
	p.Kind, p.Title, p.Source, p.Warning, p.Sensitive, p.Language = d.kind, d.Title, d.Source, d.Warning, d.Sensitive, d.Language
	p.Attachments, p.Poll, p.Event = d.Attachments, d.Poll, d.Event
}

// call finds the actors that a text names, among those known here, whom the author may mention. The others stay plain words.
func (t *Town) call(ctx context.Context, tx Tx, c *Case, mentions []text.Mention) (map[text.Mention]*Actor, error) {
	called := map[text.Mention]*Actor{}
	for _, m := range mentions[:min(len(mentions), MaxMentions)] {
		host := m.Host
		if host == t.Host() {
			host = ""
		}
		a, err := absent(tx.ActorByName(ctx, strings.ToLower(m.Name), host))
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", m, err)
		}
		if a == nil {
			continue
		}
		blocked, err := tx.BlockBetween(ctx, c.Actor.ID, a.ID)
		if err != nil {
			return nil, err
		}
		if May(MentionThem, Case{Now: c.Now, Actor: c.Actor, NodeBan: c.NodeBan, Other: a, Blocked: blocked}) == nil {
			called[m] = a
		}
	}
	return called, nil
}

func (t *Town) links(called map[text.Mention]*Actor) text.Links {
	return text.Links{
		Mention: func(m text.Mention) (href, display string, ok bool) {
			a, ok := called[m]
			if !ok {
				return "", "", false
			}
			return a.page(), m.String()[1:], true
		},
		Hashtag: func(tag string) (string, bool) { return t.Hashtag(strings.ToLower(tag)), true },
	}
}

// page is where people read about the actor.
func (a *Actor) page() string {
	if a.URL != "" {
		return a.URL
	}
	return a.URI
}

func inOrder(mentions []text.Mention, called map[text.Mention]*Actor) []*Actor {
	var actors []*Actor
	for _, m := range mentions {
		if a, ok := called[m]; ok {
			actors = append(actors, a)
		}
	}
	return actors
}

// mention names in the post those who were called, and the others by their ids, each once, and returns them all.
func (t *Town) mention(ctx context.Context, tx Tx, p *Post, called []*Actor, others []ActorID) (named []*Actor, err error) {
	silent := slices.DeleteFunc(p.Mentions, func(m Mention) bool { return !m.Silent })
	p.Mentions = nil
	name := func(a *Actor) {
		if !p.MentionsActor(a.ID) && len(p.Mentions) < MaxMentions {
			p.Mentions = append(p.Mentions, mentionOf(a))
			named = append(named, a)
		}
	}
	for _, a := range called {
		name(a)
	}
	for _, id := range others[:min(len(others), MaxMentions)] {
		if p.MentionsActor(id) {
			continue
		}
		a, err := tx.Actor(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("mentioned actor %d: %w", id, err)
		}
		name(a)
	}
	for _, m := range silent {
		if !p.MentionsActor(m.Actor) {
			p.Mentions = append(p.Mentions, m)
		}
	}
	return named, nil
}

func mentionOf(a *Actor) Mention {
	name := a.Name
	if !a.Local() {
		name += "@" + a.Host
	}
	return Mention{Actor: a.ID, URI: a.URI, URL: a.page(), Name: name}
}

// answer names the author of what is answered too, so that they hear of it, unless it is oneself.
func (p *Post) answer(author *Actor) {
	if author.ID != p.Author && !p.MentionsActor(author.ID) {
		p.Mentions = slices.Insert(p.Mentions, 0, mentionOf(author))
	}
}
