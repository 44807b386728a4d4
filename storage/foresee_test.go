package storage

import (
	"errors"
	"fmt"
	"testing"

	"meent/communities"
)

// TestForesee: what was foreseen is what a transaction would have read by itself, and is read again after a change.
func TestForesee(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		group := w.actor(communities.Group, "g", "")
		var people []*communities.Actor
		n := Needs{Posts: []string{"https://a.example/nowhere"}}
		for _, name := range []string{"a", "b", "c"} {
			p := w.actor(communities.Person, name, "a.example")
			people = append(people, p)
			n.Stands = append(n.Stands, Stand{p.ID, group.ID, people[0].ID})
			n.Actors = append(n.Actors, p.ID)
		}
		w.write(func(tx *Tx) error {
			return tx.PutMembership(ctx, &communities.Membership{Group: group.ID, Person: people[1].ID, Role: communities.RoleMember, CreatedAt: day})
		})
		w.write(func(tx *Tx) error {
			if err := tx.foresee(ctx, []Needs{n, n}); err != nil {
				return err
			}
			for _, s := range n.Stands {
				known, ok := tx.seen.footings[s]
				if !ok {
					t.Errorf("%v was not foreseen", s)
				}
				want, err := tx.reads.Footing(ctx, s.Person, s.Group, s.Other)
				if err != nil {
					return err
				}
				w.same("footing", known, want)
				a, err := tx.reads.Actor(ctx, s.Person)
				if err != nil {
					return err
				}
				w.same("actor", tx.seen.actors.byID(s.Person), a)
			}
			return nil
		})
	})
}

// TestLater: what a transaction puts off is there for whatever it asks next, and what is added to one row is added once.
func TestLater(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		thread := w.post(anna, nil)
		w.write(func(tx *Tx) error {
			for i := range communities.PostID(5) {
				reply := &communities.Post{ID: thread.ID + 1 + i, URI: fmt.Sprintf("%s/%d", thread.URI, i), Author: anna.ID, Content: "x", CreatedAt: day, Hashtags: []string{"plein"}}
				answering(thread)(reply)
				if err := tx.CreatePost(ctx, reply); err != nil {
					return err
				}
			}
			if raised := len(tx.waiting.raised); raised != 2 { // anna and the thread
				t.Errorf("%d rows are raised", raised)
			}
			p, err := tx.reads.Post(ctx, thread.ID)
			if err == nil && (p.RepliesCount != 5 || tx.waiting != nil) {
				t.Errorf("%d replies, waiting: %v", p.RepliesCount, tx.waiting)
			}
			return err
		})
		var tagged int
		if err := db.idb.NewRaw("SELECT count(*) FROM hashtags").Scan(ctx, &tagged); err != nil || tagged != 5 {
			t.Errorf("%d rows of a hashtag, %v", tagged, err)
		}
	})
}

// TestAbsent: what was foreseen as absent is found once the transaction has made it.
func TestAbsent(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "a.example")
		p := &communities.Post{ID: 7, URI: "https://a.example/7", Author: anna.ID, CreatedAt: day, Visibility: communities.Public}
		err := db.WriteTogether(ctx, func(tx communities.Tx) error {
			if _, err := tx.PostByURI(ctx, p.URI); !communities.IsNotFound(err) {
				t.Errorf("before: %v", err)
			}
			if err := tx.CreatePost(ctx, p); err != nil {
				return err
			}
			found, err := tx.PostByURI(ctx, p.URI)
			if err == nil && found.ID != p.ID {
				t.Errorf("found %d", found.ID)
			}
			return err
		}, Needs{Posts: []string{p.URI}})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestSettledTogether: who settles what is settled already has no effect, and harms nobody who writes with them.
func TestSettledTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		for id := range communities.ActivityID(3) {
			row := Received{ID: id + 1, URI: fmt.Sprintf("https://a.example/%d", id), ReceivedAt: day}
			w.write(func(tx *Tx) error { _, err := tx.Remember(ctx, row); return err })
		}
		w.write(func(tx *Tx) error { tx.SettleReceived(2, Refused, "no", day); return nil })
		settle := func(ids ...communities.ActivityID) error {
			return db.write(ctx, func(tx *Tx) error {
				for _, id := range ids {
					tx.SettleReceived(id, Done, "", day)
				}
				return nil
			})
		}
		if err := settle(1, 2, 3); !errors.Is(err, ErrSettled) {
			t.Errorf("all: %v", err)
		}
		if err := settle(1, 3); err != nil {
			t.Errorf("the others: %v", err)
		}
	})
}
