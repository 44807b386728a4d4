package storage

import (
	"context"
	"errors"
	"testing"
	"time"

	"meent/communities"
)

// TestSeen holds what a transaction remembers of actors and posts equal to what is there, whatever it did in between.
func TestSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, ben, plein := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "ben", ""), w.actor(communities.Group, "plein", "")
		root := w.post(anna, func(p *communities.Post) { p.Group = plein.ID })
		parent := w.reply(ben, root)
		poll := w.post(anna, func(p *communities.Post) {
			p.Kind, p.Poll = communities.Question, &communities.Poll{Options: []communities.Option{{Title: "ja"}, {Title: "nee"}}}
		})
		create := func(author *communities.Actor, change func(*communities.Post)) func(*Tx) error {
			return func(tx *Tx) error {
				id := communities.PostID(w.id())
				p := &communities.Post{
					ID: id, URI: "https://here.example/new/" + time.Duration(id).String(), Kind: communities.Discussion, Author: author.ID,
					Thread: id, Visibility: communities.Public, CreatedAt: day.Add(time.Hour + time.Microsecond),
				}
				change(p)
				return tx.CreatePost(ctx, p)
			}
		}
		steps := map[string]func(*Tx) error{
			"reply":        create(ben, answering(root)),
			"second reply": create(ben, answering(parent)),
			"in private": create(ben, func(p *communities.Post) {
				answering(root)(p)
				p.Visibility = communities.Direct
			}),
			"boost": create(ben, func(p *communities.Post) { p.Kind, p.BoostOf = communities.Boost, root.ID }),
			"edit": func(tx *Tx) error {
				p := *root
				p.Content, p.LockedAt = "<p>Anders</p>", day
				return tx.UpdatePost(ctx, &p)
			},
			"delete": func(tx *Tx) error { return tx.DeletePost(ctx, parent.ID, day) },
			"profile": func(tx *Tx) error {
				a := *anna
				a.DisplayName = "Anna"
				return tx.UpdateActor(ctx, &a)
			},
			"follow": func(tx *Tx) error {
				return tx.PutFollow(ctx, &communities.Follow{ID: communities.FollowID(w.id()), Follower: ben.ID, Followee: anna.ID, Accepted: true})
			},
			"react": func(tx *Tx) error {
				_, err := tx.PutReaction(ctx, &communities.Reaction{Post: root.ID, Actor: ben.ID, Kind: communities.Favourite, CreatedAt: day})
				return err
			},
			"vote":  func(tx *Tx) error { return tx.CastVotes(ctx, poll.ID, ben.ID, []int{1}, day) },
			"sever": func(tx *Tx) error { return tx.Sever(ctx, anna.ID) },
		}
		undo := errors.New("undone")
		for name, step := range steps {
			err := db.write(ctx, func(tx *Tx) error {
				look := func(when string) {
					w.looksSame(ctx, tx, name+": "+when, []*communities.Actor{anna, ben, plein}, root, parent, poll)
				}
				look("before")
				if err := step(tx); err != nil {
					return err
				}
				look("after")
				if a, err := tx.Actor(ctx, plein.ID); err == nil {
					a.Group.Closed = true // the caller's own
				}
				if p, err := tx.Post(ctx, poll.ID); err == nil {
					p.Poll.Options[0].Title = "misschien"
				}
				look("at last")
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func (w world) looksSame(ctx context.Context, tx *Tx, when string, actors []*communities.Actor, posts ...*communities.Post) {
	w.Helper()
	for _, a := range actors {
		got, err := tx.Actor(ctx, a.ID)
		again, err2 := tx.ActorByURI(ctx, a.URI)
		want, err3 := tx.reads.Actor(ctx, a.ID)
		if err := errors.Join(err, err2, err3); err != nil {
			w.Errorf("%s: %v", when, err)
		}
		w.same(when, []*communities.Actor{got, again}, []*communities.Actor{want, want})
	}
	for _, p := range posts {
		got, err := tx.Post(ctx, p.ID)
		again, err2 := tx.PostByURI(ctx, p.URI)
		want, err3 := tx.reads.Post(ctx, p.ID)
		if err := errors.Join(err, err2, err3); err != nil {
			w.Errorf("%s: %v", when, err)
		}
		w.same(when, []*communities.Post{got, again}, []*communities.Post{want, want})
	}
}
