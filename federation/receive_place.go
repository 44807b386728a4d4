package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/wire"
)

// addressees are the parties named by an activity and its object that are known here, in the order in which they count for finding the
// group: audience (FEP-1b12), then to, cc and the mentions, which is all that Mastodon has.
type addressees struct {
	actors []*communities.Actor
	byURI  map[string]*communities.Actor
}

// maxAddressees bounds the look-up.
const maxAddressees = 200

func (in *incoming) addressees(ctx context.Context, o wire.Object) (addressees, error) {
	uris := slices.Concat(in.Audience, o.Audience, in.To, o.To, in.Cc, o.Cc)
	for _, m := range o.Tags.Mentions {
		uris = append(uris, m.Href)
	}
	var unique []string
	for _, uri := range uris {
		if uri != wire.Public && !slices.Contains(unique, uri) && len(unique) < maxAddressees {
			unique = append(unique, uri)
		}
	}
	who := addressees{byURI: map[string]*communities.Actor{}}
	found, err := in.archive.ActorsByURI(ctx, unique)
	if err != nil {
		return who, err
	}
	for _, a := range found {
		who.byURI[a.URI] = a
	}
	for _, uri := range unique {
		if a := who.byURI[uri]; a != nil && a.DeletedAt.IsZero() {
			who.actors = append(who.actors, a)
		}
	}
	return who, nil
}

// groupAmong finds the group that a post is written in: the one that passed it on, else one of ours. That it is in a group elsewhere, only
// that group can say (SECURITY U10).
func (in *incoming) groupAmong(who addressees) *communities.Actor {
	for _, a := range who.actors {
		switch {
		case in.via != nil && a.ID == in.via.ID:
			return in.via
		case in.via == nil && a.IsGroup() && a.Local():
			return a
		}
	}
	return nil
}

// mentioned are whom the author names by tags. Of a direct message they are all whom it is sent to.
func (who addressees) mentioned(o wire.Object, to []string, v communities.Visibility) []communities.ActorID {
	var ids []communities.ActorID
	add := func(uri string) {
		if a := who.byURI[uri]; a != nil && !slices.Contains(ids, a.ID) {
			ids = append(ids, a.ID)
		}
	}
	for _, m := range o.Tags.Mentions {
		add(m.Href)
	}
	if v == communities.Direct || v == communities.Followers {
		for _, uri := range slices.Concat(to, o.Cc) {
			add(uri)
		}
	}
	return ids
}

// concerns tells whether anybody here wants to know: somebody of ours is addressed, follows the author, or follows the group or person
// that passed it on. The rest of the world's posts are not kept.
func (in *incoming) concerns(who addressees, author, group *communities.Actor) bool {
	// FollowersCount of somebody elsewhere counts the followers that they have here.
	if in.wanted || author.FollowersCount > 0 {
		return true
	}
	if group != nil && (group.Local() || group.FollowersCount > 0) {
		return true
	}
	return slices.ContainsFunc(who.actors, func(a *communities.Actor) bool { return a.Local() })
}

// maxAbove is how many posts are read upwards from one reply (SECURITY D6).
const maxAbove = fetchesAround

// findParent finds what a post answers: here, or by reading upwards until something is known, the thread begins, or the budget ends. A
// parent that cannot be had is no reason to lose the reply.
func (p *publication) findParent(ctx context.Context, o wire.Object) (*communities.Post, error) {
	seen := map[string]bool{o.ID: true}
	for uri := o.InReplyTo; uri != ""; {
		parent, err := p.in.archive.PostByURI(ctx, uri)
		if err == nil {
			return parent, nil
		}
		if !communities.IsNotFound(err) {
			return nil, err
		}
		if p.in.isOwnURI(uri) || seen[uri] || !p.in.reads(p) {
			return nil, nil
		}
		if len(p.above) == maxAbove {
			p.missing = uri
			return nil, nil
		}
		seen[uri] = true
		above, ok := p.in.readAbove(ctx, uri)
		if !ok {
			return nil, nil
		}
		p.above = slices.Insert(p.above, 0, above)
		uri = above.InReplyToURI
	}
	return nil, nil
}

// reads tells whether what a reply answers is worth fetching: when the reply itself is read by many here.
func (in *incoming) reads(p *publication) bool {
	return p.draft.Visibility.Open() && (p.group != nil || in.wanted || in.actor.FollowersCount > 0)
}

// readAbove reads a public post that somebody answered. Whatever goes wrong with it, the answer is kept.
func (in *incoming) readAbove(ctx context.Context, uri string) (communities.Draft, bool) {
	o, err := in.fetchObject(ctx, uri)
	if err != nil || !isContribution(o) {
		return communities.Draft{}, false
	}
	if blocked, err := in.touchesBlocked(ctx, partiesOf(o)...); err != nil || blocked {
		return communities.Draft{}, false
	}
	author, err := in.author(ctx, o)
	if err != nil || author.Local() || !author.Active() {
		return communities.Draft{}, false
	}
	d, err := in.draftFrom(ctx, o, author)
	if err != nil {
		return communities.Draft{}, false
	}
	d.Visibility = visibilityOf(o.To, o.Cc, author, nil)
	if !d.Visibility.Open() {
		return communities.Draft{}, false
	}
	if in.via != nil && slices.Contains(slices.Concat(o.Audience, o.To, o.Cc), in.via.URI) {
		d.Group = in.via.ID
		if o.InReplyTo == "" {
			d.Title = titleOf(o, d)
		}
	}
	return d, true
}
