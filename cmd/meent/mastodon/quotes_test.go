package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

var quoteEndpoints = []endpoint{
	{"POST /api/v1/statuses", "", "status=Kijk&quoted_status_id=${plain}&quote_approval_policy=followers", "Status", "bert"},
	{"GET /api/v1/statuses/{id}/quotes", "/api/v1/statuses/${plain}/quotes", "", "[]Status", ""},
	{"PUT /api/v1/statuses/{id}", "/api/v1/statuses/${written}", "status=Kijk%20eens&quote_approval_policy=public", "Status", "bert"},
	{"GET /api/v1/statuses/{id}/history", "/api/v1/statuses/${written}/history", "", "[]StatusEdit", "bert"},
	{"PUT /api/v1/statuses/{id}/interaction_policy", "/api/v1/statuses/${written}/interaction_policy", "quote_approval_policy=nobody", "Status", "bert"},
	{"GET /api/v1/notifications", "/api/v1/notifications?types[]=quote", "", "[]Notification", ""},
	{"POST /api/v1/statuses/{id}/quotes/{quoting}/revoke", "/api/v1/statuses/${plain}/quotes/${written}/revoke", "", "Status", ""},
}

// quoting is a status as these tests look at it.
type quoting struct {
	ID, Content, Visibility string
	QuotesCount             int `json:"quotes_count"`
	Quote                   *struct {
		State        string
		QuotedStatus *struct {
			ID       string
			Filtered []any
			Quote    *struct {
				State          string
				QuotedStatusID *string `json:"quoted_status_id"`
			}
		} `json:"quoted_status"`
	}
	QuoteApproval struct {
		Automatic, Manual []string
		CurrentUser       string `json:"current_user"`
	} `json:"quote_approval"`
	Reblog *quoting
}

// is tells how the quote stands, with the id of what is shown within.
func (q quoting) is() string {
	switch {
	case q.Quote == nil:
		return ""
	case q.Quote.QuotedStatus == nil:
		return q.Quote.State
	default:
		return q.Quote.State + " " + q.Quote.QuotedStatus.ID
	}
}

func (a app) status(id string) (s quoting) {
	a.w.t.Helper()
	a.get("/api/v1/statuses/" + id).ok(&s)
	return s
}

// A quote as the apps see it, from its making to the end of the consent.
func TestQuote(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		said := id(w.plain.ID)
		var made quoting
		bert.post("/api/v1/statuses", url.Values{"status": {"Eens"}, "quoted_status_id": {said}}).ok(&made)
		if made.is() != "accepted "+said || !strings.HasPrefix(made.Content, `<p class="quote-inline">RE: <a href="`+w.plain.URL) {
			t.Errorf("made %+v", made)
		}
		if s := anna.status(said); s.QuotesCount != 1 || s.Quote != nil || !slices.Equal(s.QuoteApproval.Automatic, []string{"public"}) || s.QuoteApproval.CurrentUser != "automatic" {
			t.Errorf("quoted %+v", s)
		}
		if s := (app{w: w}).status(said); s.QuoteApproval.CurrentUser != "denied" {
			t.Errorf("to nobody in particular: %+v", s)
		}
		var notices []struct {
			Type   string
			Status struct{ ID string }
		}
		anna.get("/api/v1/notifications?types[]=quote").ok(&notices)
		if len(notices) != 1 || notices[0].Type != "quote" || notices[0].Status.ID != made.ID {
			t.Errorf("anna is told %+v", notices)
		}
		anna.call(http.MethodPut, "/api/v1/statuses/"+said, url.Values{"status": {"Anders"}}).ok(nil)
		bert.get("/api/v1/notifications?types[]=quoted_update").ok(&notices)
		if len(notices) != 1 || notices[0].Status.ID != made.ID {
			t.Errorf("bert is told %+v", notices)
		}

		var again quoting
		cor.post("/api/v1/statuses", url.Values{"status": {"Ook"}, "quoted_status_id": {made.ID}}).ok(&again)
		if inner := again.Quote.QuotedStatus.Quote; inner == nil || inner.State != "accepted" || inner.QuotedStatusID == nil || *inner.QuotedStatusID != said {
			t.Errorf("a quote of a quote: %+v", again.Quote.QuotedStatus)
		}

		revoke := "/api/v1/statuses/" + said + "/quotes/" + made.ID + "/revoke"
		bert.post(revoke, nil).refused(http.StatusNotFound)
		anna.post("/api/v1/statuses/"+said+"/quotes/"+again.ID+"/revoke", nil).refused(http.StatusNotFound)
		var revoked quoting
		anna.post(revoke, nil).ok(&revoked)
		if revoked.ID != made.ID || revoked.is() != "revoked" || anna.status(said).QuotesCount != 0 {
			t.Errorf("revoked %+v", revoked)
		}
		if list := anna.get("/api/v1/statuses/" + said + "/quotes").ids(); len(list) != 0 {
			t.Errorf("quotes %v", list)
		}
		var draft quoting
		bert.call(http.MethodDelete, "/api/v1/statuses/"+made.ID, nil).ok(&draft)
		if draft.is() != "revoked "+said {
			t.Errorf("to be written anew: %+v", draft)
		}
	})
}

// What is quoted shows nobody more than they may see, and nobody whom they do not want to see.
func TestQuoteStates(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		private := w.post(communities.Draft{Author: w.anna.ID, Source: "Voor volgers", Visibility: communities.Followers})
		hidden := w.post(communities.Draft{Author: w.anna.ID, Source: "Mijn eigen", Quotes: private.ID, Visibility: communities.Direct, Mentions: []communities.ActorID{w.cor.ID}})
		open := w.post(communities.Draft{Author: w.bert.ID, Source: "Zie", Quotes: w.plain.ID})
		gone := w.post(communities.Draft{Author: w.anna.ID, Source: "Straks weg"})
		lost := w.post(communities.Draft{Author: w.bert.ID, Source: "Zie", Quotes: gone.ID})
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Delete(ctx, tx, communities.Deletion{Post: gone.ID, By: w.anna.ID})
		})
		legacy := w.post(communities.Draft{
			Author: w.remote.ID, URI: "https://ergens.example/notes/9", Content: "<p>oud</p>", Visibility: communities.Public, CreatedAt: time.Now(),
			Quote: &communities.Quote{URI: w.plain.URI, Legacy: true},
		})
		asked := w.post(communities.Draft{
			Author: w.remote.ID, URI: "https://ergens.example/notes/10", Content: "<p>nieuw</p>", Visibility: communities.Public, CreatedAt: time.Now(),
			Quote: &communities.Quote{URI: w.plain.URI},
		})
		for _, test := range []struct {
			who  app
			post *communities.Post
			want string
		}{
			{anna, hidden, "accepted " + id(private.ID)},
			{cor, hidden, "unauthorized"},
			{cor, open, "accepted " + id(w.plain.ID)},
			{cor, lost, "deleted"},
			{cor, legacy, ""},
			{cor, asked, "pending"},
		} {
			if got := test.who.status(id(test.post.ID)).is(); got != test.want {
				t.Errorf("%s: %q, want %q", test.post.Source, got, test.want)
			}
		}
		if body := string(cor.get("/api/v1/statuses/" + id(hidden.ID)).body); strings.Contains(body, "Voor volgers") {
			t.Errorf("a quote shows what is not for the viewer: %s", body)
		}
		cor.post("/api/v1/accounts/"+id(w.anna.ID)+"/mute", nil).ok(nil)
		if got := cor.status(id(open.ID)).is(); got != "muted_account "+id(w.plain.ID) {
			t.Errorf("muted: %s", got)
		}
		cor.post("/api/v1/accounts/"+id(w.anna.ID)+"/block", nil).ok(nil)
		if got := cor.status(id(open.ID)).is(); got != "blocked_account "+id(w.plain.ID) {
			t.Errorf("blocked: %s", got)
		}
		bert.post("/api/v2/filters", url.Values{"title": {"x"}, "context[]": {"home"}, "filter_action": {"hide"}, "keywords_attributes[0][keyword]": {"los"}}).ok(nil)
		var home []quoting
		bert.get("/api/v1/timelines/home").ok(&home)
		at := slices.IndexFunc(home, func(s quoting) bool { return s.ID == id(open.ID) })
		if at < 0 || len(home[at].Quote.QuotedStatus.Filtered) != 1 {
			t.Errorf("filters do not look into quotes: %+v", home)
		}
	})
}

// Who may quote is chosen for all, for one, and later.
func TestQuotePolicy(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert, cor := w.app(w.anna), w.app(w.bert), w.app(w.cor)
		policy := func(choice string) url.Values { return url.Values{"source[quote_policy]": {choice}} }
		anna.call(http.MethodPatch, "/api/v1/accounts/update_credentials", policy("vrienden")).refused(http.StatusUnprocessableEntity)
		var self struct {
			Source struct {
				QuotePolicy string `json:"quote_policy"`
			}
		}
		anna.get("/api/v1/accounts/verify_credentials").ok(&self)
		if self.Source.QuotePolicy != "public" {
			t.Errorf("begins with %q", self.Source.QuotePolicy)
		}
		anna.call(http.MethodPatch, "/api/v1/accounts/update_credentials", policy("followers")).ok(&self)
		var preferences map[string]any
		anna.get("/api/v1/preferences").ok(&preferences)
		if self.Source.QuotePolicy != "followers" || preferences["posting:default:quote_policy"] != "followers" {
			t.Errorf("preferred %+v %v", self, preferences)
		}
		var made quoting
		anna.post("/api/v1/statuses", url.Values{"status": {"Voor wie volgt"}}).ok(&made)
		quote := url.Values{"status": {"x"}, "quoted_status_id": {made.ID}}
		for who, want := range map[app]string{anna: "automatic", bert: "automatic", cor: "denied"} {
			if got := who.status(made.ID).QuoteApproval; got.CurrentUser != want || !slices.Equal(got.Automatic, []string{"followers"}) {
				t.Errorf("%+v, want %s", got, want)
			}
		}
		if told := cor.post("/api/v1/statuses", quote).refused(http.StatusUnprocessableEntity); !strings.Contains(told, "author") {
			t.Errorf("cor is told %q", told)
		}
		bert.post("/api/v1/statuses", quote).ok(nil)
		change := "/api/v1/statuses/" + made.ID + "/interaction_policy"
		bert.call(http.MethodPut, change, url.Values{"quote_approval_policy": {"public"}}).refused(http.StatusNotFound)
		anna.call(http.MethodPut, change, url.Values{"quote_approval_policy": {"ja"}}).refused(http.StatusUnprocessableEntity)
		anna.call(http.MethodPut, change, url.Values{"quote_approval_policy": {"public"}}).ok(nil)
		cor.post("/api/v1/statuses", quote).ok(nil)
		anna.call(http.MethodPut, "/api/v1/statuses/"+made.ID, url.Values{"status": {"Voor niemand"}, "quote_approval_policy": {"nobody"}}).ok(&made)
		if got := made.QuoteApproval; len(got.Automatic) != 0 || got.CurrentUser != "automatic" || made.QuotesCount != 2 {
			t.Errorf("for nobody: %+v", made)
		}
		cor.post("/api/v1/statuses", quote).refused(http.StatusUnprocessableEntity)

		var boost quoting
		bert.post("/api/v1/statuses/"+id(w.plain.ID)+"/reblog", nil).ok(&boost)
		var quoted quoting
		cor.post("/api/v1/statuses", url.Values{"status": {"x"}, "quoted_status_id": {boost.ID}}).ok(&quoted)
		if quoted.is() != "accepted "+id(w.plain.ID) {
			t.Errorf("a boost stands for what it shares: %s", quoted.is())
		}
		cor.post("/api/v1/statuses", url.Values{"status": {"x"}, "quoted_status_id": {id(w.secret.ID)}}).refused(http.StatusNotFound)
	})
}

// A thread of a group is quoted like any other post, and a quote can be a thread of a group.
func TestQuoteInGroup(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		var outside, inside quoting
		bert.post("/api/v1/statuses", url.Values{"status": {"Kijk daar"}, "quoted_status_id": {id(w.thread.ID)}}).ok(&outside)
		bert.post("/api/v1/statuses", url.Values{"status": {"@fietsen\n\nKijk hier"}, "quoted_status_id": {id(w.plain.ID)}}).ok(&inside)
		if outside.is() != "accepted "+id(w.thread.ID) || inside.is() != "accepted "+id(w.plain.ID) || w.stored(inside.ID).Group != w.fietsen.ID {
			t.Errorf("%+v %+v", outside, inside)
		}
	})
}
