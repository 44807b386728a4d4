//go:build unix

package clients

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-mastodon"
)

// Two residents talk in private, put something off, and link to a page that says what it is.
func TestConversationsSchedulesAndCards(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna, bert := w.app("anna"), w.app("bert")
		w.conversation(anna, bert)
		w.schedule(anna)
		w.card(anna, bert)
	})
}

func (w town) conversation(anna, bert *mastodon.Client) {
	w.t.Helper()
	said := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Zeg @bert", Visibility: mastodon.VisibilityDirectMessage}))
	answer := got[*mastodon.Status](w.t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Ja @anna?", Visibility: mastodon.VisibilityDirectMessage, InReplyToID: said.ID}))
	list := got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil))
	if len(list) != 1 || !list[0].Unread || list[0].LastStatus == nil || list[0].LastStatus.ID != answer.ID || list[0].Accounts[0].Acct != "bert" {
		w.t.Fatalf("conversations %+v", list)
	}
	w.must(anna.MarkConversationAsRead(w.ctx, list[0].ID))
	if list = got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil)); list[0].Unread {
		w.t.Error("still unread")
	}
	if directs := got[[]*mastodon.Status](w.t)(bert.GetTimelineDirect(w.ctx, nil)); len(directs) != 1 { // the client reads conversations for it
		w.t.Errorf("direct timeline %+v", directs)
	}
	w.must(anna.DeleteConversation(w.ctx, list[0].ID))
	if list = got[[]*mastodon.Conversation](w.t)(anna.GetConversations(w.ctx, nil)); len(list) != 0 {
		w.t.Errorf("left %+v", list)
	}
}

func (w town) schedule(anna *mastodon.Client) {
	w.t.Helper()
	soon, later := time.Now().Add(time.Minute), time.Now().Add(time.Hour)
	if _, err := anna.PostStatus(w.ctx, &mastodon.Toot{Status: "te vroeg", ScheduledAt: &soon}); err == nil || !strings.Contains(err.Error(), "422") {
		w.t.Errorf("in a minute: %v", err)
	}
	waiting := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "straks", ScheduledAt: &later}))
	w.must(w.node.Stop())
	w.must(w.node.Start(w.ctx))
	var kept struct {
		ID     string
		Params struct{ Text string }
	}
	w.json(anna, "/api/v1/scheduled_statuses/"+string(waiting.ID), &kept)
	if kept.ID != string(waiting.ID) || kept.Params.Text != "straks" {
		w.t.Errorf("kept %+v", kept)
	}
}

// card waits until what a page says of itself is below the status that links to it.
func (w town) card(anna, bert *mastodon.Client) {
	w.t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = rw.Write([]byte(`<title>Brug open</title><meta property="og:description" content="Vanaf mei">`))
	}))
	defer site.Close()
	link := site.URL + "/brug"
	said := got[*mastodon.Status](w.t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "Lees " + link}))
	for range 100 {
		if said = got[*mastodon.Status](w.t)(bert.GetStatus(w.ctx, said.ID)); said.Card != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if said.Card == nil || said.Card.Title != "Brug open" || said.Card.Description != "Vanaf mei" || said.Card.URL != link {
		w.t.Fatalf("the card is %+v", said.Card)
	}
	if page := w.page(w.node.Client.Get(said.URL)); !strings.Contains(page, ">Brug open</a>") {
		w.t.Errorf("the page of the status does not show the card: %s", page)
	}
	var linking []struct{ ID string }
	w.json(bert, "/api/v1/timelines/link?url="+url.QueryEscape(link), &linking)
	if len(linking) != 1 || linking[0].ID != string(said.ID) {
		w.t.Errorf("linking %+v", linking)
	}
}

// json reads what the client has no call for.
func (w town) json(c *mastodon.Client, path string, into any) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.node.Base+path, nil)
	w.must(err)
	request.Header.Set("Authorization", "Bearer "+c.Config.AccessToken)
	w.must(json.Unmarshal([]byte(w.page(w.node.Client.Do(request))), into))
}
