//go:build unix

// Package clients drives the real program with clients that others wrote: what they understand is what residents' apps understand.
package clients

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
	"meent/storage/storagetest"
)

const scopes = "read write follow"

// town is a running node with somebody's app in it.
type town struct {
	t    *testing.T
	ctx  context.Context
	node *node.Node
}

func eachTown(t *testing.T, test func(town)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		o := node.Options{Host: "stad.example", Dir: filepath.Join(t.TempDir(), "node"), Database: dsn}
		test(town{t, t.Context(), node.ForTest(t, o, (*node.Node).Stop)})
	})
}

func (w town) run(args ...string) string {
	w.t.Helper()
	return w.node.MustRun(w.t, args...)
}

// app is the client with a token from the command line.
func (w town) app(person string) *mastodon.Client {
	w.t.Helper()
	return w.appWith(person, scopes)
}

// appWith is the client with a token of these scopes.
func (w town) appWith(person, scopes string) *mastodon.Client {
	w.t.Helper()
	c := mastodon.NewClient(&mastodon.Config{Server: w.node.Base, AccessToken: w.run("token", "create", "--person", person, "--scopes", scopes)})
	c.Client = *w.node.Client
	return c
}

// got returns what a call answered, and fails the test when it failed.
func got[T any](t *testing.T) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func (w town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// A resident registers an app, signs in on the pages, consents, and the app acts.
func TestSignInWithAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		link := regexp.MustCompile(`/sign-in/link/(\S+)`).FindStringSubmatch(w.run("person", "add", "anna", "--email", "anna@stad.example"))
		if link == nil {
			t.Fatal("no link to sign in with")
		}
		registered := got[*mastodon.Application](t)(mastodon.RegisterApp(w.ctx, &mastodon.AppConfig{
			Client: *w.node.Client, Server: w.node.Base, ClientName: "Toets", Scopes: scopes, Website: "https://toets.example",
		}))
		c := mastodon.NewClient(&mastodon.Config{Server: w.node.Base, ClientID: registered.ClientID, ClientSecret: registered.ClientSecret})
		c.Client = *w.node.Client

		w.must(c.GetAppAccessToken(w.ctx, registered.RedirectURI))
		if verified := got[*mastodon.ApplicationVerification](t)(c.VerifyAppCredentials(w.ctx)); verified.Name != "Toets" {
			t.Errorf("the app is called %q", verified.Name)
		}
		if _, err := c.GetAccountCurrentUser(w.ctx); err == nil || !strings.Contains(err.Error(), "422") {
			t.Errorf("an app by itself is somebody: %v", err)
		}

		w.must(c.GetUserAccessToken(w.ctx, w.consent(registered.AuthURI, link[1]), registered.RedirectURI))
		if self := got[*mastodon.Account](t)(c.GetAccountCurrentUser(w.ctx)); self.Acct != "anna" {
			t.Errorf("signed in as %q", self.Acct)
		}
		w.must(c.RevokeToken(w.ctx))
		if _, err := c.GetTimelineHome(w.ctx, nil); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("signed out and still in: %v", err)
		}
	})
}

// consent signs a browser in and says yes; it returns the code that the page shows.
func (w town) consent(authorize, secret string) string {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	browser := &http.Client{Transport: w.node.Client.Transport, Jar: jar}
	w.page(browser.PostForm(w.node.Base+"/sign-in/link", url.Values{"secret": {secret}}))
	page := w.page(browser.Get(authorize))
	form := url.Values{"allow": {"1"}}
	for _, field := range regexp.MustCompile(`name="([a-z_]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if field[1] != "allow" {
			form.Set(field[1], field[2])
		}
	}
	page = w.page(browser.PostForm(w.node.Base+"/oauth/authorize", form))
	code := regexp.MustCompile(`<code id="code">([^<]+)</code>`).FindStringSubmatch(page)
	if code == nil {
		w.t.Fatalf("no code: %s", page)
	}
	return code[1]
}

func (w town) page(answer *http.Response, err error) string {
	w.t.Helper()
	w.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	w.must(err)
	if answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %d %s", answer.Request.URL, answer.StatusCode, body)
	}
	return string(body)
}

// Two residents read, write, follow and react with apps; one of them does it in a group.
func TestADayWithAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "anna")
		anna, bert := w.app("anna"), w.app("bert")
		w.profile(anna)
		w.discussion(anna, bert)
		w.reactions(anna, bert)
		w.relations(anna, bert)
		w.filters(anna)
	})
}

func (w town) profile(anna *mastodon.Client) {
	w.t.Helper()
	name, note := "Anna Bakker", "Fietst graag"
	self := got[*mastodon.Account](w.t)(anna.AccountUpdate(w.ctx, &mastodon.Profile{DisplayName: &name, Note: &note}))
	if self.DisplayName != name || self.Source == nil || *self.Source.Note != note {
		w.t.Errorf("the profile became %+v", self)
	}
	if instance := got[*mastodon.Instance](w.t)(anna.GetInstance(w.ctx)); !strings.HasPrefix(instance.Version, "4.5.0 (compatible; Meent ") {
		w.t.Errorf("version %q", instance.Version)
	}
	got[[]string](w.t)(anna.GetInstancePeers(w.ctx))
}

// discussion is a thread in a group: it is found, read at home and as a list, answered and changed.
func (w town) discussion(anna, bert *mastodon.Client) {
	w.t.Helper()
	found := got[[]*mastodon.Account](w.t)(bert.AccountsSearch(w.ctx, "fiets", 5))
	if len(found) != 1 || found[0].Acct != "fietsen" {
		w.t.Fatalf("found %+v", found)
	}
	group := found[0].ID
	if tie := got[*mastodon.Relationship](w.t)(bert.AccountFollow(w.ctx, group)); !tie.Following {
		w.t.Error("not following")
	}
	thread := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "@fietsen Nieuwe brug\n\nVanaf mei. #brug", Visibility: "public"}))
	if !strings.HasPrefix(thread.Content, "<p><strong>Nieuwe brug</strong></p><p>Vanaf mei.") || len(thread.Mentions) != 1 || thread.Mentions[0].ID != group {
		w.t.Fatalf("the thread became %+v", thread)
	}
	home := got[[]*mastodon.Status](w.t)(bert.GetTimelineHome(w.ctx, nil))
	if len(home) != 1 || home[0].Reblog == nil || home[0].Reblog.ID != thread.ID || home[0].Content != "" || home[0].Account.ID != group {
		w.t.Fatalf("home shows %+v", home)
	}
	lists := got[[]*mastodon.List](w.t)(bert.GetLists(w.ctx))
	if len(lists) != 1 {
		w.t.Fatalf("lists %+v", lists)
	}
	if listed := got[[]*mastodon.Status](w.t)(bert.GetTimelineList(w.ctx, lists[0].ID, nil)); len(listed) != 1 || listed[0].ID != thread.ID {
		w.t.Errorf("the list shows %+v", listed)
	}
	answer := got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Eindelijk", InReplyToID: thread.ID}))
	around := got[*mastodon.Context](w.t)(anna.GetStatusContext(w.ctx, thread.ID))
	if len(around.Descendants) != 1 || around.Descendants[0].ID != answer.ID {
		w.t.Errorf("below the thread: %+v", around)
	}
	source := got[*mastodon.Source](w.t)(anna.GetStatusSource(w.ctx, thread.ID))
	got[*mastodon.Status](w.t)(anna.UpdateStatus(w.ctx, &mastodon.Toot{Status: source.Text + " Of juni."}, thread.ID))
	if history := got[[]*mastodon.StatusHistory](w.t)(bert.GetStatusHistory(w.ctx, thread.ID)); len(history) != 2 || !strings.Contains(history[1].Content, "Of juni.") {
		w.t.Errorf("history %+v", history)
	}
	if tagged := got[[]*mastodon.Status](w.t)(bert.GetTimelineHashtag(w.ctx, "brug", true, nil)); len(tagged) != 1 {
		w.t.Errorf("under the hashtag: %+v", tagged)
	}
}

// reactions are what somebody does with others' words, and what the others hear of it.
func (w town) reactions(anna, bert *mastodon.Client) {
	w.t.Helper()
	status := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{
		Status: "Welke dag, @bert?", Poll: &mastodon.TootPoll{Options: []string{"maandag", "dinsdag"}, ExpiresInSeconds: 3600},
	}))
	for name, act := range map[string]func(context.Context, mastodon.ID) (*mastodon.Status, error){
		"favourite": bert.Favourite, "bookmark": bert.Bookmark, "boost": bert.Reblog,
	} {
		if _, err := act(w.ctx, status.ID); err != nil {
			w.t.Errorf("%s: %v", name, err)
		}
	}
	if poll := got[*mastodon.Poll](w.t)(bert.PollVote(w.ctx, status.Poll.ID, 1)); !poll.Voted || poll.Options[1].VotesCount != 1 {
		w.t.Errorf("the poll says %+v", poll)
	}
	again := got[*mastodon.Status](w.t)(bert.GetStatus(w.ctx, status.ID))
	if again.Favourited != true || again.Bookmarked != true || again.Reblogged != true || again.FavouritesCount != 1 || again.ReblogsCount != 1 {
		w.t.Errorf("after all that: %+v", again)
	}
	for name, list := range map[string]func(context.Context, *mastodon.Pagination) ([]*mastodon.Status, error){
		"favourites": bert.GetFavourites, "bookmarks": bert.GetBookmarks,
	} {
		if listed, err := list(w.ctx, nil); err != nil || len(listed) != 1 {
			w.t.Errorf("%s: %d, %v", name, len(listed), err)
		}
	}
	if by := got[[]*mastodon.Account](w.t)(anna.GetFavouritedBy(w.ctx, status.ID, nil)); len(by) != 1 {
		w.t.Errorf("favoured by %+v", by)
	}
	heard := map[string]int{}
	for n, err := range anna.Notifications(w.ctx, &mastodon.NotificationFilter{}, &mastodon.Pagination{Limit: 1}) { // by every page
		w.must(err)
		heard[n.Type]++
	}
	if heard["favourite"] != 1 || heard["reblog"] != 1 || heard["mention"] != 1 {
		w.t.Errorf("anna heard %v", heard)
	}
	w.must(anna.ClearNotifications(w.ctx))
	w.must(anna.DeleteStatus(w.ctx, status.ID))
	if _, err := bert.GetStatus(w.ctx, status.ID); err == nil || !strings.Contains(err.Error(), "404") {
		w.t.Errorf("deleted and still there: %v", err)
	}
}

func (w town) relations(anna, bert *mastodon.Client) {
	w.t.Helper()
	other := got[*mastodon.Account](w.t)(anna.AccountLookup(w.ctx, "bert")).ID
	for _, step := range []struct {
		name string
		do   func(context.Context, mastodon.ID) (*mastodon.Relationship, error)
		then func(*mastodon.Relationship) bool
	}{
		{"follow", anna.AccountFollow, func(r *mastodon.Relationship) bool { return r.Following }},
		{"mute", anna.AccountMute, func(r *mastodon.Relationship) bool { return r.Muting && r.MutingNotifications }},
		{"unmute", anna.AccountUnmute, func(r *mastodon.Relationship) bool { return !r.Muting }},
		{"block", anna.AccountBlock, func(r *mastodon.Relationship) bool { return r.Blocking && !r.Following }},
		{"unblock", anna.AccountUnblock, func(r *mastodon.Relationship) bool { return !r.Blocking }},
		{"unfollow", anna.AccountUnfollow, func(r *mastodon.Relationship) bool { return !r.Following }},
	} {
		if tie := got[*mastodon.Relationship](w.t)(step.do(w.ctx, other)); !step.then(tie) {
			w.t.Errorf("after %s: %+v", step.name, tie)
		}
	}
	if results := got[*mastodon.Results](w.t)(bert.Search(w.ctx, "brug", false)); len(results.Statuses) != 1 || len(results.Hashtags) != 1 {
		w.t.Errorf("found %+v", results)
	}
	var met []mastodon.ID
	for i := range 5 {
		met = append(met, got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: fmt.Sprint("bericht ", i)})).ID)
	}
	position := len(met)
	for status, err := range anna.AccountStatuses(w.ctx, other, &mastodon.Pagination{Limit: 2}) {
		w.must(err)
		if position--; position >= 0 && status.ID != met[position] {
			w.t.Errorf("%d is %s, want %s", position, status.ID, met[position])
		}
	}
	if position > 0 {
		w.t.Errorf("%d of bert's statuses are missing", position)
	}
}

func (w town) filters(anna *mastodon.Client) {
	w.t.Helper()
	made := got[*mastodon.Filter](w.t)(anna.CreateFilter(w.ctx, &mastodon.Filter{Phrase: "bericht", Context: []string{"public"}, WholeWord: true}))
	hit := 0
	for _, status := range got[[]*mastodon.Status](w.t)(anna.GetTimelinePublic(w.ctx, true, nil)) {
		hit += len(status.Filtered)
	}
	if hit != 5 {
		w.t.Errorf("the filter holds %d statuses", hit)
	}
	w.must(anna.DeleteFilter(w.ctx, made.ID))
	if left := got[[]*mastodon.Filter](w.t)(anna.GetFilters(w.ctx)); len(left) != 0 {
		w.t.Errorf("filters left: %+v", left)
	}
}
