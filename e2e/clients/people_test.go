//go:build unix

package clients

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"
)

// ids are those of people.
func ids(accounts []*mastodon.Account) []mastodon.ID {
	list := make([]mastodon.ID, len(accounts))
	for i, a := range accounts {
		list[i] = a.ID
	}
	return list
}

// People find one another, ask to follow, and are let in or not.
func TestPeople(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		for _, name := range []string{"anna", "bert", "cor"} {
			w.run("person", "add", name, "--email", name+"@stad.example")
		}
		anna, bert, cor := w.app("anna"), w.app("bert"), w.app("cor")
		locked := true
		self := got[*mastodon.Account](t)(anna.AccountUpdate(w.ctx, &mastodon.Profile{Locked: &locked}))
		for _, asker := range []*mastodon.Client{bert, cor} {
			if tie := got[*mastodon.Relationship](t)(asker.AccountFollow(w.ctx, self.ID)); tie.Following || !tie.Requested {
				t.Errorf("to ask is %+v", tie)
			}
		}
		askers := got[[]*mastodon.Account](t)(anna.GetFollowRequests(w.ctx, nil))
		if len(askers) != 2 {
			t.Fatalf("who asks: %+v", askers)
		}
		w.must(anna.FollowRequestAuthorize(w.ctx, askers[0].ID))
		w.must(anna.FollowRequestReject(w.ctx, askers[1].ID))
		if list := got[[]*mastodon.Account](t)(anna.GetAccountFollowers(w.ctx, self.ID, nil)); !slices.Equal(ids(list), ids(askers[:1])) {
			t.Errorf("followed by %+v", list)
		}
		if list := got[[]*mastodon.Account](t)(anna.GetAccountFollowing(w.ctx, askers[0].ID, nil)); !slices.Equal(ids(list), []mastodon.ID{self.ID}) {
			t.Errorf("the follower follows %+v", list)
		}
		ties := got[[]*mastodon.Relationship](t)(anna.GetAccountRelationships(w.ctx, []string{string(askers[0].ID), string(askers[1].ID)}))
		if len(ties) != 2 || !ties[0].FollowedBy || ties[1].FollowedBy {
			t.Errorf("relationships %+v", ties)
		}
		other := askers[1].ID
		got[*mastodon.Relationship](t)(anna.AccountMute(w.ctx, other))
		if list := got[[]*mastodon.Account](t)(anna.GetMutes(w.ctx, nil)); !slices.Equal(ids(list), []mastodon.ID{other}) {
			t.Errorf("muted %+v", list)
		}
		got[*mastodon.Relationship](t)(anna.AccountBlock(w.ctx, other))
		if list := got[[]*mastodon.Account](t)(anna.GetBlocks(w.ctx, nil)); !slices.Equal(ids(list), []mastodon.ID{other}) {
			t.Errorf("blocked %+v", list)
		}
		if found := got[[]*mastodon.Account](t)(anna.AccountsSearchResolve(w.ctx, "bert", 5, true)); len(found) != 1 || found[0].Acct != "bert" {
			t.Errorf("found %+v", found)
		}
		if account := got[*mastodon.Account](t)(bert.GetAccount(w.ctx, self.ID)); account.Acct != "anna" || !account.Locked {
			t.Errorf("anna is %+v", account)
		}
		got[[]*mastodon.Account](t)(anna.GetEndorsements(w.ctx, nil))
		_, err := anna.FollowRemoteUser(w.ctx, "bert@stad.example") // gone since Mastodon 3
		w.refused(err, http.StatusNotFound)
	})
}

// What somebody wrote is listed by kind; what they take back they take back.
func TestStatuses(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna, bert := w.app("anna"), w.app("bert")
		self := got[*mastodon.Account](t)(anna.GetAccountCurrentUser(w.ctx)).ID
		first := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Fietsen #brug #water"}))
		second := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Lopen #brug", Poll: &mastodon.TootPoll{Options: []string{"ja", "nee"}, ExpiresInSeconds: 600}}))
		answer := got[*mastodon.Status](t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "@anna zwemmen", InReplyToID: first.ID}))
		got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Zeker", InReplyToID: answer.ID}))

		if all := got[[]*mastodon.Status](t)(bert.GetAccountStatuses(w.ctx, self, nil)); len(all) != 3 {
			t.Errorf("%d statuses of anna", len(all))
		}
		if some := got[[]*mastodon.Status](t)(bert.GetAccountStatusesParams(w.ctx, self, url.Values{"exclude_replies": {"true"}}, nil)); len(some) != 2 || some[0].ID != second.ID {
			t.Errorf("without replies: %+v", some)
		}
		got[[]*mastodon.Status](t)(bert.GetAccountPinnedStatuses(w.ctx, self))
		got[[]*mastodon.Status](t)(bert.GetTrendingStatuses(w.ctx, nil))
		tagged := got[[]*mastodon.Status](t)(bert.GetTimelineHashtagMultiple(w.ctx, "brug", true, &mastodon.TagData{None: []string{"water"}}, nil))
		if len(tagged) != 1 || tagged[0].ID != second.ID {
			t.Errorf("#brug without #water: %+v", tagged)
		}
		if poll := got[*mastodon.Poll](t)(bert.GetPoll(w.ctx, second.Poll.ID)); len(poll.Options) != 2 || poll.Voted {
			t.Errorf("the poll says %+v", poll)
		}
		got[*mastodon.Status](t)(bert.Reblog(w.ctx, first.ID))
		if by := got[[]*mastodon.Account](t)(anna.GetRebloggedBy(w.ctx, first.ID, nil)); len(by) != 1 {
			t.Errorf("shared by %+v", by)
		}
		got[*mastodon.Status](t)(bert.Favourite(w.ctx, first.ID))
		got[*mastodon.Status](t)(bert.Bookmark(w.ctx, first.ID))
		got[*mastodon.Status](t)(bert.Unreblog(w.ctx, first.ID))
		got[*mastodon.Status](t)(bert.Unfavourite(w.ctx, first.ID))
		if left := got[*mastodon.Status](t)(bert.Unbookmark(w.ctx, first.ID)); left.ReblogsCount != 0 || left.FavouritesCount != 0 || left.Bookmarked == true {
			t.Errorf("taken back: %+v", left)
		}
		_, err := bert.GetStatusCard(w.ctx, first.ID) // gone since Mastodon 3: it is in the status
		w.refused(err, http.StatusNotFound)
	})
}

// Notifications are read, left out by kind, and put away one by one; moderators hear of a report.
func TestWhatPeopleHear(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna, bert := w.app("anna"), w.app("bert")
		said := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Hoi"}))
		got[*mastodon.Status](t)(bert.Favourite(w.ctx, said.ID))
		answer := got[*mastodon.Status](t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "@anna dag", InReplyToID: said.ID}))
		if all := got[[]*mastodon.Notification](t)(anna.GetNotifications(w.ctx, nil)); len(all) != 2 {
			t.Errorf("anna hears %+v", all)
		}
		heard := got[[]*mastodon.Notification](t)(anna.GetNotificationsExclude(w.ctx, &[]string{"favourite"}, nil))
		if len(heard) != 1 || heard[0].Type != "mention" {
			t.Fatalf("without favourites: %+v", heard)
		}
		if one := got[*mastodon.Notification](t)(anna.GetNotification(w.ctx, heard[0].ID)); one.Status == nil || one.Status.ID != answer.ID {
			t.Errorf("the mention is %+v", one)
		}
		w.must(anna.DismissNotification(w.ctx, heard[0].ID))
		_, err := anna.GetNotification(w.ctx, heard[0].ID)
		w.refused(err, http.StatusNotFound)

		if report := got[*mastodon.Report](t)(anna.Report(w.ctx, answer.Account.ID, []mastodon.ID{answer.ID}, "hm")); report.ID == "" {
			t.Errorf("reported as %+v", report)
		}
		_, err = anna.GetReports(w.ctx) // gone since Mastodon 3
		w.refused(err, http.StatusNotFound)
	})
}

// What an app may not do any more, and what it does the old way.
func TestSignInTheOldWay(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		registered := got[*mastodon.Application](t)(mastodon.RegisterApp(w.ctx, &mastodon.AppConfig{
			Client: *w.node.Client, Server: w.node.Base, ClientName: "Oud", Scopes: scopes,
		}))
		c := mastodon.NewClient(&mastodon.Config{Server: w.node.Base, ClientID: registered.ClientID, ClientSecret: registered.ClientSecret})
		c.Client = *w.node.Client
		w.must(c.AuthenticateApp(w.ctx))
		w.refused(c.Authenticate(w.ctx, "admin", "wachtwoord"), http.StatusBadRequest, http.StatusUnauthorized)
		w.refused(c.AuthenticateToken(w.ctx, "geen code", registered.RedirectURI), http.StatusBadRequest, http.StatusUnauthorized)
	})
}

// Filters can be read one by one, and changed.
func TestFilters(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		anna := w.app("anna")
		made := got[*mastodon.Filter](t)(anna.CreateFilter(w.ctx, &mastodon.Filter{Phrase: "lawaai", Context: []string{"home"}}))
		changed := got[*mastodon.Filter](t)(anna.UpdateFilter(w.ctx, made.ID, &mastodon.Filter{Phrase: "herrie", Context: []string{"public"}, Irreversible: true}))
		read := got[*mastodon.Filter](t)(anna.GetFilter(w.ctx, made.ID))
		if read.Phrase != "herrie" || !read.Irreversible || !slices.Equal(read.Context, changed.Context) {
			t.Errorf("the filter is %+v", read)
		}
	})
}

// Lists of one's own: made, filled, read, and done with.
func TestLists(t *testing.T) {
	subject(t, "lists", func(w town, anna *mastodon.Client) error {
		_, err := anna.CreateList(w.ctx, "Buren")
		return err
	}, func(w town, anna, bert *mastodon.Client) {
		other := got[*mastodon.Account](w.t)(bert.GetAccountCurrentUser(w.ctx)).ID
		got[*mastodon.Relationship](w.t)(anna.AccountFollow(w.ctx, other))
		lists := got[[]*mastodon.List](w.t)(anna.GetLists(w.ctx))
		list := lists[slices.IndexFunc(lists, func(l *mastodon.List) bool { return l.Title == "Buren" })].ID
		w.must(anna.AddToList(w.ctx, list, other))
		if in := got[[]*mastodon.Account](w.t)(anna.GetListAccounts(w.ctx, list)); !slices.Equal(ids(in), []mastodon.ID{other}) {
			w.t.Errorf("in the list: %+v", in)
		}
		if of := got[[]*mastodon.List](w.t)(anna.GetAccountLists(w.ctx, other)); len(of) != 1 || of[0].ID != list {
			w.t.Errorf("bert is in %+v", of)
		}
		said := got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Dag buren"}))
		if shown := got[[]*mastodon.Status](w.t)(anna.GetTimelineList(w.ctx, list, nil)); len(shown) != 1 || shown[0].ID != said.ID {
			w.t.Errorf("the list shows %+v", shown)
		}
		got[*mastodon.List](w.t)(anna.RenameList(w.ctx, list, "De buren"))
		if one := got[*mastodon.List](w.t)(anna.GetList(w.ctx, list)); one.Title != "De buren" {
			w.t.Errorf("the list is %+v", one)
		}
		w.must(anna.RemoveFromList(w.ctx, list, other))
		w.must(anna.DeleteList(w.ctx, list))
		_, err := anna.GetList(w.ctx, list)
		w.refused(err, http.StatusNotFound)
	})
}

// Hashtags are followed, and come home.
func TestHashtags(t *testing.T) {
	subject(t, "hashtags", func(w town, anna *mastodon.Client) error {
		_, err := anna.TagFollow(w.ctx, "markt")
		return err
	}, func(w town, anna, bert *mastodon.Client) {
		for name, list := range map[string]func() ([]*mastodon.FollowedTag, error){
			"tags": func() ([]*mastodon.FollowedTag, error) { return anna.TagsFollowed(w.ctx, nil) },
			"too":  func() ([]*mastodon.FollowedTag, error) { return anna.GetFollowedTags(w.ctx, nil) },
		} {
			if tags := got[[]*mastodon.FollowedTag](w.t)(list()); len(tags) != 1 || tags[0].Name != "markt" {
				w.t.Errorf("%s: %+v", name, tags)
			}
		}
		said := got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Zaterdag #markt"}))
		if home := got[[]*mastodon.Status](w.t)(anna.GetTimelineHome(w.ctx, nil)); len(home) != 1 || home[0].ID != said.ID {
			w.t.Errorf("at home: %+v", home)
		}
		if tag := got[*mastodon.FollowedTag](w.t)(anna.TagUnfollow(w.ctx, "markt")); tag.Following {
			w.t.Errorf("still followed: %+v", tag)
		}
		if tag := got[*mastodon.FollowedTag](w.t)(bert.TagInfo(w.ctx, "markt")); !strings.Contains(tag.URL, "/tags/markt") {
			w.t.Errorf("the hashtag is %+v", tag)
		}
	})
}

// What is said to a few is a conversation: unread, read, and put away.
func TestConversations(t *testing.T) {
	subject(t, "conversations", func(w town, anna *mastodon.Client) error {
		bert := w.app("bert")
		got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Psst @anna", Visibility: "direct"}))
		list, err := anna.GetConversations(w.ctx, nil)
		if err == nil && len(list) == 0 {
			err = errNothing
		}
		return err
	}, func(w town, anna, _ *mastodon.Client) {
		list := got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil))
		if len(list) != 1 || !list[0].Unread || len(list[0].Accounts) != 1 || list[0].Accounts[0].Acct != "bert" || !strings.Contains(list[0].LastStatus.Content, "Psst") {
			w.t.Fatalf("conversations: %+v", list)
		}
		if direct := got[[]*mastodon.Status](w.t)(anna.GetTimelineDirect(w.ctx, &mastodon.Pagination{})); len(direct) != 1 || direct[0].ID != list[0].LastStatus.ID {
			w.t.Errorf("direct: %+v", direct)
		}
		w.must(anna.MarkConversationAsRead(w.ctx, list[0].ID))
		if now := got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil)); len(now) != 1 || now[0].Unread {
			w.t.Errorf("read: %+v", now)
		}
		w.must(anna.DeleteConversation(w.ctx, list[0].ID))
		if left := got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil)); len(left) != 0 {
			w.t.Errorf("put away: %+v", left)
		}
	})
}
