//go:build unix

package clients

import (
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"
)

// What a resident does with people: lists, hashtags, a profile, and a move to another name.
func TestTiesWithAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		for _, name := range []string{"anna", "bert", "annie"} {
			w.run("person", "add", name, "--email", name+"@stad.example")
		}
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "anna")
		w.run("follow", "bert", "anna")
		w.run("follow", "bert", "fietsen")
		anna, bert := w.app("anna"), w.app("bert")
		her := got[*mastodon.Account](t)(anna.GetAccountCurrentUser(w.ctx)).ID

		list := got[*mastodon.List](t)(bert.CreateList(w.ctx, "Buren"))
		w.must(bert.AddToList(w.ctx, list.ID, her))
		list = got[*mastodon.List](t)(bert.RenameList(w.ctx, list.ID, "De buren"))
		if lists := got[[]*mastodon.List](t)(bert.GetLists(w.ctx)); len(lists) != 2 || lists[0].Title != "De buren" || lists[1].Title != "Fietsen" {
			t.Errorf("lists %+v", lists)
		}
		status := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Kraampje op de #markt"}))
		if shown := got[[]*mastodon.Status](t)(bert.GetTimelineList(w.ctx, list.ID, nil)); len(shown) != 1 || shown[0].ID != status.ID {
			t.Errorf("the list shows %+v", shown)
		}
		if members := got[[]*mastodon.Account](t)(bert.GetListAccounts(w.ctx, list.ID)); len(members) != 1 || members[0].ID != her {
			t.Errorf("members %+v", members)
		}
		if lists := got[[]*mastodon.List](t)(bert.GetAccountLists(w.ctx, her)); len(lists) != 1 || lists[0].ID != list.ID {
			t.Errorf("lists with her %+v", lists)
		}
		w.must(bert.RemoveFromList(w.ctx, list.ID, her))
		w.must(bert.DeleteList(w.ctx, list.ID))

		if tag := got[*mastodon.FollowedTag](t)(bert.TagFollow(w.ctx, "Markt")); !tag.Following || len(tag.History) != 7 {
			t.Errorf("tag %+v", tag)
		}
		if tags := got[[]*mastodon.FollowedTag](t)(bert.TagsFollowed(w.ctx, nil)); len(tags) != 1 || tags[0].Name != "markt" {
			t.Errorf("tags %+v", tags)
		}
		if tag := got[*mastodon.FollowedTag](t)(bert.TagUnfollow(w.ctx, "markt")); tag.Following {
			t.Error("still followed")
		}
		if endorsed := got[[]*mastodon.Account](t)(bert.GetEndorsements(w.ctx, nil)); len(endorsed) != 0 {
			t.Errorf("endorsed %+v", endorsed)
		}

		note, locked := "Marktkoopvrouw", true
		changed := got[*mastodon.Account](t)(anna.AccountUpdate(w.ctx, &mastodon.Profile{
			Note: &note, Locked: &locked, Fields: &[]mastodon.Field{{Name: "Site", Value: "https://markt.example"}},
		}))
		if !changed.Locked || !strings.Contains(changed.Note, note) || len(changed.Fields) != 1 || !strings.Contains(changed.Fields[0].Value, `rel="me `) {
			t.Errorf("profile %+v", changed)
		}

		w.run("person", "alias", "annie", "anna")
		w.run("person", "move", "anna", "annie")
		if moved := got[*mastodon.Account](t)(bert.AccountLookup(w.ctx, "anna")); moved.Moved == nil || moved.Moved.Acct != "annie" {
			t.Errorf("moved to %+v", moved.Moved)
		}
		annie := got[*mastodon.Account](t)(bert.AccountLookup(w.ctx, "annie"))
		if r := got[[]*mastodon.Relationship](t)(bert.GetAccountRelationships(w.ctx, []string{string(annie.ID)})); !r[0].Following {
			t.Error("bert does not follow where she went")
		}
	})
}
