package storage

import (
	"errors"
	"testing"
	"time"

	"meent/communities"
)

func TestPosts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		full := w.post(anna, func(p *communities.Post) {
			p.Kind, p.URL, p.Conversation, p.Title = communities.Question, "https://here.example/x", "https://here.example/c", "Wat?"
			p.Source, p.Content, p.Warning, p.Sensitive, p.Language = "it's", "<p>it's ?0 'quoted' \\ \\u0000</p>", "let op", true, "nl"
			p.Attachments = []communities.Attachment{{Kind: "image", URL: "https://here.example/a.png", Alt: "'", Width: 3, FocusX: 0.5}}
			p.Mentions = []communities.Mention{{Actor: bert.ID, URI: bert.URI, Name: "bert"}, {URI: "https://unknown.example"}}
			p.Hashtags = []string{"fiets", "straat"}
			p.Poll = &communities.Poll{Multiple: true, Options: []communities.Option{{Title: "ja"}, {Title: "nee", Votes: 2}}, VotersCount: 2, ClosesAt: day}
			p.PinnedAt, p.LockedAt, p.EditedAt = day, day, day
			p.Removal = communities.Removal{At: day, By: bert.ID, Reason: "off topic"}
		})
		w.same("post", w.readPost(full.ID), full)
		event := w.post(anna, func(p *communities.Post) {
			p.Kind = communities.Happening
			p.Event = &communities.Event{StartsAt: day, EndsAt: day.Add(time.Hour), Timezone: "Europe/Amsterdam", Place: "Plein", Address: "1", URL: "https://v.example", Status: "CONFIRMED"}
		})
		w.same("event", w.readPost(event.ID), event)

		w.refused(communities.KindConflict, func(tx *Tx) error {
			again := *full
			again.ID = communities.PostID(w.id())
			return tx.CreatePost(ctx, &again)
		})
		w.refused(communities.KindConflict, func(tx *Tx) error {
			again := *full
			again.URI = "https://here.example/other"
			return tx.CreatePost(ctx, &again)
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.PostByURI(ctx, "https://here.example/none"); return err })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.UpdatePost(ctx, &communities.Post{ID: 3}) })

		changed := *event
		changed.Title, changed.Hashtags, changed.EditedAt, changed.RepliesCount = "Feest", []string{"feest"}, day, 40
		changed.Mentions = []communities.Mention{{Actor: bert.ID, URI: bert.URI}}
		changed.Event = &communities.Event{StartsAt: day.Add(time.Hour)}
		w.write(func(tx *Tx) error { return tx.UpdatePost(ctx, &changed) })
		changed.RepliesCount = 0
		w.same("updated", w.readPost(event.ID), &changed)
	})
}

func TestCounters(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		root := w.post(anna, nil)
		later := day.Add(time.Hour)
		reply := w.post(bert, func(p *communities.Post) { answering(root)(p); p.CreatedAt = later })
		second := w.reply(anna, reply)
		boost := w.boost(bert, root)
		secret := w.post(bert, func(p *communities.Post) { answering(root)(p); p.Visibility = communities.Direct })

		check := func(what string, id communities.PostID, replies, boosts int) {
			t.Helper()
			if p := w.readPost(id); p.RepliesCount != replies || p.BoostsCount != boosts {
				t.Errorf("%s: %d replies, %d boosts, want %d, %d", what, p.RepliesCount, p.BoostsCount, replies, boosts)
			}
		}
		posts := func(a *communities.Actor, want int) {
			t.Helper()
			if got := w.readActor(a.ID).PostsCount; got != want {
				t.Errorf("%s has %d posts, want %d", a.Name, got, want)
			}
		}
		check("root", root.ID, 1, 1)
		check("reply", reply.ID, 1, 0)
		posts(anna, 2)
		posts(bert, 2)
		if got := w.readPost(root.ID).LastActivityAt; !got.Equal(later) {
			t.Errorf("last activity %v", got)
		}
		if got := w.readActor(bert.ID).LastPostAt; !got.Equal(later) {
			t.Errorf("last post %v", got)
		}
		w.write(func(tx *Tx) error {
			got, err := tx.BoostBy(ctx, bert.ID, root.ID)
			if err == nil && got.ID != boost.ID {
				t.Errorf("boost %d, want %d", got.ID, boost.ID)
			}
			return err
		})

		for _, p := range []*communities.Post{second, secret} {
			w.write(func(tx *Tx) error { return tx.DeletePost(ctx, p.ID, later) })
		}
		check("reply", reply.ID, 0, 0)
		check("root", root.ID, 1, 1)
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, boost.ID, later) })
		check("root", root.ID, 1, 0)
		posts(bert, 1)
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.Post(ctx, boost.ID); return err })

		w.boost(bert, root)
		w.boost(anna, root)
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, root.ID, later) })
		posts(anna, 0)
		posts(bert, 1)
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.BoostBy(ctx, bert.ID, root.ID); return err })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeletePost(ctx, root.ID, later) })
	})
}

func TestTombstone(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		p := w.post(anna, func(p *communities.Post) {
			p.Kind, p.Title, p.Source, p.Language, p.Warning = communities.Question, "t", "s", "nl", "w"
			p.Poll = &communities.Poll{Options: []communities.Option{{Title: "ja"}}}
			p.Mentions, p.Hashtags = []communities.Mention{{Actor: bert.ID}}, []string{"x"}
		})
		reply := w.reply(bert, p)
		w.write(func(tx *Tx) error {
			_, err := tx.PutReaction(ctx, &communities.Reaction{Post: p.ID, Actor: bert.ID, Kind: communities.Favourite, CreatedAt: day})
			_, err2 := tx.PutNotification(ctx, &communities.Notification{ID: 1, Recipient: bert.ID, Kind: communities.NotifyMention, From: anna.ID, Post: p.ID, CreatedAt: day})
			return errors.Join(err, err2, tx.CastVotes(ctx, p.ID, bert.ID, []int{0}, day), atHomes(ctx, tx, p, anna),
				tx.AddRevision(ctx, &communities.Revision{Post: p.ID, Number: 1, CreatedAt: day}))
		})
		w.write(func(tx *Tx) error { return tx.DeletePost(ctx, p.ID, day) })
		w.same("tombstone", w.readPost(p.ID), &communities.Post{
			ID: p.ID, URI: p.URI, Kind: p.Kind, Author: anna.ID, Thread: p.ID, Visibility: communities.Public, RepliesCount: 1,
			CreatedAt: day, LastActivityAt: day, DeletedAt: day,
		})
		for _, table := range []string{"mentions", "hashtags", "polls", "poll_options", "poll_votes", "post_revisions", "reactions", "notifications", "home_entries"} {
			var n int
			if err := db.idb.NewRaw("SELECT count(*) FROM "+table).Scan(ctx, &n); err != nil || n != 0 {
				t.Errorf("%s: %d rows left, %v", table, n, err)
			}
		}
		if w.readPost(reply.ID).InReplyTo != p.ID {
			t.Error("the reply hangs nowhere")
		}
	})
}

// TestEarlyReplies has replies arrive before what they answer.
func TestEarlyReplies(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		far := w.actor(communities.Person, "far", "far.example")
		root := w.post(far, nil)
		early := w.post(far, func(p *communities.Post) { p.InReplyToURI = "https://far.example/late" })
		below := w.reply(far, early)
		late := w.post(far, func(p *communities.Post) { answering(root)(p); p.URI = "https://far.example/late" })
		got := w.readPost(early.ID)
		if got.InReplyTo != late.ID || got.Thread != root.ID || w.readPost(below.ID).Thread != root.ID {
			t.Errorf("adopted: reply to %d in thread %d", got.InReplyTo, got.Thread)
		}
		if n := w.readPost(late.ID).RepliesCount; n != 1 {
			t.Errorf("%d replies", n)
		}
	})
}

func TestRevisions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		p := w.post(w.actor(communities.Person, "anna", ""), nil)
		one := &communities.Revision{Post: p.ID, Number: 1, Title: "t", Content: "c", Options: []string{"a"}, CreatedAt: day}
		two := &communities.Revision{Post: p.ID, Sensitive: true, Attachments: []communities.Attachment{{URL: "u"}}, CreatedAt: day}
		w.write(func(tx *Tx) error { return errors.Join(tx.AddRevision(ctx, one), tx.AddRevision(ctx, two)) })
		w.refused(communities.KindConflict, func(tx *Tx) error { return tx.AddRevision(ctx, one) })
		got, err := db.Revisions(ctx, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		two.Number = 2
		w.same("revisions", got, []*communities.Revision{one, two})
	})
}

func TestReactions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		p := w.post(anna, nil)
		r := &communities.Reaction{Post: p.ID, Actor: anna.ID, Kind: communities.Favourite, Emoji: "🌳", URI: "https://x.example/l", CreatedAt: day}
		for _, want := range []bool{true, false} {
			w.write(func(tx *Tx) error {
				created, err := tx.PutReaction(ctx, r)
				if created != want {
					t.Errorf("created %v, want %v", created, want)
				}
				return err
			})
		}
		got, err := db.Reaction(ctx, p.ID, anna.ID, communities.Favourite)
		if err != nil {
			t.Fatal(err)
		}
		w.same("reaction", got, r)
		if n := w.readPost(p.ID).FavouritesCount; n != 1 {
			t.Errorf("%d favourites", n)
		}
		w.write(func(tx *Tx) error { return tx.DeleteReaction(ctx, p.ID, anna.ID, communities.Favourite) })
		if n := w.readPost(p.ID).FavouritesCount; n != 0 {
			t.Errorf("%d favourites", n)
		}
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteReaction(ctx, p.ID, anna.ID, communities.Dislike) })
		w.refused(communities.KindInvalid, func(tx *Tx) error {
			_, err := tx.PutReaction(ctx, &communities.Reaction{Post: p.ID, Actor: anna.ID, Kind: "shrug"})
			return err
		})
	})
}

func TestPolls(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna := w.actor(communities.Person, "anna", "")
		p := w.post(anna, func(p *communities.Post) {
			p.Kind = communities.Question
			p.Poll = &communities.Poll{Multiple: true, Options: []communities.Option{{Title: "a"}, {Title: "b"}, {Title: "c"}}}
		})
		vote := func(options ...int) func(*Tx) error {
			return func(tx *Tx) error { return tx.CastVotes(ctx, p.ID, anna.ID, options, day) }
		}
		w.write(vote(2))
		w.write(vote(0))
		w.refused(communities.KindConflict, vote(1, 0))
		w.refused(communities.KindInvalid, vote(3))
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.CastVotes(ctx, 9, anna.ID, []int{0}, day) })
		votes, err := db.Votes(ctx, p.ID, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("votes", votes, []int{0, 2})
		w.same("poll", w.readPost(p.ID).Poll, &communities.Poll{
			Multiple: true, VotersCount: 1, Options: []communities.Option{{Title: "a", Votes: 1}, {Title: "b"}, {Title: "c", Votes: 1}},
		})
		w.write(func(tx *Tx) error { return tx.SetPollResults(ctx, p.ID, []int{5, 6, 7}, 9) })
		w.refused(communities.KindInvalid, func(tx *Tx) error { return tx.SetPollResults(ctx, p.ID, []int{5}, 9) })

		now := w.readPost(p.ID)
		now.Poll.ClosesAt = day
		w.write(func(tx *Tx) error { return tx.UpdatePost(ctx, now) })
		w.same("closed", w.readPost(p.ID).Poll, now.Poll)
		now.Poll = &communities.Poll{Options: []communities.Option{{Title: "x"}}}
		w.write(func(tx *Tx) error { return tx.UpdatePost(ctx, now) })
		w.same("asked anew", w.readPost(p.ID).Poll, now.Poll)
		if votes, err := db.Votes(ctx, p.ID, anna.ID); err != nil || len(votes) != 0 {
			t.Errorf("votes on another question remain: %v, %v", votes, err)
		}
	})
}
