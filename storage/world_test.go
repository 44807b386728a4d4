package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
)

// world makes nouns for a test.
type world struct {
	*testing.T
	db *DB
}

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (w world) write(fn func(*Tx) error) {
	w.Helper()
	if err := w.db.write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w world) id() int64 { return w.db.IDs().Next() }

// actor stores an actor; name@host for one of another node.
func (w world) actor(kind communities.ActorKind, name, host string) *communities.Actor {
	w.Helper()
	base := "https://here.example"
	if host != "" {
		base = "https://" + host
	}
	a := &communities.Actor{
		ID: communities.ActorID(w.id()), Kind: kind, Name: name, Host: host, URI: base + "/u/" + name,
		Endpoints:    communities.Endpoints{Inbox: base + "/u/" + name + "/inbox", SharedInbox: base + "/inbox"},
		Discoverable: true, Indexable: true, CreatedAt: day, UpdatedAt: day,
	}
	if kind == communities.Group {
		a.Group = &communities.GroupSettings{Joining: communities.JoinOpen, Posting: communities.PostMembers, Style: communities.StyleForum}
	}
	w.write(func(tx *Tx) error { return tx.CreateActor(w.Context(), a) })
	return a
}

// post stores a public post; change may alter it before.
func (w world) post(author *communities.Actor, change func(*communities.Post)) *communities.Post {
	w.Helper()
	id := w.id()
	p := &communities.Post{
		ID: communities.PostID(id), URI: fmt.Sprintf("https://here.example/p/%d", id), Kind: communities.Discussion,
		Author: author.ID, Thread: communities.PostID(id), Content: "<p>Hello</p>", Visibility: communities.Public,
		CreatedAt: day, LastActivityAt: day,
	}
	if change != nil {
		change(p)
	}
	w.write(func(tx *Tx) error { return tx.CreatePost(w.Context(), p) })
	return p
}

func (w world) reply(author *communities.Actor, to *communities.Post) *communities.Post {
	w.Helper()
	return w.post(author, answering(to))
}

func answering(to *communities.Post) func(*communities.Post) {
	return func(p *communities.Post) {
		p.InReplyTo, p.InReplyToURI, p.Thread, p.Group, p.Visibility = to.ID, to.URI, to.Thread, to.Group, to.Visibility
	}
}

func (w world) boost(by *communities.Actor, of *communities.Post) *communities.Post {
	w.Helper()
	return w.post(by, func(p *communities.Post) { p.Kind, p.BoostOf, p.Content = communities.Boost, of.ID, "" })
}

func (w world) follow(follower, followee *communities.Actor, accepted bool) {
	w.Helper()
	w.write(func(tx *Tx) error {
		return tx.PutFollow(w.Context(), &communities.Follow{
			ID: communities.FollowID(w.id()), Follower: follower.ID, Followee: followee.ID,
			URI: fmt.Sprintf("https://x.example/f/%d", w.id()), Accepted: accepted, CreatedAt: day,
		})
	})
}

// atHomes puts a post before those who follow somebody.
func atHomes(ctx context.Context, tx *Tx, p *communities.Post, by *communities.Actor) error {
	_, err := tx.AddToHomes(ctx, communities.Arrival{Post: p, By: by.ID, Group: by.IsGroup(), Language: p.Language})
	return err
}

func (w world) readPost(id communities.PostID) *communities.Post {
	w.Helper()
	var p *communities.Post
	w.write(func(tx *Tx) error {
		var err error
		p, err = tx.Post(w.Context(), id)
		return err
	})
	return p
}

func (w world) readActor(id communities.ActorID) *communities.Actor {
	w.Helper()
	a, err := w.db.Actor(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// refused checks that a transaction ends with an error of a kind, and goes on working after it.
func (w world) refused(kind communities.Kind, fn func(*Tx) error) {
	w.Helper()
	w.write(func(tx *Tx) error {
		if err := fn(tx); err == nil || communities.KindOf(err) != kind {
			w.Errorf("got %v, want an error of kind %d", err, kind)
		}
		if _, err := tx.Actor(w.Context(), -1); !communities.IsNotFound(err) {
			w.Errorf("the transaction is of no more use: %v", err)
		}
		return nil
	})
}

func (w world) same(what string, got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
