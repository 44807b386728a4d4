package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"meent/communities"
)

var conversationEndpoints = []endpoint{
	{"POST /api/v1/statuses", "", "status=Onder+ons,+@bert&visibility=direct", "Status", ""},
	{"GET /api/v1/conversations", "", "", "[]Conversation", ""},
	{"GET /api/v1/conversations", "", "", "[]Conversation", "bert"},
	{"POST /api/v1/conversations/{id}/read", "/api/v1/conversations/${conversation}/read", "", "Conversation", "bert"},
	{"POST /api/v1/conversations/{id}/unread", "/api/v1/conversations/${conversation}/unread", "", "Conversation", "bert"},
	{"GET /api/v1/timelines/direct", "", "", "[]Status", "bert"},
	{"DELETE /api/v1/conversations/{id}", "/api/v1/conversations/${conversation}", "", "Empty", "bert"},
	{"POST /api/v1/statuses/{id}/mute", "/api/v1/statuses/${reply}/mute", "", "Status", ""},
	{"POST /api/v1/statuses/{id}/unmute", "/api/v1/statuses/${reply}/unmute", "", "Status", ""},
}

type conversation struct {
	ID         string
	Unread     bool
	Accounts   []struct{ Acct string }
	LastStatus *struct{ ID, Content string } `json:"last_status"`
}

func (a app) conversations() (list []conversation) {
	a.w.t.Helper()
	a.get("/api/v1/conversations").ok(&list)
	return list
}

// whisper writes a direct status and returns its id.
func (a app) whisper(text, answers string) string {
	a.w.t.Helper()
	var said struct{ ID string }
	a.post("/api/v1/statuses", url.Values{"status": {text}, "visibility": {"direct"}, "in_reply_to_id": {answers}}).ok(&said)
	return said.ID
}

// A conversation is one thread of direct posts, for each who is in it: unread for who hears, read for who spoke.
func TestConversations(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		first := anna.whisper("Zeg @bert", "")
		answer := bert.whisper("Ja @anna?", first)
		other := anna.whisper("En @bert en @cor", "")
		mine, his := anna.conversations(), bert.conversations()
		if len(mine) != 2 || mine[0].LastStatus.ID != other || mine[1].LastStatus.ID != answer || !mine[1].Unread || mine[0].Unread {
			t.Errorf("anna has %+v", mine)
		}
		if len(his) != 2 || his[1].Unread || !his[0].Unread || len(his[0].Accounts) != 2 || len(his[1].Accounts) != 1 || his[1].Accounts[0].Acct != "anna" {
			t.Errorf("bert has %+v", his)
		}
		if theirs := cor.conversations(); len(theirs) != 1 || theirs[0].ID != other {
			t.Errorf("cor has %+v", theirs)
		}
		if directs := bert.get("/api/v1/timelines/direct").ids(); len(directs) != 3 || directs[0] != other {
			t.Errorf("directs %v", directs)
		}
		bert.call(http.MethodPost, "/api/v1/conversations/"+his[0].ID+"/read", nil).ok(nil)
		if his = bert.conversations(); his[0].Unread {
			t.Error("still unread")
		}
		cor.call(http.MethodPost, "/api/v1/conversations/"+first+"/read", nil).refused(http.StatusNotFound)
		bert.call(http.MethodDelete, "/api/v1/conversations/"+his[0].ID, nil).ok(nil)
		if left := bert.conversations(); len(left) != 1 || len(anna.conversations()) != 2 {
			t.Errorf("left %+v", left)
		}
		anna.call(http.MethodDelete, "/api/v1/statuses/"+first, nil).ok(nil)
		bert.call(http.MethodDelete, "/api/v1/statuses/"+answer, nil).ok(nil)
		if left := anna.conversations(); len(left) != 1 || left[0].ID != other {
			t.Errorf("after deleting all that was said: %+v", left)
		}
		cor.whisper("Ik ook, @anna @bert", other)
		if again := bert.conversations(); len(again) != 1 || !again[0].Unread {
			t.Errorf("a conversation that goes on stays away: %+v", again)
		}
		drawn, err := w.api.Conversation(t.Context(), w.bert.ID, w.stored(other).Thread)
		if err != nil || !drawn.Unread || drawn.ID.String() != other || drawn.LastStatus == nil {
			t.Errorf("the event says %+v, %v", drawn, err)
		}
	})
}

// Pages of conversations end, and hold each once.
func TestPagesOfConversations(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		for range 5 {
			anna.whisper("Hoi @bert", "")
		}
		if met := walk(w.app(w.bert), "/api/v1/conversations", 2); len(met) != 5 {
			t.Errorf("met %v", met)
		}
	})
}

// Whoever mutes a thread hears no more of it, but for what moderators decide; the others do.
func TestMuteThread(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		var status struct{ Muted bool }
		bert.post("/api/v1/statuses/"+id(w.reply.ID)+"/mute", nil).ok(&status)
		if !status.Muted {
			t.Error("not muted")
		}
		before := len(bert.get("/api/v1/notifications").ids())
		w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.reply.ID, Source: "Vind je, @bert?"})
		anna.post("/api/v1/statuses/"+id(w.reply.ID)+"/favourite", nil).ok(nil)
		if after := len(bert.get("/api/v1/notifications").ids()); after != before {
			t.Errorf("bert heard %d", after-before)
		}
		bert.get("/api/v1/statuses/" + id(w.thread.ID)).ok(&status)
		if !status.Muted {
			t.Error("the thread does not say that it is muted")
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Remove(ctx, tx, communities.Moderation{Post: w.reply.ID, By: w.anna.ID, Reason: "zo niet"})
		})
		if n := w.count(fmt.Sprintf("notifications WHERE recipient_id = %d AND kind = 'removal'", w.bert.ID)); n != 1 {
			t.Errorf("told of the removal %d times", n)
		}
		bert.post("/api/v1/statuses/"+id(w.thread.ID)+"/unmute", nil).ok(&status)
		w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.thread.ID, Source: "En nu, @bert?"})
		if after := len(bert.get("/api/v1/notifications?types[]=mention").ids()); after == 0 || status.Muted {
			t.Error("bert hears nothing any more")
		}
	})
}

// count counts rows of a table.
func (w *world) count(what string) (n int) {
	w.t.Helper()
	w.must(w.archive.SQL().QueryRowContext(w.t.Context(), "SELECT count(*) FROM "+what).Scan(&n))
	return n
}

// Who listens hears that a conversation goes on, as they have it; others hear nothing of it.
func TestConversationsInStreams(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	bert, cor := w.app(w.bert).socket(subscribe("direct")), w.app(w.cor).socket(subscribe("direct"))
	said := w.app(w.anna).whisper("Zeg @bert", "")
	e := bert.next()
	var heard conversation
	w.must(json.Unmarshal([]byte(e.Payload), &heard))
	if e.Event != "conversation" || e.Stream[0] != "direct" || !heard.Unread || heard.LastStatus == nil || heard.LastStatus.ID != said || heard.Accounts[0].Acct != "anna" {
		t.Errorf("bert hears %+v", e)
	}
	last := w.app(w.anna).whisper("En jij, @cor", "")
	w.must(json.Unmarshal([]byte(cor.next().Payload), &heard))
	if heard.LastStatus.ID != last {
		t.Errorf("cor hears %+v", heard)
	}
}
