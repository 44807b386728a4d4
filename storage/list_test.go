package storage

import (
	"context"
	"fmt"
	"testing"

	"meent/communities"
)

// arrives stores a post and brings it where it belongs.
func (w world) arrives(author *communities.Actor, change func(*communities.Post), replyTo *communities.Actor) (p *communities.Post, told []communities.ActorID) {
	w.Helper()
	id := communities.PostID(w.id())
	p = &communities.Post{
		ID: id, URI: fmt.Sprintf("https://here.example/p/%d", id), Kind: communities.Discussion, Author: author.ID, Thread: id,
		Visibility: communities.Public, CreatedAt: day,
	}
	if change != nil {
		change(p)
	}
	w.write(func(tx *Tx) (err error) {
		if err = tx.CreatePost(w.Context(), p); err != nil {
			return err
		}
		a := communities.Arrival{Post: p, By: author.ID, Group: author.IsGroup(), Language: p.Language}
		if replyTo != nil {
			a.ReplyTo = replyTo.ID
		}
		told, err = tx.AddToHomes(w.Context(), a)
		return err
	})
	return p, told
}

// has tells whether a timeline shows a post.
func (w world) has(p *communities.Post, read func(context.Context, Page) ([]*View, error)) bool {
	w.Helper()
	views, err := read(w.Context(), Page{})
	if err != nil {
		w.Fatal(err)
	}
	for _, v := range views {
		if v.Post.ID == p.ID {
			return true
		}
	}
	return false
}

func (w world) wish(follower, followee *communities.Actor, wishes communities.Wishes) {
	w.Helper()
	w.write(func(tx *Tx) error {
		f, err := tx.Follow(w.Context(), follower.ID, followee.ID)
		if err != nil {
			return err
		}
		f.Wishes = wishes
		return tx.PutFollow(w.Context(), f)
	})
}

// What somebody wants of whom they follow decides what comes to their home, and nothing else does.
func TestWishes(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		group := w.actor(communities.Group, "fietsen", "")
		w.follow(bert, anna, true)
		w.follow(bert, group, true)
		home := db.As(communities.Viewer{Actor: bert.ID}).Home
		dutch := func(p *communities.Post) { p.Language = "nl" }
		german := func(p *communities.Post) { p.Language = "de" }
		original, _ := w.arrives(w.actor(communities.Person, "carl", ""), nil, nil)
		boost := func(p *communities.Post) { p.Kind, p.BoostOf = communities.Boost, original.ID }
		for _, test := range []struct {
			name   string
			wishes communities.Wishes
			by     *communities.Actor
			post   func(*communities.Post)
			there  bool
			told   int
		}{
			{"nothing", communities.Wishes{}, anna, dutch, true, 0},
			{"nothing, a boost", communities.Wishes{}, anna, boost, true, 0},
			{"no boosts", communities.Wishes{NoBoosts: true}, anna, boost, false, 0},
			{"no boosts, a post", communities.Wishes{NoBoosts: true}, anna, nil, true, 0},
			{"no boosts, of a group", communities.Wishes{NoBoosts: true}, group, boost, true, 0},
			{"Dutch", communities.Wishes{Languages: []string{"nl", "fy"}}, anna, dutch, true, 0},
			{"Dutch, but German", communities.Wishes{Languages: []string{"nl", "fy"}}, anna, german, false, 0},
			{"Dutch, or unknown", communities.Wishes{Languages: []string{"nl"}}, anna, nil, true, 0},
			{"told", communities.Wishes{Notify: true}, anna, nil, true, 1},
			{"told of no boosts", communities.Wishes{Notify: true}, anna, boost, true, 0},
			{"told of a group", communities.Wishes{Notify: true}, group, boost, true, 1},
			{"nothing again", communities.Wishes{}, anna, german, true, 0},
		} {
			w.wish(bert, test.by, test.wishes)
			p, told := w.arrives(test.by, test.post, nil)
			if got := w.has(p, home); got != test.there || len(told) != test.told {
				t.Errorf("%s: at home %v, want %v; %d are told, want %d", test.name, got, test.there, len(told), test.told)
			}
		}
	})
}

// A list holds what its members say, and an exclusive one keeps it off home, as long as the owner follows them.
func TestLists(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert, carl := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "carl", "")
		stranger := w.actor(communities.Person, "dora", "")
		w.follow(anna, bert, true)
		w.follow(anna, carl, true)
		r := db.As(communities.Viewer{Actor: anna.ID})
		l := List{ID: ListID(w.id()), Owner: anna.ID, Title: "Vrienden", Replies: RepliesList}
		timeline := func(ctx context.Context, page Page) ([]*View, error) { return r.ListTimeline(ctx, l.ID, page) }
		early, _ := w.arrives(bert, nil, nil)
		w.write(func(tx *Tx) error { return tx.PutList(ctx, l, nil) })
		add := func(who *communities.Actor) func(*Tx) error {
			return func(tx *Tx) error { return tx.AddToList(ctx, l, 2, who.ID) }
		}
		w.write(add(bert))
		w.refused(communities.KindConflict, add(bert))
		w.refused(communities.KindNotFound, add(stranger))
		if !w.has(early, timeline) {
			t.Error("a list does not begin with what a member said before")
		}

		for _, test := range []struct {
			policy Replies
			to     *communities.Actor
			there  bool
		}{
			{RepliesList, bert, true},
			{RepliesList, anna, true},
			{RepliesList, carl, false},
			{RepliesFollowed, carl, true},
			{RepliesFollowed, stranger, false},
			{RepliesNone, carl, false},
			{RepliesNone, anna, true},
			{RepliesNone, bert, true},
		} {
			was := l
			l.Replies = test.policy
			w.write(func(tx *Tx) error { return tx.PutList(ctx, l, &was) })
			answer, _ := w.arrives(bert, func(p *communities.Post) { p.InReplyToURI = "https://here.example/p/x" }, test.to)
			if got := w.has(answer, timeline); got != test.there {
				t.Errorf("%s, an answer to %s: %v", test.policy, test.to.Name, got)
			}
			if got := w.has(answer, r.Home); got != (test.to == bert) {
				t.Errorf("an answer to %s at home: %v", test.to.Name, got)
			}
		}

		exclusive := func(on bool) {
			was := l
			l.Exclusive = on
			w.write(func(tx *Tx) error { return tx.PutList(ctx, l, &was) })
		}
		exclusive(true)
		later, _ := w.arrives(bert, nil, nil)
		if w.has(early, r.Home) || w.has(later, r.Home) || !w.has(later, timeline) {
			t.Error("an exclusive list does not keep its members off home")
		}
		exclusive(false)
		if !w.has(early, r.Home) || !w.has(later, r.Home) {
			t.Error("they do not come back")
		}
		exclusive(true)
		w.write(func(tx *Tx) error { return tx.RemoveFromList(ctx, l, bert.ID) })
		last, _ := w.arrives(bert, nil, nil)
		if !w.has(last, r.Home) || w.has(last, timeline) || w.has(early, timeline) {
			t.Error("who left an exclusive list does not come home")
		}
		w.write(add(bert))
		w.write(func(tx *Tx) error { return tx.DeleteFollow(ctx, anna.ID, bert.ID) })
		if members, err := r.ListMembers(ctx, l.ID, Page{}); err != nil || len(members) != 0 || w.has(early, timeline) {
			t.Errorf("who is not followed is in a list: %v", err)
		}
		w.write(func(tx *Tx) error { return tx.DeleteList(ctx, l) })
		if _, err := r.List(ctx, l.ID); !communities.IsNotFound(err) {
			t.Error(err)
		}
	})
}

// A group off home still has its threads in its own list, which is read from the group.
func TestExclusiveGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, group := w.actor(communities.Person, "anna", ""), w.actor(communities.Group, "fietsen", "")
		w.follow(anna, group, true)
		r := db.As(communities.Viewer{Actor: anna.ID})
		before, _ := w.arrives(group, nil, nil)
		w.write(func(tx *Tx) error { return tx.SetExclusive(ctx, anna.ID, group.ID, true) })
		after, _ := w.arrives(group, nil, nil)
		if w.has(before, r.Home) || w.has(after, r.Home) {
			t.Error("the group is still at home")
		}
		if off, err := r.ExclusiveGroups(ctx); err != nil || !off[group.ID] {
			t.Errorf("%v %v", off, err)
		}
		w.wish(anna, group, communities.Wishes{}) // to follow again changes nothing
		again, _ := w.arrives(group, nil, nil)
		if w.has(again, r.Home) {
			t.Error("the group came home")
		}
		w.write(func(tx *Tx) error { return tx.SetExclusive(ctx, anna.ID, group.ID, false) })
		if !w.has(before, r.Home) || !w.has(again, r.Home) {
			t.Error("the group does not come back")
		}
	})
}

// A hashtag that is followed brings public posts home, whoever wrote them, and only those.
func TestFollowedTags(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		anna, bert := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", "")
		r := db.As(communities.Viewer{Actor: anna.ID})
		tagged := func(v communities.Visibility) func(*communities.Post) {
			return func(p *communities.Post) { p.Visibility, p.Hashtags = v, []string{"fiets", "markt"} }
		}
		follow := func(tx *Tx) error { return tx.FollowTag(ctx, anna.ID, "fiets", 1) }
		w.write(follow)
		w.write(follow)
		w.refused(communities.KindInvalid, func(tx *Tx) error { return tx.FollowTag(ctx, anna.ID, "markt", 1) })
		for v, there := range map[communities.Visibility]bool{communities.Public: true, communities.Unlisted: false, communities.Followers: false} {
			p, _ := w.arrives(bert, tagged(v), nil)
			if w.has(p, r.Home) != there {
				t.Errorf("%s: %v", v, !there)
			}
		}
		answer, _ := w.arrives(bert, func(p *communities.Post) { tagged(communities.Public)(p); p.InReplyToURI = "x" }, anna)
		if !w.has(answer, r.Home) {
			t.Error("an answer with the hashtag is missing")
		}
		if tags, err := r.FollowedTags(ctx, Page{}); err != nil || len(tags) != 1 || tags[0].Name != "fiets" {
			t.Errorf("%v %v", tags, err)
		}
		w.write(func(tx *Tx) error { return tx.UnfollowTag(ctx, anna.ID, "fiets") })
		p, _ := w.arrives(bert, tagged(communities.Public), nil)
		if w.has(p, r.Home) {
			t.Error("it still comes")
		}
		w.write(func(tx *Tx) error { return tx.FeatureTag(ctx, bert.ID, "markt", 3) })
		shown, err := r.FeaturedTags(ctx, bert.ID)
		if err != nil || len(shown) != 1 || shown[0].Posts != 4 || !shown[0].LastPostAt.Equal(day) {
			t.Errorf("%+v %v", shown, err)
		}
		if used, err := db.As(communities.Viewer{Actor: bert.ID}).UsedTags(ctx, 10); err != nil || len(used) != 1 || used[0] != "fiets" {
			t.Errorf("%v %v", used, err)
		}
	})
}
