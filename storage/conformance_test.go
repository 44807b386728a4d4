package storage

import (
	"context"
	"errors"
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
		Endpoints: communities.Endpoints{Inbox: base + "/u/" + name + "/inbox", SharedInbox: base + "/inbox"},
		Indexable: true, CreatedAt: day, UpdatedAt: day,
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

func TestActors(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := &communities.Actor{
			ID: communities.ActorID(w.id()), Kind: communities.Group, Name: "plein", URI: "https://here.example/g/plein", URL: "https://here.example/g/plein",
			DisplayName: "'t Plein", Summary: "<p>It's</p>", Source: "It's", Language: "nl",
			Fields: []communities.Field{{Name: "a", Value: "b", VerifiedAt: day}},
			Icon:   communities.Image{URL: "https://here.example/i.png", Alt: "een ?plein"}, Header: communities.Image{URL: "https://here.example/h.png"},
			Endpoints: communities.Endpoints{
				Inbox: "https://here.example/g/plein/inbox", SharedInbox: "https://here.example/inbox", Outbox: "o", Followers: "f",
				Following: "g", Featured: "t", Moderators: "m",
			},
			Locked: true, Discoverable: true, Indexable: true, AlsoKnownAs: []string{"https://old.example/g"}, MovedTo: "https://new.example/g",
			Group:     &communities.GroupSettings{Joining: communities.JoinApproval, Posting: communities.PostModerators, Style: communities.StyleNotices, Closed: true},
			CreatedAt: day, UpdatedAt: day.Add(time.Millisecond), FetchedAt: day, SuspendedAt: day, DeletedAt: day,
		}
		w.write(func(tx *Tx) error { return tx.CreateActor(ctx, g) })
		w.same("actor", w.readActor(g.ID), g)
		far := w.actor(communities.Person, "plein", "far.example")
		for name, read := range map[string]func() (*communities.Actor, error){
			"uri":  func() (*communities.Actor, error) { return db.ActorByURI(ctx, far.URI) },
			"name": func() (*communities.Actor, error) { return db.ActorByName(ctx, "plein", "far.example") },
		} {
			got, err := read()
			if err != nil {
				t.Fatal(name, err)
			}
			w.same("by "+name, got, far)
		}
		all, err := db.ActorsByURI(ctx, []string{far.URI, g.URI, "https://nobody.example/"})
		if err != nil {
			t.Fatal(err)
		}
		w.same("by uris", all, []*communities.Actor{g, far})

		w.refused(communities.KindConflict, func(tx *Tx) error {
			return tx.CreateActor(ctx, &communities.Actor{ID: communities.ActorID(w.id()), Name: "plein", URI: "https://here.example/u/plein"})
		})
		w.refused(communities.KindConflict, func(tx *Tx) error {
			return tx.CreateActor(ctx, &communities.Actor{ID: communities.ActorID(w.id()), Name: "other", URI: far.URI, Host: "far.example"})
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.UpdateActor(ctx, &communities.Actor{ID: 7}) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.ActorByURI(ctx, "https://no.example"); return err })

		g.DisplayName, g.Summary, g.SuspendedAt, g.DeletedAt = "Het plein", "a\x00b\xff", time.Time{}, time.Time{}
		changed := *g
		changed.URI, changed.FollowersCount = "https://else.example", 12
		w.write(func(tx *Tx) error { return tx.UpdateActor(ctx, &changed) })
		g.Summary = "ab\uFFFD"
		w.same("updated", w.readActor(g.ID), g)
	})
}

func TestAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		a := &communities.Account{Actor: anna.ID, Email: "a@x.example", PasswordHash: "h", Role: communities.RoleAdmin, Locale: "nl", CreatedAt: day}
		b := &communities.Account{Actor: bert.ID, Email: "b@x.example", Role: communities.RoleResident, CreatedAt: day, DisabledAt: day}
		w.write(func(tx *Tx) error { return errors.Join(tx.PutAccount(ctx, a), tx.PutAccount(ctx, b)) })
		got, err := db.Account(ctx, bert.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("account", got, b)
		clash := *b
		clash.Email = a.Email
		w.refused(communities.KindConflict, func(tx *Tx) error { return tx.PutAccount(ctx, &clash) })
		b.Role, b.DisabledAt = communities.RoleNodeModerator, time.Time{}
		w.write(func(tx *Tx) error { return tx.PutAccount(ctx, b) })
		if got, err = db.AccountByEmail(ctx, b.Email); err != nil {
			t.Fatal(err)
		}
		w.same("replaced", got, b)
		for role, want := range map[communities.NodeRole][]*communities.Actor{
			communities.RoleAdmin: {anna}, communities.RoleNodeModerator: {anna, bert},
		} {
			staff, err := db.Staff(ctx, role)
			if err != nil {
				t.Fatal(err)
			}
			w.same("staff", staff, want)
		}
	})
}

func TestFollows(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "far", "far.example")
		f := &communities.Follow{ID: 5, Follower: far.ID, Followee: anna.ID, URI: "https://far.example/f/1", CreatedAt: day}
		counts := func(followers, following int) {
			t.Helper()
			if got := w.readActor(anna.ID).FollowersCount; got != followers {
				t.Errorf("followers %d, want %d", got, followers)
			}
			if got := w.readActor(far.ID).FollowingCount; got != following {
				t.Errorf("following %d, want %d", got, following)
			}
		}
		put := func() { t.Helper(); w.write(func(tx *Tx) error { return tx.PutFollow(ctx, f) }) }
		put()
		counts(0, 0)
		f.Accepted, f.URI = true, "https://far.example/f/2"
		put()
		put()
		counts(1, 1)
		got, err := db.Follow(ctx, far.ID, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("follow", got, f)
		if got, err = db.FollowByURI(ctx, f.URI); err != nil {
			t.Fatal(err)
		}
		w.same("by uri", got, f)
		f.Accepted = false
		put()
		counts(0, 0)
		f.Accepted = true
		put()
		w.write(func(tx *Tx) error { return tx.DeleteFollow(ctx, far.ID, anna.ID) })
		counts(0, 0)
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteFollow(ctx, far.ID, anna.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.Follow(ctx, far.ID, anna.ID); return err })
	})
}

func TestGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := w.actor(communities.Group, "plein", "")
		a, b, c := w.actor(communities.Person, "a", ""), w.actor(communities.Person, "b", ""), w.actor(communities.Person, "c", "")
		mod := &communities.Membership{Group: g.ID, Person: a.ID, Role: communities.RoleModerator, CreatedAt: day}
		owner := &communities.Membership{Group: g.ID, Person: b.ID, Role: communities.RoleMember, Pending: true, CreatedAt: day}
		w.write(func(tx *Tx) error {
			return errors.Join(tx.PutMembership(ctx, mod), tx.PutMembership(ctx, owner),
				tx.PutMembership(ctx, &communities.Membership{Group: g.ID, Person: c.ID, Role: communities.RoleManager, Pending: true, CreatedAt: day}))
		})
		owner.Role, owner.Pending = communities.RoleOwner, false
		w.write(func(tx *Tx) error { return tx.PutMembership(ctx, owner) })
		got, err := db.Membership(ctx, g.ID, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("membership", got, owner)
		mods, err := db.Moderators(ctx, g.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("moderators", mods, []*communities.Membership{owner, mod})
		w.write(func(tx *Tx) error { return tx.DeleteMembership(ctx, g.ID, a.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteMembership(ctx, g.ID, a.ID) })

		ban := &communities.Ban{Group: 0, Person: c.ID, By: b.ID, Reason: "spam", CreatedAt: day}
		w.write(func(tx *Tx) error { return tx.PutBan(ctx, ban) })
		ban.Until = day.Add(time.Hour)
		w.write(func(tx *Tx) error { return tx.PutBan(ctx, ban) })
		gotBan, err := db.Ban(ctx, 0, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("ban", gotBan, ban)
		w.write(func(tx *Tx) error { return tx.DeleteBan(ctx, 0, c.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteBan(ctx, 0, c.ID) })

		block := &communities.Block{Blocker: a.ID, Blocked: b.ID, URI: "https://x.example/b", CreatedAt: day}
		w.write(func(tx *Tx) error { return errors.Join(tx.PutBlock(ctx, block), tx.PutBlock(ctx, block)) })
		gotBlock, err := db.Block(ctx, a.ID, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.same("block", gotBlock, block)
		for pair, want := range map[[2]communities.ActorID]bool{{a.ID, b.ID}: true, {b.ID, a.ID}: true, {a.ID, c.ID}: false} {
			if got, err := db.BlockBetween(ctx, pair[0], pair[1]); err != nil || got != want {
				t.Errorf("block between %v: %v, %v", pair, got, err)
			}
		}
		w.write(func(tx *Tx) error { return tx.DeleteBlock(ctx, a.ID, b.ID) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.DeleteBlock(ctx, a.ID, b.ID) })
	})
}

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
			return errors.Join(err, err2, tx.CastVotes(ctx, p.ID, bert.ID, []int{0}, day), tx.AddToHomes(ctx, p.ID, anna.ID),
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

func TestNotificationsAndReports(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		n := &communities.Notification{ID: 9, Recipient: anna.ID, Kind: communities.NotifyFollow, From: bert.ID, CreatedAt: day}
		for _, want := range []bool{true, false} {
			w.write(func(tx *Tx) error {
				created, err := tx.PutNotification(ctx, n)
				if created != want {
					t.Errorf("created %v, want %v", created, want)
				}
				n.ID++
				return err
			})
		}
		r := &communities.Report{
			ID: 4, URI: "https://x.example/r", Reporter: anna.ID, Target: bert.ID, Posts: []communities.PostID{1, 2}, Category: "spam",
			Comment: "c", Forward: true, CreatedAt: day,
		}
		w.write(func(tx *Tx) error { return tx.CreateReport(ctx, r) })
		w.refused(communities.KindConflict, func(tx *Tx) error { return tx.CreateReport(ctx, r) })
		if open, err := db.OpenReports(ctx); err != nil || len(open) != 1 {
			t.Errorf("open reports: %v, %v", open, err)
		}
		w.write(func(tx *Tx) error { return tx.ResolveReport(ctx, r.ID, bert.ID, day) })
		got, err := db.Report(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		r.ResolvedAt, r.ResolvedBy = day, bert.ID
		w.same("report", got, r)
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.ResolveReport(ctx, 77, bert.ID, day) })
	})
}

func TestHomes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, carl := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "carl", "")
		far := w.actor(communities.Person, "far", "far.example")
		w.follow(bert, anna, true)
		w.follow(carl, anna, false)
		w.follow(far, anna, true)
		w.follow(bert, far, true)
		p, q := w.post(anna, nil), w.post(far, nil)
		for range 2 {
			w.write(func(tx *Tx) error {
				return errors.Join(tx.AddToHomes(ctx, p.ID, anna.ID), tx.AddToHomes(ctx, q.ID, far.ID))
			})
		}
		var got []string
		if err := db.idb.NewRaw("SELECT a.name || ' ' || CASE WHEN post_id = ? THEN 'p' ELSE 'q' END FROM home_entries JOIN actors AS a ON a.id = owner_id ORDER BY 1", p.ID).Scan(ctx, &got); err != nil {
			t.Fatal(err)
		}
		w.same("homes", got, []string{"anna p", "bert p", "bert q"})
	})
}

func TestWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		broken := errors.New("broken")
		nudged := 0
		err := db.Write(ctx, func(tx communities.Tx) error {
			tx.AfterCommit(func() { nudged++ })
			if err := tx.CreateActor(ctx, &communities.Actor{ID: 1, Name: "a", URI: "a", CreatedAt: day}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || nudged != 0 {
			t.Errorf("%v, nudged %d", err, nudged)
		}
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.Actor(ctx, 1); return err })
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(ctx, func(communities.Tx) error { panic("oops") })
		}()
		w.write(func(tx *Tx) error { tx.AfterCommit(func() { nudged++ }); return nil })
		if nudged != 1 {
			t.Errorf("nudged %d times", nudged)
		}
		cancelled, cancel := context.WithCancel(ctx)
		err = db.Write(cancelled, func(tx communities.Tx) error { cancel(); _, err := tx.Actor(cancelled, 1); return err })
		if err == nil {
			t.Error("a cancelled transaction was committed")
		}
	})
}
