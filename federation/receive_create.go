package federation

import (
	"context"
	"slices"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// verifyCreate takes a new post, or a vote in a poll, which looks like one.
func (in *incoming) verifyCreate(ctx context.Context) (effect, error) {
	o, err := in.ownObject(ctx)
	if err != nil {
		return nil, err
	}
	if ballot, err := in.verifyVote(ctx, o); ballot != nil || err != nil {
		return ballot, err
	}
	p, err := in.publication(ctx, o, in.actor)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx communities.Tx) error {
		post, err := p.publish(ctx, tx)
		if err != nil {
			return err
		}
		return p.show(ctx, tx, post)
	}, nil
}

// ownObject is the object of a Create or Update, which must be its actor's: of the same origin (FEP-fe34), and attributed to them
// (SECURITY U8). What came by a third party without a proof is read from its own id.
func (in *incoming) ownObject(ctx context.Context) (wire.Object, error) {
	ref := in.Objects[0]
	var o wire.Object
	var err error
	if ref.Raw == nil || in.unproven {
		o, err = in.fetchObject(ctx, ref.ID)
	} else {
		o, err = embeddedObject(ref)
	}
	if err != nil {
		return o, err
	}
	switch {
	case !isContribution(o):
		return o, ignoref("unknown-object-type", "%v", o.Types)
	case !wire.SameOrigin(o.ID, in.Actor):
		return o, refusef("origin", "%s by %s", o.ID, in.Actor)
	}
	if err := checkAuthors(o); err != nil {
		return o, err
	}
	if !slices.Contains(o.AttributedTo, in.Actor) && o.Actor != in.Actor {
		return o, refusef("author", "%s is not by %s", o.ID, in.Actor)
	}
	blocked, err := in.touchesBlocked(ctx, partiesOf(o)...)
	if err == nil && blocked {
		err = refusef("blocked", "%s touches a blocked host", o.ID)
	}
	return o, err
}

func embeddedObject(ref wire.Reference) (wire.Object, error) {
	doc, err := ref.Decode()
	if err != nil {
		return wire.Object{}, err
	}
	o, err := doc.Object()
	if err == nil && o.ID == "" {
		err = refusef("identity", "an object without an id")
	}
	return o, err
}

// partiesOf are the ids by which an object could bring in somebody from a blocked host (SECURITY U19).
func partiesOf(o wire.Object) []string {
	uris := append([]string{o.ID, o.InReplyTo, o.QuoteURL}, o.AttributedTo...)
	for _, m := range o.Tags.Mentions {
		uris = append(uris, m.Href)
	}
	return uris
}

// publication is a post that shall come in, with what it answers as far as that was not known.
type publication struct {
	in      *incoming
	draft   communities.Draft
	above   []communities.Draft // topmost first
	missing string              // what the topmost one answers, and nobody has read yet
	group   *communities.Actor
	private bool // a thread for a group of ours that is not public: for its moderators' eyes only
}

// publication finds out where a post belongs and who may see it.
func (in *incoming) publication(ctx context.Context, o wire.Object, author *communities.Actor) (*publication, error) {
	who, err := in.addressees(ctx, o)
	if err != nil {
		return nil, err
	}
	d, err := in.draftFrom(ctx, o, author)
	if err != nil {
		return nil, err
	}
	p := &publication{in: in, draft: d, group: in.groupAmong(who)}
	p.draft.Cause = in.cause
	to, cc := append(slices.Clone(o.To), in.addressedTo()...), append(slices.Clone(o.Cc), in.copiedTo()...)
	p.draft.Visibility = visibilityOf(to, cc, author, p.group)
	p.draft.Mentions = who.mentioned(o, to, p.draft.Visibility)
	parent, err := p.findParent(ctx, o)
	if err != nil {
		return nil, err
	}
	if parent == nil && len(p.above) == 0 && !in.concerns(who, author, p.group) {
		return nil, ignoref("no-concern", "%s", o.ID)
	}
	p.place(o, parent)
	p.foresee(parent)
	return p, nil
}

// foresee says what the verb will look at: who writes where, and what is answered.
func (p *publication) foresee(parent *communities.Post) {
	n := p.in.needs
	if n == nil {
		return
	}
	stand := storage.Stand{Person: p.draft.Author, Group: p.draft.Group}
	n.Posts = append(n.Posts, p.draft.URI)
	if parent != nil {
		n.Posts, n.Threads = append(n.Posts, parent.URI), append(n.Threads, parent.Thread)
		stand.Group = parent.Group
		if parent.Author != stand.Person {
			stand.Other = parent.Author
		}
	}
	for _, id := range []communities.ActorID{stand.Person, stand.Group, stand.Other} {
		if id != 0 {
			n.Actors = append(n.Actors, id)
		}
	}
	n.Stands = append(n.Stands, stand)
}

// addressedTo and copiedTo are the activity's own addressees, where it is the one that brings the object: some write them only there.
func (in *incoming) addressedTo() []string {
	if in.Type != "Create" || in.unproven {
		return nil
	}
	return in.To
}

func (in *incoming) copiedTo() []string {
	if in.Type != "Create" || in.unproven {
		return nil
	}
	return in.Cc
}

// place settles the group, and the title that a thread in a group needs.
func (p *publication) place(o wire.Object, parent *communities.Post) {
	root := o.InReplyTo == ""
	switch {
	case p.group == nil:
	case root && p.group.Local() && !p.draft.Visibility.Open():
		p.private = true // PROTOCOL 1.4: never publish it
	default:
		p.draft.Group = p.group.ID
	}
	if root && p.draft.Group != 0 {
		p.draft.Title = titleOf(o, p.draft)
	}
	if p.draft.Group != 0 && p.group.Local() {
		p.in.refused = p.group.ID
	} else if parent != nil && parent.Group != 0 && p.in.via == nil {
		p.in.refused = parent.Group
	}
}

// publish brings the post in, after what it answers. A parent that is refused leaves its answer waiting for it.
func (p *publication) publish(ctx context.Context, tx communities.Tx) (*communities.Post, error) {
	for _, above := range p.above {
		if _, err := p.in.town.Publish(ctx, tx, above); communities.KindOf(err) != communities.KindInternal {
			break
		} else if err != nil {
			return nil, err
		}
	}
	d := p.draft
	if p.private {
		moderators, err := tx.Moderators(ctx, p.group.ID)
		if err != nil {
			return nil, err
		}
		d.Visibility = communities.Direct
		d.Mentions = slices.Clone(d.Mentions)
		for _, m := range moderators {
			d.Mentions = append(d.Mentions, m.Person)
		}
	}
	if p.missing != "" && p.in.hops < maxHops {
		if err := tx.Enqueue(ctx, FetchThread{URI: p.missing, Hops: p.in.hops + 1}); err != nil {
			return nil, err
		}
	}
	return p.in.town.Publish(ctx, tx, d)
}

// show puts a thread that a group elsewhere passed on before the group's followers here.
func (p *publication) show(ctx context.Context, tx communities.Tx, post *communities.Post) error {
	if p.in.via == nil || !post.IsRoot() || !post.Visibility.Open() || post.Deleted() {
		return nil
	}
	return p.in.doBoost(ctx, tx, communities.Boosting{
		Post: post.ID, By: p.in.via.ID, URI: p.in.share, CreatedAt: post.CreatedAt, Cause: p.in.cause,
	})
}

// verifyVote recognises a vote: a Note with a name and no text that answers a poll (FEP-9967). It is nil for everything else.
func (in *incoming) verifyVote(ctx context.Context, o wire.Object) (effect, error) {
	if o.Name == "" || o.Content != "" || o.InReplyTo == "" || !slices.Contains(o.Types, "Note") {
		return nil, nil
	}
	poll, err := in.archive.PostByURI(ctx, o.InReplyTo)
	if communities.IsNotFound(err) || err == nil && poll.Poll == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	option := slices.IndexFunc(poll.Poll.Options, func(option communities.Option) bool { return option.Title == o.Name })
	if option < 0 {
		return nil, refusef("no-option", "%q", o.Name)
	}
	return func(ctx context.Context, tx communities.Tx) error {
		_, err := in.town.Vote(ctx, tx, communities.Ballot{Post: poll.ID, Voter: in.actor.ID, Options: []int{option}, Cause: in.cause})
		return err
	}, nil
}
