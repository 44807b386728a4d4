package storage

import (
	"context"
	"slices"
	"time"

	"meent/communities"
)

// seen are the actors and posts that a transaction has read already: its rules ask for the same few again and again; and what it foresaw, see
// [Needs]. What a transaction changes it forgets, and reads again. Each reader gets a copy.
type seen struct {
	actors nouns[communities.ActorID, communities.Actor]
	posts  nouns[communities.PostID, communities.Post]

	absent   map[string]bool // posts, by URI, that were foreseen and were not there
	footings map[Stand]communities.Footing
	received map[communities.ActivityID]Received
}

func newSeen() seen {
	return seen{
		absent: map[string]bool{}, footings: map[Stand]communities.Footing{}, received: map[communities.ActivityID]Received{},
		actors: nouns[communities.ActorID, communities.Actor]{
			known: map[communities.ActorID]*communities.Actor{}, ids: map[string]communities.ActorID{}, copy: copyActor,
		},
		posts: nouns[communities.PostID, communities.Post]{
			known: map[communities.PostID]*communities.Post{}, ids: map[string]communities.PostID{}, copy: copyPost,
		},
	}
}

// forget drops everything.
func (s seen) forget() {
	clear(s.actors.known)
	clear(s.posts.known)
}

// count does for a new post what [batch.count] does.
func (s seen) count(p *communities.Post) {
	if p.Visibility == communities.Direct {
		return
	}
	at := momentOf(p.CreatedAt).time()
	if author := s.actors.known[p.Author]; author != nil {
		author.PostsCount++
		author.LastPostAt = later(author.LastPostAt, at)
	}
	if shared := s.posts.known[p.BoostOf]; shared != nil {
		shared.BoostsCount++
		return
	}
	if quoted := s.posts.known[counted(p, p.Quote)]; quoted != nil {
		quoted.QuotesCount++
	}
	if parent := s.posts.known[p.InReplyTo]; parent != nil {
		parent.RepliesCount++
	}
	if thread := s.posts.known[p.Thread]; thread != nil {
		thread.LastActivityAt = later(thread.LastActivityAt, at)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Actor, ActorByURI, Post and PostByURI are those of reads, with a memory.
func (tx *Tx) Actor(ctx context.Context, id communities.ActorID) (*communities.Actor, error) {
	if a := tx.seen.actors.byID(id); a != nil {
		return a, nil
	}
	a, err := tx.reads.Actor(ctx, id)
	return tx.seen.actors.note(a, err, actorKeys)
}

func (tx *Tx) ActorByURI(ctx context.Context, uri string) (*communities.Actor, error) {
	if a := tx.seen.actors.byURI(uri); a != nil {
		return a, nil
	}
	a, err := tx.reads.ActorByURI(ctx, uri)
	return tx.seen.actors.note(a, err, actorKeys)
}

func (tx *Tx) Post(ctx context.Context, id communities.PostID) (*communities.Post, error) {
	if p := tx.seen.posts.byID(id); p != nil {
		return p, nil
	}
	p, err := tx.reads.Post(ctx, id)
	return tx.seen.posts.note(p, err, postKeys)
}

func (tx *Tx) PostByURI(ctx context.Context, uri string) (*communities.Post, error) {
	if tx.seen.absent[uri] {
		return nil, communities.NotFound
	}
	if p := tx.seen.posts.byURI(uri); p != nil {
		return p, nil
	}
	p, err := tx.reads.PostByURI(ctx, uri)
	return tx.seen.posts.note(p, err, postKeys)
}

// Footing is that of reads, with a memory.
func (tx *Tx) Footing(ctx context.Context, person, group, other communities.ActorID) (communities.Footing, error) {
	if s, ok := tx.seen.footings[Stand{person, group, other}]; ok {
		s.Membership = copyOf(s.Membership)
		return s, nil
	}
	return tx.reads.Footing(ctx, person, group, other)
}

func actorKeys(a *communities.Actor) (communities.ActorID, string) { return a.ID, a.URI }
func postKeys(p *communities.Post) (communities.PostID, string)    { return p.ID, p.URI }

// nouns are those of one kind, by id. An id and a URI belong together for good.
type nouns[ID comparable, Noun any] struct {
	known map[ID]*Noun
	ids   map[string]ID
	copy  func(*Noun) *Noun
}

func (n nouns[ID, Noun]) byID(id ID) *Noun {
	if known := n.known[id]; known != nil {
		return n.copy(known)
	}
	return nil
}

func (n nouns[ID, Noun]) byURI(uri string) *Noun {
	id, ok := n.ids[uri]
	if !ok {
		return nil
	}
	return n.byID(id)
}

func (n nouns[ID, Noun]) note(read *Noun, err error, keys func(*Noun) (ID, string)) (*Noun, error) {
	if err != nil {
		return nil, err
	}
	n.keep(n.copy(read), keys)
	return read, nil
}

func (n nouns[ID, Noun]) keep(read *Noun, keys func(*Noun) (ID, string)) {
	id, uri := keys(read)
	n.known[id], n.ids[uri] = read, id
}

func copyActor(a *communities.Actor) *communities.Actor {
	c := *a
	c.Fields, c.AlsoKnownAs = slices.Clone(a.Fields), slices.Clone(a.AlsoKnownAs)
	c.Attribution = slices.Clone(a.Attribution)
	c.Group = copyOf(a.Group)
	return &c
}

func copyPost(p *communities.Post) *communities.Post {
	c := *p
	c.Attachments, c.Mentions, c.Hashtags = slices.Clone(p.Attachments), slices.Clone(p.Mentions), slices.Clone(p.Hashtags)
	c.Event, c.Quote = copyOf(p.Event), copyOf(p.Quote)
	if c.Poll = copyOf(p.Poll); c.Poll != nil {
		c.Poll.Options = slices.Clone(p.Poll.Options)
	}
	return &c
}

func copyOf[T any](v *T) *T {
	if v == nil {
		return nil
	}
	c := *v
	return &c
}
