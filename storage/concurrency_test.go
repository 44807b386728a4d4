package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"meent/communities"
)

// atOnce runs fn in n goroutines and fails the test on any error.
func atOnce(t *testing.T, n int, fn func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := fn(i); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestManyAtOnce has a hundred people write, react, share and follow at the same moment in one thread.
func TestManyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		const people = 100
		ctx, w := t.Context(), world{t, db}
		g, anna := w.actor(communities.Group, "plein", ""), w.actor(communities.Person, "anna", "")
		root := w.post(anna, func(p *communities.Post) { p.Group = g.ID })
		crowd := make([]*communities.Actor, people)
		for i := range crowd {
			crowd[i] = w.actor(communities.Person, fmt.Sprint("p", i), "")
		}
		atOnce(t, people, func(i int) error {
			return db.write(ctx, func(tx *Tx) error {
				now := time.Now()
				reply := &communities.Post{
					ID: communities.PostID(w.id()), URI: fmt.Sprint("https://here.example/r/", i), Kind: communities.Discussion, Author: crowd[i].ID,
					Content: "<p>ja</p>", Visibility: communities.Public, CreatedAt: now,
				}
				answering(root)(reply)
				err := tx.CreatePost(ctx, reply)
				_, err2 := tx.PutReaction(ctx, &communities.Reaction{Post: root.ID, Actor: crowd[i].ID, Kind: communities.Favourite, CreatedAt: now})
				tx.AppendLog(g.ID, reply.URI, reply.URI, [32]byte{byte(i)})
				return errors.Join(err, err2,
					tx.PutFollow(ctx, &communities.Follow{ID: communities.FollowID(w.id()), Follower: crowd[i].ID, Followee: anna.ID, Accepted: true}),
					tx.PutFollow(ctx, &communities.Follow{ID: communities.FollowID(w.id()), Follower: anna.ID, Followee: crowd[i].ID, Accepted: true}))
			})
		})
		p, a := w.readPost(root.ID), w.readActor(anna.ID)
		if p.RepliesCount != people || p.FavouritesCount != people || a.FollowersCount != people || a.FollowingCount != people {
			t.Errorf("%d replies, %d favourites, %d followers, %d followed; want %d of each", p.RepliesCount, p.FavouritesCount, a.FollowersCount, a.FollowingCount, people)
		}
		if number, _, err := db.LogHead(ctx, g.ID); err != nil || number != people {
			t.Errorf("log ends at %d, %v", number, err)
		}
	})
}

// TestReactOnce has one person press the same button many times at once.
func TestReactOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		p := w.post(anna, nil)
		var mu sync.Mutex
		made := 0
		atOnce(t, 20, func(int) error {
			var created bool
			err := db.write(ctx, func(tx *Tx) (err error) {
				created, err = tx.PutReaction(ctx, &communities.Reaction{Post: p.ID, Actor: anna.ID, Kind: communities.Favourite, CreatedAt: day})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			made += countOf(created)
			return err
		})
		if n := w.readPost(p.ID).FavouritesCount; n != 1 || made != 1 {
			t.Errorf("counted %d, made %d", n, made)
		}
	})
}

// TestCollisions has transactions lock two actors in opposite order: PostgreSQL ends one of them, and it runs again.
func TestCollisions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		const collisions = 3 // each takes PostgreSQL a second to notice
		ctx, w := t.Context(), world{t, db}
		a, b := w.actor(communities.Person, "a", ""), w.actor(communities.Person, "b", "")
		atOnce(t, collisions, func(i int) error {
			first, second := a.ID, b.ID
			if i%2 == 1 {
				first, second = second, first
			}
			return db.write(ctx, func(tx *Tx) error {
				for _, id := range []communities.ActorID{first, second} {
					if _, err := tx.idb.NewRaw("UPDATE actors SET posts_count = posts_count + 1 WHERE id = ?", id).Exec(ctx); err != nil {
						return err
					}
					time.Sleep(5 * time.Millisecond)
				}
				return nil
			})
		})
		for _, id := range []communities.ActorID{a.ID, b.ID} {
			if n := w.readActor(id).PostsCount; n != collisions {
				t.Errorf("counted %d, want %d", n, collisions)
			}
		}
	})
}

// TestDeliveriesAreNotForgotten has one side write deliveries to a host while another takes it for done: the host must be left awake.
func TestDeliveriesAreNotForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		const rounds = 40
		r := newRoad(t, db)
		r.follow(r.actor(communities.Person, "x", "a.example"), r.group, true)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		writing := make(chan error, 1)
		go func() {
			var err error
			for i := range rounds {
				err = errors.Join(err, db.write(ctx, func(tx *Tx) error {
					return tx.Deliver(ctx, Audience{FollowersOf: []communities.ActorID{r.group.ID}}, Forms{"": {communities.ActivityID(i + 1)}}, "o")
				}))
			}
			writing <- err
		}()
		delivered := 0
		for delivered < rounds && ctx.Err() == nil {
			now := time.Now()
			for _, host := range r.claim(now) {
				due := r.due(now, host)[host]
				delivered += len(due)
				r.settle(Settlement{Now: now, Done: due, Hosts: map[string]HostOutcome{host: {Succeeded: true, Released: true}}})
			}
		}
		if err := <-writing; err != nil {
			t.Fatal(err)
		}
		if delivered != rounds {
			t.Errorf("%d deliveries arrived, want %d", delivered, rounds)
		}
	})
}

// TestProcessesOnOneFile has several processes, as far as SQLite can tell, write to one file.
func TestProcessesOnOneFile(t *testing.T) {
	t.Parallel()
	const processes, each = 4, 25
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "meent.db")
	first := openAgain(t, dsn)
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := world{t, first}
	anna := w.actor(communities.Person, "anna", "")
	root := w.post(anna, nil)
	open := []*DB{first}
	for range processes - 1 {
		open = append(open, openAgain(t, dsn))
	}
	atOnce(t, processes, func(i int) error {
		w := world{t, open[i]}
		for j := range each {
			p := &communities.Post{
				ID: communities.PostID(w.id()), URI: fmt.Sprintf("https://here.example/%d/%d", i, j), Kind: communities.Discussion, Author: anna.ID,
				Visibility: communities.Public, CreatedAt: day,
			}
			answering(root)(p)
			if err := w.db.write(t.Context(), func(tx *Tx) error { return tx.CreatePost(t.Context(), p) }); err != nil {
				return err
			}
		}
		return nil
	})
	if n := w.readPost(root.ID).RepliesCount; n != processes*each {
		t.Errorf("%d replies, want %d", n, processes*each)
	}
	if _, err := first.idb.NewRaw("DELETE FROM posts").Exec(t.Context()); err == nil {
		t.Error("a reading connection can write")
	}
}
