package storage

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

// ids names the posts of views by their titles, for tables.
func titles(views []*View) []string {
	list := []string{}
	for _, v := range views {
		list = append(list, v.Post.Title)
	}
	return list
}

func (w world) titled(author *communities.Actor, title string, change func(*communities.Post)) *communities.Post {
	w.Helper()
	return w.post(author, func(p *communities.Post) {
		if change != nil {
			change(p)
		}
		p.Title = title
	})
}

func (w world) shows(what string, got []*View, err error, want ...string) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	if want == nil {
		want = []string{}
	}
	w.same(what, titles(got), want)
}

func TestTimelines(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g := w.actor(communities.Group, "plein", "")
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		far := w.actor(communities.Person, "far", "far.example")
		in := func(p *communities.Post) { p.Group = g.ID }
		a := w.titled(anna, "a", in)
		b := w.titled(far, "b", func(p *communities.Post) { in(p); p.Hashtags = []string{"fiets"} })
		c := w.titled(anna, "c", func(p *communities.Post) { in(p); p.Visibility = communities.Unlisted; p.PinnedAt = day })
		d := w.titled(bert, "d", func(p *communities.Post) {
			p.Hashtags = []string{"fiets"}
			p.Attachments = []communities.Attachment{{URL: "u"}}
		})
		reply := w.titled(bert, "reply", func(p *communities.Post) { answering(a)(p); p.CreatedAt = day.Add(time.Hour) })
		w.titled(bert, "secret", func(p *communities.Post) { p.Visibility = communities.Direct })
		boost := w.boost(bert, a)
		anybody, eyes := db.As(communities.Viewer{}), db.As(communities.Viewer{Actor: anna.ID})

		v, err := anybody.GroupThreads(ctx, g.ID, SortNew, Page{})
		w.shows("new", v, err, "c", "b", "a")
		if v[2].Author.ID != anna.ID || v[2].Group.ID != g.ID {
			t.Error("without company")
		}
		v, err = anybody.GroupThreads(ctx, g.ID, SortActive, Page{})
		w.shows("active", v, err, "a", "c", "b")
		v, err = anybody.GroupThreads(ctx, g.ID, SortActive, Page{MaxID: int64(a.ID), Limit: 1})
		w.shows("active, second page", v, err, "c")
		v, err = anybody.Pinned(ctx, g.ID)
		w.shows("pinned", v, err, "c")
		v, err = anybody.PublicThreads(ctx, Page{})
		w.shows("public", v, err, "d", "b", "a")
		v, err = anybody.LocalThreads(ctx, Page{})
		w.shows("local", v, err, "d", "a")
		v, err = anybody.PublicThreads(ctx, Page{MaxID: int64(d.ID), Limit: 1})
		w.shows("below", v, err, "b")
		v, err = anybody.PublicThreads(ctx, Page{SinceID: int64(a.ID)})
		w.shows("since", v, err, "d", "b")
		v, err = anybody.PublicThreads(ctx, Page{MinID: int64(a.ID), Limit: 1})
		w.shows("next above", v, err, "b")
		v, err = anybody.Hashtag(ctx, "fiets", Page{})
		w.shows("hashtag", v, err, "d", "b")
		v, err = anybody.PostsOf(ctx, bert.ID, Page{}, WithoutBoosts)
		w.shows("of bert", v, err, "reply", "d")
		v, err = anybody.PostsOf(ctx, bert.ID, Page{}, WithoutReplies, WithoutBoosts, OnlyMedia)
		w.shows("media of bert", v, err, "d")
		v, err = db.As(communities.Viewer{Actor: bert.ID}).Outbox(ctx, bert.ID, 50)
		w.shows("outbox", v, err, "", "reply", "d")
		if v[0].Boosted == nil || v[0].Boosted.Post.ID != a.ID || v[0].Boosted.Author.ID != anna.ID {
			t.Error("what is shared is missing")
		}
		v, err = anybody.Replies(ctx, a.ID, Page{})
		w.shows("replies", v, err, "reply")
		if v[0].ReplyTo != anna.ID {
			t.Error("whom it answers is missing")
		}

		w.write(func(tx *Tx) error {
			_, err := tx.PutReaction(ctx, &communities.Reaction{Post: d.ID, Actor: anna.ID, Kind: communities.Favourite, CreatedAt: day})
			return errors.Join(err, atHomes(ctx, tx, a, anna), tx.PutFollow(ctx, &communities.Follow{ID: 1, Follower: anna.ID, Followee: bert.ID, Accepted: true}),
				atHomes(ctx, tx, d, bert), atHomes(ctx, tx, boost, bert))
		})
		v, err = eyes.Home(ctx, Page{})
		w.shows("home", v, err, "", "d", "a")
		if !v[1].Favourited || v[2].Favourited {
			t.Error("the viewer's favourites are wrong")
		}
		if p, err := db.As(communities.Viewer{Actor: bert.ID}).Post(ctx, a.ID); err != nil || p.Boost != boost.ID {
			t.Errorf("the viewer's boost: %v", err)
		}

		w.write(func(tx *Tx) error {
			return tx.PutBlock(ctx, &communities.Block{Blocker: anna.ID, Blocked: bert.ID, CreatedAt: day})
		})
		v, err = eyes.Home(ctx, Page{})
		w.shows("home without whom she blocked", v, err, "a")
		if _, err := db.As(communities.Viewer{Actor: bert.ID}).Post(ctx, a.ID); !communities.IsNotFound(err) {
			t.Errorf("a post over a block: %v", err)
		}
		_, _, _ = b, c, reply
	})
}

func TestThreads(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		root := w.titled(anna, "root", nil)
		gone := w.titled(bert, "gone", answering(root))
		w.titled(anna, "below gone", answering(gone))
		removed := w.titled(bert, "removed", answering(root))
		w.titled(anna, "below removed", answering(removed))
		lone := w.titled(bert, "lone", answering(root))
		w.titled(bert, "private", func(p *communities.Post) { answering(root)(p); p.Visibility = communities.Direct })
		w.write(func(tx *Tx) error {
			p, err := tx.Post(ctx, removed.ID)
			if err != nil {
				return err
			}
			p.Removal = communities.Removal{At: day, By: anna.ID, Reason: "rude"}
			return errors.Join(tx.UpdatePost(ctx, p), tx.DeletePost(ctx, gone.ID, day), tx.DeletePost(ctx, lone.ID, day))
		})
		anybody, author := db.As(communities.Viewer{}), db.As(communities.Viewer{Actor: bert.ID})
		v, err := anybody.Thread(ctx, root.ID)
		w.shows("thread", v, err, "root", "", "below gone", "", "below removed")
		if !v[1].Post.Deleted() || v[1].Author != nil || !v[3].Withheld || v[3].Post.Content != "" || v[3].Author != nil || v[3].Post.Removal.Reason != "" {
			t.Errorf("traces say too much: %+v, %+v", v[1], v[3])
		}
		v, err = author.Thread(ctx, root.ID)
		w.shows("as its author", v, err, "root", "", "below gone", "removed", "below removed", "private")
		v, total, err := anybody.ThreadPage(ctx, root.ID, Page{MinID: int64(gone.ID), Limit: 2})
		w.shows("page", v, err, "below gone", "")
		if total != 3 {
			t.Errorf("%d posts to be seen, want 3", total)
		}
		if p, err := anybody.Post(ctx, gone.ID); err != nil || !p.Post.Deleted() {
			t.Errorf("tombstone: %v", err)
		}
		if _, err := anybody.Post(ctx, removed.ID); !communities.IsNotFound(err) {
			t.Errorf("removed: %v", err)
		}
	})
}

func TestSearch(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, shy := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "shy", "")
		w.write(func(tx *Tx) error { shy.Indexable = false; return tx.UpdateActor(ctx, shy) })
		one := w.titled(anna, "Fietspad", func(p *communities.Post) {
			p.Content = `<p>Het <b>fiets</b>pad bij het caf&eacute; is&nbsp;glad</p><p>It's 100% <a href="https://x.example">gevaarlijk</a></p>`
		})
		two := w.titled(anna, "Markt", func(p *communities.Post) { p.Content = "<p>Café open, 2e kerstdag; ÎLE 日本語</p>" })
		w.titled(shy, "Verlegen", func(p *communities.Post) { p.Content = "<p>gevaarlijk café</p>" })
		w.titled(anna, "Geheim", func(p *communities.Post) { p.Content, p.Visibility = "<p>café</p>", communities.Direct })
		anybody := db.As(communities.Viewer{})
		for query, want := range map[string][]string{
			"cafe": {"Markt", "Fietspad"}, "CAFÉ": {"Markt", "Fietspad"}, "caf": {"Markt", "Fietspad"}, "fietspad glad": {"Fietspad"},
			"gevaarlijk": {"Fietspad"}, "fiet": {"Fietspad"}, "afe": {}, "ile 日本": {"Markt"}, "href": {}, "nbsp": {},
			"": {}, "  \t": {}, `"`: {}, `'`: {}, "*": {}, "a OR b": {}, "cafe NOT open": {}, "NEAR(cafe open)": {}, "cafe:*": {"Markt", "Fietspad"},
			"& | ! ( ) :* <->": {}, `\`: {}, "--": {}, "post_texts:cafe": {}, strings.Repeat("x ", 500): {}, strings.Repeat("é", 5000): {}, "\x00cafe": {"Markt", "Fietspad"},
			"it's 100%": {"Fietspad"}, "1e5": {}, "-1": {"Fietspad"}, "\xff\xfe": {}, "😀": {}, "½": {},
		} {
			v, err := anybody.Search(ctx, query, Page{})
			w.shows(fmt.Sprintf("search %.40q", query), v, err, want...)
		}
		v, err := db.As(communities.Viewer{Actor: shy.ID}).Search(ctx, "gevaarlijk", Page{})
		w.shows("as the author", v, err, "Verlegen", "Fietspad")
		v, err = anybody.Search(ctx, "cafe", Page{MaxID: int64(two.ID)})
		w.shows("below", v, err, "Fietspad")

		changed := w.readPost(one.ID)
		changed.Title, changed.Content = "Anders", "<p>iets anders</p>"
		w.write(func(tx *Tx) error { return errors.Join(tx.UpdatePost(ctx, changed), tx.DeletePost(ctx, two.ID, day)) })
		v, err = anybody.Search(ctx, "cafe", Page{})
		w.shows("after changes", v, err)
		v, err = anybody.Search(ctx, "anders", Page{})
		w.shows("what it says now", v, err, "Anders")
	})
}

func TestPeople(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "annie", "far.example")
		g := w.actor(communities.Group, "plein", "")
		w.write(func(tx *Tx) error { g.Discoverable = true; return tx.UpdateActor(ctx, g) })
		w.follow(bert, anna, true)
		w.follow(far, anna, true)
		w.follow(g, anna, false)
		p := w.post(anna, nil)
		w.boost(bert, p)
		w.write(func(tx *Tx) error {
			_, err := tx.PutReaction(ctx, &communities.Reaction{Post: p.ID, Actor: far.ID, Kind: communities.Favourite, CreatedAt: day})
			for i, n := range []*communities.Notification{
				{Kind: communities.NotifyFavourite, From: far.ID, Post: p.ID}, {Kind: communities.NotifyFollow, From: bert.ID}, {Kind: communities.NotifyJoinRequest, From: far.ID, Group: g.ID},
			} {
				n.ID, n.Recipient, n.CreatedAt = communities.NotificationID(i+1), anna.ID, day
				_, err2 := tx.PutNotification(ctx, n)
				err = errors.Join(err, err2)
			}
			return err
		})
		eyes := db.As(communities.Viewer{Actor: anna.ID})
		names := func(edges []Edge, err error) []string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			list := []string{}
			for _, e := range edges {
				list = append(list, e.Actor.Name)
			}
			return list
		}
		w.same("followers", names(eyes.Followers(ctx, anna.ID, Page{})), []string{"annie", "bert"})
		w.same("following", names(eyes.Following(ctx, far.ID, Page{})), []string{"anna"})
		w.same("requests", names(eyes.FollowRequests(ctx, Page{})), []string{"plein"})
		w.same("favourites", names(eyes.Reactions(ctx, p.ID, communities.Favourite, Page{})), []string{"annie"})
		w.same("boosters", names(eyes.Boosters(ctx, p.ID, Page{})), []string{"bert"})
		if groups, err := eyes.Groups(ctx); err != nil || len(groups) != 1 {
			t.Errorf("groups %v, %v", groups, err)
		}
		if found, err := eyes.FindActors(ctx, "@ANN", 5); err != nil || len(found) != 2 || found[0].ID != anna.ID {
			t.Errorf("found %v, %v", found, err)
		}
		notices, err := eyes.Notifications(ctx, Page{})
		if err != nil || len(notices) != 3 || notices[0].Group == nil || notices[0].From.ID != far.ID || notices[2].Post == nil {
			t.Errorf("notices %v, %v", notices, err)
		}
		w.write(func(tx *Tx) error { far.SuspendedAt = day; return tx.UpdateActor(ctx, far) })
		if notices, err = eyes.Notifications(ctx, Page{}); err != nil || len(notices) != 1 {
			t.Errorf("notices %v, %v", notices, err)
		}
		counts, err := db.Counts(ctx, day.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		w.same("counts", counts, Counts{People: 2, ActiveMonth: 2, ActiveHalfYear: 2, Threads: 1})
		depths, err := db.QueueDepths(ctx)
		if err != nil || len(depths) != 3 {
			t.Errorf("depths %v, %v", depths, err)
		}
	})
}

func TestEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		g, anna := w.actor(communities.Group, "plein", ""), w.actor(communities.Person, "anna", "")
		for title, hours := range map[string][2]int{"over": {-5, -4}, "on": {-1, 1}, "next": {2, 3}} {
			w.titled(anna, title, func(p *communities.Post) {
				p.Kind, p.Group = communities.Happening, g.ID
				p.Event = &communities.Event{StartsAt: day.Add(time.Duration(hours[0]) * time.Hour), EndsAt: day.Add(time.Duration(hours[1]) * time.Hour)}
			})
		}
		v, err := db.As(communities.Viewer{}).Events(ctx, g.ID, day, 10)
		w.shows("agenda", v, err, "on", "next")
	})
}
