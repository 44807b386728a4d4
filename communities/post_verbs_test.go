package communities_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "meent/communities"
)

func TestEdit(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		edit := func(id PostID, d Draft) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.Edit(v.Context(), tx, id, d)
				return err
			}
		}
		root := v.publish(Draft{Author: cas.ID, Source: "root"})
		p := v.publish(Draft{Author: ann.ID, InReplyTo: root.ID, Source: "one", Visibility: Unlisted})
		v.news()
		v.later(time.Minute)
		v.run(edit(p.ID, Draft{Author: ann.ID, Source: "two for @bob", Visibility: Direct, Warning: "careful"}))
		v.tells("Edited")
		v.run(edit(p.ID, Draft{Author: ann.ID, Source: "two for @bob", Warning: "careful"}))
		v.tells("") // nothing changed
		v.later(time.Minute)
		v.run(edit(p.ID, Draft{Author: ann.ID, Source: "three"}))
		v.news()
		stored := v.post(p.ID)
		if stored.Source != "three" || stored.Visibility != Unlisted || stored.Warning != "" || !stored.EditedAt.Equal(v.now()) {
			t.Errorf("stored %+v", stored)
		}
		if !stored.MentionsActor(cas.ID) || stored.MentionsActor(bob.ID) {
			t.Errorf("mentions: %+v", stored.Mentions)
		}
		revisions := do(v, func(tx Tx) ([]*Revision, error) { return tx.Revisions(v.Context(), p.ID) })
		var said []string
		for _, r := range revisions {
			said = append(said, r.Source)
		}
		if !cmp.Equal(said, []string{"one", "two for @bob", "three"}) || !revisions[0].CreatedAt.Equal(p.CreatedAt) {
			t.Errorf("revisions: %q", said)
		}
		if got := v.notified(bob); got != "mention ann" {
			t.Errorf("notified: %q", got)
		}
		v.refuses(KindForbidden, "only the author", edit(p.ID, Draft{Author: bob.ID, Source: "mine"}))
		v.refuses(KindInvalid, "write something", edit(p.ID, Draft{Author: ann.ID}))
		poll := v.publish(Draft{Author: ann.ID, Source: "?", Poll: &Poll{Options: []Option{{Title: "a"}, {Title: "b"}}}})
		v.run(edit(poll.ID, Draft{Author: ann.ID, Source: "??"}))
		if got := v.post(poll.ID); got.Kind != Question || len(got.Poll.Options) != 2 {
			t.Errorf("the poll is gone: %+v", got)
		}
		v.refuses(KindInvalid, "a poll is added to a new post", edit(p.ID, Draft{Author: ann.ID, Source: "three", Poll: &Poll{Options: []Option{{Title: "a"}, {Title: "c"}}}}))
	})
}

// A poll that asks something else begins anew; one that only ends later keeps its votes.
func TestEditPoll(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		options := func(titles ...string) *Poll {
			poll := &Poll{ClosesAt: v.now().Add(time.Hour)}
			for _, title := range titles {
				poll.Options = append(poll.Options, Option{Title: title})
			}
			return poll
		}
		p := v.publish(Draft{Author: ann.ID, Source: "?", Poll: options("a", "b")})
		edit := func(poll *Poll) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.Edit(v.Context(), tx, p.ID, Draft{Author: ann.ID, Source: "?", Poll: poll})
				return err
			}
		}
		vote := func(tx Tx) error {
			_, err := v.town.Vote(v.Context(), tx, Ballot{Post: p.ID, Voter: bob.ID, Options: []int{1}})
			return err
		}
		v.run(vote)
		v.later(time.Minute)
		v.run(edit(options("a", "b")))
		if got := v.post(p.ID).Poll; got.VotersCount != 1 || got.Options[1].Votes != 1 || !got.ClosesAt.Equal(v.now().Add(time.Hour)) {
			t.Errorf("ends later: %+v", got)
		}
		v.later(time.Minute)
		v.run(edit(options("a", "c", "d")))
		if got := v.post(p.ID).Poll; got.VotersCount != 0 || len(got.Options) != 3 || got.Options[1] != (Option{Title: "c"}) {
			t.Errorf("asks something else: %+v", got)
		}
		v.run(vote)
		v.refuses(KindInvalid, "options of a poll differ", edit(options("a", "a")))
		v.later(2 * time.Hour)
		v.refuses(KindInvalid, "closed", edit(options("x", "y")))
		revisions := do(v, func(tx Tx) ([]*Revision, error) { return tx.Revisions(v.Context(), p.ID) })
		if n := len(revisions); n < 2 || !cmp.Equal(revisions[n-1].Options, []string{"a", "c", "d"}) || !cmp.Equal(revisions[0].Options, []string{"a", "b"}) {
			t.Errorf("revisions %+v", revisions)
		}
	})
}

func TestEditFromElsewhere(t *testing.T) {
	inVillage(t, func(v *village) {
		eve, mal := v.stranger(Person, "eve", "far.example"), v.stranger(Person, "mal", "far.example")
		p := v.publish(from(eve, "/1", "<p>one</p>"))
		edit := func(by *Actor, content string, at time.Time) func(Tx) error {
			return func(tx Tx) error {
				d := from(by, "/1", content)
				d.EditedAt = at
				_, err := v.town.Edit(v.Context(), tx, p.ID, d)
				return err
			}
		}
		v.later(time.Hour)
		v.run(edit(eve, "<p>three<script></script></p>", v.now().Add(-time.Minute)))
		v.run(edit(eve, "<p>two</p>", v.now().Add(-2*time.Minute))) // came late
		if got := v.post(p.ID); got.Content != "<p>three</p>" || got.URI != p.URI {
			t.Errorf("stored %q as %s", got.Content, got.URI)
		}
		v.refuses(KindForbidden, "only the author", edit(mal, "<p>mal</p>", v.now())) // SECURITY U2
	})
}

func TestDelete(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		square := v.group("square", ann, GroupSettings{})
		p := v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "gone soon"})
		v.news()
		del := func(id PostID, by *Actor) func(Tx) error {
			return func(tx Tx) error { return v.town.Delete(v.Context(), tx, Deletion{Post: id, By: by.ID}) }
		}
		v.refuses(KindForbidden, "only the author", del(p.ID, ann)) // moderators remove, see TestRemove
		v.run(del(p.ID, bob))
		if e := heard[Deleted](v); e.Share == nil || e.Group == nil || e.Post.Source != "gone soon" {
			t.Errorf("told %+v", e)
		}
		v.tells("Deleted")
		if got := v.post(p.ID); !got.Deleted() || got.Source != "" {
			t.Errorf("stored %+v", got)
		}
		v.run(del(p.ID, bob))
		v.tells("")
		v.refuses(KindNotFound, "", v.publishing(Draft{Author: ann.ID, InReplyTo: p.ID, Source: "late"}))
		mine := v.publish(Draft{Author: ann.ID, Source: "mine"})
		boost := do(v, func(tx Tx) (*Post, error) { return v.town.Boost(v.Context(), tx, Boosting{Post: mine.ID, By: bob.ID}) })
		v.news()
		v.run(del(boost.ID, bob))
		if e := heard[Boosted](v); !e.Undone || e.Boost.ID != boost.ID {
			t.Errorf("told %+v", e)
		}
	})
}

func TestRemove(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		square := v.group("square", ann, GroupSettings{})
		p := v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "rude"})
		m := Moderation{Post: p.ID, By: ann.ID, Reason: "be\nkind"}
		v.run(func(tx Tx) error { return v.town.Pin(v.Context(), tx, m) })
		v.news()
		v.refuses(KindForbidden, "only moderators", func(tx Tx) error {
			return v.town.Remove(v.Context(), tx, Moderation{Post: p.ID, By: cas.ID})
		})
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Remove(v.Context(), tx, m) })
		}
		if e := heard[Removed](v); e.Share == nil || e.By.ID != ann.ID || e.Author.ID != bob.ID {
			t.Errorf("told %+v", e)
		}
		v.tells("Removed")
		stored := v.post(p.ID)
		if stored.Removal != (Removal{At: v.now(), By: ann.ID, Reason: "be kind"}) || !stored.PinnedAt.IsZero() || stored.Source != "rude" {
			t.Errorf("stored %+v", stored)
		}
		if got := v.notified(bob); got != "removal square" {
			t.Errorf("notified %q", got)
		}
		for who, want := range map[*Actor]bool{bob: true, ann: true, cas: false} {
			if got := do(v, func(tx Tx) (bool, error) { return v.town.Sees(v.Context(), tx, who.ID, stored) }); got != want {
				t.Errorf("%s sees a removed post: %t", who.Name, got)
			}
		}
		v.run(func(tx Tx) error { return v.town.Restore(v.Context(), tx, m) })
		if e := heard[Removed](v); !e.Restored || e.Share == nil || v.post(p.ID).Removed() {
			t.Errorf("told %+v", e)
		}
	})
}

func TestLockAndPin(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		square := v.group("square", ann, GroupSettings{})
		p := v.publish(Draft{Author: bob.ID, Group: square.ID, Source: "root"})
		reply := v.publish(Draft{Author: bob.ID, InReplyTo: p.ID, Source: "reply"})
		v.news()
		m := Moderation{Post: p.ID, By: ann.ID}
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Lock(v.Context(), tx, m) })
		}
		v.tells("Locked")
		v.refuses(KindForbidden, "locked", v.publishing(Draft{Author: bob.ID, InReplyTo: reply.ID, Source: "x"}))
		v.publish(Draft{Author: ann.ID, InReplyTo: reply.ID, Source: "the last word"})
		v.news()
		v.run(func(tx Tx) error { return v.town.Unlock(v.Context(), tx, m) })
		v.publish(Draft{Author: bob.ID, InReplyTo: reply.ID, Source: "x"})
		v.tells("Locked Posted")
		v.run(func(tx Tx) error { return v.town.Pin(v.Context(), tx, m) })
		if v.post(p.ID).PinnedAt.IsZero() {
			t.Error("not pinned")
		}
		v.run(func(tx Tx) error { return v.town.Unpin(v.Context(), tx, m) })
		v.tells("Pinned Pinned")
		v.refuses(KindInvalid, "first post", func(tx Tx) error {
			return v.town.Pin(v.Context(), tx, Moderation{Post: reply.ID, By: ann.ID})
		})
	})
}

// Only a group of another node, and whom it lists, have a say in it here (SECURITY U12, U14).
func TestModerationFromElsewhere(t *testing.T) {
	inVillage(t, func(v *village) {
		forum := v.stranger(Group, "forum", "far.example")
		listed, unlisted := v.stranger(Person, "listed", "near.example"), v.stranger(Person, "unlisted", "far.example")
		admin := v.personAs("admin", RoleAdmin)
		v.run(func(tx Tx) error { return v.town.SetModerators(v.Context(), tx, forum.ID, []ActorID{listed.ID}) })
		d := from(unlisted, "/1", "x")
		d.Group = forum.ID
		p := v.publish(d)
		pin := func(by *Actor) func(Tx) error {
			return func(tx Tx) error { return v.town.Pin(v.Context(), tx, Moderation{Post: p.ID, By: by.ID}) }
		}
		v.refuses(KindForbidden, "only moderators", pin(unlisted))
		v.refuses(KindForbidden, "only moderators", pin(admin))
		v.run(pin(listed))
		v.run(func(tx Tx) error { return v.town.Lock(v.Context(), tx, Moderation{Post: p.ID, By: forum.ID}) })
		v.run(func(tx Tx) error { return v.town.SetModerators(v.Context(), tx, forum.ID, []ActorID{unlisted.ID}) })
		v.refuses(KindForbidden, "only moderators", pin(listed))
		square := v.group("square", admin, GroupSettings{})
		v.refuses(KindForbidden, "", func(tx Tx) error {
			return v.town.SetModerators(v.Context(), tx, square.ID, []ActorID{unlisted.ID})
		})
	})
}

func TestBoost(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		v.follow(cas, bob)
		p := v.publish(Draft{Author: ann.ID, Source: "news"})
		v.news()
		boosting := func(b Boosting) func(Tx) (*Post, error) {
			return func(tx Tx) (*Post, error) { return v.town.Boost(v.Context(), tx, b) }
		}
		boost := do(v, boosting(Boosting{Post: p.ID, By: bob.ID}))
		again := do(v, boosting(Boosting{Post: boost.ID, By: bob.ID})) // a boost of the boost is one of the post
		v.tells("Boosted")
		if again.ID != boost.ID || v.post(p.ID).BoostsCount != 1 || v.home(cas) != "bob: news" || v.notified(ann) != "reblog bob" {
			t.Errorf("boosts %d, %d; home %q; notified %q", boost.ID, again.ID, v.home(cas), v.notified(ann))
		}
		eve := v.stranger(Person, "eve", "far.example")
		if _, err := try(v, boosting(Boosting{Post: p.ID, By: eve.ID, URI: base + "/act/1"})); KindOf(err) != KindForbidden {
			t.Errorf("a boost under our own id: %v", err)
		}
		past := v.now().Add(-time.Hour)
		b := do(v, boosting(Boosting{Post: p.ID, By: eve.ID, URI: "https://far.example/b/1", CreatedAt: past}))
		if b.URI != "https://far.example/b/1" || !IDTime(b.ID).Truncate(time.Second).Equal(past) {
			t.Errorf("boost %+v", b)
		}
		v.news()
		for range 2 {
			v.run(func(tx Tx) error { return v.town.Unboost(v.Context(), tx, Boosting{Post: p.ID, By: bob.ID}) })
		}
		v.tells("Boosted")
		if v.post(p.ID).BoostsCount != 1 || v.home(cas) != "" {
			t.Errorf("after: %d boosts, home %q", v.post(p.ID).BoostsCount, v.home(cas))
		}
		private := v.publish(Draft{Author: bob.ID, Source: "x", Visibility: Followers})
		v.refuses(KindForbidden, "only a public post", func(tx Tx) error {
			_, err := boosting(Boosting{Post: private.ID, By: cas.ID})(tx)
			return err
		})
	})
}

func TestReact(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		p := v.publish(Draft{Author: ann.ID, Source: "news"})
		v.news()
		react := func(kind ReactionKind) func(Tx) error {
			return func(tx Tx) error {
				return v.town.React(v.Context(), tx, Reacting{Post: p.ID, By: bob.ID, Kind: kind})
			}
		}
		count := func(favourites, dislikes int) {
			t.Helper()
			if p := v.post(p.ID); p.FavouritesCount != favourites || p.DislikesCount != dislikes {
				t.Errorf("%d favourites, %d dislikes", p.FavouritesCount, p.DislikesCount)
			}
		}
		v.run(react(Favourite))
		v.run(react(Favourite))
		v.tells("Reacted")
		count(1, 0)
		if got := v.notified(ann); got != "favourite bob" {
			t.Errorf("notified %q", got)
		}
		v.run(react(Dislike))
		v.tells("Reacted Reacted")
		count(0, 1)
		for range 2 {
			v.run(func(tx Tx) error {
				return v.town.Unreact(v.Context(), tx, Reacting{Post: p.ID, By: bob.ID, Kind: Dislike})
			})
		}
		if e := heard[Reacted](v); !e.Undone || e.Reaction.URI == "" {
			t.Errorf("told %+v", e)
		}
		v.tells("Reacted")
		count(0, 0)
		v.refuses(KindInvalid, "not a reaction", react("love"))
	})
}

func TestVote(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		eve := v.stranger(Person, "eve", "far.example")
		ask := func(multiple bool) *Post {
			return v.publish(Draft{Author: ann.ID, Source: "?", Poll: &Poll{
				Multiple: multiple, Options: []Option{{Title: "a"}, {Title: "b"}, {Title: "c"}}, ClosesAt: v.now().Add(time.Hour),
			}})
		}
		vote := func(p *Post, voter *Actor, options ...int) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.Vote(v.Context(), tx, Ballot{Post: p.ID, Voter: voter.ID, Options: options})
				return err
			}
		}
		one, many := ask(false), ask(true)
		v.news()
		v.refuses(KindInvalid, "one choice", vote(one, bob, 0, 1))
		v.refuses(KindInvalid, "no such option", vote(one, bob, 3))
		v.refuses(KindInvalid, "choose", vote(one, bob))
		v.refuses(KindForbidden, "own poll", vote(one, ann, 0))
		v.run(vote(one, bob, 1))
		v.refuses(KindConflict, "already", vote(one, bob, 0))
		v.run(vote(one, eve, 2))
		v.run(vote(one, eve, 2)) // sent twice
		v.refuses(KindConflict, "already", vote(one, eve, 0))
		v.run(vote(many, eve, 0))
		v.run(vote(many, eve, 1)) // one by one, as they come
		v.run(vote(many, cas, 1, 2))
		v.tells("Voted Voted Voted Voted Voted")
		tally := func(p *Post) (votes []int) {
			for _, o := range v.post(p.ID).Poll.Options {
				votes = append(votes, o.Votes)
			}
			return append(votes, v.post(p.ID).Poll.VotersCount)
		}
		if a, b := tally(one), tally(many); !cmp.Equal(a, []int{0, 1, 1, 2}) || !cmp.Equal(b, []int{1, 2, 1, 2}) {
			t.Errorf("counted %v and %v", a, b)
		}
		v.run(func(tx Tx) error { return v.town.FinishPoll(v.Context(), tx, PollCloses{Post: one.ID}) })
		if got := v.notified(bob); got != "" {
			t.Errorf("told of the end before it: %q", got)
		}
		if want := (PollCloses{Post: one.ID, At: one.Poll.ClosesAt}); !cmp.Equal(v.tasks[0], Task(want)) {
			t.Errorf("tasks %+v", v.tasks)
		}
		v.later(time.Hour)
		v.refuses(KindInvalid, "closed", vote(one, cas, 0))
		for range 2 {
			v.run(func(tx Tx) error { return v.town.FinishPoll(v.Context(), tx, v.tasks[0].(PollCloses)) })
		}
		if a, b, c := v.notified(ann), v.notified(bob), v.notified(cas); a != "poll ann" || b != "poll ann" || c != "" {
			t.Errorf("notified %q, %q, %q", a, b, c)
		}
	})
}

// The results of a poll of another node come from its author alone (SECURITY U5).
func TestCountPoll(t *testing.T) {
	inVillage(t, func(v *village) {
		eve, mal := v.stranger(Person, "eve", "far.example"), v.stranger(Person, "mal", "far.example")
		d := from(eve, "/1", "?")
		d.Poll = &Poll{Options: []Option{{Title: "a", Votes: 1}, {Title: "b"}}, VotersCount: 1}
		p := v.publish(d)
		count := func(by *Actor, votes ...int) func(Tx) error {
			return func(tx Tx) error {
				return v.town.CountPoll(v.Context(), tx, Tally{Post: p.ID, By: by.ID, Votes: votes, Voters: 9})
			}
		}
		v.run(count(eve, 4, 5))
		v.refuses(KindForbidden, "only the author", count(mal, 9, 9))
		v.refuses(KindInvalid, "not the results", count(eve, 1))
		if poll := v.post(p.ID).Poll; poll.Options[0].Votes != 4 || poll.VotersCount != 9 {
			t.Errorf("poll %+v", poll)
		}
	})
}
